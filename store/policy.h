/* store/policy.h: which object is to go when room is needed.
 *
 * Knows objects by their slot in the index, a hash, and how many bytes they
 * are; neither disk nor time.  Three kinds:
 *
 *   value  Objects that are asked for often and small ones stay longer.  An
 *          object is worth its frequency (0 to 15; one that was never asked
 *          for again counts as 1/4) by the square root of its bytes.  There
 *          is a queue per half-octave of that, and a clock that runs in the
 *          same unit.  What comes in is due at clock + worth; of the objects
 *          at the queues' ends, the one that is due first is the next to go.
 *          If it was asked for since it was queued, its frequency grows and
 *          it is queued again instead.  What goes moves the clock to where it
 *          was due, so what is not asked for ages.  A newcomer that would be
 *          due before the one that is to go is not admitted.  What went, and
 *          what was not admitted, is remembered as a ghost: when it returns,
 *          it begins with a higher frequency.
 *   lru    One queue; who was asked for since is queued again.  (A list in
 *          the very order of use would have to be changed by every hit.)
 *   fifo   One queue.
 *
 * All is the writer's thread's alone, but for policy_hit, which takes no
 * lock: it loads a byte and mostly leaves it alone.
 *
 * RAM per object: POLICY_ENTRY_BYTES for the entry and POLICY_GHOST_BYTES
 * for two ghosts, beside the index's INDEX_ENTRY_BYTES: 64 in all. */
#ifndef STORE_POLICY_H
#define STORE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"

#define POLICY_ENTRY_BYTES 24
#define POLICY_GHOST_BYTES 8
#define POLICY_NO_SLOT 0u
#define POLICY_FREQUENCY_MAX 15u

struct policy;

enum policy_kind { POLICY_VALUE, POLICY_LRU, POLICY_FIFO };

/* LR_NOMEM. */
enum lr policy_create(enum policy_kind kind, struct policy **out);
/* Takes NULL. */
void policy_free(struct policy *p);

/* Any thread: the object was asked for.  A hit before policy_add is lost. */
void policy_hit(struct policy *p, uint32_t slot);

/* ---- coming ---- */

/* What an object of this hash begins with.  before: the slot of the one
 * that it replaces, or POLICY_NO_SLOT: then it may be a ghost that returns.
 * 0: it is seen for the first time. */
unsigned policy_frequency(
    const struct policy *p, uint64_t hash, uint32_t before);
/* Is a newcomer worth more than victim, which would have to go for it?  If
 * not, it is remembered, and the clock moves on by what it is worth, so that
 * nothing stays for ever. */
bool policy_admits(struct policy *p, uint32_t victim, uint64_t hash,
    uint64_t bytes, unsigned frequency);
/* LR_NOMEM. */
enum lr policy_add(
    struct policy *p, uint32_t slot, uint64_t bytes, unsigned frequency);
/* It has so many bytes now. */
void policy_resize(struct policy *p, uint32_t slot, uint64_t bytes);

/* ---- going ---- */

/* The one that is to go next; POLICY_NO_SLOT: there is none. */
uint32_t policy_victim(struct policy *p);
/* That one goes; half of its frequency is remembered. */
void policy_evict(struct policy *p, uint32_t slot, uint64_t hash);
/* It goes for another reason, and all of its frequency is remembered.
 * Nothing happens if it was not added, or is gone already. */
void policy_remove(struct policy *p, uint32_t slot, uint64_t hash);

uint64_t policy_objects(const struct policy *p);
/* What entries and ghosts take. */
uint64_t policy_memory_bytes(const struct policy *p);

/* ---- over a restart ---- */

/* An object's use is a number for its record: how often it was asked for,
 * and its place in the order.  Zero for one of which nothing is known. */
uint64_t policy_use(const struct policy *p, uint32_t slot);
/* Of one that comes in now. */
uint64_t policy_first_use(const struct policy *p, unsigned frequency);
/* Adds an object from its record.  When all are there, policy_restored puts
 * them in order; those alike stay in the order they were added.  LR_NOMEM. */
enum lr policy_restore(
    struct policy *p, uint32_t slot, uint64_t bytes, uint64_t use);
void policy_restored(struct policy *p);

/* The next object from slot *from on whose use is another than was saved;
 * looks at `most` slots at most.  *from becomes where to go on: 0 when all
 * were looked at.  POLICY_NO_SLOT: none among these. */
uint32_t policy_unsaved(struct policy *p, uint32_t *from, unsigned most);
/* This use of it is in its record now; it is not, after all. */
void policy_saved(struct policy *p, uint32_t slot, uint64_t use);
void policy_lost(struct policy *p, uint32_t slot);

#endif
