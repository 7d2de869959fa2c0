/* store/stats.c: one reading of all counters */
#include "store/stats.h"

#include "store/internal.h"

static uint64_t
read_one(_Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
store_stats_read(struct store *st, struct store_stats *out)
{
	struct stats *s = &st->stats;

	*out = (struct store_stats){
		.objects = index_objects(st->index),
		.body_bytes = index_body_bytes(st->index),
		.pages = st->env->pages,
		.pages_used = read_one(&s->pages_used),
		.fills = read_one(&s->fills),
		.fills_refused = read_one(&s->fills_refused),
		.fills_failed = read_one(&s->fills_failed),
		.published = read_one(&s->published),
		.updates = read_one(&s->updates),
		.removed = read_one(&s->removed),
		.evicted = read_one(&s->evicted),
		.not_admitted = read_one(&s->not_admitted),
		.ghost_hits = read_one(&s->ghost_hits),
		.commits = read_one(&s->commits),
		.commit_us = read_one(&s->commit_us),
		.corrupt = read_one(&s->corrupt),
		.verified = read_one(&s->verified),
		.scrubbed = read_one(&s->scrubbed),
		.scrub_rounds = read_one(&s->scrub_rounds),
		.loaded = st->opening.objects,
		.open_ms = (uint64_t)st->opening.took_ms,
		.queue_bytes = read_one(&st->queue.bytes),
		.queue_jobs = queue_jobs(&st->queue),
	};
}
