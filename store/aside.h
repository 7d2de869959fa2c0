/* store/aside.h: puts an unreadable store out of the way.
 *
 * Its data file goes to dir/aside.<time>, for whoever wants to know what
 * happened; only the newest is kept, since each is as large as the store.
 * Used while the store is opened only; one thread. */
#ifndef STORE_ASIDE_H
#define STORE_ASIDE_H

#include "store/base/status.h"

/* Nothing of the environment may be open.  LR_IO, LR_DENIED. */
enum lr aside_move(const char *dir);
/* Deletes what earlier calls kept; true when there was something. */
int aside_forget(const char *dir);

#endif
