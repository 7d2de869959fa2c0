/* tests/unit/store/test_evict.c: what goes, stays, and comes in when the
 * store is full */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define BODY_BYTES 10240
#define FAVOURITES 10
#define FLOOD 1000000 /* their numbers are from here on */

static int
set_up(void **state)
{
	*state = malloc(sizeof(struct temp_store));
	temp_store_init(*state, 8 * MIB);
	((struct temp_store *)*state)->conf.fast = true;
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
open_store(void **state, enum policy_kind kind)
{
	struct temp_store *ts = *state;

	ts->conf.policy = kind;
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

/* Hashes are spread over all bits. */
static uint64_t
hash_no(uint64_t i)
{
	return i * UINT64_C(0x9e3779b97f4a7c15);
}

static void
put(struct temp_store *ts, uint64_t i, uint64_t body_bytes)
{
	struct temp_object o = { .hash = hash_no(i),
		.seed = i,
		.head_bytes = 300,
		.body_bytes = body_bytes,
		.length_known = true };

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
}

static bool
ask(struct temp_store *ts, uint64_t i)
{
	struct store_ref ref;

	if (store_find(ts->st, hash_no(i), &ref) != LR_OK)
		return false;
	store_unpin(ts->st, &ref);
	return true;
}

static void
put_favourites(struct temp_store *ts)
{
	for (uint64_t hash = 1; hash <= FAVOURITES; hash++) {
		put(ts, hash, BODY_BYTES);
		ask(ts, hash);
		ask(ts, hash);
	}
}

/* Others, once each: `turns` times as many as there is room for. */
static void
flood(struct temp_store *ts, unsigned turns)
{
	uint64_t n = turns * 8 * MIB / (BODY_BYTES + 4096);

	for (uint64_t i = 0; i < n; i++)
		put(ts, FLOOD + i, BODY_BYTES);
}

static unsigned
favourites_left(struct temp_store *ts)
{
	unsigned n = 0;

	for (uint64_t hash = 1; hash <= FAVOURITES; hash++)
		n += ask(ts, hash);
	return n;
}

static void
test_by_value_what_was_asked_for_outlives_what_was_not(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	put_favourites(ts);
	flood(ts, 3);
	assert_true(stats_of(ts).evicted > 500);
	assert_int_equal(favourites_left(ts), FAVOURITES);
}

static void
test_by_lru_it_outlives_one_turn_for_each_time(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_LRU);

	put_favourites(ts);
	for (unsigned i = 0; i < 3; i++) {
		flood(ts, 1);
		assert_int_equal(favourites_left(ts), FAVOURITES);
	}
	flood(ts, 3);
	assert_int_equal(favourites_left(ts), 0);
	assert_int_equal(stats_of(ts).ghost_hits, 0);
}

static void
test_by_fifo_it_goes_with_the_others(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_FIFO);

	put_favourites(ts);
	flood(ts, 1);
	flood(ts, 1);
	assert_int_equal(favourites_left(ts), 0);
	assert_int_equal(stats_of(ts).not_admitted, 0);
}

/* All that is there is small and was asked for since it was queued. */
static void
fill_with_treasures(struct temp_store *ts)
{
	uint64_t n;

	for (n = 1; stats_of(ts).evicted < 3; n++)
		put(ts, n, 3000);
	while (--n > 0)
		ask(ts, n);
}

static void
test_what_is_worth_less_than_all_is_not_admitted(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);
	struct temp_object o = { .hash = hash_no(2 * FLOOD),
		.head_bytes = 300,
		.body_bytes = 2 * MIB,
		.length_known = true };
	struct store_stats before, after;
	struct fill *f;
	enum lr rc;

	fill_with_treasures(ts);
	before = stats_of(ts);
	rc = temp_put(ts->st, &o, &f);
	assert_true(rc == LR_OK || rc == LR_FULL); /* refused on the way */
	store_flush(ts->st);
	after = stats_of(ts);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	assert_false(ask(ts, 2 * FLOOD));
	assert_int_equal(after.not_admitted, before.not_admitted + 1);
	assert_int_equal(after.evicted, before.evicted);
	/* The store is not full: another is as small, and not admitted either,
	 * but it returns. */
	put(ts, 3 * FLOOD, 3000);
	assert_false(ask(ts, 3 * FLOOD));
	put(ts, 3 * FLOOD, 3000);
	assert_true(ask(ts, 3 * FLOOD));
}

