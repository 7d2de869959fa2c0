/* tests/unit/store/test_full.c: a store that has no more room */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <lmdb.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)

static int
set_up(void **state)
{
	*state = malloc(sizeof(struct temp_store));
	return 0;
}

static int
tear_down(void **state)
{
	temp_store_delete(*state);
	free(*state);
	return 0;
}

static struct temp_store *
open_store(void **state, uint64_t size_bytes)
{
	struct temp_store *ts = *state;

	temp_store_init(ts, size_bytes);
	assert_int_equal(temp_store_open(ts), LR_OK);
	return ts;
}

static struct store_stats
stats_of(struct temp_store *ts)
{
	struct store_stats stats;

	store_stats_read(ts->st, &stats);
	return stats;
}

static void
assert_within_bound(struct temp_store *ts)
{
	char path[4096];
	struct stat sb;

	temp_store_path(ts, "data.mdb", path);
	assert_int_equal(stat(path, &sb), 0);
	assert_true((uint64_t)sb.st_size <= ts->conf.size_bytes);
	assert_true(stats_of(ts).pages_used <= stats_of(ts).pages);
}

/* A length whose logarithm is even, up to 2^bits. */
static uint64_t
length_no(uint64_t i, unsigned bits)
{
	uint64_t word;

	temp_bytes((char *)&word, sizeof(word), 5, i * 8);
	return word >> 8 & (((uint64_t)1 << (word % bits + 1)) - 1);
}

static void
test_the_oldest_make_room_for_the_newest(void **state)
{
	struct temp_store *ts = open_store(state, 16 * MIB);
	struct temp_object o = { .head_bytes = 300, .body_bytes = 10240 };
	uint64_t i, first, total = 5000, gone = 0;

	for (o.hash = 1; o.hash <= total; o.hash++) {
		o.seed = o.hash;
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
		if (o.hash % 20 == 0)
			store_flush(ts->st);
	}
	assert_within_bound(ts);
	assert_int_equal(stats_of(ts).fills_failed, 0);
	assert_int_equal(stats_of(ts).evicted + stats_of(ts).objects, total);
	first = total - stats_of(ts).objects + 1;
	for (i = 1; i <= total; i++) {
		if (temp_check(ts->st, ts->rd, i) != LR_OK) {
			assert_true(i < first); /* in order */
			gone++;
		}
	}
	assert_int_equal(gone, first - 1);
	/* most of the room is in use: 3 pages and a bit for each */
	assert_true(stats_of(ts).objects * 3 > stats_of(ts).pages * 3 / 4);
}

static void
test_any_mix_of_sizes_stays_whole(void **state)
{
	struct temp_store *ts = open_store(state, 8 * MIB);
	struct temp_object o = { .head_bytes = 300 };
	struct store_stats stats;
	uint64_t i, found = 0;
	enum lr rc;

	for (i = 1; i <= 6000; i++) {
		o.hash = i % 1500 + 1; /* some replace others */
		o.seed = i;
		o.body_bytes = length_no(i, 20);
		rc = temp_put(ts->st, &o, NULL);
		assert_true(rc == LR_OK || rc == LR_FULL);
		if (i % 7 == 0)
			store_flush(ts->st);
		rc = temp_check(ts->st, ts->rd, (i - i % 7) % 1500 + 1);
		assert_true(rc == LR_OK || rc == LR_NOTFOUND);
		found += rc == LR_OK;
	}
	store_flush(ts->st);
	assert_within_bound(ts);
	stats = stats_of(ts);
	assert_int_equal(stats.corrupt, 0);
	assert_true(stats.published > 5000);
	assert_true(stats.evicted > 1000);
	assert_true(found > 1000);
}

static void
test_a_flood_of_tiny_objects_stays_within_bounds(void **state)
{
	struct temp_store *ts = open_store(state, 2 * MIB);
	struct temp_object o = { .head_bytes = 60, .body_bytes = 20 };

	for (o.hash = 1; o.hash <= 30000; o.hash++) {
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
		if (o.hash % 100 == 0)
			store_flush(ts->st);
	}
	assert_within_bound(ts);
	assert_true(stats_of(ts).objects > 2000);
	assert_int_equal(temp_check(ts->st, ts->rd, 30000), LR_OK);
}

