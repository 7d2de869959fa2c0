/* store/ghosts.c: a table that grows by a ghost at a time */
#include "store/ghosts.h"

#include <stdlib.h>

#define FREQUENCY_BITS 4
#define TAG_SHIFT 36 /* the hash's upper 28 bits */
#define MIN_CAPACITY 1024

void
ghosts_free(struct ghosts *gs)
{
	free(gs->table);
	*gs = (struct ghosts){ 0 };
}

/* Linear hashing (Litwin 1980): places that are not there yet are shared
 * with those half as far. */
static uint64_t
place_of(const struct ghosts *gs, uint64_t hash)
{
	uint64_t place = hash & gs->mask;

	return place < gs->n ? place : place & gs->mask >> 1;
}

static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> TAG_SHIFT) << FREQUENCY_BITS;
}

static bool
has_room(struct ghosts *gs)
{
	uint64_t more = gs->capacity > 0 ? gs->capacity * 2 : MIN_CAPACITY;
	uint32_t *table;

	if (gs->n < gs->capacity)
		return true;
	table = realloc(gs->table, more * sizeof(*table));
	if (table == NULL)
		return false;
	gs->table = table;
	gs->capacity = more;
	return true;
}

/* The ghost that was at a place shared so far is copied: nobody can tell
 * any more where it belongs. */
void
ghosts_grow(struct ghosts *gs, uint64_t objects)
{
	const uint64_t want = objects * GHOSTS_BYTES_PER_OBJECT /
	    sizeof(*gs->table);

	while (gs->n < want && has_room(gs)) {
		if (gs->n > gs->mask)
			gs->mask = gs->mask * 2 + 1;
		gs->table[gs->n] = gs->n > 0 ? gs->table[gs->n & gs->mask >> 1]
					     : 0;
		gs->n++;
	}
}

void
ghosts_put(struct ghosts *gs, uint64_t hash, unsigned frequency)
{
	if (gs->n > 0)
		gs->table[place_of(gs, hash)] = tag_of(hash) | frequency;
}

bool
ghosts_find(const struct ghosts *gs, uint64_t hash, unsigned *frequency)
{
	uint32_t ghost = gs->n > 0 ? gs->table[place_of(gs, hash)] : 0;

	if (ghost == 0 || (ghost & ~GHOSTS_FREQUENCY_MAX) != tag_of(hash))
		return false;
	*frequency = ghost & GHOSTS_FREQUENCY_MAX;
	return true;
}

uint64_t
ghosts_memory_bytes(const struct ghosts *gs)
{
	return gs->n * sizeof(*gs->table);
}
