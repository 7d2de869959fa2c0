#include "proxy/request/flight.h"

#include <pthread.h>
#include <stdlib.h>

#include "store/base/check.h"
#include "store/base/hash.h"

#define TABLE_SHARDS 64 /* power of two */
#define SHARD_BUCKETS 64
#define PRIVATE_SLOTS 4096 /* power of two */
#define PRIVATE_MS 120000
#define INTERIM_BYTES 65536 /* of 1xx heads; more are left out */

/* Bytes kept in memory for followers when the store has them too; and
 * what a fetch may be ahead of its slowest follower, or of the store. */
#define WINDOW_BYTES ((uint64_t)1 << 20)
#define AHEAD_STORE_BYTES ((uint64_t)8 << 20)
/* The latter of all flights together: the store refuses what its queue
 * has no room for. */
#define AHEAD_ALL_BYTES ((uint64_t)32 << 20)
#define AHEAD_LEAST_BYTES ((uint64_t)2 * FILL_PIECE_BYTES)

struct shard {
	pthread_mutex_t lock;
	struct flight *buckets[SHARD_BUCKETS];
};

struct private_slot { /* racy by design: a lost note costs one wait */
	_Atomic uint64_t hash;
	_Atomic int64_t until_ms;
};

struct flight_table {
	struct shard shards[TABLE_SHARDS];
	_Atomic size_t count;
	_Atomic size_t fills; /* flights whose body goes to the store */
	struct private_slot private[PRIVATE_SLOTS];
};

#define FLIGHT_MAGIC MAGIC('F', 'l', 'g', 't')

struct flight {
	uint32_t magic;
	_Atomic uint32_t refs;
	struct request_env *home;
	struct store *store; /* outlives every worker */
	struct flight_table *table;
	struct cache_key key; /* text owned */
	struct flight *next;  /* in a bucket; the shard's lock */
	bool listed;	      /* likewise */
	bool joinable;	      /* likewise; only while listed */
	_Atomic bool doomed, updated;
	struct flight_head head;

	pthread_mutex_t lock; /* all below */
	enum flight_state state;
	enum lr why;
	bool published; /* head may be read */
	bool landed;
	bool hungry;	  /* the fetch waits for room */
	uint64_t changes; /* counts what followers may want to see */
	struct window window;
	struct strbuf interim, trailers;
	struct fill *fill;
	bool filling; /* fill is open or done, not given up */
	bool counted; /* in the table's fills */
	struct follower *followers;
	size_t n_followers;

	void (*attention)(void *ctx);
	void *attention_ctx;
	bool attention_posted;
	struct mail attention_mail;
	struct task attention_task;
};

struct follower {
	struct flight *flight; /* a reference */
	struct request_env *env;
	void (*wake)(void *ctx);
	void *ctx;
	struct follower *prev, *next; /* flight's lock, as all below */
	uint64_t seen;		      /* flight->changes at the last view */
	uint64_t offset;  /* body bytes before it are not needed any more */
	size_t interim_n; /* bytes of interim heads taken */
	bool waiting;
	bool posted; /* a wake is under way */
	bool left;   /* freed by its owner while posted */
	struct mail mail;
	struct task task;
};

/* ---- the table ---- */

enum lr
flight_table_create(struct flight_table **out)
{
	struct flight_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < TABLE_SHARDS; i++)
		pthread_mutex_init(&t->shards[i].lock, NULL);
	*out = t;
	return LR_OK;
}

void
flight_table_free(struct flight_table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < TABLE_SHARDS; i++)
		pthread_mutex_destroy(&t->shards[i].lock);
	free(t);
}

size_t
flight_table_count(struct flight_table *t)
{
	return atomic_load(&t->count);
}

static struct private_slot *
private_slot(struct flight_table *t, uint64_t hash)
{
	return &t->private[hash & (PRIVATE_SLOTS - 1)];
}

void
flight_table_remember_private(
    struct flight_table *t, uint64_t hash, int64_t mono_ms)
{
	struct private_slot *s = private_slot(t, hash);

