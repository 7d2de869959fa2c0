/* tests/unit/store/base/test_slice.c: comparing and cutting borrowed bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/base/slice.h"

static const struct slice EMPTY = { NULL, 0 };

static void
test_equality_is_by_bytes_and_length(void **state)
{
	(void)state;
	assert_true(slice_eq(SLICE("abc"), slice_of("abc")));
	assert_false(slice_eq(SLICE("abc"), SLICE("abd")));
	assert_false(slice_eq(SLICE("abc"), SLICE("ab")));
	assert_true(slice_eq(EMPTY, SLICE("")));
	assert_true(slice_eq(slice_of(NULL), EMPTY));
	assert_true(slice_eq(SLICE("a\0b"), slice_make("a\0b", 3)));
}

static void
test_letter_case_is_ignored_in_ascii_only(void **state)
{
	(void)state;
	assert_true(slice_ieq(SLICE("Content-Type"), SLICE("cONTENT-tYPE")));
	assert_false(slice_ieq(SLICE("abc"), SLICE("abcd")));
	assert_false(slice_ieq(SLICE("@"), SLICE("`")));
	assert_false(slice_ieq(SLICE("["), SLICE("{")));
	assert_false(slice_ieq(SLICE("\xc4"), SLICE("\xe4")));
	assert_true(slice_ieq(EMPTY, SLICE("")));
}

static void
test_a_cut_is_clamped_to_the_slice(void **state)
{
	(void)state;
	assert_true(slice_eq(slice_cut(SLICE("abcdef"), 2, 4), SLICE("cd")));
	assert_true(slice_eq(slice_cut(SLICE("abc"), 1, 99), SLICE("bc")));
	assert_int_equal(slice_cut(SLICE("abc"), 99, 100).n, 0);
	assert_int_equal(slice_cut(SLICE("abc"), 2, 1).n, 0);
	assert_int_equal(slice_cut(EMPTY, 0, 1).n, 0);
}

static void
test_prefixes_and_suffixes(void **state)
{
	(void)state;
	assert_true(slice_starts(SLICE("http://a"), SLICE("http://")));
	assert_false(slice_starts(SLICE("HTTP://a"), SLICE("http://")));
	assert_true(slice_istarts(SLICE("HTTP://a"), SLICE("http://")));
	assert_false(slice_istarts(SLICE("ht"), SLICE("http")));
	assert_true(slice_ends(SLICE("a.css"), SLICE(".css")));
	assert_false(slice_ends(SLICE("css"), SLICE(".css")));
	assert_true(slice_starts(EMPTY, EMPTY));
	assert_true(slice_ends(SLICE("a"), EMPTY));
}

static void
test_trim_takes_optional_whitespace_only(void **state) /* RFC 9110 5.6.3 */
{
	(void)state;
	assert_true(slice_eq(slice_trim(SLICE(" \ta b\t ")), SLICE("a b")));
	assert_true(slice_eq(slice_trim(SLICE("\ra\n")), SLICE("\ra\n")));
	assert_int_equal(slice_trim(SLICE(" \t ")).n, 0);
	assert_int_equal(slice_trim(EMPTY).n, 0);
}

static void
test_find_gives_the_first_offset_or_the_length(void **state)
{
	(void)state;
	assert_int_equal(slice_find(SLICE("a:b:c"), ':'), 1);
	assert_int_equal(slice_find(SLICE("abc"), ':'), 3);
	assert_int_equal(slice_find(EMPTY, ':'), 0);
}

static void
test_order_is_by_unsigned_bytes_then_length(void **state)
{
	(void)state;
	assert_int_equal(slice_compare(SLICE("ab"), SLICE("ab")), 0);
	assert_true(slice_compare(SLICE("ab"), SLICE("abc")) < 0);
	assert_true(slice_compare(SLICE("b"), SLICE("abc")) > 0);
	assert_true(slice_compare(SLICE("\xff"), SLICE("a")) > 0);
	assert_int_equal(slice_compare(EMPTY, EMPTY), 0);
	assert_true(slice_compare(EMPTY, SLICE("a")) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equality_is_by_bytes_and_length),
		cmocka_unit_test(test_letter_case_is_ignored_in_ascii_only),
		cmocka_unit_test(test_a_cut_is_clamped_to_the_slice),
		cmocka_unit_test(test_prefixes_and_suffixes),
		cmocka_unit_test(test_trim_takes_optional_whitespace_only),
		cmocka_unit_test(
		    test_find_gives_the_first_offset_or_the_length),
		cmocka_unit_test(test_order_is_by_unsigned_bytes_then_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
