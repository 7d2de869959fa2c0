/* tests/unit/store/test_damage.c: bytes that are not what was stored */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "store/schema.h"
#include "tests/support/temp_damage.h"

#define COPIES 100
#define PIECES 1024

/* ---- reading ---- */

/* All that hash finds, read as a hit does: head, then the body at once. */
static enum lr
read_all(struct temp_store *ts, uint64_t hash)
{
	static struct iovec iov[PIECES];
	struct slice head, body0;
	struct store_ref ref;
	uint64_t bytes = 0;
	int n = PIECES;
	enum lr rc = store_find(ts->st, hash, &ref);

	if (rc != LR_OK)
		return rc;
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	rc = store_read_head(ts->rd, &ref, &head, &body0);
	if (rc == LR_OK)
		rc = store_read_body(ts->rd, &ref, 0, ref.body_bytes, iov, &n);
	for (int i = 0; rc == LR_OK && i < n; i++)
		bytes += iov[i].iov_len;
	if (rc == LR_OK && bytes != ref.body_bytes)
		rc = LR_CORRUPT; /* what stands before the damage */
	store_read_end(ts->rd);
	store_unpin(ts->st, &ref);
	return rc;
}

static enum lr
read_range(
    struct temp_store *ts, uint64_t hash, uint64_t first, uint64_t n_bytes)
{
	struct store_ref ref;
	struct iovec iov[16];
	char want[STORE_PAGE_BYTES];
	int n = 16;
	enum lr rc;

	assert_true(n_bytes < sizeof(want));
	if ((rc = store_find(ts->st, hash, &ref)) != LR_OK)
		return rc;
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	rc = store_read_body(ts->rd, &ref, first, n_bytes, iov, &n);
	for (int i = 0; rc == LR_OK && i < n; i++) {
		temp_bytes(
		    want, iov[i].iov_len, hash == 7 ? 9 : hash * 7, first);
		assert_memory_equal(want, iov[i].iov_base, iov[i].iov_len);
		first += iov[i].iov_len;
	}
	store_read_end(ts->rd);
	store_unpin(ts->st, &ref);
	return rc;
}

/* ---- tests ---- */

struct shape {
	size_t head_bytes;
	uint64_t body_bytes;
};

/* Copies of an object, each with another byte flipped, in turn in each of its
 * pages; the first reader is told, the next one finds nothing. */
static void
assert_noticed(struct temp_store *ts, const struct shape *shape)
{
	uint64_t ids[COPIES];
	uint64_t room = shape->head_bytes < 4068 ? 4068 - shape->head_bytes : 0;
	uint64_t behind = shape->body_bytes > room ? shape->body_bytes - room
						   : 0;
	uint64_t pages = 1 + (behind + STORE_PAGE_BYTES - 1) / STORE_PAGE_BYTES;
	struct temp_damage d;

	for (uint64_t i = 0; i < COPIES; i++)
		temp_damage_put(
		    ts, 100 + i, shape->head_bytes, shape->body_bytes);
	store_flush(ts->st);
	for (uint64_t i = 0; i < COPIES; i++)
		ids[i] = temp_damage_id(ts, 100 + i);
	temp_damage_begin(ts, &d);
	for (uint64_t i = 0; i + 1 < COPIES; i++)
		temp_damage_flip(&d, ids[i], (uint32_t)(i % pages),
		    i < pages ? -1 : (int)(i * 977));
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	for (uint64_t i = 0; i + 1 < COPIES; i++) {
		assert_int_equal(read_all(ts, 100 + i), LR_CORRUPT);
		assert_int_equal(read_all(ts, 100 + i), LR_NOTFOUND);
	}
	assert_int_equal(read_all(ts, 100 + COPIES - 1), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 100 + COPIES - 1), LR_OK);
	assert_int_equal(temp_damage_stats(ts).corrupt, COPIES - 1);
}

static void
test_a_flipped_byte_is_noticed_when_it_is_first_read(void **state)
{
	static const struct shape SHAPES[] = { { 24, 0 }, { 300, 700 },
		{ 300, 3768 }, { 300, 3769 }, { 24, 150000 }, { 4068, 5000 },
		{ 9000, 20000 } };

	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(SHAPES[0]); i++)
		assert_noticed(*state, &SHAPES[i]);
}

