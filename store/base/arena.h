/* store/base/arena.h: memory that is given back all at once.
 *
 * A bump allocator for what lives as long as one request or one
 * configuration.  One block is kept over a reset, so that a warm
 * arena allocates without malloc.  One thread. */
#ifndef STORE_BASE_ARENA_H
#define STORE_BASE_ARENA_H

#include <stddef.h>

#include "store/base/slice.h"

struct arena_block;

/* A plain value; zeroed is valid and empty (first block made on demand). */
struct arena {
	struct arena_block *head; /* the block in use; earlier ones behind */
	char *next;		  /* first free byte of head */
	char *end;		  /* one past head's last byte */
	size_t block_bytes;	  /* size of a new block; 0 means 4,096 */
};

/* n bytes aligned for any object, not zeroed; NULL when out of memory.
 * n of 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n);
/* Likewise, zeroed. */
void *arena_zalloc(struct arena *a, size_t n);
/* A NUL-terminated copy; p is NULL on failure, n is without the NUL. */
struct slice arena_dup(struct arena *a, struct slice s);
/* Frees all but one block and starts anew. */
void arena_reset(struct arena *a);
/* Frees everything; the arena is then empty and usable. */
void arena_free(struct arena *a);

#endif
