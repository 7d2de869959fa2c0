/* proxy/event/loop.c: turns of libevent, with deadlines and tasks between */
#include "proxy/event/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/event/wheel.h"
#include "store/base/check.h"

#define LOOP_MAGIC MAGIC('L', 'O', 'O', 'P')

struct task_list {
	struct task *first, *last;
};

/* What changes while readers hold a const loop. */
struct turn {
	struct clock_time now;
	bool known; /* now was read in this turn */
};

struct loop {
	uint32_t magic;
	bool running;
	bool stopping;
	bool ticking; /* the tick timer is armed: the wheel is not empty */
	struct event_base *base;
	struct event tick;
	struct task_list tasks;	  /* deferred */
	struct task_list current; /* being run, rest of them */
	struct cleanup *cleanups;
	struct turn *turn;
	struct wheel wheel;
};

static const struct timeval TICK = { 0, WHEEL_TICK_MS * 1000 };

/* ---- the loop ---- */

static enum lr
base_create(struct event_base **out)
{
	struct event_config *conf = event_config_new();
	struct event_base *base = NULL;

	if (conf == NULL)
		return LR_NOMEM;
	if (event_config_require_features(conf,
		EV_FEATURE_ET | EV_FEATURE_O1 | EV_FEATURE_EARLY_CLOSE) == 0 &&
	    event_config_set_flag(
		conf, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) == 0)
		base = event_base_new_with_config(conf);
	event_config_free(conf);
	if (base == NULL)
		return LR_IO;
	*out = base;
	return LR_OK;
}

static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *loop = ctx;

	(void)fd;
	(void)what;
	MAGIC_CHECK(loop, LOOP_MAGIC);
	wheel_sweep(&loop->wheel, loop_now(loop).mono_ms);
	if (loop->wheel.count == 0) {
		event_del(&loop->tick);
		loop->ticking = false;
	}
}

/* Once through libevent's heap of timers makes room there for good: arming
 * the tick cannot fail later. */
static enum lr
tick_prepare(struct loop *loop)
{
	if (event_assign(
		&loop->tick, loop->base, -1, EV_PERSIST, on_tick, loop) != 0)
		return LR_IO;
	if (event_add(&loop->tick, &TICK) != 0)
		return LR_NOMEM;
	event_del(&loop->tick);
	return LR_OK;
}

enum lr
loop_create(struct loop **out)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	enum lr rc = LR_NOMEM;

	if (loop == NULL)
		return LR_NOMEM;
	loop->magic = LOOP_MAGIC;
	if ((loop->turn = calloc(1, sizeof(*loop->turn))) == NULL)
		goto fail;
	if ((rc = base_create(&loop->base)) != LR_OK)
		goto fail;
	if ((rc = tick_prepare(loop)) != LR_OK)
		goto fail;
	wheel_start(&loop->wheel, clock_read().mono_ms);
	*out = loop;
	return LR_OK;
fail:
	loop_free(loop);
	return rc;
}

void
loop_free(struct loop *loop)
{
	struct cleanup *c;

	if (loop == NULL)
		return;
	MAGIC_CHECK(loop, LOOP_MAGIC);
	while ((c = loop->cleanups) != NULL) {
		loop_remove_cleanup(loop, c);
		c->fn(c->ctx);
	}
	if (loop->ticking)
		event_del(&loop->tick);
	if (loop->base != NULL)
		event_base_free(loop->base);
	free(loop->turn);
	loop->magic = 0;
	free(loop);
}

static void
run_tasks(struct loop *loop)
{
	struct task *t;

	loop->current = loop->tasks;
	loop->tasks = (struct task_list){ NULL, NULL };
	while ((t = loop->current.first) != NULL) {
		loop->current.first = t->next;
		t->queued = false;
		t->fn(t->ctx);
	}
}

