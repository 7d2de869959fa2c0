/* store/base/strbuf.h: a growing byte string on the heap.
 *
 * Running out of memory sets `failed` and drops what came after; check it
 * once, at the end.  A zeroed struct is an empty string.  One thread. */
#ifndef STORE_BASE_STRBUF_H
#define STORE_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"

struct strbuf {
	char *p;     /* owned; always NUL-terminated when not NULL */
	size_t n;    /* bytes in use, without the NUL */
	size_t cap;  /* bytes allocated */
	bool failed; /* an append found no memory */
};

void strbuf_add(struct strbuf *sb, const void *p, size_t n);
void strbuf_add_slice(struct strbuf *sb, struct slice s);
void strbuf_add_cstr(struct strbuf *sb, const char *s);
void strbuf_add_char(struct strbuf *sb, char c);
void strbuf_add_u64(struct strbuf *sb, uint64_t v);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Empties it and keeps the memory. */
void strbuf_reset(struct strbuf *sb);
void strbuf_free(struct strbuf *sb);
struct slice strbuf_slice(const struct strbuf *sb);

#endif
