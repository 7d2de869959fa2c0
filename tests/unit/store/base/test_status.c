/* tests/unit/store/base/test_status.c: outcomes and their texts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "store/base/status.h"

static void
test_every_outcome_has_its_own_text(void **state)
{
	(void)state;
	for (int a = 0; a < LR_COUNT; a++) {
		assert_non_null(status_text((enum lr)a));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(
			    status_text((enum lr)a), status_text((enum lr)b));
	}
}

static void
test_a_value_out_of_range_has_a_text_too(void **state)
{
	(void)state;
	assert_string_equal(status_text(LR_COUNT), "unknown status");
	assert_string_equal(status_text((enum lr) - 1), "unknown status");
}

static void
test_errno_values_become_outcomes(void **state)
{
	(void)state;
	assert_int_equal(status_from_errno(0), LR_OK);
	assert_int_equal(status_from_errno(EAGAIN), LR_AGAIN);
	assert_int_equal(status_from_errno(EINPROGRESS), LR_AGAIN);
	assert_int_equal(status_from_errno(ENOENT), LR_NOTFOUND);
	assert_int_equal(status_from_errno(ENOSPC), LR_FULL);
	assert_int_equal(status_from_errno(EACCES), LR_DENIED);
	assert_int_equal(status_from_errno(EADDRINUSE), LR_BUSY);
	assert_int_equal(status_from_errno(EPIPE), LR_RESET);
	assert_int_equal(status_from_errno(ECONNREFUSED), LR_REFUSED);
	assert_int_equal(status_from_errno(EHOSTUNREACH), LR_UNREACHABLE);
	assert_int_equal(status_from_errno(ETIMEDOUT), LR_TIMEOUT);
}

static void
test_an_unlisted_errno_is_an_io_error(void **state)
{
	(void)state;
	assert_int_equal(status_from_errno(EIO), LR_IO);
	assert_int_equal(status_from_errno(99999), LR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_outcome_has_its_own_text),
		cmocka_unit_test(test_a_value_out_of_range_has_a_text_too),
		cmocka_unit_test(test_errno_values_become_outcomes),
		cmocka_unit_test(test_an_unlisted_errno_is_an_io_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
