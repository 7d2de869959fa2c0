/* store/index.c: chained hash table with pinned, type-stable slots
 *
 * Why a finder may run beside the mutators:
 *
 * - A slot's fields only change while its pin word says DEAD, and nobody
 *   can pin it then; so what is read after pinning belongs together (but
 *   VERIFIED is set by whoever has a pin, and is a hint).  The
 *   hash is compared once more after pinning: the slot may have become
 *   another object's between the two.
 * - A removed slot keeps its `next`, so that whoever stands on it finds
 *   the way back to the chain.  Once the slot is reused, that way leads
 *   into another chain and the finder may miss an entry which is there.
 *   But then the shard's sequence has moved since it began, and it looks
 *   again.  A hit needs no such check. */
#include <stdlib.h>

#include "store/base/check.h"
#include "store/index_internal.h"

#define BYTES_PER_BUCKET 4096 /* of the store's size */
#define BYTES_PER_ENTRY 128   /* an object's rows never take less */
#define MIN_BUCKETS 1024u
#define MAX_BUCKETS (1u << 28)
#define FREE_TRIES 3 /* without a lock, before a finder takes it */

static uint32_t
bucket_count(uint64_t size_bytes)
{
	uint64_t want = size_bytes / BYTES_PER_BUCKET;
	uint32_t n = MIN_BUCKETS;

	while (n < want && n < MAX_BUCKETS)
		n *= 2;
	return n;
}

enum lr
index_create(uint64_t size_bytes, struct index **out)
{
	struct index *ix = aligned_alloc(64, sizeof(*ix));
	uint32_t buckets = bucket_count(size_bytes);
	uint64_t entries = size_bytes / BYTES_PER_ENTRY + MIN_BUCKETS;
	int i;

	if (ix == NULL)
		return LR_NOMEM;
	*ix = (struct index){ .mask = buckets - 1, .used_slots = 1 };
	if (entries > UINT32_MAX - CHUNK_ENTRIES)
		entries = UINT32_MAX - CHUNK_ENTRIES;
	ix->max_chunks = (uint32_t)(entries >> CHUNK_BITS) + 1;
	for (i = 0; i < SHARDS; i++)
		pthread_mutex_init(&ix->shards[i].lock, NULL);
	pthread_mutex_init(&ix->slots_lock, NULL);
	/* Zeroed memory costs nothing until it is touched. */
	ix->buckets = calloc(buckets, sizeof(*ix->buckets));
	ix->chunks = calloc(ix->max_chunks, sizeof(*ix->chunks));
	if (ix->buckets == NULL || ix->chunks == NULL) {
		index_free(ix);
		return LR_NOMEM;
	}
	*out = ix;
	return LR_OK;
}

void
index_free(struct index *ix)
{
	uint32_t i;

	if (ix == NULL)
		return;
	for (i = 0; ix->chunks != NULL && i < ix->max_chunks; i++)
		free(atomic_load(&ix->chunks[i]));
	free((void *)ix->chunks);
	free((void *)ix->buckets);
	for (i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&ix->shards[i].lock);
	pthread_mutex_destroy(&ix->slots_lock);
	free(ix);
}

static struct shard *
shard_of(struct index *ix, uint64_t hash)
{
	return &ix->shards[hash & (SHARDS - 1)];
}

/* Chains never cross shards: the bucket number has the shard's bits. */
static _Atomic uint32_t *
bucket_of(const struct index *ix, uint64_t hash)
{
	return &ix->buckets[hash & ix->mask];
}

/* ---- finding ---- */

/* Walks the chain once; true when *out was found and pinned. */
static bool
walk(struct index *ix, uint64_t hash, struct store_ref *out)
{
	uint32_t slot = atomic_load_explicit(
	    bucket_of(ix, hash), memory_order_acquire);
	struct entry *e;

	while (slot != INDEX_NO_SLOT) {
		e = index_entry(ix, slot);
		if (index_hash_at(e) == hash && index_try_pin(e)) {
			if (index_hash_at(e) == hash)
				break;
			index_unpin(ix, slot);
		}
		slot = atomic_load_explicit(&e->next, memory_order_acquire);
	}
	if (slot == INDEX_NO_SLOT)
		return false;
	index_describe(e, slot, out);
	return true;
}

