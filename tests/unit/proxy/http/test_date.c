/* tests/unit/proxy/http/test_date.c: HTTP-date (RFC 9110 5.6.7) */
#include "tests/support/assert_slice.h"

#include <time.h>

#include "proxy/http/date.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOW_S 1795222923 /* Sat, 21 Nov 2026 01:02:03 GMT */

static void
assert_date(const char *text, int64_t want_s)
{
	int64_t at_s = -1;

	if (date_parse(slice_of(text), NOW_S, &at_s) != LR_OK)
		fail_msg("not a date: %s", text);
	if (at_s != want_s)
		fail_msg("%s: %lld", text, (long long)at_s);
}

static void
assert_no_date(const char *text)
{
	int64_t at_s = -7;

	if (date_parse(slice_of(text), NOW_S, &at_s) != LR_INVALID)
		fail_msg("a date: %s", text);
	assert_int_equal(at_s, -7);
}

static void
test_the_three_formats_of_the_rfc_are_one_time(void **state)
{
	(void)state;
	assert_date("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
	assert_date("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
	assert_date("Sun Nov  6 08:49:37 1994", 784111777);
	assert_date("Wed Nov 16 08:49:37 1994", 784111777 + 10 * 86400);
}

static void
test_names_in_any_case_and_utc_for_gmt(void **state) /* RFC 9111 4.2 */
{
	(void)state;
	assert_date("sun, 06 NOV 1994 08:49:37 gmt", 784111777);
	assert_date("SUNDAY, 06-nov-94 08:49:37 GMT", 784111777);
	assert_date("Sun, 06 Nov 1994 08:49:37 UTC", 784111777);
}

static void
test_two_digit_years_are_at_most_50_years_ahead(void **state)
{
	const int64_t y2076 = 3345062400, y1977 = 221961600;
	int64_t at_s = 0;

	(void)state;
	assert_date("Thursday, 01-Jan-76 00:00:00 GMT", y2076);
	assert_date("Wednesday, 13-Jan-77 00:00:00 GMT", y1977);
	assert_date("Sunday, 06-Nov-26 08:49:37 GMT", 1793954977);
	/* Early in a century, most of the last one is nearer. */
	assert_int_equal(date_parse(SLICE("Friday, 01-Jan-99 00:00:00 GMT"),
			     946684800 + 86400, &at_s),
	    LR_OK);
	assert_int_equal(at_s, 915148800);
	/* and late in one, the next */
	assert_int_equal(date_parse(SLICE("Friday, 01-Jan-10 00:00:00 GMT"),
			     946684800 - 86400, &at_s),
	    LR_OK);
	assert_int_equal(at_s, 1262304000);
}

static void
test_limits_of_the_calendar(void **state)
{
	(void)state;
	assert_date("Thu, 01 Jan 1970 00:00:00 GMT", 0);
	assert_date("Wed, 31 Dec 1969 23:59:59 GMT", -1);
	assert_date("Tue, 29 Feb 2000 00:00:00 GMT", 951782400);
	assert_date("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
	assert_date("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800);
	/* The last that four digits of a year can write. */
	assert_date("Fri, 31 Dec 9999 23:59:60 GMT", 253402300799);
	assert_no_date("Mon, 29 Feb 1900 00:00:00 GMT");
	assert_no_date("Tue, 29 Feb 2001 00:00:00 GMT");
	assert_no_date("Tue, 31 Apr 2001 00:00:00 GMT");
	assert_no_date("Tue, 00 Apr 2001 00:00:00 GMT");
	assert_no_date("Sun, 06 Nov 1994 24:00:00 GMT");
	assert_no_date("Sun, 06 Nov 1994 08:60:00 GMT");
	assert_no_date("Sun, 06 Nov 1994 08:00:61 GMT");
}

static void
test_anything_else_is_no_date(void **state)
{
	static const char *const BAD[] = { "", "0", "-1", "Sun", "Sunday",
		"Sun,", "Sun, ", "06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 CET",
		"Sun, 06 Nov 1994 08:49:37 +0000",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
		"Sun, +6 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 06 08:49:37 94",
		"Sun Nov  6 08:49:37 1994 GMT", "Sun Nov 6 08:49:37 1994" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++)
		assert_no_date(BAD[i]);
}

static void
test_a_date_cut_short_anywhere_is_no_date(void **state)
{
	const struct slice whole[] = { SLICE("Sun, 06 Nov 1994 08:49:37 GMT"),
		SLICE("Sunday, 06-Nov-94 08:49:37 GMT"),
		SLICE("Sun Nov  6 08:49:37 1994") };
	int64_t at_s;

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		for (size_t n = 0; n < whole[i].n; n++)
			assert_int_equal(
			    date_parse(slice_cut(whole[i], 0, n), NOW_S, &at_s),
			    LR_INVALID);
	}
}

static void
test_written_dates_are_fixed_length_imf(void **state)
{
	char text[DATE_CHARS];

	(void)state;
	date_format(text, NOW_S);
	assert_slice(
	    slice_make(text, sizeof(text)), "Sat, 21 Nov 2026 01:02:03 GMT");
	date_format(text, -1);
	assert_slice(
	    slice_make(text, sizeof(text)), "Wed, 31 Dec 1969 23:59:59 GMT");
}

static void
test_dates_agree_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t at_s = -3000000000; at_s < 9000000000;
	     at_s += 86400 * 13 + 3607) {
		char ours[DATE_CHARS], theirs[64];
		time_t t = (time_t)at_s;
		struct tm tm;
		int64_t back_s;

		date_format(ours, at_s);
		assert_non_null(gmtime_r(&t, &tm));
		strftime(theirs, sizeof(theirs), "%a, %d %b %Y %T GMT", &tm);
		assert_slice(slice_make(ours, sizeof(ours)), theirs);
		assert_int_equal(
		    date_parse(slice_make(ours, sizeof(ours)), NOW_S, &back_s),
		    LR_OK);
		assert_int_equal(back_s, at_s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_three_formats_of_the_rfc_are_one_time),
		cmocka_unit_test(test_names_in_any_case_and_utc_for_gmt),
		cmocka_unit_test(
		    test_two_digit_years_are_at_most_50_years_ahead),
		cmocka_unit_test(test_limits_of_the_calendar),
		cmocka_unit_test(test_anything_else_is_no_date),
		cmocka_unit_test(test_a_date_cut_short_anywhere_is_no_date),
		cmocka_unit_test(test_written_dates_are_fixed_length_imf),
		cmocka_unit_test(test_dates_agree_with_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
