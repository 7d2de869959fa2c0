/* store/base/block.h: counted buffers that cross threads without a copy.
 *
 * Bytes are read from a socket into a block once; flights, clients and the
 * store's writer then share spans of it.  The count is atomic; the bytes
 * of a span are never written again once it was handed on (the tail behind
 * them may be). */
#ifndef STORE_BASE_BLOCK_H
#define STORE_BASE_BLOCK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"

struct block {
	_Atomic uint32_t refs;
	uint32_t cap; /* bytes behind data */
	uint32_t len; /* bytes filled so far; the reading thread's own */
	char data[];
};

/* A part of a block; holds a reference where a header says it does. */
struct span {
	struct block *block;
	uint32_t off, len; /* bytes */
};

/* One reference, nothing filled; NULL when out of memory. */
struct block *block_create(uint32_t cap_bytes);
struct block *block_ref(struct block *b);
/* Takes NULL. */
void block_unref(struct block *b);

static inline struct slice
span_slice(struct span s)
{
	return slice_make(s.block->data + s.off, s.len);
}

#endif
