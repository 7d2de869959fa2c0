#include "proxy/request/follower.h"

#include <stdlib.h>

#include "proxy/request/flight_internal.h"

static void
follower_destroy(struct follower *fo)
{
	flight_unref(fo->flight);
	free(fo);
}

static void
follower_awake(struct follower *fo)
{
	bool left;

	pthread_mutex_lock(&fo->flight->lock);
	fo->posted = false;
	left = fo->left;
	pthread_mutex_unlock(&fo->flight->lock);
	if (left)
		follower_destroy(fo);
	else
		fo->wake(fo->ctx);
}

static void
follower_mail(struct mail *m, void *owner)
{
	(void)owner;
	follower_awake(
	    (struct follower *)((char *)m - offsetof(struct follower, mail)));
}

static void
follower_task(void *ctx)
{
	follower_awake(ctx);
}

enum lr
follower_create(struct flight *f, struct request_env *env,
    void (*wake)(void *ctx), void *ctx, struct follower **out)
{
	struct follower *fo = calloc(1, sizeof(*fo));

	if (fo == NULL)
		return LR_NOMEM;
	fo->flight = flight_ref(f);
	fo->env = env;
	fo->wake = wake;
	fo->ctx = ctx;
	fo->mail.deliver = follower_mail;
	fo->task.fn = follower_task;
	fo->task.ctx = fo;
	pthread_mutex_lock(&f->lock);
	fo->next = f->followers;
	if (fo->next != NULL)
		fo->next->prev = fo;
	f->followers = fo;
	f->n_followers++;
	pthread_mutex_unlock(&f->lock);
	*out = fo;
	return LR_OK;
}

void
follower_free(struct follower *fo)
{
	struct flight *f;
	bool posted;

	if (fo == NULL)
		return;
	f = fo->flight;
	pthread_mutex_lock(&f->lock);
	if (fo->prev != NULL)
		fo->prev->next = fo->next;
	else
		f->followers = fo->next;
	if (fo->next != NULL)
		fo->next->prev = fo->prev;
	f->n_followers--;
	fo->left = true;
	posted = fo->posted;
	flight_ask_attention(f);
	pthread_mutex_unlock(&f->lock);
	/* A deferred wake can be taken back, mail on its way cannot. */
	if (posted && fo->env == f->home)
		loop_undefer(fo->env->loop, &fo->task);
	if (!posted || fo->env == f->home)
		follower_destroy(fo);
}

struct flight *
follower_flight(struct follower *fo)
{
	return fo->flight;
}

void
follower_view(struct follower *fo, struct flight_view *out)
{
	struct flight *f = fo->flight;

	pthread_mutex_lock(&f->lock);
	fo->seen = f->changes;
	*out = (struct flight_view){ .state = f->state,
		.head = f->published ? &f->head : NULL,
		.end = f->window.end,
		.why = f->why,
		.landed = f->landed,
		.trailers = strbuf_slice(&f->trailers) };
	pthread_mutex_unlock(&f->lock);
}

enum lr
follower_wait(struct follower *fo)
{
	struct flight *f = fo->flight;
	enum lr rc = LR_OK;

	pthread_mutex_lock(&f->lock);
	if (fo->seen == f->changes) {
		fo->waiting = true;
		rc = LR_AGAIN;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

void
follower_interim(struct follower *fo, struct strbuf *out)
{
	struct flight *f = fo->flight;

	pthread_mutex_lock(&f->lock);
	strbuf_add_slice(
	    out, slice_cut(strbuf_slice(&f->interim), fo->interim_n, SIZE_MAX));
	fo->interim_n = f->interim.n;
	pthread_mutex_unlock(&f->lock);
}

enum lr
follower_read(
    struct follower *fo, uint64_t offset, struct span out[WINDOW_READ], int *n)
{
	struct flight *f = fo->flight;
	enum lr rc;

	pthread_mutex_lock(&f->lock);
	fo->offset = offset;
	rc = window_read(&f->window, offset, out, n);
	if (f->hungry)
		flight_ask_attention(f);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

enum lr
follower_object(struct follower *fo, struct store_ref *ref, uint64_t *committed)
{
	struct flight *f = fo->flight;
	struct fill *fill;

	pthread_mutex_lock(&f->lock);
	fill = f->fill; /* stays while we hold the flight */
	pthread_mutex_unlock(&f->lock);
	if (fill == NULL)
		return LR_NOTFOUND;
	/* In this order: ref, which says how far it can be read, must not be
	 * older.  Not with our lock: the store calls us with its own. */
	*committed = fill_committed(fill);
	return fill_ref(fill, ref) == LR_OK ? LR_OK : LR_NOTFOUND;
}
