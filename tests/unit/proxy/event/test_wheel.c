/* tests/unit/proxy/event/test_wheel.c: deadlines, with time as given */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proxy/event/wheel.h"

#define START_MS 5000000
#define MANY 2000

/* A deadline that notes when it fired. */
struct alarm_clock {
	struct deadline d;
	int fired;
	struct wheel *wheel;
	struct alarm_clock *victim; /* removed when this one fires */
	int64_t again_ms;	    /* set anew when this one fires */
};

static void
ring(void *ctx)
{
	struct alarm_clock *a = ctx;

	a->fired++;
	if (a->victim != NULL)
		wheel_remove(a->wheel, &a->victim->d);
	if (a->again_ms != 0) {
		a->d.at_ms = a->again_ms;
		wheel_put(a->wheel, &a->d);
	}
}

static void
set(struct wheel *w, struct alarm_clock *a, int64_t at_ms)
{
	deadline_init(&a->d, ring, a);
	a->wheel = w;
	a->d.at_ms = at_ms;
	wheel_put(w, &a->d);
}

static void
test_a_deadline_fires_once_and_never_early(void **state)
{
	struct wheel w;

	(void)state;
	for (int64_t wait_ms = 0; wait_ms < 1000; wait_ms += 7) {
		struct alarm_clock a = { 0 };
		int64_t at_ms = START_MS + wait_ms;

		wheel_start(&w, START_MS);
		set(&w, &a, at_ms);
		for (int64_t t = START_MS; t < at_ms; t += 13) {
			wheel_sweep(&w, t);
			assert_int_equal(a.fired, 0);
		}
		wheel_sweep(&w, at_ms + 2 * WHEEL_TICK_MS);
		assert_int_equal(a.fired, 1);
		wheel_sweep(&w, at_ms + 1000 * 1000);
		assert_int_equal(a.fired, 1);
		assert_int_equal(w.count, 0);
	}
}

static void
test_a_deadline_moved_later_moves_on_when_swept(void **state)
{
	struct alarm_clock a = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &a, START_MS + 500);
	a.d.at_ms = START_MS + 900; /* one store */
	assert_true(wheel_holds(&w, &a.d));
	wheel_sweep(&w, START_MS + 850);
	assert_int_equal(a.fired, 0);
	assert_int_equal(w.count, 1);
	wheel_sweep(&w, START_MS + 1000);
	assert_int_equal(a.fired, 1);
}

static void
test_a_deadline_moved_earlier_has_to_be_put_again(void **state)
{
	struct alarm_clock a = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &a, START_MS + 5000);
	a.d.at_ms = START_MS + 300;
	assert_false(wheel_holds(&w, &a.d));
	wheel_put(&w, &a.d);
	assert_int_equal(w.count, 1);
	wheel_sweep(&w, START_MS + 400);
	assert_int_equal(a.fired, 1);
}

static void
test_a_cleared_deadline_is_dropped(void **state)
{
	struct alarm_clock a = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &a, START_MS + 200);
	deadline_clear(&a.d);
	wheel_sweep(&w, START_MS + 1000);
	assert_int_equal(a.fired, 0);
	assert_int_equal(w.count, 0);
	assert_false(a.d.queued);
}

static void
test_a_deadline_beyond_the_last_slot_is_kept(void **state)
{
	int64_t hour_ms = 3600 * 1000;
	struct alarm_clock a = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &a, START_MS + hour_ms);
	for (int64_t t = 0; t < hour_ms; t += 60 * 1000)
		wheel_sweep(&w, START_MS + t);
	assert_int_equal(a.fired, 0);
	wheel_sweep(&w, START_MS + hour_ms + 100);
	assert_int_equal(a.fired, 1);
}

static void
test_a_leap_in_time_fires_what_passed_and_keeps_the_rest(void **state)
{
	int64_t years_ms = 30ll * 365 * 86400 * 1000;
	struct alarm_clock soon = { 0 }, late = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &soon, START_MS + 50000);
	set(&w, &late, START_MS + years_ms + 60000);
	wheel_sweep(&w, START_MS + years_ms);
	assert_int_equal(soon.fired, 1);
	assert_int_equal(late.fired, 0);
	wheel_sweep(&w, START_MS + years_ms + 59900);
	assert_int_equal(late.fired, 0);
	wheel_sweep(&w, START_MS + years_ms + 60100);
	assert_int_equal(late.fired, 1);
}

static void
test_time_that_stands_still_or_goes_back_does_nothing(void **state)
{
	struct alarm_clock a = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &a, START_MS - 100);
	wheel_sweep(&w, START_MS);
	wheel_sweep(&w, START_MS - 100000);
	assert_int_equal(a.fired, 0);
	wheel_sweep(&w, START_MS + 100);
	assert_int_equal(a.fired, 1);
}

static void
test_a_callback_may_remove_another_that_is_due(void **state)
{
	struct alarm_clock a = { 0 }, b = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	set(&w, &a, START_MS + 10);
	set(&w, &b, START_MS + 20);
	a.victim = &b;
	b.victim = &a;
	wheel_sweep(&w, START_MS + 500);
	assert_int_equal(a.fired + b.fired, 1);
	assert_int_equal(w.count, 0);
}

static void
test_a_callback_may_set_its_own_deadline_anew(void **state)
{
	struct alarm_clock a = { 0 };
	struct wheel w;

	(void)state;
	wheel_start(&w, START_MS);
	a.again_ms = START_MS; /* passed already: fires in the next tick */
	set(&w, &a, START_MS);
	wheel_sweep(&w, START_MS + 100);
	assert_int_equal(a.fired, 1);
	wheel_sweep(&w, START_MS + 200);
	assert_int_equal(a.fired, 2);
	a.again_ms = 0;
	wheel_remove(&w, &a.d);
	wheel_remove(&w, &a.d);
	assert_int_equal(w.count, 0);
}

static void
test_many_deadlines_all_fire_in_their_time(void **state)
{
	struct alarm_clock *many = calloc(MANY, sizeof(*many));
	struct wheel w;

	(void)state;
	assert_non_null(many);
	srand(7);
	wheel_start(&w, START_MS);
	for (int i = 0; i < MANY; i++)
		set(&w, &many[i], START_MS + rand() % 300000);
	for (int64_t t = START_MS; t < START_MS + 301000; t += 150) {
		wheel_sweep(&w, t);
		for (int i = 0; i < MANY; i++) {
			bool passed = many[i].d.at_ms + 250 < t;
			bool early = many[i].d.at_ms > t;

			assert_false(passed && many[i].fired != 1);
			assert_false(early && many[i].fired != 0);
		}
	}
	assert_int_equal(w.count, 0);
	free(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_deadline_fires_once_and_never_early),
		cmocka_unit_test(
		    test_a_deadline_moved_later_moves_on_when_swept),
		cmocka_unit_test(
		    test_a_deadline_moved_earlier_has_to_be_put_again),
		cmocka_unit_test(test_a_cleared_deadline_is_dropped),
		cmocka_unit_test(test_a_deadline_beyond_the_last_slot_is_kept),
		cmocka_unit_test(
		    test_a_leap_in_time_fires_what_passed_and_keeps_the_rest),
		cmocka_unit_test(
		    test_time_that_stands_still_or_goes_back_does_nothing),
		cmocka_unit_test(
		    test_a_callback_may_remove_another_that_is_due),
		cmocka_unit_test(test_a_callback_may_set_its_own_deadline_anew),
		cmocka_unit_test(test_many_deadlines_all_fire_in_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
