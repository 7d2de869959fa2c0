/* store/fill_job.c: the writer's side of storing an object */
#include <string.h>

#include "store/content.h"
#include "store/evict.h"
#include "store/fill_job.h"
#include "store/page.h"
#include "store/space.h"

struct fill *
fill_job_fill(struct job *job)
{
	struct fill *f = (struct fill *)job; /* its first member */

	MAGIC_CHECK(f, FILL_MAGIC);
	return f;
}

void
fill_job_take(struct fill *f)
{
	struct fill_writing *w = &f->w;

	pthread_mutex_lock(&f->lock);
	if (f->aborted || spans_join(&w->spans, &f->incoming) != LR_OK)
		w->dropped = true;
	w->last = f->finished;
	w->unread = f->released || f->unwanted;
	pthread_mutex_unlock(&f->lock);
	w->step = FILL_WAITS;
}

/* How much of the body shares page 0 with the head. */
static size_t
room_beside_head(const struct fill *f)
{
	return f->head.n < PAGE_ZERO_BYTES ? PAGE_ZERO_BYTES - f->head.n : 0;
}

static bool
may_append(const struct fill *f, const struct group *g)
{
	return f->w.id == g->st->next_id - 1;
}

static void
move_body(struct fill *f, const struct content_room *room, size_t n)
{
	if (n > 0)
		spans_read(&f->w.spans, room->body, n);
	content_seal(room);
	f->w.body_bytes += n;
}

static enum lr
write_page0(struct fill *f, struct group *g)
{
	size_t n = f->w.rec.body0_bytes;
	struct content_room room;
	enum lr rc;

	rc = content_first_page(
	    &g->tx, f->w.id, f->head, n, may_append(f, g), &room);
	if (rc != LR_OK)
		return rc;
	move_body(f, &room, n);
	f->w.next_page = 1;
	return LR_OK;
}

/* As many whole pages as are here and as the group has room for; the last
 * one may be short. */
static enum lr
write_pages(struct fill *f, struct group *g)
{
	struct fill_writing *w = &f->w;
	struct content_room room;
	enum lr rc;
	size_t n;

	while (w->spans.bytes > 0) {
		n = STORE_PAGE_BYTES;
		if (w->spans.bytes < n) {
			if (!w->last)
				break;
			n = w->spans.bytes;
		}
		if (n > g->bytes_left)
			break;
		rc = content_page(
		    &g->tx, w->id, w->next_page, n, may_append(f, g), &room);
		if (rc != LR_OK)
			return rc;
		move_body(f, &room, n);
		w->next_page++;
		w->step = FILL_MOVED;
		group_use(g, n);
	}
	return LR_OK;
}

bool
fill_job_reserve(struct fill *f, struct group *g)
{
	uint64_t bytes = f->w.spans.bytes;
	uint64_t space;

	if (bytes > g->bytes_left)
		bytes = g->bytes_left;
	if (f->w.id == 0)
		bytes += f->head.n;
	if (f->is_part)
		bytes += 2 * STORE_PAGE_BYTES; /* its extents; a second end */
	space = space_bytes_for(bytes);
	if (space > g->space_left)
		return false;
	g->space_left -= space;
	return true;
}

/* Begins a fill on disk. LR_AGAIN: it comes whole in the next group. */
static enum lr
start(struct fill *f, struct group *g)
{
	struct fill_writing *w = &f->w;
	uint64_t bytes = f->head.n + w->spans.bytes;
	size_t room = room_beside_head(f);

	if (w->last && w->spans.bytes < room)
		room = w->spans.bytes;
	if (!w->last && w->spans.bytes < room)
		return LR_OK; /* waits: nobody knows how to cut page 0 */
	if (!group_fits(g, bytes) && bytes <= f->st->group_bytes)
		return LR_AGAIN;
	if (!group_fits(g, f->head.n + room))
		return LR_AGAIN;
	w->id = group_new_id(g);
	w->rec.body0_bytes = (uint32_t)room;
	w->rec.use = evict_first_use(g->st, w->rec.hash);
	w->step = FILL_MOVED;
	group_use(g, f->head.n + room);
	return write_page0(f, g);
}

/* Says in the record what is there now. */
static enum lr
write_record(struct fill *f, struct group *g, bool first)
{
	struct fill_writing *w = &f->w;
	struct record *rec = &w->rec;

	if (w->last && w->spans.bytes == 0) {
		w->step = FILL_WHOLE;
		rec->state = RECORD_COMPLETE;
	}
	if (!first && w->step != FILL_WHOLE)
		return LR_OK;
	rec->body_bytes = rec->plain_bytes = w->body_bytes;
	return content_put_record(&g->tx, w->id, rec, first);
}