static void
test_a_part_that_is_worth_less_is_not_admitted(void **state)
{
	struct temp_store *ts = *state;
	struct store_object obj = { .hash = hash_no(2 * FLOOD),
		.primary_hash = hash_no(2 * FLOOD),
		.tag = 1 };
	struct store_part part = { 0, 2 * MIB, 100 * MIB };
	struct block *b = block_create(100000);
	uint64_t before;
	struct store_ref other;
	struct fill *f;

	ts->conf.group_wait_ms = 10000;
	open_store(state, POLICY_VALUE);
	fill_with_treasures(ts);
	before = stats_of(ts).not_admitted;
	assert_int_equal(store_find(ts->st, hash_no(20), &other), LR_OK);
	assert_int_equal(
	    store_update(ts->st, &other, &obj, SLICE("new"), NULL, NULL),
	    LR_OK);
	store_unpin(ts->st, &other);
	assert_int_equal(
	    fill_begin_part(ts->st, &obj, SLICE("head"), &part, NULL, NULL, &f),
	    LR_OK);
	temp_bytes(b->data, 100000, 1, 0);
	assert_int_equal(fill_append(f, (struct span){ b, 0, 100000 }), LR_OK);
	block_unref(b);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	assert_false(ask(ts, 2 * FLOOD));
	assert_int_equal(stats_of(ts).not_admitted, before + 1);
	/* What was to be committed with it was. */
	assert_int_equal(stats_of(ts).updates, 1);
}

static void
test_who_comes_back_is_remembered(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);
	uint64_t hash;

	for (hash = 1; stats_of(ts).evicted < 20; hash++)
		put(ts, hash, BODY_BYTES);
	assert_int_equal(stats_of(ts).ghost_hits, 0);
	put(ts, 19, BODY_BYTES); /* one of the last that went */
	assert_int_equal(stats_of(ts).ghost_hits, 1);
	/* it is worth more than those that came but once */
	for (unsigned i = 0; i < 700; i++)
		put(ts, hash++, BODY_BYTES);
	assert_true(ask(ts, 19));
}

static void
test_who_replaces_a_favourite_is_one(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	put_favourites(ts);
	for (uint64_t hash = 1; hash <= FAVOURITES; hash++)
		put(ts, hash, BODY_BYTES);
	flood(ts, 3);
	assert_int_equal(favourites_left(ts), FAVOURITES);
	assert_int_equal(stats_of(ts).ghost_hits, 0);
}

static void
test_what_is_removed_leaves_the_policy_too(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	for (unsigned turn = 0; turn < 3; turn++) {
		put_favourites(ts);
		for (uint64_t hash = 1; hash <= FAVOURITES; hash++)
			assert_int_equal(
			    store_remove(ts->st, hash_no(hash)), LR_OK);
		store_flush(ts->st);
	}
	assert_int_equal(stats_of(ts).objects, 0);
	flood(ts, 2);
	assert_int_equal(stats_of(ts).evicted + stats_of(ts).objects +
		stats_of(ts).not_admitted,
	    2 * 8 * MIB / (BODY_BYTES + 4096));
}

static void
put_part(struct temp_store *ts, uint64_t i, uint64_t first, uint32_t n)
{
	struct store_object obj = {
		.hash = hash_no(i), .primary_hash = hash_no(i), .tag = 1
	};
	struct store_part part = { first, n, MIB };
	struct block *b = block_create(n);
	struct fill *f;

	assert_int_equal(
	    fill_begin_part(ts->st, &obj, SLICE("head"), &part, NULL, NULL, &f),
	    LR_OK);
	temp_bytes(b->data, n, i, first);
	assert_int_equal(fill_append(f, (struct span){ b, 0, n }), LR_OK);
	block_unref(b);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_PUBLISHED);
	fill_free(f);
}