void
loop_run(struct loop *loop)
{
	MAGIC_CHECK(loop, LOOP_MAGIC);
	loop->running = true;
	while (!loop->stopping) {
		int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

		if (loop->tasks.first != NULL)
			flags |= EVLOOP_NONBLOCK;
		loop->turn->known = false;
		CHECK(event_base_loop(loop->base, flags) >= 0);
		run_tasks(loop);
	}
	loop->turn->known = false;
	loop->running = false;
	loop->stopping = false;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

struct clock_time
loop_now(const struct loop *loop)
{
	struct turn *turn = loop->turn;

	if (!turn->known) {
		turn->now = clock_read();
		turn->known = loop->running; /* else there are no turns */
	}
	return turn->now;
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

/* ---- descriptors ---- */

static void
on_event(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *w = ctx;
	unsigned told = 0;

	(void)fd;
	if (what & EV_READ)
		told |= WATCH_READ;
	if (what & EV_WRITE)
		told |= WATCH_WRITE;
	if (what & EV_CLOSED)
		told |= WATCH_CLOSED;
	w->fn(w->ctx, told);
}

static enum lr
watch_add(struct loop *loop, struct watch *w, int fd, short events,
    watch_fn *fn, void *ctx)
{
	w->fn = fn;
	w->ctx = ctx;
	w->armed = false;
	if (event_assign(&w->event, loop->base, fd,
		(short)(events | EV_PERSIST), on_event, w) != 0)
		return LR_IO;
	if (event_add(&w->event, NULL) != 0)
		return errno == ENOMEM ? LR_NOMEM : LR_IO;
	w->armed = true;
	return LR_OK;
}

enum lr
watch_edge(struct loop *loop, struct watch *w, int fd, watch_fn *fn, void *ctx)
{
	return watch_add(
	    loop, w, fd, EV_READ | EV_WRITE | EV_CLOSED | EV_ET, fn, ctx);
}

enum lr
watch_level(struct loop *loop, struct watch *w, int fd, watch_fn *fn, void *ctx)
{
	return watch_add(loop, w, fd, EV_READ, fn, ctx);
}

void
watch_stop(struct watch *w)
{
	if (!w->armed)
		return;
	event_del(&w->event);
	w->armed = false;
}

/* ---- deadlines ---- */

void
deadline_init(struct deadline *d, deadline_fn *fn, void *ctx)
{
	memset(d, 0, sizeof(*d));
	d->fn = fn;
	d->ctx = ctx;
	d->at_ms = INT64_MAX;
}

void
deadline_set(struct loop *loop, struct deadline *d, int64_t at_ms)
{
	d->at_ms = at_ms;
	if (at_ms == INT64_MAX || wheel_holds(&loop->wheel, d))
		return;
	if (!loop->ticking) {
		wheel_start(&loop->wheel, loop_now(loop).mono_ms);
		event_add(&loop->tick, &TICK);
		loop->ticking = true;
	}
	wheel_put(&loop->wheel, d);
}

void
deadline_free(struct loop *loop, struct deadline *d)
{
	d->at_ms = INT64_MAX;
	wheel_remove(&loop->wheel, d);
}

/* ---- tasks ---- */

void
loop_defer(struct loop *loop, struct task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->next = NULL;
	if (loop->tasks.first == NULL)
		loop->tasks.first = t;
	else
		loop->tasks.last->next = t;
	loop->tasks.last = t;
}

static bool
task_list_remove(struct task_list *list, struct task *t)
{
	struct task *before = NULL;

	for (struct task *at = list->first; at != NULL; at = at->next) {
		if (at != t) {
			before = at;
			continue;
		}
		if (before == NULL)
			list->first = t->next;
		else
			before->next = t->next;
		if (list->last == t)
			list->last = before;
		return true;
	}
	return false;
}

void
loop_undefer(struct loop *loop, struct task *t)
{
	if (!t->queued)
		return;
	if (!task_list_remove(&loop->tasks, t))
		task_list_remove(&loop->current, t);
	t->queued = false;
}

/* ---- cleanups ---- */

void
loop_add_cleanup(struct loop *loop, struct cleanup *c)
{
	c->queued = true;
	c->prev = NULL;
	c->next = loop->cleanups;
	if (c->next != NULL)
		c->next->prev = c;
	loop->cleanups = c;
}

void
loop_remove_cleanup(struct loop *loop, struct cleanup *c)
{
	if (!c->queued)
		return;
	c->queued = false;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		loop->cleanups = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
}
