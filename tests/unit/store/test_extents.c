/* tests/unit/store/test_extents.c: which bytes of a body are there */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/extents.h"

#define SPACE 600u

static void
test_stretches_that_touch_become_one(void **state)
{
	struct extents ex = { 0 };

	(void)state;
	assert_int_equal(extents_add(&ex, 10, 20), LR_OK);
	assert_int_equal(extents_add(&ex, 30, 40), LR_OK);
	assert_int_equal(ex.n, 2);
	assert_int_equal(extents_add(&ex, 20, 30), LR_OK);
	assert_int_equal(ex.n, 1);
	assert_true(extents_cover(&ex, 10, 40));
	assert_false(extents_cover(&ex, 9, 40));
	assert_false(extents_cover(&ex, 10, 41));
	assert_int_equal(extents_bytes(&ex), 30);
}

static void
test_a_gap_is_the_first_that_is_missing(void **state)
{
	struct extents ex = { 0 };
	struct extent gap;

	(void)state;
	extents_add(&ex, 10, 20);
	extents_add(&ex, 30, 40);
	assert_true(extents_gap(&ex, 0, 50, &gap));
	assert_int_equal(gap.first, 0);
	assert_int_equal(gap.end, 10);
	assert_true(extents_gap(&ex, 15, 35, &gap));
	assert_int_equal(gap.first, 20);
	assert_int_equal(gap.end, 30);
	assert_true(extents_gap(&ex, 35, 50, &gap));
	assert_int_equal(gap.first, 40);
	assert_int_equal(gap.end, 50);
	assert_false(extents_gap(&ex, 12, 18, &gap));
	assert_false(extents_gap(&ex, 25, 25, &gap));
}

static void
test_a_full_list_takes_only_what_touches_others(void **state)
{
	struct extents ex = { 0 };

	(void)state;
	for (uint64_t i = 0; i < EXTENTS_MAX; i++)
		assert_int_equal(
		    extents_add(&ex, 10 * i + 1, 10 * i + 2), LR_OK);
	assert_int_equal(extents_add(&ex, 5000, 5001), LR_FULL);
	assert_int_equal(ex.n, EXTENTS_MAX);
	assert_int_equal(extents_add(&ex, 2, 5), LR_OK);
	assert_int_equal(extents_add(&ex, 0, 100000), LR_OK);
	assert_int_equal(ex.n, 1);
}

static void
test_a_list_says_what_a_map_of_bytes_says(void **state)
{
	bool map[SPACE] = { false };
	struct extents ex = { 0 };

	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		uint64_t first = (unsigned)rand() % SPACE;
		uint64_t end = first + (unsigned)rand() % 20;
		uint64_t bytes = 0;

		if (end > SPACE)
			end = SPACE;
		if (round % 200 == 0) {
			ex.n = 0;
			memset(map, 0, sizeof(map));
		}
		if (round % 3 > 0) {
			bool there = true;

			for (uint64_t i = first; i < end; i++)
				there = there && map[i];
			assert_int_equal(extents_cover(&ex, first, end), there);
			continue;
		}
		assert_int_equal(extents_add(&ex, first, end), LR_OK);
		for (uint64_t i = first; i < end; i++)
			map[i] = true;
		for (uint64_t i = 0; i < SPACE; i++)
			bytes += map[i];
		assert_int_equal(extents_bytes(&ex), bytes);
		for (uint32_t i = 1; i < ex.n; i++)
			assert_true(ex.v[i - 1].end < ex.v[i].first);
	}
}

static void
test_a_row_comes_back_as_it_went(void **state)
{
	unsigned char row[EXTENTS_ROW_MAX];
	struct extents in = { 0 }, out;
	size_t n;

	(void)state;
	for (uint64_t i = 0; i < EXTENTS_MAX; i++)
		extents_add(&in, 10 * i + 1, 10 * i + 5);
	n = extents_encode(row, &in);
	assert_int_equal(
	    extents_decode(slice_make((char *)row, n), 1 << 20, &out), LR_OK);
	assert_int_equal(out.n, in.n);
	assert_memory_equal(out.v, in.v, in.n * sizeof(in.v[0]));
}

static void
test_a_damaged_row_is_noticed(void **state)
{
	unsigned char row[EXTENTS_ROW_MAX];
	struct extents in = { 0 }, out;
	size_t n;

	(void)state;
	extents_add(&in, 5, 50);
	extents_add(&in, 60, 70);
	n = extents_encode(row, &in);
	for (size_t i = 0; i < n * 8; i++) {
		row[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_int_equal(
		    extents_decode(slice_make((char *)row, n), 100, &out),
		    LR_CORRUPT);
		row[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    extents_decode(slice_make((char *)row, i), 100, &out),
		    LR_CORRUPT);
	assert_int_equal(
	    extents_decode(slice_make((char *)row, n), 69, &out), LR_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stretches_that_touch_become_one),
		cmocka_unit_test(test_a_gap_is_the_first_that_is_missing),
		cmocka_unit_test(
		    test_a_full_list_takes_only_what_touches_others),
		cmocka_unit_test(test_a_list_says_what_a_map_of_bytes_says),
		cmocka_unit_test(test_a_row_comes_back_as_it_went),
		cmocka_unit_test(test_a_damaged_row_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
