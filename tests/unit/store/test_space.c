/* tests/unit/store/test_space.c: the marks of free space */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/space.h"

#define GIB_PAGES ((uint64_t)262144)
#define MIB_PAGES ((uint64_t)256)

static void
test_a_large_store_keeps_its_share_free(void **state)
{
	struct space s = space_of(100 * GIB_PAGES);

	(void)state;
	assert_int_equal(s.low, 4 * GIB_PAGES);
	assert_int_equal(s.hard, GIB_PAGES);
	assert_int_equal(space_deletes(&s), 256);
	s = space_of(2 * GIB_PAGES);
	assert_int_equal(s.low, 128 * MIB_PAGES);
	assert_int_equal(s.hard, 32 * MIB_PAGES);
}

static void
test_a_small_store_is_mostly_for_content(void **state)
{
	struct space s = space_of(64 * MIB_PAGES);

	(void)state;
	assert_int_equal(s.low, 8 * MIB_PAGES);
	assert_int_equal(s.hard, 2 * MIB_PAGES);
	s = space_of(MIB_PAGES);
	assert_true(s.hard < s.low && s.low < MIB_PAGES / 2);
	assert_true(space_deletes(&s) >= 1 && space_deletes(&s) < 48);
}

static void
test_an_object_takes_its_pages_and_rows(void **state)
{
	uint64_t n, before = 0;

	(void)state;
	for (n = 0; n < 100000; n += 13) {
		assert_true(space_bytes_for(n) > n + n / 4072 * 24);
		assert_true(space_bytes_for(n) < n + 3 * 4096 + n / 200);
		assert_true(space_bytes_for(n) >= before);
		before = space_bytes_for(n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_large_store_keeps_its_share_free),
		cmocka_unit_test(test_a_small_store_is_mostly_for_content),
		cmocka_unit_test(test_an_object_takes_its_pages_and_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
