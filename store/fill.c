/* store/fill.c: the caller's side of storing an object */
#include "store/fill.h"

#include <stdlib.h>
#include <string.h>

/* So far, pages can be numbered (schema.h); only a part may say more than
 * anybody will ever store. */
#define SPARSE_MAX_BYTES ((uint64_t)(SCHEMA_TABLE_PAGE - 1) * STORE_PAGE_BYTES)

/* A fill charges the queue for itself and its head, too. */
static uint64_t
own_bytes(const struct fill *f)
{
	return sizeof(*f) + f->head.n;
}

static struct fill *
fill_alloc(const struct store_object *obj, struct slice head)
{
	char text[SCHEMA_URL_TEXT_MAX];
	size_t n = schema_url_text(text, obj->url);
	struct fill *f = malloc(sizeof(*f) + head.n + n);

	if (f == NULL)
		return NULL;
	*f = (struct fill){ .magic = FILL_MAGIC };
	if (head.n > 0)
		memcpy(f->tail, head.p, head.n);
	f->head = slice_make(f->tail, head.n);
	memcpy(f->tail + head.n, text, n);
	f->w.rec = (struct record){
		.state = RECORD_FILLING,
		.flags = obj->flags,
		.hash = obj->hash,
		.primary_hash = obj->primary_hash,
		.stored_at_s = obj->stored_at_s,
		.expires_at_s = obj->expires_at_s,
		.stale_s = obj->stale_s,
		.head_bytes = (uint32_t)head.n,
		.tag = obj->tag,
		.url = slice_make(f->tail + head.n, n),
	};
	f->job.ops = &FILL_JOB;
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

static enum lr
refuse(struct store *st, enum lr why)
{
	stats_add(&st->stats.fills_refused, 1);
	return why;
}

static enum lr
begin(struct store *st, struct fill *f, uint64_t body_bytes,
    fill_notify *notify, void *ctx)
{
	const struct record *rec = &f->w.rec;

	if (!queue_charge(&st->queue, own_bytes(f)))
		return LR_FULL;
	f->st = st;
	f->charged_bytes = own_bytes(f);
	f->declared_bytes = body_bytes;
	f->removals = store_removals(st, rec->hash, rec->primary_hash);
	f->notify = notify;
	f->ctx = ctx;
	stats_add(&st->stats.fills, 1);
	atomic_fetch_add(&st->fills, 1);
	return LR_OK;
}

/* part: NULL for a whole object. */
static enum lr
admit(struct store *st, const struct store_object *obj, struct slice head,
    uint64_t body_bytes, const struct store_part *part, fill_notify *notify,
    void *ctx, struct fill **out)
{
	struct fill *f;
	enum lr rc;

	MAGIC_CHECK(st, STORE_MAGIC);
	if (head.n > st->object_max_bytes ||
	    (body_bytes != UINT64_MAX &&
		body_bytes > st->object_max_bytes - head.n))
		return refuse(st, LR_TOOBIG);
	if (atomic_load_explicit(&st->full, memory_order_relaxed))
		return refuse(st, LR_FULL);
	if ((f = fill_alloc(obj, head)) == NULL)
		return refuse(st, LR_NOMEM);
	if ((rc = begin(st, f, body_bytes, notify, ctx)) != LR_OK) {
		fill_destroy(f);
		return refuse(st, rc);
	}
	if (part != NULL) {
		f->job.ops = &FILL_PART_JOB;
		f->is_part = true;
		f->part = *part;
		f->w.rec.state = RECORD_SPARSE;
		f->w.rec.body_bytes = part->total_bytes;
		f->w.rec.plain_bytes = part->total_bytes;
		f->w.place.end = part->first;
	}
	*out = f;
	return LR_OK;
}

enum lr
fill_begin(struct store *st, const struct store_object *obj, struct slice head,
    uint64_t body_bytes, fill_notify *notify, void *ctx, struct fill **out)
{
	return admit(st, obj, head, body_bytes, NULL, notify, ctx, out);
}

enum lr
fill_begin_part(struct store *st, const struct store_object *obj,
    struct slice head, const struct store_part *part, fill_notify *notify,
    void *ctx, struct fill **out)
{
	CHECK(part->n_bytes > 0 && part->first < part->total_bytes &&
	    part->n_bytes <= part->total_bytes - part->first);
	if (part->total_bytes > SPARSE_MAX_BYTES)
		return refuse(st, LR_TOOBIG);
	return admit(st, obj, head, part->n_bytes, part, notify, ctx, out);
}

bool
fill_is_outdated(const struct fill *f)
{
	return f->removals !=
	    store_removals(f->st, f->w.rec.hash, f->w.rec.primary_hash);
}

/* Nothing of it will be found.  The caller has the lock. */
static void
give_up(struct fill *f)
{
	if (f->aborted || atomic_load(&f->state) != FILL_OPEN)
		return;
	f->aborted = true;
	atomic_store(&f->state, FILL_FAILED);
	atomic_fetch_sub(&f->st->fills, 1);
	stats_add(&f->st->stats.fills_failed, 1);
	queue_refund(&f->st->queue, f->incoming.bytes);
	f->charged_bytes -= f->incoming.bytes;
	spans_clear(&f->incoming);
}

static bool
piece_waits(struct fill *f)
{
	uint64_t bytes = f->received_bytes - fill_committed(f);

	return bytes >= FILL_PIECE_BYTES ||
	    (bytes >= 2 * STORE_PAGE_BYTES && queue_pressed(&f->st->queue));
}

/* Is there something to do for the writer?  The caller has the lock. */
static bool
must_queue(struct fill *f)
{
	if (f->queued || f->settled)
		return false;
	if (atomic_load(&f->state) == FILL_FAILED)
		f->queued = f->stored && (f->released || f->unwanted);
	else
		f->queued = f->finished || piece_waits(f);
	return f->queued;
}

/* The caller has the lock. */
static enum lr
append(struct fill *f, struct span piece)
{
	uint64_t most = f->st->object_max_bytes - f->head.n;

	if (atomic_load(&f->state) != FILL_OPEN)
		return LR_FULL;
	if (most > f->declared_bytes)
		most = f->declared_bytes;
	if (piece.len > most - f->received_bytes)
		return LR_TOOBIG;
	if (!queue_charge(&f->st->queue, piece.len))
		return LR_FULL;
	f->charged_bytes += piece.len;
	f->received_bytes += piece.len;
	return spans_add(&f->incoming, piece);
}

enum lr
fill_append(struct fill *f, struct span piece)
{
	enum lr rc;
	bool push;

	MAGIC_CHECK(f, FILL_MAGIC);
	pthread_mutex_lock(&f->lock);
	CHECK(!f->finished);
	if ((rc = append(f, piece)) != LR_OK)
		give_up(f);
	push = must_queue(f);
	pthread_mutex_unlock(&f->lock);
	if (push)
		queue_push(&f->st->queue, &f->job);
	return rc;
}

void
fill_finish(struct fill *f)
{
	bool push;

	MAGIC_CHECK(f, FILL_MAGIC);
	pthread_mutex_lock(&f->lock);
	f->finished = true;
	if (f->is_part ? f->received_bytes == 0
		       : f->declared_bytes != UINT64_MAX &&
		    f->received_bytes != f->declared_bytes)
		give_up(f); /* cut short: must never look whole */
	push = must_queue(f);
	pthread_mutex_unlock(&f->lock);
	if (push)
		queue_push(&f->st->queue, &f->job);
}

void
fill_abort(struct fill *f)
{
	bool push;

	MAGIC_CHECK(f, FILL_MAGIC);
	pthread_mutex_lock(&f->lock);
	give_up(f);
	f->unwanted = true;
	push = must_queue(f);
	pthread_mutex_unlock(&f->lock);
	if (push)
		queue_push(&f->st->queue, &f->job);
}

void
fill_free(struct fill *f)
{
	struct store *st;
	struct store_ref ref;
	bool push, last;

	if (f == NULL)
		return;
	MAGIC_CHECK(f, FILL_MAGIC);
	st = f->st;
	pthread_mutex_lock(&f->lock);
	if (!f->finished)
		give_up(f);
	f->notify = NULL;
	f->released = true;
	ref = f->ref;
	push = must_queue(f);
	last = !f->queued;
	pthread_mutex_unlock(&f->lock);
	if (ref.slot != INDEX_NO_SLOT)
		store_unpin(st, &ref);
	if (push)
		queue_push(&st->queue, &f->job);
	if (last)
		fill_destroy(f);
}

void
fill_destroy(struct fill *f)
{
	if (f->st != NULL)
		queue_refund(&f->st->queue, f->charged_bytes);
	spans_clear(&f->incoming);
	spans_clear(&f->w.spans);
	pthread_mutex_destroy(&f->lock);
	f->magic = 0;
	free(f);
}

enum fill_state
fill_state(const struct fill *f)
{
	return (enum fill_state)atomic_load(&f->state);
}

uint64_t
fill_committed(const struct fill *f)
{
	return atomic_load(&f->committed_bytes);
}

enum lr
fill_ref(const struct fill *f, struct store_ref *out)
{
	/* Locking does not change what the fill is. */
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&f->lock;
	enum lr rc = LR_AGAIN;

	pthread_mutex_lock(lock);
	if (f->stored) {
		*out = f->ref;
		rc = LR_OK;
	}
	pthread_mutex_unlock(lock);
	return rc;
}
