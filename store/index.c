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
#include "store/index.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/base/check.h"

#define SHARDS 64
#define CHUNK_BITS 14
#define CHUNK_ENTRIES (1u << CHUNK_BITS)
#define DEAD 0x80000000u
#define BODY0_BITS 12 /* STORE_PAGE_BYTES fits */
#define BODY0_MASK ((1u << BODY0_BITS) - 1)
#define VERIFIED (UINT64_C(1) << 63) /* in extent; no body is so long */
#define BYTES_PER_BUCKET 4096	     /* of the store's size */
#define BYTES_PER_ENTRY 128	     /* an object's rows never take less */
#define MIN_BUCKETS 1024u
#define MAX_BUCKETS (1u << 28)
#define FREE_TRIES 3 /* without a lock, before a finder takes it */

struct entry {
	_Atomic uint64_t hash;
	_Atomic uint64_t id;
	_Atomic uint64_t extent; /* VERIFIED | body bytes << 12 | body0
				  * bytes; the next drained or free slot
				  * while dead */
	_Atomic uint32_t pins;	 /* DEAD | count */
	_Atomic uint32_t next;	 /* slot behind this one in the bucket */
};

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

static struct entry *
entry_at(const struct index *ix, uint32_t slot)
{
	struct entry *chunk = atomic_load_explicit(
	    &ix->chunks[slot >> CHUNK_BITS], memory_order_acquire);

	return &chunk[slot & (CHUNK_ENTRIES - 1)];
}

static struct shard *
shard_of(struct index *ix, uint64_t hash)
{
	return &ix->shards[hash & (SHARDS - 1)];
}

/* Chains never cross shards: the bucket number has the shard's bits. */
static _Atomic uint32_t *
bucket_of(struct index *ix, uint64_t hash)
{
	return &ix->buckets[hash & ix->mask];
}

/* ---- finding ---- */

static bool
try_pin(struct entry *e)
{
	uint32_t pins = atomic_load_explicit(&e->pins, memory_order_relaxed);

	while (!(pins & DEAD)) {
		if (atomic_compare_exchange_weak_explicit(&e->pins, &pins,
			pins + 1, memory_order_acquire, memory_order_relaxed))
			return true;
	}
	return false;
}

static uint64_t
hash_at(const struct entry *e)
{
	return atomic_load_explicit(&e->hash, memory_order_relaxed);
}

static uint64_t
body_bytes_of(uint64_t extent)
{
	return (extent & ~VERIFIED) >> BODY0_BITS;
}

/* What a pinned entry says. */
static void
describe(const struct entry *e, uint32_t slot, struct store_ref *out)
{
	uint64_t extent = atomic_load_explicit(
	    &e->extent, memory_order_relaxed);

	out->slot = slot;
	out->id = atomic_load_explicit(&e->id, memory_order_relaxed);
	out->hash = hash_at(e);
	out->body_bytes = body_bytes_of(extent);
	out->body0_bytes = (uint32_t)extent & BODY0_MASK;
	out->verified = (extent & VERIFIED) != 0;
}

/* Walks the chain once; true when *out was found and pinned. */
static bool
walk(struct index *ix, uint64_t hash, struct store_ref *out)
{
	uint32_t slot = atomic_load_explicit(
	    bucket_of(ix, hash), memory_order_acquire);
	struct entry *e;

	while (slot != INDEX_NO_SLOT) {
		e = entry_at(ix, slot);
		if (hash_at(e) == hash && try_pin(e)) {
			if (hash_at(e) == hash)
				break;
			index_unpin(ix, slot);
		}
		slot = atomic_load_explicit(&e->next, memory_order_acquire);
	}
	if (slot == INDEX_NO_SLOT)
		return false;
	describe(e, slot, out);
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
	    &entry_at(ix, slot)->pins, 1, memory_order_relaxed);

	CHECK((before & ~DEAD) > 0 && (before & ~DEAD) < ~DEAD);
}

bool
index_alive(struct index *ix, uint32_t slot, uint64_t id)
{
	struct entry *e = entry_at(ix, slot);

	return !(atomic_load(&e->pins) & DEAD) && atomic_load(&e->id) == id;
}

void
index_set_verified(struct index *ix, uint32_t slot)
{
	atomic_fetch_or_explicit(
	    &entry_at(ix, slot)->extent, VERIFIED, memory_order_relaxed);
}

bool
index_is_verified(const struct index *ix, uint32_t slot)
{
	return (atomic_load_explicit(
		    &entry_at(ix, slot)->extent, memory_order_relaxed) &
		   VERIFIED) != 0;
}

/* ---- slots ---- */

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
	struct entry *e = entry_at(ix, slot);

	if (!try_pin(e))
		return false;
	describe(e, slot, out);
	return true;
}