/* Of two the one that has got more parts is the first of all to go. */
static void
check_parts(struct temp_store *ts)
{
	for (uint64_t i = FLOOD; stats_of(ts).evicted == 0; i++)
		put(ts, i, BODY_BYTES);
	assert_false(ask(ts, 1));
	assert_true(ask(ts, 2));
}

static void
test_an_object_of_parts_counts_by_what_is_there(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	put_part(ts, 1, 0, 4000);
	put_part(ts, 2, 0, 4000);
	put_part(ts, 1, 8000, 500000);
	check_parts(ts);
}

static void
test_and_after_a_restart_too(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	put_part(ts, 2, 0, 4000);
	put_part(ts, 1, 0, 4000);
	put_part(ts, 1, 8000, 500000);
	temp_store_close(ts);
	check_parts(open_store(state, POLICY_VALUE));
}

static void
test_favourites_are_known_after_a_restart(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	put_favourites(ts);
	temp_store_close(ts);
	open_store(state, POLICY_VALUE);
	flood(ts, 3);
	assert_int_equal(favourites_left(ts), FAVOURITES);
}

static void
test_another_policy_takes_over_at_a_restart(void **state)
{
	struct temp_store *ts = open_store(state, POLICY_VALUE);

	put_favourites(ts);
	flood(ts, 1);
	temp_store_close(ts);
	open_store(state, POLICY_FIFO);
	flood(ts, 2);
	assert_int_equal(favourites_left(ts), 0);
	temp_store_close(ts);
	open_store(state, POLICY_VALUE);
	put_favourites(ts);
	flood(ts, 2);
	assert_int_equal(favourites_left(ts), FAVOURITES);
}

/* Ends without an end, some while after the last use. */
static void
live_and_vanish(struct temp_store *ts)
{
	int64_t until_us;

	ts->conf.uses_every_ms = 1;
	if (temp_store_open(ts) != LR_OK)
		_exit(1);
	put_favourites(ts);
	until_us = clock_mono_us() + 50000;
	while (clock_mono_us() < until_us)
		store_flush(ts->st);
	_exit(0);
}

static void
test_favourites_are_known_after_a_crash(void **state)
{
	struct temp_store *ts = *state;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		live_and_vanish(ts);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	open_store(state, POLICY_VALUE);
	flood(ts, 3);
	assert_int_equal(favourites_left(ts), FAVOURITES);
}

static void
test_uses_are_written_when_nothing_else_is(void **state)
{
	struct temp_store *ts = *state;
	uint64_t commits;
	int64_t until_us = clock_mono_us() + 20000000;

	ts->conf.uses_every_ms = 1;
	open_store(state, POLICY_VALUE);
	put_favourites(ts);
	commits = stats_of(ts).commits;
	while (stats_of(ts).commits < commits + 5)
		assert_true(clock_mono_us() < until_us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_by_value_what_was_asked_for_outlives_what_was_not),
		TEST(test_by_lru_it_outlives_one_turn_for_each_time),
		TEST(test_by_fifo_it_goes_with_the_others),
		TEST(test_what_is_worth_less_than_all_is_not_admitted),
		TEST(test_a_part_that_is_worth_less_is_not_admitted),
		TEST(test_who_comes_back_is_remembered),
		TEST(test_who_replaces_a_favourite_is_one),
		TEST(test_what_is_removed_leaves_the_policy_too),
		TEST(test_an_object_of_parts_counts_by_what_is_there),
		TEST(test_and_after_a_restart_too),
		TEST(test_favourites_are_known_after_a_restart),
		TEST(test_another_policy_takes_over_at_a_restart),
		TEST(test_favourites_are_known_after_a_crash),
		TEST(test_uses_are_written_when_nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
