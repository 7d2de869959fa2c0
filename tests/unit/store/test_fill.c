/* tests/unit/store/test_fill.c: objects on their way in */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/base/block.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define HEAD_BYTES 200

static int
set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));

	temp_store_init(ts, 32 * MIB);
	*state = ts;
	return temp_store_open(ts) == LR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	temp_store_delete(*state);
	free(*state);
	return 0;
}

static void
count_call(void *ctx)
{
	atomic_fetch_add((_Atomic int *)ctx, 1);
}

/* A fill of hash 7 with a head that promises body_bytes. */
static struct fill *
begin(struct temp_store *ts, uint64_t body_bytes, uint64_t declared,
    _Atomic int *calls)
{
	struct temp_object o = { .hash = 7,
		.seed = 9,
		.head_bytes = HEAD_BYTES,
		.body_bytes = body_bytes };
	struct store_object obj = {
		.hash = 7, .primary_hash = 7, .url = SLICE("a.b/c")
	};
	char head[HEAD_BYTES];
	struct fill *f = NULL;

	temp_head(head, &o);
	assert_int_equal(
	    fill_begin(ts->st, &obj, slice_make(head, HEAD_BYTES), declared,
		calls != NULL ? count_call : NULL, (void *)calls, &f),
	    LR_OK);
	return f;
}

static enum lr
append(struct fill *f, uint64_t at, uint32_t n)
{
	struct block *b = block_create(n);
	enum lr rc;

	assert_non_null(b);
	temp_bytes(b->data, n, 9, at);
	rc = fill_append(f, (struct span){ b, 0, n });
	block_unref(b);
	return rc;
}

static uint64_t
pages_used(struct temp_store *ts)
{
	struct store_stats stats;

	store_flush(ts->st);
	store_flush(ts->st);
	store_stats_read(ts->st, &stats);
	return stats.pages_used;
}

static void
test_a_growing_object_is_readable_up_to_what_is_committed(void **state)
{
	struct temp_store *ts = *state;
	_Atomic int calls = 0;
	struct fill *f = begin(ts, 5 * MIB, UINT64_MAX, &calls);
	struct store_stats stats;
	struct store_ref ref;
	uint64_t at, before = 0;

	for (at = 0; at < 5 * MIB; at += 100000) {
		assert_int_equal(
		    append(f, at,
			at + 100000 < 5 * MIB ? 100000
					      : (uint32_t)(5 * MIB - at)),
		    LR_OK);
		store_flush(ts->st);
		assert_true(fill_committed(f) > before ||
		    at + FILL_PIECE_BYTES > 5 * MIB);
		before = fill_committed(f);
		assert_int_equal(fill_ref(f, &ref), LR_OK);
		assert_int_equal(temp_check_ref(ts->rd, &ref, before), LR_OK);
		assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
		store_stats_read(ts->st, &stats);
		assert_true(stats.queue_bytes < 2 * FILL_PIECE_BYTES);
	}
	assert_int_equal(fill_state(f), FILL_OPEN);
	assert_true(calls > 10);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_PUBLISHED);
	assert_true(fill_committed(f) == 5 * MIB);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
	fill_free(f);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
}

static void
test_the_handle_of_a_published_fill_holds_a_pin(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 10000, 10000, NULL);
	struct store_ref ref;

	assert_int_equal(append(f, 0, 10000), LR_OK);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(store_remove(ts->st, 7), LR_OK);
	store_flush(ts->st);
	assert_int_equal(fill_ref(f, &ref), LR_OK);
	assert_int_equal(temp_check_ref(ts->rd, &ref, 10000), LR_OK);
	fill_free(f);
	store_flush(ts->st);
	assert_int_equal(temp_check_ref(ts->rd, &ref, 10000), LR_NOTFOUND);
}

static void
test_small_pieces_wait_for_each_other(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 60000, UINT64_MAX, NULL);
	struct store_ref ref;
	uint64_t at;

	for (at = 0; at < 60000; at += 10)
		assert_int_equal(append(f, at, 10), LR_OK);
	store_flush(ts->st);
	assert_int_equal(fill_committed(f), 0);
	assert_int_equal(fill_ref(f, &ref), LR_AGAIN);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
	fill_free(f);
}

static void
test_an_aborted_fill_leaves_nothing(void **state)
{
	struct temp_store *ts = *state;
	uint64_t at, before = pages_used(ts);
	_Atomic int calls = 0;
	struct fill *f = begin(ts, 3 * MIB, UINT64_MAX, &calls);
	struct store_stats stats;

	for (at = 0; at < 2 * MIB; at += MIB)
		assert_int_equal(append(f, at, MIB), LR_OK);
	assert_true(pages_used(ts) > before + 400);
	fill_abort(f);
	assert_int_equal(fill_state(f), FILL_FAILED);
	assert_int_equal(append(f, at, 10), LR_FULL);
	assert_true(pages_used(ts) < before + 20);
	fill_free(f);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
	store_stats_read(ts->st, &stats);
	assert_int_equal(stats.fills_failed, 1);
	assert_int_equal(stats.queue_bytes, 0);
}

