/* store/space.c: the marks of free space */
#include "store/space.h"

#include "store/store.h"

#define PAGES_OF_MIB(n) ((uint64_t)(n) * 256)
#define LEAST_LOW 64 /* what the trees of a tiny store need to breathe */
#define LEAST_HARD 32

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
space_pages_for(uint64_t n_bytes)
{
	return n_bytes / STORE_PAGE_BYTES + 2;
}
