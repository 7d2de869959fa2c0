/* proxy/request/window.h: the part of a growing body that is in memory.
 *
 * Spans in a ring; bytes enter at the end and leave at the front, offsets
 * count from the body's start.  No lock of its own: its flight's. */
#ifndef PROXY_REQUEST_WINDOW_H
#define PROXY_REQUEST_WINDOW_H

#include "store/base/block.h"
#include "store/base/status.h"

#define WINDOW_READ 64 /* spans that one read gives at most */

struct window {		    /* zeroed is empty */
	struct span *spans; /* owned ring; each span holds a reference */
	size_t cap, first, count;
	uint64_t base, end; /* body offsets in memory: [base, end) */
};

/* Takes a reference of its own.  LR_NOMEM. */
enum lr window_append(struct window *w, struct span piece);
/* Up to WINDOW_READ spans from offset on, each with a reference for the
 * caller.  LR_NOTFOUND: offset lies before the window. */
enum lr window_read(const struct window *w, uint64_t offset,
    struct span out[WINDOW_READ], int *n);
/* Lets go of whole spans that end at or before offset. */
void window_drop(struct window *w, uint64_t offset);
void window_free(struct window *w);

#endif
