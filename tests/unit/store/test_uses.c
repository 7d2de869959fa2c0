/* tests/unit/store/test_uses.c: when uses are written */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/uses.h"

static void
test_a_round_begins_when_it_is_time(void **state)
{
	struct uses u = { .every_us = 100, .began_at_us = 1000 };

	(void)state;
	uses_tick(&u, 1099);
	assert_false(u.in_round);
	uses_tick(&u, 1100);
	assert_true(u.in_round);
	assert_int_equal(u.next_slot, 1);
	assert_true(u.began_at_us == 1100);
}

static void
test_no_round_begins_within_another(void **state)
{
	struct uses u = { .every_us = 100 };

	(void)state;
	uses_begin(&u, 1000);
	u.next_slot = 77;
	uses_tick(&u, 5000);
	assert_int_equal(u.next_slot, 77);
}

static void
test_none_begins_by_itself_without_an_interval(void **state)
{
	struct uses u = { 0 };

	(void)state;
	uses_tick(&u, INT64_MAX);
	assert_false(u.in_round);
}

static void
test_a_round_ends_when_there_is_no_room_to_write(void **state)
{
	struct group g = { 0 };
	struct uses u = { 0 };

	(void)state;
	uses_begin(&u, 1000);
	assert_int_equal(uses_write(&u, &g), LR_OK);
	assert_false(u.in_round);
	assert_int_equal(u.n_written, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_round_begins_when_it_is_time),
		cmocka_unit_test(test_no_round_begins_within_another),
		cmocka_unit_test(
		    test_none_begins_by_itself_without_an_interval),
		cmocka_unit_test(
		    test_a_round_ends_when_there_is_no_room_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
