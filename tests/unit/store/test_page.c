/* tests/unit/store/test_page.c: rows and their checks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/base/codec.h"
#include "store/page.h"
#include "tests/support/temp_store.h"

#define ID 77
#define HEAD 300
#define BODY0 200

/* A sealed page 0. */
static struct slice
first_page(unsigned char row[PAGE_ROW_MAX])
{
	size_t n = PAGE_HEAD_AT + HEAD + BODY0;

	temp_bytes((char *)row, n, 5, 0);
	codec_put_le32(row + PAGE_CHECK_BYTES, HEAD);
	page_seal(row, n, ID, 0);
	return slice_make((char *)row, n);
}

static struct slice
other_page(unsigned char row[PAGE_ROW_MAX], uint32_t number)
{
	temp_bytes((char *)row, PAGE_ROW_MAX, 6, 0);
	page_seal(row, PAGE_ROW_MAX, ID, number);
	return slice_make((char *)row, PAGE_ROW_MAX);
}

static void
test_a_page_is_cut_into_what_it_was_made_of(void **state)
{
	unsigned char bytes[PAGE_ROW_MAX];
	struct slice row = first_page(bytes), head, body;

	(void)state;
	assert_int_equal(page_cut_first(row, BODY0, &head, &body), LR_OK);
	assert_ptr_equal(head.p, row.p + PAGE_HEAD_AT);
	assert_int_equal(head.n, HEAD);
	assert_ptr_equal(body.p, head.p + HEAD);
	assert_int_equal(body.n, BODY0);
	row = other_page(bytes, 3);
	assert_int_equal(page_cut_other(row, STORE_PAGE_BYTES, &body), LR_OK);
	assert_int_equal(body.n, STORE_PAGE_BYTES);
	assert_int_equal(page_cut_other(row, 100, &body), LR_CORRUPT);
	row = slice_make(row.p, PAGE_HEAD_AT + BODY0 - 1);
	assert_int_equal(page_cut_first(row, BODY0, &head, &body), LR_CORRUPT);
}

static void
test_any_flipped_bit_of_a_page_is_noticed(void **state)
{
	unsigned char first[PAGE_ROW_MAX], other[PAGE_ROW_MAX];
	struct slice a = first_page(first), b = other_page(other, 3);

	(void)state;
	assert_true(page_first_is_sound(a, BODY0, ID));
	assert_true(page_other_is_sound(b, ID, 3));
	for (size_t i = 0; i < a.n * 8; i++) {
		first[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_false(page_first_is_sound(a, BODY0, ID));
		first[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	for (size_t i = 0; i < b.n * 8; i++) {
		other[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_false(page_other_is_sound(b, ID, 3));
		other[i / 8] ^= (unsigned char)(1 << i % 8);
	}
}

static void
test_a_page_does_not_pass_for_another(void **state)
{
	unsigned char bytes[PAGE_ROW_MAX];
	struct slice row = other_page(bytes, 3);

	(void)state;
	assert_false(page_other_is_sound(row, ID, 4));
	assert_false(page_other_is_sound(row, ID + 1, 3));
	assert_false(page_other_is_sound(row, (uint64_t)ID << 32, 3));
	row = first_page(bytes);
	assert_false(page_first_is_sound(row, BODY0 + 1, ID));
	assert_false(page_first_is_sound(row, BODY0, ID - 1));
}

/* The allocation ends where the row does: the sanitizer sees a byte more. */
static void
test_nothing_behind_a_row_is_read_though_its_length_be_wrong(void **state)
{
	unsigned char bytes[PAGE_ROW_MAX];
	struct slice row = first_page(bytes), cut;
	char *copy;

	(void)state;
	for (size_t n = 0; n < row.n; n++) {
		copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy + 1, row.p, n);
		cut = slice_make(copy + 1, n);
		assert_false(page_first_is_sound(cut, BODY0, ID));
		free(copy);
	}
	/* Far longer than what is there. */
	assert_false(
	    page_first_is_sound(slice_make(row.p, (size_t)1 << 40), BODY0, ID));
}

static void
test_the_last_page_has_what_is_left(void **state)
{
	struct store_ref ref = { .body0_bytes = 100, .body_bytes = 100 };

	(void)state;
	assert_int_equal(page_last(&ref), 0);
	ref.body_bytes++;
	assert_int_equal(page_last(&ref), 1);
	assert_int_equal(page_body_bytes(&ref, 1), 1);
	ref.body_bytes = 100 + 2 * STORE_PAGE_BYTES;
	assert_int_equal(page_last(&ref), 2);
	assert_int_equal(page_body_bytes(&ref, 1), STORE_PAGE_BYTES);
	assert_int_equal(page_body_bytes(&ref, 2), STORE_PAGE_BYTES);
	assert_int_equal(page_body_bytes(&ref, 3), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page_is_cut_into_what_it_was_made_of),
		cmocka_unit_test(test_any_flipped_bit_of_a_page_is_noticed),
		cmocka_unit_test(test_a_page_does_not_pass_for_another),
		cmocka_unit_test(
		    test_nothing_behind_a_row_is_read_though_its_length_be_wrong),
		cmocka_unit_test(test_the_last_page_has_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
