/* tests/unit/proxy/site/test_overrides.c: merging under a mask */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/site/overrides.h"

static void
test_only_what_is_given_changes(void **state)
{
	struct overrides o = { 0 };
	struct settings s = { .preserve_host = true,
		.add_headers = true,
		.limit_request_body = 7,
		.cache = { .min_file_bytes = 9, .lock = true } };

	(void)state;
	*(bool *)overrides_take(
	    &o, offsetof(struct settings, preserve_host), sizeof(bool)) = false;
	*(uint64_t *)overrides_take(&o,
	    offsetof(struct settings, limit_request_body),
	    sizeof(uint64_t)) = UINT64_MAX;
	overrides_apply(&o, &s);
	assert_false(s.preserve_host);
	assert_true(s.add_headers);
	assert_true(s.limit_request_body == UINT64_MAX);
	assert_int_equal(s.cache.min_file_bytes, 9);
	assert_true(s.cache.lock);
}

static void
test_nothing_given_changes_nothing(void **state)
{
	struct overrides o = { 0 };
	struct settings s, before;

	(void)state;
	memset(&s, 0x5a, sizeof(s));
	before = s;
	overrides_apply(&o, &s);
	assert_memory_equal(&s, &before, sizeof(s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_given_changes),
		cmocka_unit_test(test_nothing_given_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
