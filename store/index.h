/* store/index.h: finds objects by hash, in memory.
 *
 * Shared by all threads.  Finding, pinning and unpinning take no lock;
 * publishing and removing take one lock of 64, chosen by the hash.
 *
 * An entry is 32 bytes, in slots that are never given back to the system:
 * a finder may look at a slot at any time, even when it has just become
 * another object's.  It pins the slot first and believes it afterwards.
 *
 *   free --publish--> live --remove--> dead, pinned --last unpin--> drained
 *                       \------------- remove, not pinned ------------/
 *   drained --the writer deletes the pages--> free
 *
 * Locks: a shard's, then the free list's; nothing is called with either. */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"
#include "store/store.h"

struct index;

#define INDEX_NO_SLOT 0u /* no entry ever has it */
#define INDEX_ENTRY_BYTES 32

/* Sized for a store of size_bytes.  LR_NOMEM. */
enum lr index_create(uint64_t size_bytes, struct index **out);
/* Takes NULL. */
void index_free(struct index *ix);

/* ---- any thread ---- */

/* Finds and pins.  LR_NOTFOUND. */
enum lr index_find(struct index *ix, uint64_t hash, struct store_ref *out);
/* The caller holds a pin already. */
void index_pin(struct index *ix, uint32_t slot);
/* True: that was the last pin of a removed entry, which is now drained. */
bool index_unpin(struct index *ix, uint32_t slot);
/* Is the entry still found?  For a hint only: it may go any time. */
bool index_alive(struct index *ix, uint32_t slot, uint64_t id);
/* All of the object is known to be as it was stored.  The caller has a pin;
 * setting it is not undone. */
void index_set_verified(struct index *ix, uint32_t slot);
bool index_is_verified(const struct index *ix, uint32_t slot);
/* To visit all entries: slots from 1 to below index_slots.  Pins the one in
 * slot; false: none can be found there. */
uint32_t index_slots(struct index *ix);
bool index_pin_slot(struct index *ix, uint32_t slot, struct store_ref *out);
/* Takes the entry out, so that nobody finds it any more; *id (may be NULL)
 * becomes the object's.  only_id: not if the hash finds another object
 * (0: whatever it is).  LR_NOTFOUND. */
enum lr index_remove(
    struct index *ix, uint64_t hash, uint64_t only_id, uint64_t *id);

uint64_t index_objects(const struct index *ix);
uint64_t index_body_bytes(const struct index *ix);

/* ---- the writer's thread (or before there are others) ---- */

/* Makes ref's object the one that its hash finds, with one pin if pinned,
 * and removes the one before.  Sets ref->slot.  LR_NOMEM. */
enum lr index_publish(struct index *ix, struct store_ref *ref, bool pinned);

/* Likewise, without locks: while the store is opened nobody else has the
 * index.  Several threads may take turns.  LR_NOMEM. */
enum lr index_publish_alone(struct index *ix, struct store_ref *ref);
/* Ask for the memory that publishing under hash will touch, and do not wait
 * for it: first for the chain's beginning; when that is there, for the entry
 * that it leads to. */
void index_prefetch_chain(const struct index *ix, uint64_t hash);
void index_prefetch_entry(const struct index *ix, uint64_t hash);

/* Drained entries: take one (INDEX_NO_SLOT: none), delete its pages,
 * then either free the slot or give the entry back for another try. */
uint32_t index_take_drained(struct index *ix);
uint64_t index_slot_id(const struct index *ix, uint32_t slot);
uint64_t index_slot_hash(const struct index *ix, uint32_t slot);
void index_slot_free(struct index *ix, uint32_t slot);
void index_give_back(struct index *ix, uint32_t slot);
/* Adds a drained entry for an object that was never published. LR_NOMEM. */
enum lr index_add_drained(struct index *ix, uint64_t id);
bool index_has_drained(const struct index *ix);

#endif
