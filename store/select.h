/* store/select.h: walks matching objects in the url index.
 *
 * The writer's thread only, inside its transaction. */
#ifndef STORE_SELECT_H
#define STORE_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"
#include "store/txn.h"

/* Given each id; false ends the walk.  Must not change the url index. */
typedef bool select_visit(void *ctx, uint64_t id);

/* All objects whose url text is exactly text (cut ones may be of several
 * URLs; the caller compares further).  LR_IO, LR_CORRUPT. */
enum lr select_url(
    struct txn *tx, struct slice text, select_visit *visit, void *ctx);

#endif
