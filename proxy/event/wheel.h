/* proxy/event/wheel.h: deadlines in slots of 100 ms.
 *
 *   slots   | 7 | 8 | 9 |10 | … (the index is the tick modulo their number)
 *             ^ swept   ^ a deadline waits here, on a list; when the wheel
 *               up to     comes by it fires, or moves on when it was set
 *               here      later meanwhile, or is dropped when cleared
 *
 * A deadline beyond the last slot waits in the last one.  The wheel knows
 * no clock: time is given.  One thread. */
#ifndef PROXY_EVENT_WHEEL_H
#define PROXY_EVENT_WHEEL_H

#include <stddef.h>

#include "proxy/event/loop.h"

#define WHEEL_SLOTS 1024u
#define WHEEL_TICK_MS 100

struct wheel {
	struct deadline *slots[WHEEL_SLOTS];
	struct deadline *due; /* taken from their slots by a sweep */
	int64_t origin_ms;    /* when tick 0 was */
	uint32_t tick;	      /* the last one swept; at least 1 */
	size_t count;	      /* deadlines queued */
};

/* An empty wheel whose time is now_ms; also to restart an empty one. */
void wheel_start(struct wheel *w, int64_t now_ms);
/* Queues d, whose at_ms is set, or moves it to where it belongs. */
void wheel_put(struct wheel *w, struct deadline *d);
/* Unqueues d, if it is queued. */
void wheel_remove(struct wheel *w, struct deadline *d);
/* Is d queued where it will be looked at in time? */
bool wheel_holds(const struct wheel *w, const struct deadline *d);
/* Calls fn of every deadline that has passed; fn may set, clear and remove
 * any of them. */
void wheel_sweep(struct wheel *w, int64_t now_ms);

#endif
