/* proxy/http/date.c: three formats in, one out
 *
 *   IMF-fixdate  Sun, 06 Nov 1994 08:49:37 GMT
 *   RFC 850      Sunday, 06-Nov-94 08:49:37 GMT
 *   asctime      Sun Nov  6 08:49:37 1994
 *
 * Names are matched in any letter case and UTC is taken for GMT, as
 * RFC 9111 4.2 asks of caches. */
#include "proxy/http/date.h"

#define DAY_S 86400
#define DATE_END_S INT64_C(253402300800) /* the year 10000 */

static const char DAYS[7][10] = { "Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday" };
static const char MONTHS[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

struct calendar {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};

/* ---- days and seconds ---- */

/* Days from 1970-01-01 to a day of the Gregorian calendar.  A year is
 * taken to begin in March, so that the leap day is its last. */
static int64_t
days_from(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468;
}

static void
days_to(int64_t days, struct calendar *out)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 -
				  of_era / 146096) /
	    365;
	int64_t of_year = of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * of_year + 2) / 153;

	out->day = (int)(of_year - (153 * month_from_march + 2) / 5 + 1);
	out->month = (int)(month_from_march < 10 ? month_from_march + 3
						 : month_from_march - 9);
	out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
}

static int
days_in_month(int year, int month)
{
	static const uint8_t DAYS_IN[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return DAYS_IN[month - 1] + (month == 2 && leap);
}

static enum lr
to_seconds(const struct calendar *c, int64_t *out_s)
{
	int64_t at_s;

	/* 60 is a leap second (RFC 9110 5.6.7 says time-of-day so). */
	if (c->hour > 23 || c->minute > 59 || c->second > 60)
		return LR_INVALID;
	if (c->day < 1 || c->day > days_in_month(c->year, c->month))
		return LR_INVALID;
	at_s = days_from(c->year, c->month, c->day) * DAY_S + c->hour * 3600 +
	    c->minute * 60 + c->second;
	/* A leap second at the end of all years would be in one of five
	 * digits, which cannot be written. */
	*out_s = at_s < DATE_END_S ? at_s : DATE_END_S - 1;
	return LR_OK;
}

/* ---- reading ---- */

/* What is left to read; once something did not match, nothing does. */
struct reader {
	struct slice rest;
	bool ok;
};

static void
expect(struct reader *r, struct slice text)
{
	r->ok = r->ok && slice_istarts(r->rest, text);
	if (r->ok)
		r->rest = slice_cut(r->rest, text.n, r->rest.n);
}

static int
digits(struct reader *r, size_t n)
{
	int v = 0;

	if (!r->ok || r->rest.n < n) {
		r->ok = false;
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		char c = r->rest.p[i];

		if (c < '0' || c > '9')
			r->ok = false;
		v = 10 * v + (c - '0');
	}
	r->rest = slice_cut(r->rest, n, r->rest.n);
	return v;
}

/* asctime pads the day with a blank. */
static int
padded_day(struct reader *r)
{
	if (r->rest.n == 0 || r->rest.p[0] != ' ')
		return digits(r, 2);
	expect(r, SLICE(" "));
	return digits(r, 1);
}

static int
month(struct reader *r)
{
	for (int i = 0; i < 12 && r->ok; i++) {
		struct slice name = slice_make(MONTHS[i], 3);

		if (slice_istarts(r->rest, name)) {
			expect(r, name);
			return i + 1;
		}
	}
	r->ok = false;
	return 1;
}

static void
time_of_day(struct reader *r, struct calendar *c)
{
	c->hour = digits(r, 2);
	expect(r, SLICE(":"));
	c->minute = digits(r, 2);
	expect(r, SLICE(":"));
	c->second = digits(r, 2);
}

static void
zone(struct reader *r)
{
	if (slice_ieq(r->rest, SLICE(" UTC")))
		return;
	r->ok = r->ok && slice_ieq(r->rest, SLICE(" GMT"));
}

static void
read_imf(struct reader *r, struct calendar *c)
{
	expect(r, SLICE(", "));
	c->day = digits(r, 2);
	expect(r, SLICE(" "));
	c->month = month(r);
	expect(r, SLICE(" "));
	c->year = digits(r, 4);
	expect(r, SLICE(" "));
	time_of_day(r, c);
	zone(r);
}

/* The year that ends in these digits and is at most 50 years ahead. */
static int
full_year(int two_digits, int64_t now_s)
{
	struct calendar now = { 0 };
	int year;

	days_to(now_s / DAY_S, &now);
	year = now.year - now.year % 100 + two_digits;
	if (year > now.year + 50)
		return year - 100;
	return year <= now.year - 50 ? year + 100 : year;
}

static void
read_rfc850(struct reader *r, int64_t now_s, struct calendar *c)
{
	expect(r, SLICE(", "));
	c->day = digits(r, 2);
	expect(r, SLICE("-"));
	c->month = month(r);
	expect(r, SLICE("-"));
	c->year = full_year(digits(r, 2), now_s);
	expect(r, SLICE(" "));
	time_of_day(r, c);
	zone(r);
}

static void
read_asctime(struct reader *r, struct calendar *c)
{
	expect(r, SLICE(" "));
	c->month = month(r);
	expect(r, SLICE(" "));
	c->day = padded_day(r);
	expect(r, SLICE(" "));
	time_of_day(r, c);
	expect(r, SLICE(" "));
	c->year = digits(r, 4);
	r->ok = r->ok && r->rest.n == 0;
}

/* Takes the name of a day; *whole says that it was not abbreviated. */
static void
day_name(struct reader *r, bool *whole)
{
	*whole = false;
	for (size_t i = 0; i < 7; i++) {
		struct slice name = slice_of(DAYS[i]);

		if (!slice_istarts(r->rest, slice_cut(name, 0, 3)))
			continue;
		*whole = slice_istarts(r->rest, name);
		expect(r, *whole ? name : slice_cut(name, 0, 3));
		return;
	}
	r->ok = false;
}

enum lr
date_parse(struct slice s, int64_t now_s, int64_t *out_s)
{
	struct reader r = { s, true };
	struct calendar c = { 0 };
	bool whole;

	day_name(&r, &whole);
	if (whole)
		read_rfc850(&r, now_s, &c);
	else if (r.rest.n > 0 && r.rest.p[0] == ',')
		read_imf(&r, &c);
	else
		read_asctime(&r, &c);
	return r.ok ? to_seconds(&c, out_s) : LR_INVALID;
}

/* ---- writing ---- */

static char *
put_text(char *at, const char *text, size_t n)
{
	memcpy(at, text, n);
	return at + n;
}

static char *
put_two(char *at, int v)
{
	at[0] = (char)('0' + v / 10 % 10);
	at[1] = (char)('0' + v % 10);
	return at + 2;
}

void
date_format(char dst[DATE_CHARS], int64_t at_s)
{
	int64_t days = at_s / DAY_S - (at_s % DAY_S < 0);
	int of_day = (int)(at_s - days * DAY_S);
	int weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970: Thursday */
	struct calendar c = { 0 };
	char *at = dst;

	days_to(days, &c);
	at = put_text(at, DAYS[weekday], 3);
	at = put_text(at, ", ", 2);
	at = put_two(at, c.day);
	at = put_text(at, " ", 1);
	at = put_text(at, MONTHS[c.month - 1], 3);
	at = put_text(at, " ", 1);
	at = put_two(at, c.year / 100);
	at = put_two(at, c.year % 100);
	at = put_text(at, " ", 1);
	at = put_two(at, of_day / 3600);
	at = put_text(at, ":", 1);
	at = put_two(at, of_day / 60 % 60);
	at = put_text(at, ":", 1);
	at = put_two(at, of_day % 60);
	put_text(at, " GMT", 4);
}