static void
test_what_was_just_written_is_not_checked(void **state)
{
	struct temp_store *ts = *state;

	temp_damage_put(ts, 1, 300, 700);
	temp_damage_put(ts, 2, 300, 100000);
	temp_damage_put_part(ts, 30000, 3000);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 2), LR_OK);
	assert_int_equal(read_range(ts, 7, 30000, 3000), LR_OK);
	assert_int_equal(temp_damage_stats(ts).verified, 0);
}

static void
test_an_object_is_checked_once(void **state)
{
	struct temp_store *ts = *state;
	uint64_t before;

	temp_damage_put(ts, 1, 300, 700);
	temp_damage_put(ts, 2, 300, 100000);
	temp_damage_put(ts, 3, 9000, 100000);
	temp_damage_reopen(ts);
	for (uint64_t hash = 1; hash <= 3; hash++) {
		before = temp_damage_stats(ts).verified;
		assert_int_equal(read_all(ts, hash), LR_OK);
		assert_true(temp_damage_stats(ts).verified > before);
		before = temp_damage_stats(ts).verified;
		assert_int_equal(read_all(ts, hash), LR_OK);
		assert_int_equal(temp_check(ts->st, ts->rd, hash), LR_OK);
		assert_int_equal(temp_damage_stats(ts).verified, before);
	}
	temp_damage_reopen(ts);
	assert_int_equal(read_all(ts, 1), LR_OK);
	assert_int_equal(temp_damage_stats(ts).verified, 1);
}

static void
test_of_a_range_only_its_pages_are_checked(void **state)
{
	struct temp_store *ts = *state;
	struct temp_damage d;
	uint64_t id;

	temp_damage_put(ts, 1, 68, 100000); /* 4,000 bytes beside the head */
	store_flush(ts->st);
	id = temp_damage_id(ts, 1);
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, id, 5, 100);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	assert_int_equal(read_range(ts, 1, 4000, 10), LR_OK);
	assert_int_equal(temp_damage_stats(ts).verified, 1);
	assert_int_equal(read_range(ts, 1, 4000, 10), LR_OK);
	assert_int_equal(
	    temp_damage_stats(ts).verified, 2); /* not all is known */
	/* The byte that is wrong is not asked for, but its page is touched. */
	assert_int_equal(
	    read_range(ts, 1, 4000 + 4 * STORE_PAGE_BYTES + 3000, 10),
	    LR_CORRUPT);
	assert_int_equal(read_range(ts, 1, 4000, 10), LR_NOTFOUND);
}

static void
test_what_stands_before_the_damage_may_be_read(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	struct iovec iov[16];
	struct temp_damage d;
	int n = 16;

	temp_damage_put(ts, 1, 68, 30000);
	store_flush(ts->st);
	ref.id = temp_damage_id(ts, 1);
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, ref.id, 3, 100);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	assert_int_equal(store_find(ts->st, 1, &ref), LR_OK);
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	assert_int_equal(
	    store_read_body(ts->rd, &ref, 0, 30000, iov, &n), LR_OK);
	assert_int_equal(n, 3);
	n = 16;
	assert_int_equal(store_read_body(ts->rd, &ref,
			     4000 + 2 * STORE_PAGE_BYTES, 30000, iov, &n),
	    LR_CORRUPT);
	store_read_end(ts->rd);
	store_unpin(ts->st, &ref);
	assert_int_equal(temp_damage_stats(ts).corrupt, 1);
}

static void
test_a_body_that_is_right_says_nothing_of_the_head(void **state)
{
	struct temp_store *ts = *state;
	struct slice head, body0;
	struct store_ref ref;
	struct temp_damage d;

	temp_damage_put(ts, 1, 9000, 2000); /* page 0 is the head's */
	store_flush(ts->st);
	ref.id = temp_damage_id(ts, 1);
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, ref.id, 0, 100);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	assert_int_equal(read_range(ts, 1, 0, 2000), LR_OK);
	assert_int_equal(store_find(ts->st, 1, &ref), LR_OK);
	assert_int_equal(store_read_begin(ts->rd), LR_OK);
	assert_int_equal(
	    store_read_head(ts->rd, &ref, &head, &body0), LR_CORRUPT);
	store_read_end(ts->rd);
	store_unpin(ts->st, &ref);
}