static void
test_an_object_larger_than_half_the_store_is_refused(void **state)
{
	struct temp_store *ts = open_store(state, 4 * MIB);
	struct temp_object o = { .hash = 1,
		.head_bytes = 300,
		.body_bytes = 2 * MIB,
		.length_known = true };

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_TOOBIG);
	o.length_known = false; /* it grows past the limit */
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_TOOBIG);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_NOTFOUND);
	o.body_bytes = 2 * MIB - 300;
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
}

static void
test_large_objects_displace_each_other(void **state)
{
	struct temp_store *ts = open_store(state, 8 * MIB);
	struct temp_object o = {
		.head_bytes = 300, .body_bytes = 3 * MIB, .length_known = true
	};
	unsigned ok = 0;

	for (o.hash = 1; o.hash <= 30; o.hash++) {
		if (temp_put(ts->st, &o, NULL) == LR_OK)
			store_flush(ts->st);
		ok += temp_check(ts->st, ts->rd, o.hash) == LR_OK;
		store_flush(ts->st);
	}
	assert_true(ok >= 25);
	assert_within_bound(ts);
}

static void
test_the_smallest_store_works(void **state)
{
	struct temp_store *ts = open_store(state, MIB);
	struct temp_object o = { .head_bytes = 300, .body_bytes = 5000 };
	unsigned ok = 0;

	for (o.hash = 1; o.hash <= 1000; o.hash++) {
		if (temp_put(ts->st, &o, NULL) == LR_OK)
			store_flush(ts->st);
		ok += temp_check(ts->st, ts->rd, o.hash) == LR_OK;
	}
	assert_true(ok > 950);
	/* Each was asked for once, so some were worth more than the next. */
	assert_int_equal(stats_of(ts).fills_failed, stats_of(ts).not_admitted);
	assert_within_bound(ts);
}

static void
test_a_store_too_small_to_work_is_refused(void **state)
{
	struct temp_store *ts = *state;

	temp_store_init(ts, MIB - 1);
	assert_int_equal(temp_store_open(ts), LR_INVALID);
}

static void
test_bursts_without_a_pause_lose_objects_not_the_store(void **state)
{
	struct temp_store *ts = open_store(state, 2 * MIB);
	struct temp_object o = { .head_bytes = 300, .body_bytes = 30000 };
	unsigned i;
	enum lr rc;

	for (i = 1; i <= 3000; i++) {
		o.hash = i;
		rc = temp_put(ts->st, &o, NULL);
		assert_true(rc == LR_OK || rc == LR_FULL);
	}
	store_flush(ts->st);
	assert_within_bound(ts);
	store_flush(ts->st);
	o.hash = 99999;
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, o.hash), LR_OK);
}

static void
test_pinned_objects_hold_the_store_until_they_are_let_go(void **state)
{
	struct temp_store *ts = open_store(state, 4 * MIB);
	struct temp_object o = { .head_bytes = 300, .body_bytes = 100000 };
	struct store_ref refs[200];
	unsigned i, n = 0;

	for (o.hash = 1; o.hash < 200; o.hash++) {
		temp_put(ts->st, &o, NULL); /* evicted at once in the end */
		store_flush(ts->st);
		if (store_find(ts->st, o.hash, &refs[n]) == LR_OK)
			n++;
	}
	assert_true(n >= 20 && n < 60);
	assert_true(stats_of(ts).commits < 1000);
	for (i = 0; i < n; i++) {
		assert_int_equal(
		    temp_check_ref(ts->rd, &refs[i], 100000), LR_OK);
		store_unpin(ts->st, &refs[i]);
	}
	store_flush(ts->st);
	o.hash = 1000;
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 1000), LR_OK);
	assert_within_bound(ts);
}

