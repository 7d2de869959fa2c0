/* store/base/strbuf.c: growing a byte string */
#include "store/base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/base/num.h"

#define FIRST_BYTES 64

/* Makes room for n more bytes and the NUL. */
static bool
reserve(struct strbuf *sb, size_t n)
{
	size_t cap = sb->cap > 0 ? sb->cap : FIRST_BYTES;
	char *p;

	if (sb->failed)
		return false;
	if (sb->cap > 0 && n < sb->cap - sb->n)
		return true;
	if (n >= SIZE_MAX / 2 - sb->n)
		goto fail;
	while (cap <= sb->n + n)
		cap *= 2;
	if ((p = realloc(sb->p, cap)) == NULL)
		goto fail;
	sb->p = p;
	sb->cap = cap;
	return true;
fail:
	sb->failed = true;
	return false;
}

void
strbuf_add(struct strbuf *sb, const void *p, size_t n)
{
	if (!reserve(sb, n))
		return;
	if (n > 0)
		memcpy(sb->p + sb->n, p, n);
	sb->n += n;
	sb->p[sb->n] = '\0';
}

void
strbuf_add_slice(struct strbuf *sb, struct slice s)
{
	strbuf_add(sb, s.p, s.n);
}

void
strbuf_add_cstr(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s));
}

void
strbuf_add_char(struct strbuf *sb, char c)
{
	strbuf_add(sb, &c, 1);
}

void
strbuf_add_u64(struct strbuf *sb, uint64_t v)
{
	char digits[NUM_U64_CHARS];

	strbuf_add(sb, digits, num_put_u64(digits, v));
}

void
strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list args, again;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		sb->failed = true;
	else if (reserve(sb, (size_t)n)) {
		vsnprintf(sb->p + sb->n, (size_t)n + 1, fmt, again);
		sb->n += (size_t)n;
	}
	va_end(again);
	va_end(args);
}

void
strbuf_reset(struct strbuf *sb)
{
	sb->n = 0;
	sb->failed = false;
	if (sb->p != NULL)
		sb->p[0] = '\0';
}

void
strbuf_free(struct strbuf *sb)
{
	free(sb->p);
	*sb = (struct strbuf){ 0 };
}

struct slice
strbuf_slice(const struct strbuf *sb)
{
	return slice_make(sb->p, sb->n);
}
