/* tests/unit/store/test_crash.c: killed while it stores, at any moment
 *
 * A child stores, replaces, updates, removes, stores parts and leaves
 * unfinished as fast as it can, and is killed.  Whatever is found afterwards
 * must be whole, and what was committed must be found, as long as nothing is
 * evicted.  LARDER_CRASH_ROUNDS sets how often (120). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/base/num.h"
#include "tests/support/store_script.h"

#define MIB ((uint64_t)1 << 20)
#define FLUSH_EVERY 50

static unsigned
rounds(void)
{
	const char *text = getenv("LARDER_CRASH_ROUNDS");
	uint64_t n = 120;

	if (text != NULL)
		num_parse_u64(slice_of(text), 100000, &n);
	return (unsigned)n;
}

/* Tells the parent which turn is committed. */
static void
report(struct store *st, int fd, uint64_t turn)
{
	store_flush(st);
	if (write(fd, &turn, sizeof(turn)) != sizeof(turn))
		_exit(3);
}

_Noreturn static void
live(struct temp_store *ts, const struct store_script *sc, int fd)
{
	enum lr rc;

	if (temp_store_open(ts) != LR_OK)
		_exit(2);
	for (uint64_t turn = sc->turn + 1;; turn++) {
		rc = store_script_play(ts, turn);
		if (rc != LR_OK && !(sc->evicts && rc == LR_FULL))
			_exit(4);
		if (turn % FLUSH_EVERY == 0)
			report(ts->st, fd, turn);
	}
}

static void
sleep_us(uint64_t us)
{
	struct timespec ts = { (time_t)(us / 1000000),
		(long)(us % 1000000 * 1000) };

	nanosleep(&ts, NULL);
}

/* One life and death of a child; returns the last turn it reported. */
static uint64_t
live_and_die(struct temp_store *ts, const struct store_script *sc)
{
	uint64_t last = 0, got;
	int fd[2], status;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		live(ts, sc, fd[1]);
	}
	close(fd[1]);
	/* Not before it has begun in earnest. */
	assert_int_equal(read(fd[0], &last, sizeof(last)), sizeof(last));
	sleep_us((uint64_t)clock_mono_us() % 30000);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(fd[0], &got, sizeof(got)) == (ssize_t)sizeof(got))
		last = got;
	close(fd[0]);
	return last;
}

/* All that is found is what the turns have left, byte by byte. */
static void
assert_all_right(struct temp_store *ts, struct store_script *sc)
{
	const char *wrong = store_script_check(sc, ts, sc->turn + FLUSH_EVERY);

	if (wrong != NULL)
		fail_msg("behind turn %llu: %s", (unsigned long long)sc->turn,
		    wrong);
}

static void
crash_often(struct temp_store *ts, unsigned times, bool evicts)
{
	struct store_script *sc = calloc(1, sizeof(*sc));
	int64_t start;

	assert_non_null(sc);
	sc->evicts = evicts;
	for (unsigned i = 0; i < times; i++) {
		store_script_advance(sc, live_and_die(ts, sc));
		start = clock_mono_us();
		assert_int_equal(temp_store_open(ts), LR_OK);
		assert_true(clock_mono_us() - start < 5000000);
		assert_all_right(ts, sc);
		temp_store_close(ts);
	}
	free(sc);
}

static void
test_whatever_is_found_after_a_kill_is_whole(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 64 * MIB);
	crash_often(&ts, rounds() / 2, false);
	temp_store_delete(&ts);
}

static void
test_likewise_in_a_store_that_evicts_all_the_time(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 2 * MIB);
	crash_often(&ts, rounds() / 4, true);
	temp_store_delete(&ts);
}

static void
test_likewise_without_syncs(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 16 * MIB);
	ts.conf.fast = true;
	crash_often(&ts, rounds() / 4, false);
	temp_store_delete(&ts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whatever_is_found_after_a_kill_is_whole),
		cmocka_unit_test(
		    test_likewise_in_a_store_that_evicts_all_the_time),
		cmocka_unit_test(test_likewise_without_syncs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