/* Deletes what commits before this one have stored of it. */
static enum lr
drop(struct fill *f, struct group *g)
{
	enum lr rc = LR_OK;

	f->w.dropped = true;
	f->w.step = FILL_KEPT;
	if (f->w.id != 0 && !f->w.unread)
		return LR_OK;
	if (f->w.id != 0)
		rc = content_delete(&g->tx, f->w.id, &g->delete_pages_left);
	f->w.step = rc == LR_AGAIN ? FILL_DROPPING : FILL_DROPPED;
	return rc == LR_AGAIN ? LR_OK : rc;
}

/* Is it worth what has to go for it?  An object of unknown length is judged
 * by what is here. */
static enum lr
admit(struct fill *f, struct group *g)
{
	uint64_t bytes = f->declared_bytes != UINT64_MAX ? f->declared_bytes
							 : f->w.spans.bytes;

	return evict_admit(g, f->w.rec.hash, f->head.n + bytes);
}

static enum lr
apply(struct job *job, struct group *g)
{
	struct fill *f = fill_job_fill(job);
	bool first = f->w.id == 0;
	enum lr rc;

	fill_job_take(f);
	if (f->w.dropped)
		return drop(f, g);
	if (first && (rc = admit(f, g)) != LR_OK)
		return rc == LR_DENIED ? drop(f, g) : rc;
	if (!fill_job_reserve(f, g)) {
		if (!g->may_refuse)
			return LR_AGAIN;
		g->refused = true;
		return drop(f, g);
	}
	if (first && (rc = start(f, g)) != LR_OK)
		return rc;
	if (f->w.id == 0)
		return LR_OK;
	if ((rc = write_pages(f, g)) != LR_OK)
		return rc;
	return write_record(f, g, first);
}

/* ---- after the commit; the caller of these has the lock ---- */

static void
fail(struct fill *f)
{
	f->w.dropped = true;
	spans_clear(&f->w.spans);
	spans_clear(&f->incoming);
	if (atomic_load(&f->state) != FILL_OPEN)
		return;
	atomic_store(&f->state, FILL_FAILED);
	atomic_fetch_sub(&f->st->fills, 1);
	stats_add(&f->st->stats.fills_failed, 1);
}

static void
refund_to(struct fill *f, uint64_t keep_bytes)
{
	queue_refund(&f->st->queue, f->charged_bytes - keep_bytes);
	f->charged_bytes = keep_bytes;
}

/* Some of it is readable now. */
static void
move_on(struct fill *f)
{
	uint64_t waiting = f->w.spans.bytes + f->incoming.bytes;

	spans_drop_read(&f->w.spans);
	refund_to(f, waiting);
	f->stored = true;
	if (!f->is_part)
		f->ref = (struct store_ref){
			.id = f->w.id,
			.hash = f->w.rec.hash,
			.body_bytes = f->declared_bytes,
			.body0_bytes = f->w.rec.body0_bytes,
		};
	atomic_store(&f->committed_bytes, f->w.body_bytes);
}

/* Lets it be found; whoever removed it since it began comes first. */
static enum lr
publish_ref(struct fill *f)
{
	uint64_t body = f->is_part ? f->w.place.there_bytes : f->w.body_bytes;
	enum lr rc;

	f->ref.verified = true; /* all of it was written here */
	rc = evict_publish(f->st, &f->ref, f->head.n + body, !f->released);
	if (rc == LR_OK && fill_is_outdated(f))
		index_remove(f->st->index, f->ref.hash, f->ref.id, NULL);
	return rc;
}

static void
finished_well(struct fill *f)
{
	atomic_store(&f->state, FILL_PUBLISHED);
	atomic_fetch_sub(&f->st->fills, 1);
	stats_add(&f->st->stats.published, 1);
}

/* Part of it waits still, or has come in meanwhile. */
static enum job_next
next_of_open(struct fill *f)
{
	uint64_t waiting = f->received_bytes - fill_committed(f);

	if (f->aborted || f->finished || waiting >= FILL_PIECE_BYTES)
		return JOB_AGAIN;
	return JOB_DONE;
}

