/* store/index_slots.c: slots, wherever their entries are linked */
#include <stdlib.h>

#include "store/base/check.h"
#include "store/index_internal.h"

uint32_t
index_slots(struct index *ix)
{
	uint32_t n;

	pthread_mutex_lock(&ix->slots_lock);
	n = ix->used_slots;
	pthread_mutex_unlock(&ix->slots_lock);
	return n;
}

bool
index_pin_slot(struct index *ix, uint32_t slot, struct store_ref *out)
{
	struct entry *e = index_entry(ix, slot);

	if (!index_try_pin(e))
		return false;
	index_describe(e, slot, out);
	return true;
}

void
index_drain(struct index *ix, uint32_t slot)
{
	pthread_mutex_lock(&ix->slots_lock);
	atomic_store_explicit(&index_entry(ix, slot)->extent,
	    atomic_load(&ix->drained), memory_order_relaxed);
	atomic_store(&ix->drained, slot);
	pthread_mutex_unlock(&ix->slots_lock);
}

bool
index_unpin(struct index *ix, uint32_t slot)
{
	uint32_t before = atomic_fetch_sub_explicit(
	    &index_entry(ix, slot)->pins, 1, memory_order_acq_rel);

	CHECK((before & ~DEAD) > 0);
	if (before != (DEAD | 1))
		return false;
	index_drain(ix, slot);
	return true;
}

uint32_t
index_fresh_slot(struct index *ix)
{
	uint32_t slot = ix->used_slots;
	uint32_t chunk = slot >> CHUNK_BITS;
	struct entry *entries;

	if (chunk >= ix->max_chunks)
		return INDEX_NO_SLOT;
	if (atomic_load(&ix->chunks[chunk]) == NULL) {
		entries = calloc(CHUNK_ENTRIES, sizeof(*entries));
		if (entries == NULL)
			return INDEX_NO_SLOT;
		atomic_store_explicit(
		    &ix->chunks[chunk], entries, memory_order_release);
	}
	ix->used_slots++;
	return slot;
}

uint32_t
index_slot_alloc(struct index *ix)
{
	struct entry *e;
	uint32_t slot;

	pthread_mutex_lock(&ix->slots_lock);
	slot = ix->free_slot;
	if (slot != INDEX_NO_SLOT) {
		e = index_entry(ix, slot);
		ix->free_slot = (uint32_t)atomic_load(&e->extent);
	} else if ((slot = index_fresh_slot(ix)) != INDEX_NO_SLOT) {
		atomic_store(&index_entry(ix, slot)->pins, DEAD);
	}
	pthread_mutex_unlock(&ix->slots_lock);
	return slot;
}

void
index_slot_free(struct index *ix, uint32_t slot)
{
	pthread_mutex_lock(&ix->slots_lock);
	atomic_store_explicit(&index_entry(ix, slot)->extent, ix->free_slot,
	    memory_order_relaxed);
	ix->free_slot = slot;
	pthread_mutex_unlock(&ix->slots_lock);
}

void
index_give_back(struct index *ix, uint32_t slot)
{
	index_drain(ix, slot);
}

uint32_t
index_take_drained(struct index *ix)
{
	uint32_t slot;

	pthread_mutex_lock(&ix->slots_lock);
	slot = atomic_load(&ix->drained);
	if (slot != INDEX_NO_SLOT)
		atomic_store(&ix->drained,
		    (uint32_t)atomic_load(&index_entry(ix, slot)->extent));
	pthread_mutex_unlock(&ix->slots_lock);
	return slot;
}

bool
index_has_drained(const struct index *ix)
{
	return atomic_load(&ix->drained) != INDEX_NO_SLOT;
}

uint64_t
index_slot_id(const struct index *ix, uint32_t slot)
{
	return atomic_load(&index_entry(ix, slot)->id);
}

uint64_t
index_slot_hash(const struct index *ix, uint32_t slot)
{
	return index_hash_at(index_entry(ix, slot));
}

enum lr
index_add_drained(struct index *ix, uint64_t id)
{
	uint32_t slot = index_slot_alloc(ix);

	if (slot == INDEX_NO_SLOT)
		return LR_NOMEM;
	atomic_store(&index_entry(ix, slot)->id, id);
	index_drain(ix, slot);
	return LR_OK;
}