static void
drain(struct index *ix, uint32_t slot)
{
	pthread_mutex_lock(&ix->slots_lock);
	atomic_store_explicit(&entry_at(ix, slot)->extent,
	    atomic_load(&ix->drained), memory_order_relaxed);
	atomic_store(&ix->drained, slot);
	pthread_mutex_unlock(&ix->slots_lock);
}

bool
index_unpin(struct index *ix, uint32_t slot)
{
	uint32_t before = atomic_fetch_sub_explicit(
	    &entry_at(ix, slot)->pins, 1, memory_order_acq_rel);

	CHECK((before & ~DEAD) > 0);
	if (before != (DEAD | 1))
		return false;
	drain(ix, slot);
	return true;
}

/* A slot never used before; the caller has slots_lock. */
static uint32_t
fresh_slot(struct index *ix)
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

/* A slot that is DEAD and in no chain. */
static uint32_t
slot_alloc(struct index *ix)
{
	struct entry *e;
	uint32_t slot;

	pthread_mutex_lock(&ix->slots_lock);
	slot = ix->free_slot;
	if (slot != INDEX_NO_SLOT) {
		e = entry_at(ix, slot);
		ix->free_slot = (uint32_t)atomic_load(&e->extent);
	} else if ((slot = fresh_slot(ix)) != INDEX_NO_SLOT) {
		atomic_store(&entry_at(ix, slot)->pins, DEAD);
	}
	pthread_mutex_unlock(&ix->slots_lock);
	return slot;
}

void
index_slot_free(struct index *ix, uint32_t slot)
{
	pthread_mutex_lock(&ix->slots_lock);
	atomic_store_explicit(
	    &entry_at(ix, slot)->extent, ix->free_slot, memory_order_relaxed);
	ix->free_slot = slot;
	pthread_mutex_unlock(&ix->slots_lock);
}

void
index_give_back(struct index *ix, uint32_t slot)
{
	drain(ix, slot);
}

uint32_t
index_take_drained(struct index *ix)
{
	uint32_t slot;

	pthread_mutex_lock(&ix->slots_lock);
	slot = atomic_load(&ix->drained);
	if (slot != INDEX_NO_SLOT)
		atomic_store(&ix->drained,
		    (uint32_t)atomic_load(&entry_at(ix, slot)->extent));
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
	return atomic_load(&entry_at(ix, slot)->id);
}

enum lr
index_add_drained(struct index *ix, uint64_t id)
{
	uint32_t slot = slot_alloc(ix);

	if (slot == INDEX_NO_SLOT)
		return LR_NOMEM;
	atomic_store(&entry_at(ix, slot)->id, id);
	drain(ix, slot);
	return LR_OK;
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
		e = entry_at(ix, slot);
		if (hash_at(e) == hash &&
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
		link = &entry_at(ix, atomic_load(link))->next;
	return link;
}

/* Takes the entry behind link out of its chain; true when it is drained
 * at once. */
static bool
unlink_entry(struct index *ix, _Atomic uint32_t *link, uint64_t *id)
{
	struct entry *e = entry_at(ix, atomic_load(link));
	uint64_t extent = atomic_load(&e->extent);

	if (id != NULL)
		*id = atomic_load(&e->id);
	atomic_store_explicit(
	    link, atomic_load(&e->next), memory_order_release);
	atomic_fetch_sub(&ix->objects, 1);
	atomic_fetch_sub(&ix->body_bytes, body_bytes_of(extent));
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
		drain(ix, slot);
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

/* The new entry is linked before the old one goes: a finder that comes now
 * meets one of them. */
enum lr
index_publish(struct index *ix, struct store_ref *ref, bool pinned)
{
	struct shard *sh = shard_of(ix, ref->hash);
	uint32_t slot = slot_alloc(ix), old;
	struct entry *e;
	bool drained = false;

	if (slot == INDEX_NO_SLOT)
		return LR_NOMEM;
	CHECK(ref->body0_bytes <= BODY0_MASK);
	e = entry_at(ix, slot);
	atomic_fetch_add(&ix->objects, 1);
	atomic_fetch_add(&ix->body_bytes, ref->body_bytes);
	pthread_mutex_lock(&sh->lock);
	change_begin(sh);
	old = atomic_load(find_link(ix, ref->hash, 0));
	fill_entry(e, ref, pinned);
	link_first(ix, e, slot, ref->hash);
	if (old != INDEX_NO_SLOT)
		drained = unlink_entry(ix, link_to(ix, ref->hash, old), NULL);
	change_end(sh);
	pthread_mutex_unlock(&sh->lock);
	if (drained)
		drain(ix, old);
	ref->slot = slot;
	return LR_OK;
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
