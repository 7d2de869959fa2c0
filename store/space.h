/* store/space.h: how many pages must stay free.
 *
 * Evicting starts under `low`; under `hard` inserts are refused while
 * deletes go on: a commit needs free pages even to delete, and pages
 * freed by one commit can be used two commits later only.  Pure. */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <stdint.h>

struct space {
	uint64_t low, hard; /* pages */
};

/* For a store of so many pages: 4% or 128 MiB, 1% or 32 MiB, whichever is
 * more, but never over 1/8 and 1/32 of a small store. */
struct space space_of(uint64_t pages);
/* Pages that n bytes of a new object take, rows of other databases
 * included. */
uint64_t space_pages_for(uint64_t n_bytes);

#endif
