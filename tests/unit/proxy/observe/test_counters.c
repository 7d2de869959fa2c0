/* tests/unit/proxy/observe/test_counters.c: the table and the adding */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proxy/observe/counters.h"

static void
test_every_counter_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTER_COUNT; i++) {
		assert_non_null(COUNTERS[i].name);
		assert_non_null(COUNTERS[i].help);
		assert_int_equal(
		    strspn(COUNTERS[i].name, "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(COUNTERS[i].name));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    COUNTERS[i].name, COUNTERS[k].name);
	}
}

static void
test_adding_is_to_one_counter_only(void **state)
{
	struct counters c = { 0 };

	(void)state;
	counter_add(&c, COUNTER_HITS, 2);
	counter_add(&c, COUNTER_HITS, 3);
	for (int i = 0; i < COUNTER_COUNT; i++)
		assert_int_equal(counter_get(&c, (enum counter)i),
		    i == COUNTER_HITS ? 5 : 0);
}

static void
test_a_gauge_goes_down_by_wrapping(void **state)
{
	struct counters c = { 0 };

	(void)state;
	counter_add(&c, COUNTER_CONNECTIONS_OPEN, 2);
	counter_add(&c, COUNTER_CONNECTIONS_OPEN, (uint64_t)-1);
	assert_int_equal(counter_get(&c, COUNTER_CONNECTIONS_OPEN), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_counter_has_a_name_of_its_own),
		cmocka_unit_test(test_adding_is_to_one_counter_only),
		cmocka_unit_test(test_a_gauge_goes_down_by_wrapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
