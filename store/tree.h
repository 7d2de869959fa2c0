/* store/tree.h: the pages of LMDB's trees, looked at without LMDB.
 *
 * LMDB believes what a page's head says, also when it writes: a damaged one
 * makes it write over its neighbours, and a page that is on the free list and
 * in a tree as well becomes another's.  Reading all rows shows neither. */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include <stdint.h>

#include "store/base/status.h"

/* Looks at the heads and nodes of all pages that the newest meta page leads
 * to, and whether each is in one place only; not at the bytes of long values.
 * Ends at stop_at_us (monotonic); what was not reached counts as good.  The
 * map is read without care: call it where a crash does no harm.
 * LR_CORRUPT; LR_NOTFOUND, LR_IO, LR_NOMEM: it could not look. */
enum lr tree_check(const char *dir, int64_t stop_at_us);

#endif
