/* tests/unit/store/test_part.c: objects of which only parts are there */
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
#define TOTAL ((uint64_t)100000)
#define SEED 9

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

static struct fill *
begin(struct temp_store *ts, uint64_t first, uint64_t n, uint64_t tag)
{
	struct store_object obj = {
		.hash = 7, .primary_hash = 7, .url = SLICE("a.b/c"), .tag = tag
	};
	struct store_part part = { first, n, TOTAL };
	struct fill *f = NULL;

	assert_int_equal(
	    fill_begin_part(ts->st, &obj, SLICE("head"), &part, NULL, NULL, &f),
	    LR_OK);
	return f;
}

static void
append(struct fill *f, uint64_t at, uint32_t n, uint64_t seed)
{
	struct block *b = block_create(n);

	assert_non_null(b);
	temp_bytes(b->data, n, seed, at);
	assert_int_equal(fill_append(f, (struct span){ b, 0, n }), LR_OK);
	block_unref(b);
}

/* Stores [first, first + n) and waits for it. */
static void
put(struct temp_store *ts, uint64_t first, uint64_t n, uint64_t tag)
{
	struct fill *f = begin(ts, first, n, tag);

	append(f, first, (uint32_t)n, SEED);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_PUBLISHED);
	fill_free(f);
}

/* What the store has of the object. */
static enum lr
find(struct temp_store *ts, struct store_ref *ref, struct extents *ex)
{
	enum lr rc;

	assert_int_equal(store_find(ts->st, 7, ref), LR_OK);
	assert_true(ref->body_bytes == TOTAL);
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	rc = store_read_extents(ts->rd, ref, ex);
	store_read_end(ts->rd);
	store_unpin(ts->st, ref);
	return rc;
}

static void
assert_bytes(struct temp_store *ts, const struct store_ref *ref, uint64_t first,
    uint64_t end)
{
	static char want[STORE_PAGE_BYTES];
	struct iovec iov[8];
	uint64_t at = first;

	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	while (at < end) {
		int n = 8;

		assert_int_equal(
		    store_read_body(ts->rd, ref, at, end - at, iov, &n), LR_OK);
		assert_true(n > 0);
		for (int i = 0; i < n; i++) {
			temp_bytes(want, iov[i].iov_len, SEED, at);
			assert_memory_equal(
			    iov[i].iov_base, want, iov[i].iov_len);
			at += iov[i].iov_len;
		}
	}
	store_read_end(ts->rd);
}

/* All that it says it has is right; gives how much that is. */
static uint64_t
assert_extents(struct temp_store *ts)
{
	struct store_ref ref;
	struct extents ex;

	assert_int_equal(find(ts, &ref, &ex), LR_OK);
	for (uint32_t i = 0; i < ex.n; i++)
		assert_bytes(ts, &ref, ex.v[i].first, ex.v[i].end);
	return extents_bytes(&ex);
}

static void
test_a_part_can_be_found_and_read(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	struct extents ex;

	put(ts, 5000, 10000, 1);
	assert_int_equal(find(ts, &ref, &ex), LR_OK);
	assert_int_equal(ex.n, 1);
	assert_true(ex.v[0].first == 5000 && ex.v[0].end == 15000);
	assert_bytes(ts, &ref, 5000, 15000);
}

static void
test_parts_of_one_tag_are_joined(void **state)
{
	struct temp_store *ts = *state;

	put(ts, 5000, 10000, 1);
	put(ts, 15000, 10, 1);
	put(ts, 4990, 20, 1);
	put(ts, 99990, 10, 1);
	assert_true(assert_extents(ts) == 10010 + 10 + 10);
}

static void
test_parts_of_another_tag_or_of_none_replace(void **state)
{
	struct temp_store *ts = *state;

	put(ts, 0, 10000, 1);
	put(ts, 50000, 100, 2);
	assert_true(assert_extents(ts) == 100);
	put(ts, 20000, 50, 0);
	assert_true(assert_extents(ts) == 50);
	put(ts, 30000, 60, 0);
	assert_true(assert_extents(ts) == 60);
}

