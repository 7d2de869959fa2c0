/* store/space.c: the marks of free space */
#include "store/space.h"

#include "store/store.h"

#define PAGES_OF_MIB(n) ((uint64_t)(n)*256)
#define LEAST_LOW 80 /* what the trees of a tiny store need to breathe */
#define LEAST_HARD 48
#define PAGE_BYTES 4096
#define ROWS_BYTES (PAGE_BYTES + 1024) /* a leaf of url, shares of others */
#define MOST_DELETES 256
#define PAGES_PER_DELETE 4

static uint64_t
most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct space
space_of(uint64_t pages)
{
	uint64_t low = most(pages / 25, PAGES_OF_MIB(128));
	uint64_t hard = most(pages / 100, PAGES_OF_MIB(32));

	return (struct space){
		.low = most(least(low, pages / 8), LEAST_LOW),
		.hard = most(least(hard, pages / 32), LEAST_HARD),
	};
}

uint64_t
space_bytes_for(uint64_t n_bytes)
{
	uint64_t pages = (n_bytes + STORE_PAGE_BYTES - 1) / STORE_PAGE_BYTES;

	if (n_bytes < STORE_PAGE_BYTES / 2)
		return n_bytes + ROWS_BYTES; /* shares a leaf */
	return pages * PAGE_BYTES + ROWS_BYTES;
}

unsigned
space_deletes(const struct space *space)
{
	return (unsigned)least(space->hard / PAGES_PER_DELETE, MOST_DELETES);
}
