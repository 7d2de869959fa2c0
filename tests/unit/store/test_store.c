/* tests/unit/store/test_store.c: putting, finding, reading, removing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/base/hash.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)

static int
set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));

	temp_store_init(ts, 32 * MIB); /* nothing is evicted */
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

/* An object of hash with this much head and body. */
static struct temp_object
object(uint64_t hash, size_t head_bytes, uint64_t body_bytes)
{
	return (struct temp_object){ .hash = hash,
		.seed = hash * 31 + body_bytes,
		.head_bytes = head_bytes,
		.body_bytes = body_bytes };
}

static void
test_what_was_put_is_found_and_reads_the_same(void **state)
{
	static const uint64_t BODIES[] = { 0, 1, 100, 3768, 3769, 4044, 4045,
		4072, 4073, 8116, 8117, 10240, 65536, 300000, 3000000 };
	static const size_t HEADS[] = { 24, 300, 4067, 4068, 4069, 9000 };
	struct temp_store *ts = *state;
	struct temp_object o;
	size_t h, b;
	uint64_t hash = 1;

	for (h = 0; h < sizeof(HEADS) / sizeof(HEADS[0]); h++) {
		for (b = 0; b < sizeof(BODIES) / sizeof(BODIES[0]); b++) {
			o = object(hash, HEADS[h], BODIES[b]);
			o.length_known = hash % 2;
			assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
			store_flush(ts->st);
			assert_int_equal(
			    temp_check(ts->st, ts->rd, hash), LR_OK);
			hash++;
		}
	}
}

static void
test_nothing_is_found_before_the_end_of_the_body(void **state)
{
	struct temp_store *ts = *state;
	struct store_object obj = { .hash = 7, .primary_hash = 7 };
	struct store_ref ref;
	struct fill *f;

	assert_int_equal(
	    fill_begin(ts->st, &obj, SLICE("head"), 5, NULL, NULL, &f), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
	assert_int_equal(fill_state(f), FILL_OPEN);
	assert_int_equal(fill_ref(f, &ref), LR_AGAIN);
	fill_free(f);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
}

static void
test_a_newer_object_replaces_the_one_before(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 100, 20000);
	struct store_stats stats;
	struct store_ref old, new;

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &old), LR_OK);
	o = object(7, 200, 30000);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &new), LR_OK);
	assert_true(new.id > old.id);
	assert_int_equal(new.body_bytes, 30000);
	/* The pinned one can still be read. */
	assert_int_equal(temp_check_ref(ts->rd, &old, 20000), LR_OK);
	store_unpin(ts->st, &old);
	store_unpin(ts->st, &new);
	store_flush(ts->st);
	assert_int_equal(temp_check_ref(ts->rd, &old, 20000), LR_NOTFOUND);
	store_stats_read(ts->st, &stats);
	assert_int_equal(stats.objects, 1);
	assert_int_equal(stats.body_bytes, 30000);
}

static void
test_a_removed_object_is_found_by_nobody_and_its_pages_come_back(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 100, 2000000);
	struct store_stats before, with, after;
	struct store_ref ref;

	store_flush(ts->st);
	store_stats_read(ts->st, &before);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	store_stats_read(ts->st, &with);
	assert_true(with.pages_used > before.pages_used + 400);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	assert_int_equal(store_remove(ts->st, 7), LR_OK);
	assert_int_equal(store_remove(ts->st, 7), LR_NOTFOUND);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
	store_flush(ts->st);
	assert_int_equal(temp_check_ref(ts->rd, &ref, 2000000), LR_OK);
	store_unpin(ts->st, &ref);
	store_flush(ts->st);
	store_flush(ts->st);
	store_stats_read(ts->st, &after);
	assert_true(after.pages_used < before.pages_used + 20);
}

static void
test_a_reference_removes_only_its_own_object(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 100, 500);
	struct store_ref old;

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &old), LR_OK);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_remove_ref(ts->st, &old), LR_NOTFOUND);
	store_unpin(ts->st, &old);
	assert_int_equal(store_find(ts->st, 7, &old), LR_OK);
	assert_int_equal(store_remove_ref(ts->st, &old), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
	store_unpin(ts->st, &old);
}

static void
test_removing_a_primary_removes_its_variants_only(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(1, 100, 500);
	int i;

	o.url = "www.example.com/a";
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	for (i = 2; i < 6; i++) { /* its variants */
		o = object((uint64_t)i, 100, 500);
		o.primary_hash = 1;
		o.url = "www.example.com/a";
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	}
	o = object(6, 100, 500); /* another resource, a longer url */
	o.url = "www.example.com/ab";
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	o = object(7, 100, 500); /* same url text, other key */
	o.url = "www.example.com/a";
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_remove(ts->st, 3), LR_OK);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 2), LR_OK);
	assert_int_equal(store_remove(ts->st, 1), LR_OK);
	store_flush(ts->st);
	for (i = 1; i < 6; i++)
		assert_int_equal(
		    temp_check(ts->st, ts->rd, (uint64_t)i), LR_NOTFOUND);
	assert_int_equal(temp_check(ts->st, ts->rd, 6), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
}

