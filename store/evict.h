/* store/evict.h: makes room, oldest objects first.
 *
 * Two steps, so that a pinned object can go, too: its index entry at once
 * (nobody finds it any more), its pages when the last pin is gone and the
 * index calls the entry drained.  The writer's thread only. */
#ifndef STORE_EVICT_H
#define STORE_EVICT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"
#include "store/group.h"

/* Deletes the pages of drained entries, within the group's limits.
 * Errors spoil the group. */
enum lr evict_reap(struct group *g);
/* Removes objects until low_pages are free, nothing is left to remove, or
 * the group's limits are reached.  *used_pages becomes what is used then. */
enum lr evict_make_room(
    struct group *g, uint64_t low_pages, uint64_t *used_pages);
/* Was the group's limit what ended it, and is there more to delete? */
bool evict_is_due(
    const struct group *g, uint64_t low_pages, uint64_t used_pages);
/* After the commit: forgets the reaped entries, or takes them back. */
void evict_settle(struct group *g, enum lr outcome);

#endif
