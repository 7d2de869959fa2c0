/* store/change.c: removals, new heads, waiting */
#include "store/change.h"

#include <stdlib.h>
#include <string.h>

#include "store/content.h"
#include "store/fill.h"
#include "store/group.h"
#include "store/select.h"

/* ---- removals ---- */

struct removal {
	struct job job;
	struct store *st;
	struct change_removal what;
};

struct variants {
	struct group *g;
	uint64_t primary_hash;
};

/* A variant of the resource that is to go?  Its url may just be alike. */
static bool
remove_variant(void *ctx, uint64_t id)
{
	struct variants *v = ctx;
	struct record rec;

	if (content_get_record(&v->g->tx, id, &rec) == LR_OK &&
	    record_is_published(&rec) && rec.primary_hash == v->primary_hash)
		index_remove(v->g->st->index, rec.hash, id, NULL);
	return true;
}

static enum lr
remove_variants(struct group *g, uint64_t id)
{
	struct variants v = { .g = g };
	char text[SCHEMA_URL_TEXT_MAX];
	struct record rec;
	enum lr rc = content_get_record(&g->tx, id, &rec);

	if (rc == LR_NOTFOUND || rc == LR_CORRUPT || rc == LR_VERSION)
		return LR_OK; /* evicted since, or nothing to go by */
	if (rc != LR_OK)
		return rc;
	if (rec.hash != rec.primary_hash)
		return LR_OK;
	v.primary_hash = rec.primary_hash;
	if (rec.url.n > 0)
		memcpy(text, rec.url.p, rec.url.n);
	return select_url(
	    &g->tx, slice_make(text, rec.url.n), remove_variant, &v);
}

/* Fills that were finished before the removal, but not yet published when
 * it was made. */
static enum lr
remove_coming(struct group *g, uint64_t hash)
{
	struct job *before;
	uint64_t id;

	for (before = g->jobs.first; before != NULL; before = before->next)
		fill_supersede(before, hash);
	if (index_remove(g->st->index, hash, 0, &id) != LR_OK)
		return LR_OK;
	return remove_variants(g, id);
}

static enum lr
removal_apply(struct job *job, struct group *g)
{
	struct change_removal *what = &((struct removal *)job)->what;
	enum lr rc = LR_OK;

	if (what->coming)
		rc = remove_coming(g, what->ref.hash);
	if (rc == LR_OK && what->ref.slot != INDEX_NO_SLOT)
		rc = remove_variants(g, what->ref.id);
	return rc;
}

static enum job_next
removal_settle(struct job *job, struct group *g, enum lr outcome)
{
	struct removal *r = (struct removal *)job;

	(void)g;
	(void)outcome; /* what is gone from the index stays gone */
	if (r->what.ref.slot != INDEX_NO_SLOT)
		store_unpin(r->st, &r->what.ref);
	free(r);
	return JOB_DONE;
}

static const struct job_ops REMOVAL_JOB = { removal_apply, removal_settle };

enum lr
change_removed(struct store *st, const struct change_removal *what)
{
	struct removal *r = malloc(sizeof(*r));

	if (r == NULL)
		return LR_NOMEM;
	*r = (struct removal){
		.job.ops = &REMOVAL_JOB, .st = st, .what = *what
	};
	queue_push(&st->queue, &r->job);
	return LR_OK;
}

/* ---- new heads ---- */

struct new_head {
	struct job job;
	struct store *st;
	struct store_ref ref;
	struct record times;
	fill_notify *notify;
	void *ctx;
	uint64_t charged_bytes;
	size_t n;
	char head[];
};

static enum lr
new_head_apply(struct job *job, struct group *g)
{
	struct new_head *h = (struct new_head *)job;
	enum lr rc;

	if (!index_alive(g->st->index, h->ref.slot, h->ref.id))
		return LR_OK;
	rc = content_set_head(
	    &g->tx, h->ref.id, slice_make(h->head, h->n), &h->times);
	if (rc == LR_CORRUPT || rc == LR_VERSION) {
		stats_add(&g->st->stats.corrupt, 1);
		index_remove(g->st->index, h->ref.hash, h->ref.id, NULL);
		return LR_OK;
	}
	return rc == LR_NOTFOUND ? LR_OK : rc;
}

static enum job_next
new_head_settle(struct job *job, struct group *g, enum lr outcome)
{
	struct new_head *h = (struct new_head *)job;

	(void)g;
	if (outcome == LR_OK)
		stats_add(&h->st->stats.updates, 1);
	queue_refund(&h->st->queue, h->charged_bytes);
	if (h->notify != NULL)
		h->notify(h->ctx);
	free(h);
	return JOB_DONE;
}

static const struct job_ops NEW_HEAD_JOB = { new_head_apply, new_head_settle };

enum lr
change_head(struct store *st, const struct store_ref *ref,
    const struct store_object *obj, struct slice head, fill_notify *notify,
    void *ctx)
{
	struct new_head *h;
	uint64_t bytes = sizeof(*h) + head.n;

	CHECK(ref->slot != INDEX_NO_SLOT);
	if (!queue_charge(&st->queue, bytes))
		return LR_FULL;
	if ((h = malloc(bytes)) == NULL) {
		queue_refund(&st->queue, bytes);
		return LR_NOMEM;
	}
	*h = (struct new_head){ .job.ops = &NEW_HEAD_JOB,
		.st = st,
		.ref = *ref,
		.times = { .stored_at_s = obj->stored_at_s,
		    .expires_at_s = obj->expires_at_s,
		    .stale_s = obj->stale_s,
		    .flags = obj->flags,
		    .tag = obj->tag },
		.notify = notify,
		.ctx = ctx,
		.charged_bytes = bytes,
		.n = head.n };
	if (head.n > 0)
		memcpy(h->head, head.p, head.n);
	queue_push(&st->queue, &h->job);
	return LR_OK;
}

/* ---- waiting ---- */

struct barrier {
	struct job job; /* on the waiting thread's stack */
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool passed;
};

/* Alone in its group: what came before and is not done comes before it
 * again. */
static enum lr
barrier_apply(struct job *job, struct group *g)
{
	(void)job;
	return g->n == 0 ? LR_OK : LR_AGAIN;
}

static enum job_next
barrier_settle(struct job *job, struct group *g, enum lr outcome)
{
	struct barrier *b = (struct barrier *)job;

	if (outcome == LR_OK && index_has_drained(g->st->index))
		return JOB_AGAIN;
	pthread_mutex_lock(&b->lock);
	b->passed = true;
	pthread_cond_signal(&b->done);
	pthread_mutex_unlock(&b->lock);
	return JOB_DONE;
}

static const struct job_ops BARRIER_JOB = { barrier_apply, barrier_settle };

void
change_wait(struct store *st)
{
	struct barrier b = { .job.ops = &BARRIER_JOB };

	pthread_mutex_init(&b.lock, NULL);
	pthread_cond_init(&b.done, NULL);
	queue_push(&st->queue, &b.job);
	queue_hurry(&st->queue);
	pthread_mutex_lock(&b.lock);
	while (!b.passed)
		pthread_cond_wait(&b.done, &b.lock);
	pthread_mutex_unlock(&b.lock);
	pthread_cond_destroy(&b.done);
	pthread_mutex_destroy(&b.lock);
}