/* The mutators have been in the way a few times: look in turn with them. */
static enum lr
find_locked(struct index *ix, uint64_t hash, struct store_ref *out)
{
	struct shard *sh = shard_of(ix, hash);
	bool found;

	pthread_mutex_lock(&sh->lock);
	found = walk(ix, hash, out);
	pthread_mutex_unlock(&sh->lock);
	return found ? LR_OK : LR_NOTFOUND;
}

enum lr
index_find(struct index *ix, uint64_t hash, struct store_ref *out)
{
	struct shard *sh = shard_of(ix, hash);
	uint64_t before, after;
	int i;

	for (i = 0; i < FREE_TRIES; i++) {
		before = atomic_load_explicit(
		    &sh->sequence, memory_order_acquire);
		if (walk(ix, hash, out))
			return LR_OK;
		/* The loads of the walk were acquiring ones, so this one
		 * cannot have been made before them. */
		after = atomic_load_explicit(
		    &sh->sequence, memory_order_acquire);
		if (before == after && before % 2 == 0)
			return LR_NOTFOUND;
	}
	return find_locked(ix, hash, out);
}

void
index_pin(struct index *ix, uint32_t slot)
{
	uint32_t before = atomic_fetch_add_explicit(
	    &index_entry(ix, slot)->pins, 1, memory_order_relaxed);

	CHECK((before & ~DEAD) > 0 && (before & ~DEAD) < ~DEAD);
}

bool
index_alive(struct index *ix, uint32_t slot, uint64_t id)
{
	struct entry *e = index_entry(ix, slot);

	return !(atomic_load(&e->pins) & DEAD) && atomic_load(&e->id) == id;
}

void
index_set_verified(struct index *ix, uint32_t slot)
{
	atomic_fetch_or_explicit(
	    &index_entry(ix, slot)->extent, VERIFIED, memory_order_relaxed);
}

bool
index_is_verified(const struct index *ix, uint32_t slot)
{
	return (atomic_load_explicit(
		    &index_entry(ix, slot)->extent, memory_order_relaxed) &
		   VERIFIED) != 0;
}

/* ---- changing; the caller of these has the shard's lock ---- */

static void
change_begin(struct shard *sh)
{
	atomic_fetch_add_explicit(&sh->sequence, 1, memory_order_acq_rel);
}

static void
change_end(struct shard *sh)
{
	atomic_fetch_add_explicit(&sh->sequence, 1, memory_order_release);
}

/* The link that leads to the entry of hash (and of only_id unless that is
 * 0), or to the end of the chain. */
static _Atomic uint32_t *
find_link(struct index *ix, uint64_t hash, uint64_t only_id)
{
	_Atomic uint32_t *link = bucket_of(ix, hash);
	struct entry *e;
	uint32_t slot;

	while ((slot = atomic_load_explicit(link, memory_order_relaxed)) !=
	    INDEX_NO_SLOT) {
		e = index_entry(ix, slot);
		if (index_hash_at(e) == hash &&
		    (only_id == 0 || atomic_load(&e->id) == only_id))
			break;
		link = &e->next;
	}
	return link;
}

/* The link that leads to slot, which is in the chain of hash. */
static _Atomic uint32_t *
link_to(struct index *ix, uint64_t hash, uint32_t slot)
{
	_Atomic uint32_t *link = bucket_of(ix, hash);

	while (atomic_load_explicit(link, memory_order_relaxed) != slot)
		link = &index_entry(ix, atomic_load(link))->next;
	return link;
}

/* Takes the entry behind link out of its chain; true when it is drained
 * at once. */
static bool
unlink_entry(struct index *ix, _Atomic uint32_t *link, uint64_t *id)
{
	struct entry *e = index_entry(ix, atomic_load(link));
	uint64_t extent = atomic_load(&e->extent);

	if (id != NULL)
		*id = atomic_load(&e->id);
	atomic_store_explicit(
	    link, atomic_load(&e->next), memory_order_release);
	atomic_fetch_sub(&ix->objects, 1);
	atomic_fetch_sub(&ix->body_bytes, index_body_of(extent));
	return atomic_fetch_or(&e->pins, DEAD) == 0;
}

