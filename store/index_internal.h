/* store/index_internal.h: what index.c and index_slots.c know of each other */
#ifndef STORE_INDEX_INTERNAL_H
#define STORE_INDEX_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/index.h"

#define SHARDS 64
#define CHUNK_BITS 14
#define CHUNK_ENTRIES (1u << CHUNK_BITS)
#define DEAD 0x80000000u
#define BODY0_BITS 12 /* STORE_PAGE_BYTES fits */
#define BODY0_MASK ((1u << BODY0_BITS) - 1)
#define VERIFIED (UINT64_C(1) << 63) /* in extent; no body is so long */

struct entry {
	_Atomic uint64_t hash;
	_Atomic uint64_t id;
	_Atomic uint64_t extent; /* VERIFIED | body bytes << 12 | body0
				  * bytes; the next drained or free slot
				  * while dead */
	_Atomic uint32_t pins;	 /* DEAD | count */
	_Atomic uint32_t next;	 /* slot behind this one in the bucket */
};

_Static_assert(sizeof(struct entry) == INDEX_ENTRY_BYTES, "see index.h");

struct shard {
	_Alignas(64) pthread_mutex_t lock;
	_Atomic uint64_t sequence; /* odd while a chain is being changed */
};

struct index {
	struct shard shards[SHARDS];
	_Atomic uint32_t *buckets; /* first slot of each chain */
	uint32_t mask;
	_Atomic(struct entry *) *chunks;
	uint32_t max_chunks;
	_Atomic uint64_t objects, body_bytes;
	pthread_mutex_t slots_lock; /* over what follows */
	uint32_t free_slot;	    /* list through extent */
	_Atomic uint32_t drained;   /* likewise; read without the lock */
	uint32_t used_slots;	    /* those ever given out */
};

static inline struct entry *
index_entry(const struct index *ix, uint32_t slot)
{
	struct entry *chunk = atomic_load_explicit(
	    &ix->chunks[slot >> CHUNK_BITS], memory_order_acquire);

	return &chunk[slot & (CHUNK_ENTRIES - 1)];
}

static inline bool
index_try_pin(struct entry *e)
{
	uint32_t pins = atomic_load_explicit(&e->pins, memory_order_relaxed);

	while (!(pins & DEAD)) {
		if (atomic_compare_exchange_weak_explicit(&e->pins, &pins,
			pins + 1, memory_order_acquire, memory_order_relaxed))
			return true;
	}
	return false;
}

static inline uint64_t
index_hash_at(const struct entry *e)
{
	return atomic_load_explicit(&e->hash, memory_order_relaxed);
}

static inline uint64_t
index_body_of(uint64_t extent)
{
	return (extent & ~VERIFIED) >> BODY0_BITS;
}

/* What a pinned entry says. */
static inline void
index_describe(const struct entry *e, uint32_t slot, struct store_ref *out)
{
	uint64_t extent = atomic_load_explicit(
	    &e->extent, memory_order_relaxed);

	out->slot = slot;
	out->id = atomic_load_explicit(&e->id, memory_order_relaxed);
	out->hash = index_hash_at(e);
	out->body_bytes = index_body_of(extent);
	out->body0_bytes = (uint32_t)extent & BODY0_MASK;
	out->verified = (extent & VERIFIED) != 0;
}

/* A slot that is DEAD and in no chain; INDEX_NO_SLOT: no memory. */
uint32_t index_slot_alloc(struct index *ix);
/* A slot never used before.  The caller has slots_lock, or is alone. */
uint32_t index_fresh_slot(struct index *ix);
/* A slot that is DEAD, in no chain, and not pinned waits for the writer. */
void index_drain(struct index *ix, uint32_t slot);

#endif
