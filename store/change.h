/* store/change.h: the writer's jobs besides fills.
 *
 * Each is made by any thread and from then on belongs to the queue. */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include <stdbool.h>

#include "store/base/status.h"
#include "store/internal.h"

/* What a removal from the index asks of the writer. */
struct change_removal {
	struct store_ref ref; /* the removed object, with a pin that the job
			       * takes over; no slot: there was none */
	bool coming;	      /* also what is on its way under this hash */
};
/* Removes the object's variants, if it is a primary.  LR_NOMEM: the pin is
 * still the caller's. */
enum lr change_removed(struct store *st, const struct change_removal *what);
/* As store_update; LR_FULL, LR_NOMEM without a call of notify. */
enum lr change_head(struct store *st, const struct store_ref *ref,
    const struct store_object *obj, struct slice head, fill_notify *notify,
    void *ctx);
/* Waits until all jobs before this one are done. */
void change_wait(struct store *st);

#endif
