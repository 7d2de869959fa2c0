/* tests/unit/proxy/test_signals.c: signals as events of a loop */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/signals.h"

struct seen {
	struct loop *loop;
	int numbers[4], n, wanted;
};

static void
on_signal(void *ctx, int number)
{
	struct seen *seen = ctx;

	assert_true(seen->n < 4);
	seen->numbers[seen->n++] = number;
	if (seen->n == seen->wanted)
		loop_stop(seen->loop);
}

static void
test_signals_wait_for_the_loop_and_come_one_by_one(void **state)
{
	struct seen seen = { .wanted = 4 };
	struct signals *signals;

	(void)state;
	assert_int_equal(loop_create(&seen.loop), LR_OK);
	assert_int_equal(
	    signals_create(seen.loop, on_signal, &seen, &signals), LR_OK);
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGINT);
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGPIPE); /* ignored */
	assert_int_equal(seen.n, 0);
	loop_run(seen.loop);
	assert_int_equal(seen.n, 4);
	for (int i = 0; i < 4; i++)
		assert_true(seen.numbers[i] == SIGTERM ||
		    seen.numbers[i] == SIGINT || seen.numbers[i] == SIGHUP ||
		    seen.numbers[i] == SIGUSR1);
	signals_free(signals);
	loop_free(seen.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_signals_wait_for_the_loop_and_come_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