/* ---- sparse objects ---- */

/* A store whose object 7 has two stretches, and a byte of page `page`
 * flipped. */
static void
damage_sparse(struct temp_store *ts, uint32_t page, int at)
{
	struct temp_damage d;
	uint64_t id;

	temp_damage_put_part(ts, 5000, 3000);
	temp_damage_put_part(ts, 50000, 3000);
	id = temp_damage_id(ts, 7);
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, id, page, at);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
}

static void
test_a_part_is_checked_where_it_is_read(void **state)
{
	struct temp_store *ts = *state;

	damage_sparse(ts, 5000 / STORE_PAGE_BYTES + 1, 2000);
	assert_int_equal(read_range(ts, 7, 50000, 3000), LR_OK);
	assert_int_equal(read_range(ts, 7, 5000, 3000), LR_CORRUPT);
	assert_int_equal(read_range(ts, 7, 50000, 3000), LR_NOTFOUND);
	assert_int_equal(temp_damage_stats(ts).corrupt, 1);
}

static void
test_a_damaged_page_is_not_sealed_again_with_another_part(void **state)
{
	struct temp_store *ts = *state;

	damage_sparse(ts, 5000 / STORE_PAGE_BYTES + 1, 2000);
	temp_damage_put_part(ts, 8000, 100); /* goes to the same page */
	assert_int_equal(read_range(ts, 7, 50000, 3000), LR_NOTFOUND);
	assert_int_equal(temp_damage_stats(ts).corrupt, 1);
	temp_damage_put_part(ts, 8000, 100);
	assert_int_equal(read_range(ts, 7, 8000, 100), LR_OK);
}

static void
test_a_part_for_an_object_with_a_damaged_head_begins_another(void **state)
{
	struct temp_store *ts = *state;

	damage_sparse(ts, 0, -1);
	temp_damage_put_part(ts, 20000, 100);
	assert_int_equal(read_range(ts, 7, 20000, 100), LR_OK);
	assert_int_equal(read_range(ts, 7, 5000, 100), LR_CORRUPT);
}

static void
test_a_damaged_list_of_parts_drops_its_object(void **state)
{
	struct temp_store *ts = *state;

	damage_sparse(ts, SCHEMA_EXTENTS_PAGE, 3);
	temp_damage_put_part(ts, 20000, 100);
	assert_int_equal(read_range(ts, 7, 50000, 3000), LR_NOTFOUND);
	assert_int_equal(temp_damage_stats(ts).corrupt, 1);
}

/* ---- new heads ---- */

static void
test_a_new_head_does_not_make_a_damaged_page_right(void **state)
{
	struct temp_store *ts = *state;
	struct store_object obj = { .hash = 1, .primary_hash = 1 };
	struct store_ref ref;
	struct temp_damage d;
	uint64_t id;

	temp_damage_put(ts, 1, 300, 700);
	store_flush(ts->st);
	id = temp_damage_id(ts, 1);
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, id, 0, -1);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	assert_int_equal(store_find(ts->st, 1, &ref), LR_OK);
	assert_int_equal(
	    store_update(ts->st, &ref, &obj, SLICE("new"), NULL, NULL), LR_OK);
	store_flush(ts->st);
	store_unpin(ts->st, &ref);
	assert_int_equal(store_find(ts->st, 1, &ref), LR_NOTFOUND);
	assert_int_equal(temp_damage_stats(ts).corrupt, 1);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown( \
	    f, temp_damage_set_up, temp_damage_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_flipped_byte_is_noticed_when_it_is_first_read),
		TEST(test_what_was_just_written_is_not_checked),
		TEST(test_an_object_is_checked_once),
		TEST(test_of_a_range_only_its_pages_are_checked),
		TEST(test_what_stands_before_the_damage_may_be_read),
		TEST(test_a_body_that_is_right_says_nothing_of_the_head),
		TEST(test_a_part_is_checked_where_it_is_read),
		TEST(test_a_damaged_page_is_not_sealed_again_with_another_part),
		TEST(
		    test_a_part_for_an_object_with_a_damaged_head_begins_another),
		TEST(test_a_damaged_list_of_parts_drops_its_object),
		TEST(test_a_new_head_does_not_make_a_damaged_page_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
