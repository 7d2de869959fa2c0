/* store/base/slice.h: a borrowed run of bytes, pointer and length.
 *
 * A slice owns nothing and ends with no NUL.  Pure; safe on any thread. */
#ifndef STORE_BASE_SLICE_H
#define STORE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p; /* may be NULL when n is 0 */
	size_t n;      /* bytes */
};

/* A string literal as a slice. */
#define SLICE(lit) ((struct slice){ (lit), sizeof(lit) - 1 })
/* Arguments for a "%.*s" conversion. */
#define SLICE_ARG(s) (int)(s).n, (s).n ? (s).p : ""

static inline struct slice
slice_make(const char *p, size_t n)
{
	return (struct slice){ p, n };
}

static inline struct slice
slice_of(const char *cstr)
{
	return (struct slice){ cstr, cstr != NULL ? strlen(cstr) : 0 };
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The bytes from `from` up to (not with) `to`; both are clamped to s. */
static inline struct slice
slice_cut(struct slice s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct slice){ s.n ? s.p + from : s.p, to - from };
}

/* Equal when ASCII letter case is ignored. */
bool slice_ieq(struct slice a, struct slice b);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_istarts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
/* Without leading and trailing SP and HTAB (RFC 9110 5.6.3, OWS). */
struct slice slice_trim(struct slice s);
/* Offset of the first c, or s.n. */
size_t slice_find(struct slice s, char c);
/* memcmp order, a shorter prefix first: <0, 0, >0. */
int slice_compare(struct slice a, struct slice b);

#endif