/* It got its id long before it was published, and eviction goes by id. */
static void
test_a_slow_object_is_evicted_in_the_end(void **state)
{
	struct temp_store *ts = open_store(state, 4 * MIB);
	struct temp_object o = { .head_bytes = 300, .body_bytes = 20000 };
	struct store_object obj = { .hash = 500000, .primary_hash = 500000 };
	struct block *b = block_create(100000);
	struct store_ref ref;
	struct fill *f;
	unsigned turn;

	temp_bytes(b->data, 100000, 1, 0);
	assert_int_equal(
	    fill_begin(ts->st, &obj, SLICE("head"), UINT64_MAX, NULL, NULL, &f),
	    LR_OK);
	assert_int_equal(fill_append(f, (struct span){ b, 0, 100000 }), LR_OK);
	block_unref(b);
	store_flush(ts->st);
	for (turn = 0; turn < 2; turn++) {
		for (o.hash = 1; o.hash < 500; o.hash++) {
			assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
			store_flush(ts->st);
		}
		if (turn == 1)
			break;
		fill_finish(f);
		store_flush(ts->st);
		assert_int_equal(fill_state(f), FILL_PUBLISHED);
		assert_int_equal(store_find(ts->st, 500000, &ref), LR_OK);
		store_unpin(ts->st, &ref);
		fill_free(f);
	}
	assert_int_equal(store_find(ts->st, 500000, &ref), LR_NOTFOUND);
}

/* A reader that does not end keeps LMDB from using freed pages. */
static void
test_a_full_map_costs_objects_and_is_overcome(void **state)
{
	struct temp_store *ts = open_store(state, 4 * MIB);
	struct temp_object o = { .head_bytes = 300, .body_bytes = 50000 };

	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	for (o.hash = 1; stats_of(ts).fills_failed < 5; o.hash++) {
		assert_true(o.hash < 1000);
		temp_put(ts->st, &o, NULL);
		store_flush(ts->st);
	}
	store_read_end(ts->rd);
	for (o.hash = 1000; o.hash < 1020; o.hash++) {
		temp_put(ts->st, &o, NULL);
		store_flush(ts->st);
	}
	for (o.hash = 1010; o.hash < 1020; o.hash++)
		assert_int_equal(temp_check(ts->st, ts->rd, o.hash), LR_OK);
	assert_within_bound(ts);
}

/* In a process of its own, before the store is opened here: looks into it
 * as LMDB's tools do, and is killed in the middle. */
static pid_t
start_stranger(const char *dir, int *go, int *looks)
{
	int in[2], out[2];
	MDB_env *env;
	MDB_txn *txn;
	pid_t pid;
	char c;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	if ((pid = fork()) == 0) {
		if (read(in[0], &c, 1) != 1 || mdb_env_create(&env) != 0 ||
		    mdb_env_open(env, dir, MDB_RDONLY, 0600) != 0 ||
		    mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0 ||
		    write(out[1], "+", 1) != 1)
			_exit(1);
		pause();
		_exit(2);
	}
	close(in[0]);
	close(out[1]);
	*go = in[1];
	*looks = out[0];
	return pid;
}

static void
test_a_killed_process_that_looked_into_it_holds_no_pages(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = { .head_bytes = 300, .body_bytes = 50000 };
	int go, looks;
	pid_t pid;
	char c;

	temp_store_init(ts, 4 * MIB);
	pid = start_stranger(ts->dir, &go, &looks);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(write(go, "+", 1), 1);
	assert_int_equal(read(looks, &c, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (o.hash = 1; o.hash < 300; o.hash++) {
		temp_put(ts->st, &o, NULL);
		store_flush(ts->st);
	}
	for (o.hash = 290; o.hash < 300; o.hash++)
		assert_int_equal(temp_check(ts->st, ts->rd, o.hash), LR_OK);
	assert_true(stats_of(ts).fills_failed < 10);
	assert_within_bound(ts);
	close(go);
	close(looks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_the_oldest_make_room_for_the_newest),
		TEST(test_any_mix_of_sizes_stays_whole),
		TEST(test_a_flood_of_tiny_objects_stays_within_bounds),
		TEST(test_an_object_larger_than_half_the_store_is_refused),
		TEST(test_large_objects_displace_each_other),
		TEST(test_the_smallest_store_works),
		TEST(test_a_store_too_small_to_work_is_refused),
		TEST(test_bursts_without_a_pause_lose_objects_not_the_store),
		TEST(test_pinned_objects_hold_the_store_until_they_are_let_go),
		TEST(test_a_slow_object_is_evicted_in_the_end),
		TEST(test_a_full_map_costs_objects_and_is_overcome),
		TEST(test_a_killed_process_that_looked_into_it_holds_no_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
