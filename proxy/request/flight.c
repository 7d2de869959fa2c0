#include "proxy/request/flight.h"

#include <stdlib.h>

#include "proxy/request/flight_internal.h"
#include "store/base/check.h"

#define INTERIM_BYTES 65536 /* of 1xx heads; more are left out */

/* Bytes kept in memory for followers when the store has them too; and
 * what a fetch may be ahead of its slowest follower, or of the store. */
#define WINDOW_BYTES ((uint64_t)1 << 20)
#define AHEAD_STORE_BYTES ((uint64_t)8 << 20)
/* The latter of all flights together: the store refuses what its queue
 * has no room for. */
#define AHEAD_ALL_BYTES ((uint64_t)32 << 20)
#define AHEAD_LEAST_BYTES ((uint64_t)2 * FILL_PIECE_BYTES)

struct flight *
flight_new(struct request_env *env, struct cache_key key)
{
	struct flight *f = calloc(1, sizeof(*f));
	char *text = NULL;

	if (f == NULL)
		return NULL;
	if (key.text.n > 0 && (text = malloc(key.text.n)) == NULL) {
		free(f);
		return NULL;
	}
	if (text != NULL)
		memcpy(text, key.text.p, key.text.n);
	f->magic = FLIGHT_MAGIC;
	atomic_init(&f->refs, 1);
	f->home = env;
	f->store = env->store;
	f->table = env->flights;
	f->key = (struct cache_key){ slice_make(text, key.text.n), key.hash };
	f->head.body_bytes = UINT64_MAX;
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

struct flight *
flight_ref(struct flight *f)
{
	atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
	return f;
}

void
flight_unref(struct flight *f)
{
	if (f == NULL ||
	    atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) > 1)
		return;
	MAGIC_CHECK(f, FLIGHT_MAGIC);
	CHECK(f->followers == NULL && !f->listed);
	if (f->head.in_store)
		store_unpin(f->store, &f->head.object);
	if (f->fill != NULL)
		fill_free(f->fill);
	strbuf_free(&f->head.blob);
	strbuf_free(&f->head.full);
	strbuf_free(&f->head.names);
	strbuf_free(&f->interim);
	strbuf_free(&f->trailers);
	window_free(&f->window);
	pthread_mutex_destroy(&f->lock);
	free((char *)f->key.text.p);
	f->magic = 0;
	free(f);
}

/* Tells every waiting follower that something changed.  On the home
 * worker, with the lock. */
static void
changed(struct flight *f)
{
	f->changes++;
	for (struct follower *fo = f->followers; fo != NULL; fo = fo->next) {
		if (!fo->waiting || fo->posted)
			continue;
		fo->waiting = false;
		fo->posted = true;
		if (fo->env == f->home)
			loop_defer(f->home->loop, &fo->task);
		else
			mailbox_post(fo->env->box, &fo->mail);
	}
}

static void
attend(struct flight *f)
{
	void (*fn)(void *);
	void *ctx;

	pthread_mutex_lock(&f->lock);
	f->attention_posted = false;
	fn = f->attention;
	ctx = f->attention_ctx;
	pthread_mutex_unlock(&f->lock);
	if (fn != NULL)
		fn(ctx);
	flight_unref(f);
}

static void
attention_mail(struct mail *m, void *owner)
{
	(void)owner;
	attend((struct flight *)((char *)m -
	    offsetof(struct flight, attention_mail)));
}

/* With the lock. */
void
flight_ask_attention(struct flight *f)
{
	if (f->attention == NULL || f->attention_posted)
		return;
	f->attention_posted = true;
	flight_ref(f);
	f->attention_mail.deliver = attention_mail;
	mailbox_post(f->home->box, &f->attention_mail);
}

void
flight_attention(struct flight *f)
{
	pthread_mutex_lock(&f->lock);
	flight_ask_attention(f);
	pthread_mutex_unlock(&f->lock);
}

void
flight_on_attention(struct flight *f, void (*fn)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&f->lock);
	f->attention = fn;
	f->attention_ctx = ctx;
	pthread_mutex_unlock(&f->lock);
}

/* ---- the fetch's side ---- */

struct flight_head *
flight_head_edit(struct flight *f)
{
	return &f->head;
}

void
flight_publish(struct flight *f)
{
	pthread_mutex_lock(&f->lock);
	CHECK(f->state == FLIGHT_WAITING);
	f->state = FLIGHT_OPEN;
	f->published = true;
	changed(f);
	pthread_mutex_unlock(&f->lock);
}

void
flight_interim(struct flight *f, struct slice raw)
{
	pthread_mutex_lock(&f->lock);
	if (f->interim.n + raw.n <= INTERIM_BYTES)
		strbuf_add_slice(&f->interim, raw);
	changed(f);
	pthread_mutex_unlock(&f->lock);
}

/* The body offset that every follower has passed.  With the lock. */
static uint64_t
slowest(const struct flight *f)
{
	uint64_t least = f->window.end;

	for (struct follower *fo = f->followers; fo != NULL; fo = fo->next)
		if (fo->offset < least)
			least = fo->offset;
	return least;
}

