/* tests/unit/store/test_crash.c: killed while it stores, at any moment
 *
 * A child stores, replaces, updates, removes and leaves unfinished as fast
 * as it can, and is killed.  Whatever is found afterwards must be whole.
 * LARDER_CRASH_ROUNDS sets how often (40). */
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
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define HASHES 2000u	    /* that the child stores under */
#define UNFINISHED 1000000u /* and up: begun, never finished */
#define FLUSH_EVERY 50
#define OPEN_FILLS 8

static unsigned
rounds(void)
{
	const char *text = getenv("LARDER_CRASH_ROUNDS");
	uint64_t n = 40;

	if (text != NULL)
		num_parse_u64(slice_of(text), 100000, &n);
	return (unsigned)n;
}

/* A number below bound that looks random; the same for the same turn. */
static uint64_t
pick(uint64_t turn, unsigned what, uint64_t bound)
{
	uint64_t word;

	temp_bytes((char *)&word, sizeof(word), turn * 16 + what, 0);
	return (word >> 16) % bound;
}

/* Begins an object and gives some of it; the last few stay open. */
static void
leave_unfinished(struct store *st, uint64_t turn)
{
	static struct fill *open_fills[OPEN_FILLS];
	struct fill **place = &open_fills[turn % OPEN_FILLS];
	struct store_object obj = { .hash = UNFINISHED + turn,
		.primary_hash = UNFINISHED + turn };
	struct block *b;

	fill_free(*place);
	*place = NULL;
	if (fill_begin(st, &obj, SLICE("unfinished"), UINT64_MAX, NULL, NULL,
		place) != LR_OK ||
	    (b = block_create(200000)) == NULL)
		return;
	temp_bytes(b->data, 200000, turn, 0);
	fill_append(*place, (struct span){ b, 0, 200000 });
	block_unref(b);
}

/* Another head for what is stored, as long as before or not. */
static void
update(struct temp_store *ts, uint64_t hash, uint64_t turn)
{
	struct store_object obj = { .hash = hash, .primary_hash = hash };
	struct temp_object o = { .hash = hash,
		.head_bytes = TEMP_HEAD_MIN + pick(turn, 3, 5000) };
	struct slice head, body0;
	struct store_ref ref;
	char bytes[TEMP_HEAD_MIN + 5000];

	if (store_find(ts->st, hash, &ref) != LR_OK)
		return;
	if (store_read_begin(ts->rd) == LR_OK) {
		if (store_read_head(ts->rd, &ref, &head, &body0) == LR_OK)
			temp_head_read(head, &o);
		store_read_end(ts->rd);
	}
	temp_head(bytes, &o);
	store_update(
	    ts->st, &ref, &obj, slice_make(bytes, o.head_bytes), NULL, NULL);
	store_unpin(ts->st, &ref);
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
work(struct temp_store *ts, int fd, uint64_t turn)
{
	struct temp_object o = { 0 };

	if (temp_store_open(ts) != LR_OK)
		_exit(2);
	for (;; turn++) {
		o.hash = turn % HASHES + 1;
		o.seed = turn;
		o.head_bytes = TEMP_HEAD_MIN + pick(turn, 0, 600);
		o.body_bytes = pick(turn, 1, 12000);
		if (turn % 30 == 0)
			o.body_bytes *= 30;
		temp_put(ts->st, &o, NULL);
		update(ts, pick(turn, 2, HASHES) + 1, turn);
		if (turn % 7 == 0)
			store_remove(ts->st, pick(turn, 4, HASHES) + 1);
		if (turn % 20 == 0)
			leave_unfinished(ts->st, turn);
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
live_and_die(struct temp_store *ts, uint64_t turn)
{
	uint64_t last = turn, got;
	int fd[2], status;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		work(ts, fd[1], turn);
	}
	close(fd[1]);
	/* Not before it has begun in earnest. */
	assert_int_equal(read(fd[0], &last, sizeof(last)), sizeof(last));
	sleep_us(pick((uint64_t)clock_mono_us(), 5, 30000));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(fd[0], &got, sizeof(got)) == (ssize_t)sizeof(got))
		last = got;
	close(fd[0]);
	return last;
}

static void
assert_all_whole(struct temp_store *ts, uint64_t last)
{
	struct store_stats stats;
	struct store_ref ref;
	uint64_t i, found = 0;
	enum lr rc;

	for (i = 1; i <= HASHES; i++) {
		rc = temp_check(ts->st, ts->rd, i);
		assert_true(rc == LR_OK || rc == LR_NOTFOUND);
		found += rc == LR_OK;
	}
	for (i = 0; i <= last + HASHES; i += 20)
		assert_int_equal(
		    store_find(ts->st, UNFINISHED + i, &ref), LR_NOTFOUND);
	store_stats_read(ts->st, &stats);
	assert_int_equal(stats.corrupt, 0);
	assert_int_equal(stats.objects, found);
	assert_true(found > 0);
}

/* What was committed last before the report was not evicted since. */
static void
assert_last_is_there(struct temp_store *ts, uint64_t last)
{
	struct store_ref ref;
	unsigned found = 0;
	uint64_t turn;

	for (turn = last - 10; turn <= last; turn++) {
		if (store_find(ts->st, turn % HASHES + 1, &ref) == LR_OK) {
			store_unpin(ts->st, &ref);
			found++;
		}
	}
	assert_true(found >= 4); /* some are removed again at random */
}

static void
crash_often(struct temp_store *ts, unsigned times)
{
	uint64_t turn = 1;
	int64_t start;
	unsigned i;

	for (i = 0; i < times; i++) {
		turn = live_and_die(ts, turn);
		start = clock_mono_us();
		assert_int_equal(temp_store_open(ts), LR_OK);
		assert_true(clock_mono_us() - start < 5000000);
		assert_last_is_there(ts, turn);
		assert_all_whole(ts, turn);
		temp_store_close(ts);
		turn += 10 * (uint64_t)HASHES; /* past what was not reported */
	}
}

static void
test_whatever_is_found_after_a_kill_is_whole(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 64 * MIB);
	crash_often(&ts, rounds() / 2);
	temp_store_delete(&ts);
}

static void
test_likewise_in_a_store_that_evicts_all_the_time(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 8 * MIB);
	crash_often(&ts, rounds() / 4);
	temp_store_delete(&ts);
}

static void
test_likewise_without_syncs(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 16 * MIB);
	ts.conf.fast = true;
	crash_often(&ts, rounds() / 4);
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
