/* tests/unit/store/base/test_num.c: numbers, sizes and durations as text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/base/num.h"

static void
assert_u64(const char *text, uint64_t max, uint64_t want)
{
	uint64_t v = 0;

	assert_int_equal(num_parse_u64(slice_of(text), max, &v), LR_OK);
	assert_int_equal(v, want);
}

static void
test_decimal_numbers_up_to_64_bits(void **state)
{
	(void)state;
	assert_u64("0", 0, 0);
	assert_u64("007", 7, 7);
	assert_u64("18446744073709551615", UINT64_MAX, UINT64_MAX);
}

static void
test_what_is_no_number_is_refused_and_changes_nothing(void **state)
{
	static const char *const BAD[] = { "", "-1", "+1", " 1", "1 ", "1a",
		"0x1", "1.0", "99999999999999999999999x" };
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    num_parse_u64(slice_of(BAD[i]), UINT64_MAX, &v),
		    LR_INVALID);
	assert_int_equal(v, 42);
}

static void
test_a_number_over_its_bound_is_too_big(void **state)
{
	uint64_t v = 42;

	(void)state;
	assert_int_equal(num_parse_u64(SLICE("101"), 100, &v), LR_TOOBIG);
	assert_int_equal(
	    num_parse_u64(SLICE("18446744073709551616"), UINT64_MAX, &v),
	    LR_TOOBIG);
	assert_int_equal(
	    num_parse_hex(SLICE("10000000000000000"), UINT64_MAX, &v),
	    LR_TOOBIG);
	assert_int_equal(v, 42);
}

static void
test_hexadecimal_numbers(void **state) /* RFC 9112 7.1 */
{
	uint64_t v = 0;

	(void)state;
	assert_int_equal(num_parse_hex(SLICE("1aF"), UINT64_MAX, &v), LR_OK);
	assert_int_equal(v, 0x1af);
	assert_int_equal(
	    num_parse_hex(SLICE("ffffffffffffffff"), UINT64_MAX, &v), LR_OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(
	    num_parse_hex(SLICE("0x1"), UINT64_MAX, &v), LR_INVALID);
	assert_int_equal(num_parse_hex(SLICE("g"), UINT64_MAX, &v), LR_INVALID);
	assert_int_equal(num_parse_hex(SLICE(""), UINT64_MAX, &v), LR_INVALID);
}

static void
test_sizes_in_powers_of_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} GOOD[] = { { "4096", 4096 }, { "64K", 65536 }, { "64kb", 65536 },
		{ "64KiB", 65536 }, { "512M", 512ULL << 20 },
		{ "8g", 8ULL << 30 }, { "1TiB", 1ULL << 40 }, { "7B", 7 },
		{ "0", 0 } };
	uint64_t v = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(
		    num_parse_size(slice_of(GOOD[i].text), UINT64_MAX, &v),
		    LR_OK);
		assert_int_equal(v, GOOD[i].bytes);
	}
}

static void
test_sizes_of_another_form_or_too_large_are_refused(void **state)
{
	static const char *const BAD[] = { "", "K", "1P", "1iB", "1 K", "-1K",
		"1KK", "1.5G", "1KBi" };
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    num_parse_size(slice_of(BAD[i]), UINT64_MAX, &v),
		    LR_INVALID);
	assert_int_equal(num_parse_size(SLICE("2K"), 2047, &v), LR_TOOBIG);
	assert_int_equal(
	    num_parse_size(SLICE("16777216T"), UINT64_MAX, &v), LR_TOOBIG);
	assert_int_equal(v, 42);
}

static void
assert_ms(const char *text, int64_t unit_ms, int64_t want_ms)
{
	int64_t v = -1;

	assert_int_equal(
	    num_parse_duration(slice_of(text), unit_ms, INT64_MAX, &v), LR_OK);
	assert_int_equal(v, want_ms);
}

static void
test_durations_with_and_without_a_unit(void **state)
{
	(void)state;
	assert_ms("30", 1000, 30000);
	assert_ms("30", 1, 30);
	assert_ms("30s", 1, 30000);
	assert_ms("500ms", 1000, 500);
	assert_ms("5min", 1000, 300000);
	assert_ms("5mi", 1000, 300000);
	assert_ms("2H", 1000, 7200000);
	assert_ms("1d", 1000, 86400000);
	assert_ms("0", 1000, 0);
}

static void
test_durations_of_another_form_or_too_long_are_refused(void **state)
{
	static const char *const BAD[] = { "", "s", "1m", "1y", "1 s", "-1",
		"1s1" };
	int64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    num_parse_duration(slice_of(BAD[i]), 1000, INT64_MAX, &v),
		    LR_INVALID);
	assert_int_equal(
	    num_parse_duration(SLICE("61s"), 1000, 60000, &v), LR_TOOBIG);
	assert_int_equal(num_parse_duration(SLICE("9223372036854775807d"), 1000,
			     INT64_MAX, &v),
	    LR_TOOBIG);
	assert_int_equal(v, 42);
}

static void
test_numbers_are_written_without_a_nul(void **state)
{
	char dst[NUM_U64_CHARS + 1];

	(void)state;
	dst[1] = '!';
	assert_int_equal(num_put_u64(dst, 0), 1);
	assert_memory_equal(dst, "0!", 2);
	assert_int_equal(num_put_u64(dst, 1234567890), 10);
	assert_memory_equal(dst, "1234567890", 10);
	dst[NUM_U64_CHARS] = '!';
	assert_int_equal(num_put_u64(dst, UINT64_MAX), NUM_U64_CHARS);
	assert_memory_equal(dst, "18446744073709551615!", NUM_U64_CHARS + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decimal_numbers_up_to_64_bits),
		cmocka_unit_test(
		    test_what_is_no_number_is_refused_and_changes_nothing),
		cmocka_unit_test(test_a_number_over_its_bound_is_too_big),
		cmocka_unit_test(test_hexadecimal_numbers),
		cmocka_unit_test(test_sizes_in_powers_of_1024),
		cmocka_unit_test(
		    test_sizes_of_another_form_or_too_large_are_refused),
		cmocka_unit_test(test_durations_with_and_without_a_unit),
		cmocka_unit_test(
		    test_durations_of_another_form_or_too_long_are_refused),
		cmocka_unit_test(test_numbers_are_written_without_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