enum lr
index_remove(struct index *ix, uint64_t hash, uint64_t only_id, uint64_t *id)
{
	struct shard *sh = shard_of(ix, hash);
	_Atomic uint32_t *link;
	uint32_t slot;
	bool drained = false;

	pthread_mutex_lock(&sh->lock);
	link = find_link(ix, hash, only_id);
	slot = atomic_load(link);
	if (slot != INDEX_NO_SLOT) {
		change_begin(sh);
		drained = unlink_entry(ix, link, id);
		change_end(sh);
	}
	pthread_mutex_unlock(&sh->lock);
	if (drained)
		index_drain(ix, slot);
	return slot != INDEX_NO_SLOT ? LR_OK : LR_NOTFOUND;
}

static void
fill_entry(struct entry *e, const struct store_ref *ref, bool pinned)
{
	uint64_t extent = ref->body_bytes << BODY0_BITS | ref->body0_bytes;

	if (ref->verified)
		extent |= VERIFIED;

	atomic_store_explicit(&e->hash, ref->hash, memory_order_relaxed);
	atomic_store_explicit(&e->id, ref->id, memory_order_relaxed);
	atomic_store_explicit(&e->extent, extent, memory_order_relaxed);
	atomic_store_explicit(&e->pins, pinned, memory_order_release);
}

static void
link_first(struct index *ix, struct entry *e, uint32_t slot, uint64_t hash)
{
	_Atomic uint32_t *bucket = bucket_of(ix, hash);

	atomic_store_explicit(
	    &e->next, atomic_load(bucket), memory_order_release);
	atomic_store_explicit(bucket, slot, memory_order_release);
}

/* Puts slot's entry in place of what the hash finds; returns the slot of that
 * if it is drained at once.  The new entry is linked before the old one goes:
 * a finder that comes now meets one of them. */
static uint32_t
put_in_place(
    struct index *ix, uint32_t slot, const struct store_ref *ref, bool pinned)
{
	uint32_t old = atomic_load(find_link(ix, ref->hash, 0));
	struct entry *e = index_entry(ix, slot);

	CHECK(ref->body0_bytes <= BODY0_MASK);
	fill_entry(e, ref, pinned);
	link_first(ix, e, slot, ref->hash);
	if (old != INDEX_NO_SLOT &&
	    unlink_entry(ix, link_to(ix, ref->hash, old), NULL))
		return old;
	return INDEX_NO_SLOT;
}

enum lr
index_publish(struct index *ix, struct store_ref *ref, bool pinned)
{
	struct shard *sh = shard_of(ix, ref->hash);
	uint32_t slot = index_slot_alloc(ix), drained;

	if (slot == INDEX_NO_SLOT)
		return LR_NOMEM;
	atomic_fetch_add(&ix->objects, 1);
	atomic_fetch_add(&ix->body_bytes, ref->body_bytes);
	pthread_mutex_lock(&sh->lock);
	change_begin(sh);
	drained = put_in_place(ix, slot, ref, pinned);
	change_end(sh);
	pthread_mutex_unlock(&sh->lock);
	if (drained != INDEX_NO_SLOT)
		index_drain(ix, drained);
	ref->slot = slot;
	return LR_OK;
}

/* ---- while the store is opened ---- */

/* Without the cost of a locked instruction. */
static void
add_alone(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t v = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, v + n, memory_order_relaxed);
}

enum lr
index_publish_alone(struct index *ix, struct store_ref *ref)
{
	uint32_t slot = index_fresh_slot(ix), drained;

	if (slot == INDEX_NO_SLOT)
		return LR_NOMEM;
	add_alone(&ix->objects, 1);
	add_alone(&ix->body_bytes, ref->body_bytes);
	drained = put_in_place(ix, slot, ref, false);
	if (drained != INDEX_NO_SLOT)
		index_drain(ix, drained);
	ref->slot = slot;
	return LR_OK;
}

void
index_prefetch_chain(const struct index *ix, uint64_t hash)
{
	__builtin_prefetch(bucket_of(ix, hash), 1);
}

void
index_prefetch_entry(const struct index *ix, uint64_t hash)
{
	uint32_t slot = atomic_load_explicit(
	    bucket_of(ix, hash), memory_order_relaxed);

	if (slot != INDEX_NO_SLOT)
		__builtin_prefetch(index_entry(ix, slot), 1);
}

uint64_t
index_objects(const struct index *ix)
{
	return atomic_load(&ix->objects);
}

uint64_t
index_body_bytes(const struct index *ix)
{
	return atomic_load(&ix->body_bytes);
}