	atomic_store_explicit(&s->hash, hash, memory_order_relaxed);
	atomic_store_explicit(
	    &s->until_ms, mono_ms + PRIVATE_MS, memory_order_relaxed);
}

void
flight_table_forget_private(struct flight_table *t, uint64_t hash)
{
	struct private_slot *s = private_slot(t, hash);

	if (atomic_load_explicit(&s->hash, memory_order_relaxed) == hash)
		atomic_store_explicit(&s->until_ms, 0, memory_order_relaxed);
}

bool
flight_table_is_private(struct flight_table *t, uint64_t hash, int64_t mono_ms)
{
	struct private_slot *s = private_slot(t, hash);

	return atomic_load_explicit(&s->hash, memory_order_relaxed) == hash &&
	    atomic_load_explicit(&s->until_ms, memory_order_relaxed) > mono_ms;
}

static struct shard *
shard_of(struct flight_table *t, uint64_t hash)
{
	return &t->shards[hash & (TABLE_SHARDS - 1)];
}

static struct flight **
bucket_of(struct shard *sh, uint64_t hash)
{
	return &sh->buckets[(hash >> 6) & (SHARD_BUCKETS - 1)];
}

/* Call with the shard's lock. */
static struct flight *
find(struct shard *sh, struct cache_key key)
{
	struct flight *f = *bucket_of(sh, key.hash);

	while (f != NULL &&
	    (!f->joinable || f->key.hash != key.hash ||
		!slice_eq(f->key.text, key.text)))
		f = f->next;
	return f;
}

static void
list_locked(struct flight *f, struct shard *sh, bool joinable)
{
	f->next = *bucket_of(sh, f->key.hash);
	*bucket_of(sh, f->key.hash) = f;
	f->listed = true;
	f->joinable = joinable;
	flight_ref(f); /* the table's */
	atomic_fetch_add(&f->table->count, 1);
}

static void
unlist_locked(struct flight *f, struct shard *sh)
{
	struct flight **p = bucket_of(sh, f->key.hash);

	while (*p != f)
		p = &(*p)->next;
	*p = f->next;
	f->listed = f->joinable = false;
	atomic_fetch_sub(&f->table->count, 1);
}

bool
flight_close(struct flight *f)
{
	struct shard *sh = shard_of(f->table, f->key.hash);
	bool was;

	pthread_mutex_lock(&sh->lock);
	was = f->joinable;
	f->joinable = false;
	pthread_mutex_unlock(&sh->lock);
	return was;
}

void
flight_leave_table(struct flight *f)
{
	struct shard *sh;
	bool was;

	if (f->key.text.n == 0)
		return; /* never in it */
	sh = shard_of(f->table, f->key.hash);
	pthread_mutex_lock(&sh->lock);
	was = f->listed;
	if (was)
		unlist_locked(f, sh);
	pthread_mutex_unlock(&sh->lock);
	if (was)
		flight_unref(f);
}

/* Is f a fetch of this resource, or of one of its variants (whose keys
 * continue the resource's after a line end)? */
static bool
fetches(const struct flight *f, struct slice resource)
{
	return slice_starts(f->key.text, resource) &&
	    (f->key.text.n == resource.n || f->key.text.p[resource.n] == '\n');
}

/* Takes the flights of resource off one shard; linked by next. */
static struct flight *
shard_doom(struct shard *sh, struct slice resource)
{
	struct flight *doomed = NULL;

	pthread_mutex_lock(&sh->lock);
	for (size_t i = 0; i < SHARD_BUCKETS; i++) {
		struct flight *next, *f = sh->buckets[i];

		for (; f != NULL; f = next) {
			next = f->next;
			if (!fetches(f, resource))
				continue;
			atomic_store(&f->doomed, true);
			unlist_locked(f, sh);
			f->next = doomed;
			doomed = f;
		}
	}
	pthread_mutex_unlock(&sh->lock);
	return doomed;
}

