/* proxy/event/wheel.c: lists of deadlines, one for each tick to come */
#include "proxy/event/wheel.h"

#include <string.h>

/* No tick has this number: d is on the list of those being swept. */
#define TICK_DUE 0u

void
wheel_start(struct wheel *w, int64_t now_ms)
{
	memset(w, 0, sizeof(*w));
	w->tick = 1;
	w->origin_ms = now_ms - WHEEL_TICK_MS;
}

static struct deadline **
list_of(struct wheel *w, const struct deadline *d)
{
	if (d->slot == TICK_DUE)
		return &w->due;
	return &w->slots[d->slot % WHEEL_SLOTS];
}

static void
link_to(struct wheel *w, struct deadline *d, uint32_t tick)
{
	struct deadline **head;

	d->slot = tick;
	head = list_of(w, d);
	d->prev = NULL;
	d->next = *head;
	if (d->next != NULL)
		d->next->prev = d;
	*head = d;
}

static void
unlink_from(struct wheel *w, struct deadline *d)
{
	if (d->prev != NULL)
		d->prev->next = d->next;
	else
		*list_of(w, d) = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
}

/* The first tick that is not before at_ms, within the wheel's reach. */
static uint32_t
tick_for(const struct wheel *w, int64_t at_ms)
{
	int64_t reach_ms = (int64_t)(w->tick + WHEEL_SLOTS - 1) * WHEEL_TICK_MS;
	int64_t from_ms = (int64_t)(w->tick + 1) * WHEEL_TICK_MS;
	int64_t ms;

	if (at_ms >= w->origin_ms + reach_ms)
		return w->tick + WHEEL_SLOTS - 1;
	ms = at_ms - w->origin_ms;
	if (ms <= from_ms)
		return w->tick + 1;
	return (uint32_t)((ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS);
}

void
wheel_put(struct wheel *w, struct deadline *d)
{
	wheel_remove(w, d);
	link_to(w, d, tick_for(w, d->at_ms));
	d->queued = true;
	w->count++;
}

void
wheel_remove(struct wheel *w, struct deadline *d)
{
	if (!d->queued)
		return;
	unlink_from(w, d);
	d->queued = false;
	w->count--;
}

bool
wheel_holds(const struct wheel *w, const struct deadline *d)
{
	int64_t before_ms = ((int64_t)d->slot - 1) * WHEEL_TICK_MS;

	return d->queued && d->at_ms > w->origin_ms + before_ms;
}

static void
slot_becomes_due(struct wheel *w, uint32_t tick)
{
	struct deadline **slot = &w->slots[tick % WHEEL_SLOTS];
	struct deadline *d;

	while ((d = *slot) != NULL) {
		unlink_from(w, d);
		link_to(w, d, TICK_DUE);
	}
}

/* Moves the wheel on; gives whether it moved at all. */
static bool
advance(struct wheel *w, int64_t now_ms)
{
	int64_t passed = (now_ms - w->origin_ms) / WHEEL_TICK_MS - w->tick;

	if (passed <= 0)
		return false;
	if (passed < WHEEL_SLOTS) {
		for (; passed > 0; passed--)
			slot_becomes_due(w, ++w->tick);
		return true;
	}
	/* More than a whole turn: all are due a look, and no slot keeps a
	 * tick number, so that the numbers may start anew. */
	for (uint32_t i = 0; i < WHEEL_SLOTS; i++)
		slot_becomes_due(w, i);
	w->tick = 1;
	w->origin_ms = now_ms - WHEEL_TICK_MS;
	return true;
}

void
wheel_sweep(struct wheel *w, int64_t now_ms)
{
	struct deadline *d;

	if (!advance(w, now_ms))
		return;
	while ((d = w->due) != NULL) {
		wheel_remove(w, d);
		if (d->at_ms == INT64_MAX)
			continue;
		if (d->at_ms > now_ms)
			wheel_put(w, d);
		else
			d->fn(d->ctx);
	}
}
