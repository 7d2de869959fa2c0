/* store/probe.h: looks a store over before we trust it.
 *
 * A damaged tree can make LMDB crash the process that walks it, so a
 * forked child walks first; whatever happens to it, the parent lives. */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include <stdint.h>

#include "store/base/status.h"

/* Walks the trees under dir for at most limit_ms; what was not reached by
 * then counts as good.  The environment must not be open here.
 * LR_CORRUPT: damage was met, or the child died of it. LR_VERSION is left
 * to whoever opens the store. */
enum lr probe_check(const char *dir, int64_t limit_ms);

#endif