void
flight_table_doom(struct flight_table *t, struct slice resource)
{
	struct flight *f, *next;

	if (atomic_load(&t->count) == 0)
		return;
	for (size_t i = 0; i < TABLE_SHARDS; i++) {
		for (f = shard_doom(&t->shards[i], resource); f != NULL;
		     f = next) {
			next = f->next;
			flight_attention(f);
			flight_unref(f);
		}
	}
}

/* ---- life ---- */

static struct flight *
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

enum lr
flight_create_solo(
    struct request_env *env, struct cache_key key, struct flight **out)
{
	struct shard *sh = shard_of(env->flights, key.hash);
	struct flight *f = flight_new(env, key);

	if (f == NULL)
		return LR_NOMEM;
	if (key.text.n > 0) {
		pthread_mutex_lock(&sh->lock);
		list_locked(f, sh, false);
		pthread_mutex_unlock(&sh->lock);
	}
	*out = f;
	return LR_OK;
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

enum lr
flight_follow(
    struct request_env *env, struct cache_key key, struct flight **out)
{
	struct shard *sh = shard_of(env->flights, key.hash);
	struct flight *f;

	pthread_mutex_lock(&sh->lock);
	if ((f = find(sh, key)) != NULL)
		*out = flight_ref(f);
	pthread_mutex_unlock(&sh->lock);
	return f != NULL ? LR_OK : LR_NOTFOUND;
}

enum lr
flight_follow_complete(
    struct request_env *env, struct cache_key key, struct flight **out)
{
	enum flight_state state;
	struct flight *f;

	if (atomic_load_explicit(&env->flights->count, memory_order_relaxed) ==
		0 ||
	    flight_follow(env, key, &f) != LR_OK)
		return LR_NOTFOUND;
	pthread_mutex_lock(&f->lock);
	state = f->state;
	pthread_mutex_unlock(&f->lock);
	if (state != FLIGHT_DONE) {
		flight_unref(f);
		return LR_NOTFOUND;
	}
	*out = f;
	return LR_OK;
}

enum lr
flight_join(struct request_env *env, struct cache_key key, uint64_t object_hash,
    struct flight **out, bool *lead)
{
	struct shard *sh = shard_of(env->flights, key.hash);
	struct store_ref published;
	struct flight *f;
	enum lr rc = LR_OK;

	pthread_mutex_lock(&sh->lock);
	f = find(sh, key);
	*lead = f == NULL;
	if (f != NULL) {
		flight_ref(f);
	} else if (object_hash != 0 && env->store != NULL &&
	    store_find(env->store, object_hash, &published) == LR_OK) {
		/* Published between the caller's lookup and now: a flight
		 * leaves the table only after that. */
		store_unpin(env->store, &published);
		rc = LR_EXISTS;
	} else if ((f = flight_new(env, key)) == NULL) {
		rc = LR_NOMEM;
	} else {
		list_locked(f, sh, true);
	}
	pthread_mutex_unlock(&sh->lock);
	if (rc == LR_OK)
		*out = f;
	return rc;
}

/* ---- waking ---- */

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
static void
ask_attention(struct flight *f)
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
	ask_attention(f);
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
	atomic_fetch_add(&f->table->fills, 1);
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
		atomic_fetch_sub(&f->table->fills, 1);
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
	if (needless && fill_state(f->fill) == FILL_OPEN)
		fill_abort(f->fill);
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
	if (w->end - w->base <= WINDOW_BYTES)
		return;
	limit = w->end - WINDOW_BYTES;
	if (limit > fill_committed(f->fill))
		limit = fill_committed(f->fill);
	window_drop(w, limit);
}

/* What a flight may be ahead of the store. */
static uint64_t
ahead_bytes(const struct flight *f)
{
	uint64_t share = AHEAD_ALL_BYTES / (atomic_load(&f->table->fills) + 1);

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

/* ---- a follower's side ---- */

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
	ask_attention(f);
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
		ask_attention(f);
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
	/* Not with our lock: the store calls us with its own. */
	if (fill == NULL || fill_ref(fill, ref) != LR_OK)
		return LR_NOTFOUND;
	*committed = fill_committed(fill);
	return LR_OK;
}
