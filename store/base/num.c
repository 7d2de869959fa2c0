/* store/base/num.c: numbers, sizes and durations as text */
#include "store/base/num.h"

struct unit {
	struct slice name;
	int64_t factor;
};

static const struct unit SIZES[] = {
	{ { "", 0 }, 1 },
	{ { "k", 1 }, 1LL << 10 },
	{ { "m", 1 }, 1LL << 20 },
	{ { "g", 1 }, 1LL << 30 },
	{ { "t", 1 }, 1LL << 40 },
};

static const struct unit DURATIONS[] = {
	{ { "ms", 2 }, 1 },
	{ { "s", 1 }, 1000 },
	{ { "mi", 2 }, 60 * 1000 },
	{ { "min", 3 }, 60 * 1000 },
	{ { "h", 1 }, 60 * 60 * 1000 },
	{ { "d", 1 }, 24 * 60 * 60 * 1000 },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A wrong character counts before a wrong size: the rest is read on. */
static enum lr
parse_digits(struct slice s, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	bool over = false;

	if (s.n == 0)
		return LR_INVALID;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit_value(s.p[i]);

		if (d < 0 || (unsigned)d >= base)
			return LR_INVALID;
		over |= __builtin_mul_overflow(v, (uint64_t)base, &v);
		over |= __builtin_add_overflow(v, (uint64_t)d, &v);
	}
	if (over || v > max)
		return LR_TOOBIG;
	*out = v;
	return LR_OK;
}

static size_t
count_digits(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* The factor of the unit called name, or 0. */
static int64_t
find_factor(const struct unit *units, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_ieq(units[i].name, name))
			return units[i].factor;
	}
	return 0;
}

/* digits × factor, at most max */
static enum lr
parse_scaled(struct slice digits, int64_t factor, uint64_t max, uint64_t *out)
{
	uint64_t v;
	enum lr rc;

	if (factor <= 0)
		return LR_INVALID;
	if ((rc = parse_digits(digits, 10, UINT64_MAX, &v)) != LR_OK)
		return rc;
	if (__builtin_mul_overflow(v, (uint64_t)factor, &v) || v > max)
		return LR_TOOBIG;
	*out = v;
	return LR_OK;
}

enum lr
num_parse_u64(struct slice s, uint64_t max, uint64_t *out)
{
	return parse_digits(s, 10, max, out);
}

enum lr
num_parse_hex(struct slice s, uint64_t max, uint64_t *out)
{
	return parse_digits(s, 16, max, out);
}

enum lr
num_parse_size(struct slice s, uint64_t max_bytes, uint64_t *out_bytes)
{
	size_t n = count_digits(s);
	struct slice unit = slice_cut(s, n, s.n);

	if (unit.n == 3 && slice_ieq(slice_cut(unit, 1, 3), SLICE("ib")))
		unit.n = 1;
	else if (unit.n > 0 &&
	    slice_ieq(slice_cut(unit, unit.n - 1, unit.n), SLICE("b")))
		unit.n--;
	return parse_scaled(slice_cut(s, 0, n),
	    find_factor(SIZES, COUNT(SIZES), unit), max_bytes, out_bytes);
}

enum lr
num_parse_duration(
    struct slice s, int64_t unit_ms, int64_t max_ms, int64_t *out_ms)
{
	size_t n = count_digits(s);
	struct slice unit = slice_cut(s, n, s.n);
	int64_t factor = unit.n == 0
	    ? unit_ms
	    : find_factor(DURATIONS, COUNT(DURATIONS), unit);
	uint64_t v;
	enum lr rc;

	rc = parse_scaled(
	    slice_cut(s, 0, n), factor, max_ms > 0 ? (uint64_t)max_ms : 0, &v);
	if (rc != LR_OK)
		return rc;
	*out_ms = (int64_t)v;
	return LR_OK;
}

size_t
num_put_u64(char dst[NUM_U64_CHARS], uint64_t v)
{
	char reversed[NUM_U64_CHARS];
	size_t n = 0;

	do {
		reversed[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	for (size_t i = 0; i < n; i++)
		dst[i] = reversed[n - 1 - i];
	return n;
}