static void
test_a_failed_fill_stays_readable_until_it_is_freed(void **state)
{
	struct temp_store *ts = *state;
	uint64_t before = pages_used(ts), committed;
	struct fill *f = begin(ts, 3 * MIB, 2 * MIB, NULL);
	struct store_ref ref;
	struct iovec iov[4];
	int n = 4;

	assert_int_equal(append(f, 0, 2 * MIB), LR_OK);
	store_flush(ts->st);
	committed = fill_committed(f);
	assert_true(committed > MIB);
	assert_int_equal(append(f, 2 * MIB, 10), LR_TOOBIG);
	assert_int_equal(fill_state(f), FILL_FAILED);
	store_flush(ts->st);
	assert_int_equal(fill_ref(f, &ref), LR_OK);
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	assert_int_equal(
	    store_read_body(ts->rd, &ref, committed - 8000, 8000, iov, &n),
	    LR_OK);
	assert_true(n > 0);
	store_read_end(ts->rd);
	fill_free(f);
	assert_true(pages_used(ts) < before + 20);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
}

static void
test_letting_go_of_an_unfinished_fill_aborts_it(void **state)
{
	struct temp_store *ts = *state;
	uint64_t before = pages_used(ts);
	_Atomic int calls = 0;
	struct fill *f = begin(ts, 3 * MIB, UINT64_MAX, &calls);
	int called;

	assert_int_equal(append(f, 0, MIB), LR_OK);
	store_flush(ts->st);
	assert_int_equal(append(f, MIB, MIB), LR_OK);
	fill_free(f);
	called = calls;
	assert_true(pages_used(ts) < before + 20);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
	assert_int_equal(calls, called); /* not after fill_free */
}

static void
test_an_abort_after_the_end_still_counts(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f;
	int i;

	for (i = 0; i < 200; i++) {
		f = begin(ts, 1000, 1000, NULL);
		assert_int_equal(append(f, 0, 1000), LR_OK);
		fill_finish(f);
		fill_abort(f);
		if (fill_state(f) == FILL_FAILED) {
			store_flush(ts->st);
			assert_int_equal(
			    temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
		}
		fill_free(f);
		store_remove(ts->st, 7);
	}
}

static void
test_a_body_of_another_length_than_declared_is_not_kept(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 1000, 1000, NULL);

	assert_int_equal(append(f, 0, 999), LR_OK);
	fill_finish(f);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	f = begin(ts, 1000, 1000, NULL);
	assert_int_equal(append(f, 0, 999), LR_OK);
	assert_int_equal(append(f, 999, 2), LR_TOOBIG);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
}

static void
test_blocks_are_let_go_after_the_commit(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 20000, 20000, NULL);
	struct block *b = block_create(20000);

	temp_bytes(b->data, 20000, 9, 0);
	assert_int_equal(fill_append(f, (struct span){ b, 0, 10000 }), LR_OK);
	assert_int_equal(
	    fill_append(f, (struct span){ b, 10000, 10000 }), LR_OK);
	assert_int_equal(b->refs, 2);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(b->refs, 1);
	block_unref(b);
	fill_free(f);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
}

static void
test_a_full_queue_refuses_and_recovers(void **state)
{
	struct temp_store *ts = *state;
	struct store_object obj = { .hash = 8, .primary_hash = 8 };
	char head[200000] = "";
	struct fill *f;
	uint64_t at;
	enum lr rc = LR_OK;

	temp_store_close(ts);
	ts->conf.queue_bytes = 200000;
	ts->conf.group_wait_ms = 300;
	assert_int_equal(temp_store_open(ts), LR_OK);
	f = begin(ts, MIB, MIB, NULL);
	for (at = 0; at < MIB && rc == LR_OK; at += 10000)
		rc = append(f, at, 10000);
	assert_int_equal(rc, LR_FULL);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	assert_int_equal(fill_begin(ts->st, &obj,
			     slice_make(head, sizeof(head)), 5, NULL, NULL, &f),
	    LR_FULL);
	store_flush(ts->st);
	f = begin(ts, 60000, 60000, NULL);
	assert_int_equal(append(f, 0, 60000), LR_OK);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
	fill_free(f);
}

static void
test_many_objects_share_a_commit(void **state)
{
	struct temp_store *ts = *state;
	struct store_stats before, after;
	struct temp_object o = { .head_bytes = 100, .body_bytes = 5000 };

	temp_store_close(ts);
	ts->conf.group_wait_ms = 200;
	assert_int_equal(temp_store_open(ts), LR_OK);
	store_flush(ts->st);
	store_stats_read(ts->st, &before);
	for (o.hash = 1; o.hash <= 90; o.hash++)
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	store_stats_read(ts->st, &after);
	assert_int_equal(after.published, 90);
	/* 512 KiB make a group of this store: one, the flush, a spare. */
	assert_true(after.commits - before.commits <= 4);
	for (o.hash = 1; o.hash <= 90; o.hash++)
		assert_int_equal(temp_check(ts->st, ts->rd, o.hash), LR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_a_growing_object_is_readable_up_to_what_is_committed),
		TEST(test_the_handle_of_a_published_fill_holds_a_pin),
		TEST(test_small_pieces_wait_for_each_other),
		TEST(test_an_aborted_fill_leaves_nothing),
		TEST(test_a_failed_fill_stays_readable_until_it_is_freed),
		TEST(test_letting_go_of_an_unfinished_fill_aborts_it),
		TEST(test_an_abort_after_the_end_still_counts),
		TEST(test_a_body_of_another_length_than_declared_is_not_kept),
		TEST(test_blocks_are_let_go_after_the_commit),
		TEST(test_a_full_queue_refuses_and_recovers),
		TEST(test_many_objects_share_a_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
