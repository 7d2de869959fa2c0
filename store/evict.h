/* store/evict.h: makes room, as the policy says (store/policy.h).
 *
 * Two steps, so that a pinned object can go, too: its index entry at once
 * (nobody finds it any more), its pages when the last pin is gone and the
 * index calls the entry drained.  The writer's thread only.
 *
 * The policy learns here of all that comes and goes.  An object that was
 * removed by another thread stays in its queues until it is drained. */
#ifndef STORE_EVICT_H
#define STORE_EVICT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"
#include "store/group.h"

/* Makes room for a new object of so many bytes.  LR_DENIED: what would have to
 * go is worth more (counted; the object is not to be stored); LR_AGAIN: the
 * group's limits are reached, the rest goes in the next one.  Others spoil
 * the group. */
enum lr evict_admit(struct group *g, uint64_t hash, uint64_t bytes);
/* For the record of an object that comes in. */
uint64_t evict_first_use(struct store *st, uint64_t hash);
/* Publishes in the index, and tells the policy.  LR_NOMEM. */
enum lr evict_publish(
    struct store *st, struct store_ref *ref, uint64_t bytes, bool pinned);
/* The object of this hash, if it is the one of this id, has grown. */
void evict_resize(struct store *st, uint64_t hash, uint64_t id, uint64_t bytes);

/* Deletes the pages of drained entries, within the group's limits.
 * Errors spoil the group. */
enum lr evict_reap(struct group *g);
/* Removes objects until g->low_pages are free, nothing is left to remove, or
 * the group's limits are reached.  *used_pages becomes what is used then. */
enum lr evict_make_room(struct group *g, uint64_t *used_pages);
/* Was the group's limit what ended it, and is there more to delete? */
bool evict_is_due(const struct group *g, uint64_t used_pages);
/* After the commit: forgets the reaped entries, or takes them back. */
void evict_settle(struct group *g, enum lr outcome);

#endif