/* All of it is on disk: let it be found. */
static enum job_next
publish(struct fill *f)
{
	move_on(f);
	if (f->w.dropped || f->aborted) {
		fail(f);
		return JOB_AGAIN;
	}
	f->ref.body_bytes = f->w.body_bytes;
	if (publish_ref(f) != LR_OK) {
		fail(f);
		return JOB_AGAIN;
	}
	finished_well(f);
	return JOB_DONE;
}

/* The first commit of a part: what it goes to can be found. */
static bool
place_part(struct fill *f)
{
	struct store_ref found;
	bool is_new = f->w.place.begun;

	f->w.place.begun = false;
	f->w.place.settled = true;
	f->ref = (struct store_ref){
		.id = f->w.id,
		.hash = f->w.rec.hash,
		.body_bytes = f->part.total_bytes,
	};
	if (is_new)
		return publish_ref(f) == LR_OK;
	if (index_find(f->st->index, f->ref.hash, &found) != LR_OK)
		return false;
	if (found.id == f->ref.id) {
		f->ref = found; /* a whole one has bytes beside its head */
		if (!f->released)
			return true;
		f->ref.slot = INDEX_NO_SLOT;
	}
	f->w.place.surplus = found;
	return found.id == f->ref.id;
}

/* Some of a part, or all, is committed. */
static enum job_next
settle_part(struct fill *f)
{
	bool placed = f->w.place.settled || place_part(f);

	if (placed) {
		move_on(f); /* else it went to what may be deleted by now */
		if (!f->w.place.whole)
			evict_resize(f->st, f->w.rec.hash, f->w.id,
			    f->head.n + f->w.place.there_bytes);
	}
	if (!placed || f->w.dropped || f->aborted) {
		fail(f);
		return JOB_DONE;
	}
	if (f->w.step != FILL_WHOLE)
		return next_of_open(f);
	finished_well(f);
	return JOB_DONE;
}

static enum job_next
settle_failed(struct fill *f, enum lr outcome)
{
	fail(f);
	if (outcome == LR_CLOSED || !f->stored || f->is_part)
		return JOB_DONE;
	return JOB_AGAIN; /* to delete what is there */
}

static enum job_next
settle_by_step(struct fill *f)
{
	switch (f->w.step) {
	case FILL_WAITS:
		return next_of_open(f);
	case FILL_MOVED:
		if (f->is_part)
			return settle_part(f);
		move_on(f);
		return next_of_open(f);
	case FILL_WHOLE:
		return f->is_part ? settle_part(f) : publish(f);
	case FILL_KEPT:
		fail(f);
		return f->released || f->unwanted ? JOB_AGAIN : JOB_DONE;
	case FILL_DROPPING:
		fail(f);
		return JOB_AGAIN;
	case FILL_DROPPED:
		fail(f);
		break;
	}
	return JOB_DONE;
}

enum job_next
fill_job_settle(struct job *job, struct group *g, enum lr outcome)
{
	struct fill *f = fill_job_fill(job);
	struct store *st = f->st;
	struct store_ref surplus;
	enum job_next next;
	bool last;

	(void)g;
	pthread_mutex_lock(&f->lock);
	next = outcome == LR_OK ? settle_by_step(f) : settle_failed(f, outcome);
	f->queued = next == JOB_AGAIN;
	if (!f->queued && atomic_load(&f->state) != FILL_OPEN) {
		f->settled = f->w.step != FILL_KEPT;
		refund_to(f, 0);
	}
	if (f->notify != NULL && (f->w.step != FILL_WAITS || outcome != LR_OK))
		f->notify(f->ctx);
	last = f->released && !f->queued;
	surplus = f->w.place.surplus;
	f->w.place.surplus.slot = INDEX_NO_SLOT;
	pthread_mutex_unlock(&f->lock);
	/* Unless it is ours to destroy, its owner may do so from here on. */
	if (surplus.slot != INDEX_NO_SLOT)
		store_unpin(st, &surplus);
	if (last)
		fill_destroy(f);
	return next;
}

void
fill_supersede(struct job *job, uint64_t hash)
{
	struct fill *f;

	if (job->ops != &FILL_JOB && job->ops != &FILL_PART_JOB)
		return;
	f = fill_job_fill(job);
	if (f->w.step != FILL_WHOLE)
		return; /* not finished: its caller knows of the removal */
	if (f->w.rec.hash == hash || f->w.rec.primary_hash == hash)
		f->w.dropped = true;
}

const struct job_ops FILL_JOB = { apply, fill_job_settle };
