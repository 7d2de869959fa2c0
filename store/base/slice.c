/* store/base/slice.c: comparing and cutting borrowed bytes */
#include "store/base/slice.h"

/* tolower() would ask the locale. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
is_ows(char c)
{
	return c == ' ' || c == '\t';
}

bool
slice_ieq(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

bool
slice_starts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && slice_eq(slice_cut(s, 0, prefix.n), prefix);
}

bool
slice_istarts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && slice_ieq(slice_cut(s, 0, prefix.n), prefix);
}

bool
slice_ends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n &&
	    slice_eq(slice_cut(s, s.n - suffix.n, s.n), suffix);
}

struct slice
slice_trim(struct slice s)
{
	while (s.n > 0 && is_ows(s.p[0]))
		s = slice_cut(s, 1, s.n);
	while (s.n > 0 && is_ows(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t
slice_find(struct slice s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) : s.n;
}

int
slice_compare(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}
