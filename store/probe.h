/* store/probe.h: looks a store over before we trust it.
 *
 * A damaged tree can make LMDB crash the process that walks it, so a
 * forked child walks first; whatever happens to it, the parent lives.
 * The child begins with what loading the index reads.  Loading may go on as
 * soon as that is known to be good, beside the rest of the walk; nothing is
 * to be written before probe_end, as the child does not hold LMDB's lock.
 * One thread. */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include <stdint.h>
#include <sys/types.h>

#include "store/base/status.h"

struct probe {
	int fd;	   /* what the child says; -1: no check is under way */
	pid_t pid; /* of the child */
};
#define PROBE_NONE ((struct probe){ .fd = -1 })

/* Begins to walk the trees under dir, for at most limit_ms; what was not
 * reached by then counts as good.  The environment must not be open here. */
struct probe probe_begin(const char *dir, int64_t limit_ms);
/* Waits until the list of free pages and the objects' records were walked.
 * LR_CORRUPT: damage was met, or the child died of it.  LR_VERSION is left
 * to whoever opens the store. */
enum lr probe_await_objects(struct probe *p);
/* Waits for the rest.  LR_CORRUPT likewise; LR_OK without a check. */
enum lr probe_end(struct probe *p);
/* Does not want to know any more. */
void probe_cancel(struct probe *p);

#endif
