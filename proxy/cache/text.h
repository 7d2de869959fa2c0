/* proxy/cache/text.h: text put together in memory known to be large
 * enough.
 *
 * The caller works out the room first; nothing is checked here.  A plain
 * value on the stack of the function that builds.  Pure. */
#ifndef PROXY_CACHE_TEXT_H
#define PROXY_CACHE_TEXT_H

#include "store/base/slice.h"

struct text {
	char *p;
	size_t n; /* bytes written so far */
};

static inline void
text_put(struct text *t, struct slice s)
{
	if (s.n > 0)
		memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

static inline void
text_put_char(struct text *t, char c)
{
	t->p[t->n++] = c;
}

static inline char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ASCII letters in lower case. */
static inline void
text_put_lower(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		t->p[t->n + i] = text_lower(s.p[i]);
	t->n += s.n;
}

static inline struct slice
text_slice(const struct text *t)
{
	return slice_make(t->p, t->n);
}

#endif