static void
test_a_removal_meets_what_was_finished_before_it(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 100, 500);
	int i;

	for (i = 0; i < 200; i++) {
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
		store_remove(ts->st, 7);
		store_flush(ts->st);
		assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
	}
	/* but not what comes after it */
	store_remove(ts->st, 7);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
}

static void
count_call(void *ctx)
{
	atomic_fetch_add((_Atomic int *)ctx, 1);
}

static void
test_a_new_head_leaves_the_body_alone(void **state)
{
	static const size_t HEADS[] = { 24, 5000, 300, 4080, 24 };
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 500, 30000);
	struct store_object obj = { .hash = 7, .primary_hash = 7 };
	struct store_ref ref;
	char head[5000];
	_Atomic int calls = 0;
	int i;

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	for (i = 0; i < 5; i++) {
		o.head_bytes = HEADS[i];
		temp_head(head, &o);
		assert_int_equal(
		    store_update(ts->st, &ref, &obj,
			slice_make(head, o.head_bytes), count_call, &calls),
		    LR_OK);
		store_flush(ts->st);
		assert_int_equal(calls, i + 1);
		assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_OK);
	}
	store_unpin(ts->st, &ref);
}

static void
test_a_new_head_for_a_removed_object_changes_nothing(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 500, 300);
	struct store_object obj = { .hash = 7, .primary_hash = 7 };
	struct store_stats stats;
	struct store_ref ref;
	_Atomic int calls = 0;

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	assert_int_equal(store_remove(ts->st, 7), LR_OK);
	store_unpin(ts->st, &ref);
	store_flush(ts->st);
	assert_int_equal(
	    store_update(ts->st, &ref, &obj, SLICE("new"), count_call, &calls),
	    LR_OK);
	store_flush(ts->st);
	assert_int_equal(calls, 1);
	store_stats_read(ts->st, &stats);
	assert_int_equal(stats.objects, 0);
	assert_int_equal(stats.corrupt, 0);
}

static void
test_a_body_reads_from_any_offset(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(7, 500, 50000);
	char want[9000], got[9000];
	struct iovec iov[4];
	struct store_ref ref;
	uint64_t at;
	size_t len;
	int i, n;

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	for (at = 0; at < 50000; at += 97) {
		n = 4;
		assert_int_equal(
		    store_read_body(ts->rd, &ref, at, 9000, iov, &n), LR_OK);
		for (i = 0, len = 0; i < n; len += iov[i++].iov_len)
			memcpy(got + len, iov[i].iov_base, iov[i].iov_len);
		assert_int_equal(len, at + 9000 < 50000 ? 9000 : 50000 - at);
		temp_bytes(want, len, o.seed, at);
		assert_memory_equal(got, want, len);
	}
	n = 4;
	assert_int_equal(
	    store_read_body(ts->rd, &ref, 50000, 10, iov, &n), LR_OK);
	assert_int_equal(n, 0);
	store_read_end(ts->rd);
	store_unpin(ts->st, &ref);
}

static void
test_only_so_many_readers_open(void **state)
{
	struct temp_store *ts = *state;
	struct store_reader *rd[8] = { ts->rd };
	struct store_reader *more;
	int i;

	for (i = 1; i < 8; i++)
		assert_int_equal(store_reader_open(ts->st, &rd[i]), LR_OK);
	assert_int_equal(store_reader_open(ts->st, &more), LR_FULL);
	for (i = 1; i < 8; i++)
		store_reader_close(rd[i]);
	assert_int_equal(store_reader_open(ts->st, &more), LR_OK);
	store_reader_close(more);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_what_was_put_is_found_and_reads_the_same),
		TEST(test_nothing_is_found_before_the_end_of_the_body),
		TEST(test_a_newer_object_replaces_the_one_before),
		TEST(
		    test_a_removed_object_is_found_by_nobody_and_its_pages_come_back),
		TEST(test_a_reference_removes_only_its_own_object),
		TEST(test_removing_a_primary_removes_its_variants_only),
		TEST(test_a_removal_meets_what_was_finished_before_it),
		TEST(test_a_new_head_leaves_the_body_alone),
		TEST(test_a_new_head_for_a_removed_object_changes_nothing),
		TEST(test_a_body_reads_from_any_offset),
		TEST(test_only_so_many_readers_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