void
flight_set_fill(struct flight *f, struct fill *take_fill)
{
	flight_table_count_fill(f->table);
	pthread_mutex_lock(&f->lock);
	f->fill = take_fill;
	f->filling = f->counted = true;
	pthread_mutex_unlock(&f->lock);
}

/* With the lock. */
static void
discount(struct flight *f)
{
	if (f->counted)
		flight_table_discount_fill(f->table);
	f->counted = false;
}

/* What followers that lag have to read from it stays until the flight
 * ends. */
void
flight_drop_fill(struct flight *f)
{
	bool needless;

	pthread_mutex_lock(&f->lock);
	needless = f->filling && slowest(f) >= f->window.base;
	f->filling = false;
	discount(f);
	pthread_mutex_unlock(&f->lock);
	if (needless && fill_state(f->fill) != FILL_PUBLISHED)
		fill_abort(f->fill);
}

void
flight_withdraw(struct flight *f)
{
	struct fill *fill = NULL;

	pthread_mutex_lock(&f->lock);
	if (f->filling && f->state == FLIGHT_DONE &&
	    slowest(f) >= f->window.base)
		fill = f->fill; /* stays while we hold the flight */
	pthread_mutex_unlock(&f->lock);
	/* Not with our lock: the store calls us with its own. */
	if (fill != NULL && fill_state(fill) == FILL_OPEN)
		fill_abort(fill);
}

struct fill *
flight_fill(struct flight *f)
{
	return f->filling ? f->fill : NULL;
}

bool
flight_doomed(struct flight *f)
{
	return atomic_load(&f->doomed);
}

void
flight_set_updated(struct flight *f)
{
	atomic_store(&f->updated, true);
	flight_attention(f);
}

bool
flight_updated(struct flight *f)
{
	return atomic_load(&f->updated);
}

/* With the lock. */
static void
trim(struct flight *f)
{
	struct window *w = &f->window;
	uint64_t limit;

	if (!f->filling) {
		window_drop(w, slowest(f));
		return;
	}
	limit = f->landed ? 0 : WINDOW_BYTES; /* to stay in memory */
	if (w->end - w->base <= limit)
		return;
	limit = w->end - limit;
	if (limit > fill_committed(f->fill))
		limit = fill_committed(f->fill);
	window_drop(w, limit);
}

/* What a flight may be ahead of the store. */
static uint64_t
ahead_bytes(const struct flight *f)
{
	uint64_t share = AHEAD_ALL_BYTES / (flight_table_fills(f->table) + 1);

	if (share < AHEAD_LEAST_BYTES)
		return AHEAD_LEAST_BYTES;
	return share < AHEAD_STORE_BYTES ? share : AHEAD_STORE_BYTES;
}

bool
flight_has_room(struct flight *f)
{
	uint64_t ahead;
	bool room;

	pthread_mutex_lock(&f->lock);
	trim(f);
	if (f->filling) {
		ahead = f->window.end - fill_committed(f->fill);
		room = ahead < ahead_bytes(f);
	} else {
		ahead = f->window.end - slowest(f);
		room = ahead < WINDOW_BYTES;
	}
	f->hungry = !room;
	pthread_mutex_unlock(&f->lock);
	return room;
}

size_t
flight_followers(struct flight *f)
{
	size_t n;

	pthread_mutex_lock(&f->lock);
	n = f->n_followers;
	pthread_mutex_unlock(&f->lock);
	return n;
}

bool
flight_part(struct flight *f, struct partial *out, bool *complete)
{
	bool known;

	pthread_mutex_lock(&f->lock);
	known = f->published && f->state != FLIGHT_FAILED && f->head.is_part &&
	    f->head.shareable;
	if (known)
		*out = f->head.part;
	*complete = f->state == FLIGHT_DONE;
	pthread_mutex_unlock(&f->lock);
	return known;
}

enum lr
flight_append(struct flight *f, struct span piece)
{
	enum lr rc;

	pthread_mutex_lock(&f->lock);
	trim(f);
	rc = window_append(&f->window, piece);
	if (rc == LR_OK)
		changed(f);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

void
flight_finish(struct flight *f, struct slice trailers)
{
	pthread_mutex_lock(&f->lock);
	f->state = FLIGHT_DONE;
	strbuf_add_slice(&f->trailers, trailers);
	changed(f);
	pthread_mutex_unlock(&f->lock);
}

void
flight_land(struct flight *f)
{
	flight_leave_table(f);
	pthread_mutex_lock(&f->lock);
	f->landed = true;
	discount(f);
	trim(f); /* who lags reads what is stored now */
	changed(f);
	pthread_mutex_unlock(&f->lock);
}

void
flight_fail(struct flight *f, enum lr why)
{
	pthread_mutex_lock(&f->lock);
	f->state = FLIGHT_FAILED;
	f->why = why;
	changed(f);
	pthread_mutex_unlock(&f->lock);
}
