/* store/writer.h: the one thread that changes the store.
 *
 * It takes what the queue has, applies it in one transaction with the
 * deletions that are due, commits, and then publishes and notifies. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/base/status.h"
#include "store/internal.h"

/* uses_every_ms: see struct store_conf.  LR_NOMEM. */
enum lr writer_start(
    struct store *st, int64_t uses_every_ms, struct writer **out);
/* Commits what is queued, ends the thread.  Takes NULL.  LR_OK: all is
 * committed; LR_IO: something could not be. */
enum lr writer_stop(struct writer *w);

#endif
