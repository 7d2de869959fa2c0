/* tests/support/assert_slice.h: cmocka asserts about slices */
#ifndef TESTS_SUPPORT_ASSERT_SLICE_H
#define TESTS_SUPPORT_ASSERT_SLICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/base/slice.h"

/* Does s spell the string text? */
#define assert_slice(s, text) assert_slice_at(s, text, __FILE__, __LINE__)

static inline void
assert_slice_at(struct slice s, const char *text, const char *file, int line)
{
	if (slice_eq(s, slice_of(text)))
		return;
	print_error("\"%.*s\" is not \"%s\"\n", SLICE_ARG(s), text);
	_fail(file, line);
}

#endif
