/* store/load.h: fills index and policy from what is on disk.
 *
 * Used while the store is opened only: called by one thread, which is helped by
 * others until it returns. */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "store/base/status.h"
#include "store/internal.h"

/* Publishes every complete object; the others, and what a newer one of
 * the same hash replaced, become work for the writer.  Sets st->next_id.
 * LR_CORRUPT, LR_NOMEM, LR_IO. */
enum lr load_index(struct store *st);

/* On the writer's thread, before anything else: what the policy is still to be
 * told, and nobody has to wait for. */
void load_finish(struct store *st);

#endif