static void
test_with_its_last_gap_filled_an_object_is_whole(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	struct extents ex;

	put(ts, 50000, 50000, 1);
	put(ts, 0, 40000, 1);
	assert_int_equal(find(ts, &ref, &ex), LR_OK);
	put(ts, 40000, 10000, 1);
	assert_int_equal(find(ts, &ref, &ex), LR_OK);
	assert_true(extents_cover(&ex, 0, TOTAL));
	assert_bytes(ts, &ref, 0, TOTAL);
	put(ts, 100, 100, 1); /* more of it changes nothing */
	assert_bytes(ts, &ref, 0, TOTAL);
	temp_store_close(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(find(ts, &ref, &ex), LR_OK);
	assert_bytes(ts, &ref, 0, TOTAL);
}

static void
test_parts_that_arrive_together_end_in_one_object(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f[10];

	for (uint64_t i = 0; i < 10; i++)
		f[i] = begin(ts, i * 10000, 10000, 1);
	for (uint64_t i = 0; i < 10; i++) {
		append(f[i], i * 10000, 10000, SEED);
		fill_finish(f[i]);
	}
	store_flush(ts->st);
	for (uint64_t i = 0; i < 10; i++) {
		assert_int_equal(fill_state(f[i]), FILL_PUBLISHED);
		fill_free(f[i]);
	}
	assert_true(assert_extents(ts) == TOTAL);
}

static void
test_bytes_that_are_there_are_not_changed(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f;
	struct store_ref ref;
	struct extents ex;

	put(ts, 10000, 10000, 1);
	f = begin(ts, 5000, 20000, 1);
	append(f, 5000, 5000, SEED);
	append(f, 10000, 10000, SEED + 1); /* other bytes than before */
	append(f, 20000, 5000, SEED);
	fill_finish(f);
	store_flush(ts->st);
	fill_free(f);
	assert_true(assert_extents(ts) == 20000);
	assert_int_equal(find(ts, &ref, &ex), LR_OK);
	assert_bytes(ts, &ref, 5000, 25000);
}

static void
test_what_was_committed_of_a_broken_part_stays(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 1000, 90000, 1);

	append(f, 1000, 80000, SEED);
	store_flush(ts->st);
	assert_true(fill_committed(f) > 0);
	fill_abort(f);
	fill_free(f);
	store_flush(ts->st);
	assert_true(assert_extents(ts) >= 80000 - STORE_PAGE_BYTES);
}

static void
test_a_part_that_ends_early_is_kept_as_far_as_it_came(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 1000, 90000, 1);

	append(f, 1000, 123, SEED);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_PUBLISHED);
	fill_free(f);
	assert_true(assert_extents(ts) == 123);
}

static void
test_a_part_without_a_byte_leaves_nothing(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 1000, 90000, 1);
	struct store_ref ref;

	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
}

static void
test_a_removal_outlasts_parts_that_began_before_it(void **state)
{
	struct temp_store *ts = *state;
	struct fill *f = begin(ts, 0, 90000, 1);
	struct store_ref ref;

	store_remove(ts->st, 7);
	append(f, 0, 80000, SEED);
	store_flush(ts->st);
	fill_free(f);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
	f = begin(ts, 0, 90000, 1);
	append(f, 0, 70000, SEED);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	store_unpin(ts->st, &ref);
	store_remove(ts->st, 7);
	append(f, 70000, 20000, SEED);
	fill_finish(f);
	store_flush(ts->st);
	fill_free(f);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
}

static void
test_a_restart_keeps_the_parts(void **state)
{
	struct temp_store *ts = *state;

	put(ts, 5000, 10000, 1);
	temp_store_close(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_true(assert_extents(ts) == 10000);
	put(ts, 15000, 10000, 1);
	assert_true(assert_extents(ts) == 20000);
}

static void
test_random_parts_are_right_byte_by_byte(void **state)
{
	struct temp_store *ts = *state;
	struct extents model = { 0 };

	srand(3);
	for (int i = 0; i < 300; i++) {
		uint64_t first = (unsigned)rand() % TOTAL;
		uint64_t n = 1 + (unsigned)rand() % 9000;

		if (n > TOTAL - first)
			n = TOTAL - first;
		if (i % 60 == 0)
			model.n = 0;
		put(ts, first, n, 1 + (uint64_t)i / 60);
		extents_add(&model, first, first + n);
		assert_true(assert_extents(ts) == extents_bytes(&model));
	}
}

static void
test_a_deleted_object_gives_all_its_pages_back(void **state)
{
	struct temp_store *ts = *state;
	struct store_stats before, after;

	store_flush(ts->st);
	store_stats_read(ts->st, &before);
	for (uint64_t i = 0; i < 20; i++)
		put(ts, i * 5000, 100, 1);
	store_remove(ts->st, 7);
	store_flush(ts->st);
	put(ts, 0, 1, 1); /* pages freed by a commit count from the next on */
	store_remove(ts->st, 7);
	store_flush(ts->st);
	store_stats_read(ts->st, &after);
	assert_int_equal(after.objects, 0);
	assert_true(after.pages_used <= before.pages_used + 8);
}

/* Hands over the whole body, as an answer of 200 does. */
static struct fill *
begin_whole(struct temp_store *ts, uint64_t tag)
{
	struct store_object obj = {
		.hash = 7, .primary_hash = 7, .url = SLICE("a.b/c"), .tag = tag
	};
	struct fill *f = NULL;

	assert_int_equal(
	    fill_begin(ts->st, &obj, SLICE("head"), TOTAL, NULL, NULL, &f),
	    LR_OK);
	append(f, 0, TOTAL, SEED);
	fill_finish(f);
	return f;
}

static void
test_a_part_of_what_is_whole_is_read_where_it_is(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	struct fill *f;

	f = begin_whole(ts, 1);
	store_flush(ts->st);
	fill_free(f);
	f = begin(ts, 20000, 80000, 1);
	append(f, 20000, 80000, SEED);
	fill_finish(f);
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_PUBLISHED);
	assert_int_equal(fill_ref(f, &ref), LR_OK);
	assert_bytes(ts, &ref, 20000, TOTAL);
	fill_free(f);
}

