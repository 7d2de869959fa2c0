/* store/ghosts.h: how often what is gone was asked for.
 *
 * A table of two ghosts per object that is there, found by hash.  A newer
 * ghost takes the place of an older one, so that they fade; 28 bits of the
 * hash are compared, so that one in 2^28 finds is another's.  One thread. */
#ifndef STORE_GHOSTS_H
#define STORE_GHOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GHOSTS_FREQUENCY_MAX 15u
#define GHOSTS_BYTES_PER_OBJECT 8

struct ghosts {
	uint32_t *table; /* 28 bits of the hash, 4 of the frequency */
	uint64_t n;
	uint64_t mask;	   /* the least 2^k - 1 that is n - 1 or more */
	uint64_t capacity; /* of the table */
};

/* All zero is an empty one. */
void ghosts_free(struct ghosts *gs);
/* There are so many objects now.  Without memory it stays as small as it
 * is; it never shrinks. */
void ghosts_grow(struct ghosts *gs, uint64_t objects);
void ghosts_put(struct ghosts *gs, uint64_t hash, unsigned frequency);
bool ghosts_find(const struct ghosts *gs, uint64_t hash, unsigned *frequency);
/* Of the part that is in use; the rest was never touched. */
uint64_t ghosts_memory_bytes(const struct ghosts *gs);

#endif
