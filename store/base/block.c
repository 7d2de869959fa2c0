/* store/base/block.c: the life of a counted buffer */
#include "store/base/block.h"

#include <stdlib.h>

#include "store/base/check.h"

struct block *
block_create(uint32_t cap_bytes)
{
	struct block *b = malloc(sizeof(*b) + cap_bytes);

	if (b == NULL)
		return NULL;
	atomic_init(&b->refs, 1);
	b->cap = cap_bytes;
	b->len = 0;
	return b;
}

struct block *
block_ref(struct block *b)
{
	uint32_t before = atomic_fetch_add_explicit(
	    &b->refs, 1, memory_order_relaxed);

	CHECK(before > 0 && before < UINT32_MAX);
	return b;
}

void
block_unref(struct block *b)
{
	uint32_t before;

	if (b == NULL)
		return;
	/* The last one must see what every other thread did before. */
	before = atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel);
	CHECK(before > 0);
	if (before == 1)
		free(b);
}
