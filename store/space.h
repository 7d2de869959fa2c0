/* store/space.h: how many pages must stay free.
 *
 * Evicting starts under `low`; inserts leave `hard` alone, since even a
 * deletion needs pages to write to, and pages freed by one commit can be
 * used two commits later only.  Pure. */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <stdint.h>

struct space {
	uint64_t low, hard; /* pages */
};

/* For a store of so many pages: 4% or 128 MiB, 1% or 32 MiB, whichever is
 * more, but never over 1/8 and 1/32 of a small store. */
struct space space_of(uint64_t pages);
/* What a new object of n bytes takes off the free pages, in bytes: its own
 * pages, and those of the trees that are written anew for it. */
uint64_t space_bytes_for(uint64_t n_bytes);
/* Most objects to delete in one transaction, likewise. */
unsigned space_deletes(const struct space *space);

#endif
