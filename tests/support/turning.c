/* tests/support/turning.c: loops that end */
#include "tests/support/turning.h"

#include <stdlib.h>

#define TOO_LONG_MS 10000
#define SETTLE_TURNS 8

struct guard {
	struct loop *loop;
	struct deadline deadline;
	bool fired;
};

struct settle {
	struct loop *loop;
	struct task task;
	int left;
};

struct loop *
turning_loop(void)
{
	struct loop *loop;

	if (loop_create(&loop) != LR_OK)
		abort();
	return loop;
}

static void
give_up(void *ctx)
{
	struct guard *g = ctx;

	g->fired = true;
	loop_stop(g->loop);
}

bool
turning_run(struct loop *loop)
{
	struct guard g = { .loop = loop };

	deadline_init(&g.deadline, give_up, &g);
	deadline_set(loop, &g.deadline, loop_now(loop).mono_ms + TOO_LONG_MS);
	loop_run(loop);
	deadline_free(loop, &g.deadline);
	return !g.fired;
}

static void
settle_turn(void *ctx)
{
	struct settle *s = ctx;

	if (s->left-- == 0)
		loop_stop(s->loop);
	else
		loop_defer(s->loop, &s->task);
}

void
turning_settle(struct loop *loop)
{
	struct settle s = { .loop = loop, .left = SETTLE_TURNS };

	s.task.fn = settle_turn;
	s.task.ctx = &s;
	loop_defer(loop, &s.task);
	loop_run(loop);
	loop_undefer(loop, &s.task); /* somebody else stopped it */
}

static void
stop(void *ctx)
{
	loop_stop(ctx);
}

void
turning_for(struct loop *loop, int64_t ms)
{
	struct deadline d;

	deadline_init(&d, stop, loop);
	deadline_set(loop, &d, loop_now(loop).mono_ms + ms);
	loop_run(loop);
	deadline_free(loop, &d);
}