static void
test_a_part_whose_object_is_replaced_with_its_commit_has_nothing_to_read(
    void **state)
{
	struct temp_store *ts = *state;
	struct fill *whole, *part;
	struct store_ref ref;

	temp_store_close(ts);
	ts->conf.group_wait_ms = 10000; /* until the flush: one commit */
	assert_int_equal(temp_store_open(ts), LR_OK);
	put(ts, 0, 100, 1);
	whole = begin_whole(ts, 2);
	part = begin(ts, 1000, 10000, 1);
	append(part, 1000, 10000, SEED);
	fill_finish(part);
	store_flush(ts->st);
	assert_int_equal(fill_state(whole), FILL_PUBLISHED);
	assert_int_equal(fill_state(part), FILL_FAILED);
	assert_true(fill_committed(part) == 0);
	assert_int_equal(fill_ref(part, &ref), LR_AGAIN);
	fill_free(part);
	fill_free(whole);
}

static void
test_of_two_heads_the_later_stays(void **state) /* RFC 9111 4 */
{
	static const char *const HEADS[] = { "newer", "older" };
	struct temp_store *ts = *state;
	struct store_part part = { 0, 100, TOTAL };
	struct slice head, body0;
	struct store_ref ref;

	for (int i = 0; i < 2; i++, part.first += 1000) {
		struct store_object obj = { .hash = 7,
			.primary_hash = 7,
			.tag = 1,
			.stored_at_s = 20 - i };
		struct fill *f = NULL;

		assert_int_equal(fill_begin_part(ts->st, &obj,
				     slice_of(HEADS[i]), &part, NULL, NULL, &f),
		    LR_OK);
		append(f, part.first, 100, SEED);
		fill_finish(f);
		store_flush(ts->st);
		fill_free(f);
	}
	assert_true(assert_extents(ts) == 200);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	assert_int_equal(store_read_head(ts->rd, &ref, &head, &body0), LR_OK);
	assert_true(slice_eq(head, SLICE("newer")));
	store_read_end(ts->rd);
	store_unpin(ts->st, &ref);
}

static void
test_a_body_that_its_pages_cannot_number_is_refused(void **state)
{
	struct temp_store *ts = *state;
	struct store_object obj = { .hash = 7, .primary_hash = 7, .tag = 1 };
	struct store_part part = { (uint64_t)STORE_PAGE_BYTES * 0xffffffffu,
		100, (uint64_t)1 << 60 };
	struct fill *f = NULL;

	assert_int_equal(
	    fill_begin_part(ts->st, &obj, SLICE("head"), &part, NULL, NULL, &f),
	    LR_TOOBIG);
}

int
main(void)
{
#define PART_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		PART_TEST(test_a_part_can_be_found_and_read),
		PART_TEST(test_parts_of_one_tag_are_joined),
		PART_TEST(test_parts_of_another_tag_or_of_none_replace),
		PART_TEST(test_with_its_last_gap_filled_an_object_is_whole),
		PART_TEST(test_parts_that_arrive_together_end_in_one_object),
		PART_TEST(test_bytes_that_are_there_are_not_changed),
		PART_TEST(test_what_was_committed_of_a_broken_part_stays),
		PART_TEST(
		    test_a_part_that_ends_early_is_kept_as_far_as_it_came),
		PART_TEST(test_a_part_without_a_byte_leaves_nothing),
		PART_TEST(test_a_removal_outlasts_parts_that_began_before_it),
		PART_TEST(test_a_restart_keeps_the_parts),
		PART_TEST(test_random_parts_are_right_byte_by_byte),
		PART_TEST(test_a_deleted_object_gives_all_its_pages_back),
		PART_TEST(test_a_part_of_what_is_whole_is_read_where_it_is),
		PART_TEST(
		    test_a_part_whose_object_is_replaced_with_its_commit_has_nothing_to_read),
		PART_TEST(test_of_two_heads_the_later_stays),
		PART_TEST(test_a_body_that_its_pages_cannot_number_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
