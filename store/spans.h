/* store/spans.h: a queue of spans that is read page by page.
 *
 * Each span in it holds a reference on its block.  One thread at a time. */
#ifndef STORE_SPANS_H
#define STORE_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/block.h"
#include "store/base/status.h"

#define SPANS_INLINE 4

/* Zeroed is valid and empty. */
struct spans {
	struct span *v; /* NULL while first is in use */
	uint32_t n, cap;
	uint32_t at;	/* v[at] is read next */
	uint32_t off;	/* of its bytes, this many are read */
	uint64_t bytes; /* not read yet */
	struct span first[SPANS_INLINE];
};

/* Takes a reference of its own, or lengthens the last span when piece
 * follows it in the same block.  LR_NOMEM. */
enum lr spans_add(struct spans *s, struct span piece);
/* Copies the next n bytes; there must be as many. */
void spans_read(struct spans *s, void *dst, size_t n);
/* Lets go of what has been read. */
void spans_drop_read(struct spans *s);
/* Lets go of everything; empty and usable. */
void spans_clear(struct spans *s);
/* Moves all of from behind what to has.  LR_NOMEM: nothing was moved. */
enum lr spans_join(struct spans *to, struct spans *from);

#endif
