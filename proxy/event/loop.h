/* proxy/event/loop.h: one event loop, one thread.
 *
 * A thin layer over a libevent base without locks: descriptors are
 * watched edge-triggered and stay registered (no epoll_ctl per request),
 * deadlines are swept instead of armed (setting one is a store), and
 * tasks run at the end of the turn in which they were deferred.
 * All calls on the loop's own thread, except where said. */
#ifndef PROXY_EVENT_LOOP_H
#define PROXY_EVENT_LOOP_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/base/clock.h"
#include "store/base/status.h"

struct loop;
struct event_base;

/* LR_NOMEM, LR_IO. */
enum lr loop_create(struct loop **out);
/* Runs the cleanups; everything watched must then be gone.  Takes NULL. */
void loop_free(struct loop *loop);
/* Runs until loop_stop. */
void loop_run(struct loop *loop);
/* Ends loop_run after this turn and its tasks. */
void loop_stop(struct loop *loop);
/* The time of this turn: read once, when first asked for. */
struct clock_time loop_now(const struct loop *loop);
/* For libraries that bring events of their own (evhttp on the main loop). */
struct event_base *loop_base(struct loop *loop);

/* ---- descriptors ---- */

#define WATCH_READ 1u
#define WATCH_WRITE 2u
#define WATCH_CLOSED 4u /* the peer shut its side down, or worse */

typedef void watch_fn(void *ctx, unsigned what);

struct watch { /* embedded by its owner; only loop.c looks inside */
	struct event event;
	watch_fn *fn;
	void *ctx;
	bool armed;
};

/* Edge-triggered (EPOLLET): fn hears of changes only. LR_IO, LR_NOMEM. */
enum lr watch_edge(
    struct loop *loop, struct watch *w, int fd, watch_fn *fn, void *ctx);
/* Level-triggered, readable only (listeners, eventfd). */
enum lr watch_level(
    struct loop *loop, struct watch *w, int fd, watch_fn *fn, void *ctx);
/* Safe in its own callback and when never added; does not close fd. */
void watch_stop(struct watch *w);

/* ---- deadlines: swept about every 100 ms, never early ---- */

typedef void deadline_fn(void *ctx);

struct deadline {		      /* embedded; zeroed is unset */
	struct deadline *prev, *next; /* in a slot of the loop's wheel */
	deadline_fn *fn;
	void *ctx;
	int64_t at_ms; /* monotonic; INT64_MAX: none */
	uint32_t slot;
	bool queued;
};

void deadline_init(struct deadline *d, deadline_fn *fn, void *ctx);
/* Moving a queued deadline later costs one store; at_ms is monotonic. */
void deadline_set(struct loop *loop, struct deadline *d, int64_t at_ms);
/* Will not fire; may stay queued until swept: call deadline_free before
 * the memory goes. */
static inline void
deadline_clear(struct deadline *d)
{
	d->at_ms = INT64_MAX;
}
void deadline_free(struct loop *loop, struct deadline *d);

/* ---- tasks ---- */

struct task { /* embedded; zeroed is idle */
	struct task *next;
	void (*fn)(void *ctx);
	void *ctx;
	bool queued;
};

/* Runs fn(ctx) at the end of this turn (once, if asked twice), in the
 * order of the asking.  What a task defers runs at the end of the next
 * turn, which does not wait for events. */
void loop_defer(struct loop *loop, struct task *t);
/* Forgets a deferred task. */
void loop_undefer(struct loop *loop, struct task *t);

/* ---- cleanups: for what has no other owner (a lingering connection) ---- */

struct cleanup { /* embedded; zeroed is idle */
	struct cleanup *prev, *next;
	void (*fn)(void *ctx);
	void *ctx;
	bool queued;
};

/* fn(ctx) runs in loop_free, unless removed before; it may free c. */
void loop_add_cleanup(struct loop *loop, struct cleanup *c);
void loop_remove_cleanup(struct loop *loop, struct cleanup *c);

#endif
