/* store/scrub.h: reads all objects over and over, to find damage before a
 * client does.
 *
 * A thread of its own, of low priority, reads no faster than it is told to,
 * in read transactions of a few pages, and rests between two rounds.  It goes
 * by the index: so it needs no transaction to find the next object, and can
 * drop one whose record is damaged. */
#ifndef STORE_SCRUB_H
#define STORE_SCRUB_H

#include "store/base/status.h"
#include "store/internal.h"

/* bytes_s: most bytes read in a second; 0: none, *out stays as it is.  LR_FULL:
 * too many readers; LR_NOMEM. */
enum lr scrub_start(struct store *st, uint64_t bytes_s, struct scrub **out);
/* Ends the thread.  Takes NULL. */
void scrub_stop(struct scrub *s);
/* One round, at once, in the caller's thread.  LR_FULL, LR_NOMEM. */
enum lr scrub_round(struct store *st);

#endif
