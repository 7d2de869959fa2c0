#include "proxy/request/flight_table.h"

#include <stdlib.h>
#include <sys/random.h>

#include "proxy/request/flight_internal.h"
#include "store/base/check.h"
#include "store/base/hash.h"

#define TABLE_SHARDS 64 /* power of two */
#define SHARD_BUCKETS 64
#define PRIVATE_SLOTS 4096 /* power of two */
#define PRIVATE_MS 120000

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
	uint64_t nonce; /* of this process */
	_Atomic uint32_t generations[PRIVATE_SLOTS];
};

enum lr
flight_table_create(struct flight_table **out)
{
	struct flight_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return LR_NOMEM;
	if (getrandom(&t->nonce, sizeof(t->nonce), 0) < 0)
		t->nonce = (uint64_t)clock_mono_us();
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
flight_is_open(struct flight *f, struct slice resource, bool variant)
{
	struct shard *sh = shard_of(f->table, f->key.hash);
	bool is;

	pthread_mutex_lock(&sh->lock);
	is = f->joinable && (variant || slice_eq(f->key.text, resource));
	pthread_mutex_unlock(&sh->lock);
	return is;
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

/* Takes the flights of resource, but for one, off one shard; linked by
 * next. */
static struct flight *
shard_doom(struct shard *sh, struct slice resource, const struct flight *spared)
{
	struct flight *doomed = NULL;

	pthread_mutex_lock(&sh->lock);
	for (size_t i = 0; i < SHARD_BUCKETS; i++) {
		struct flight *next, *f = sh->buckets[i];

		for (; f != NULL; f = next) {
			next = f->next;
			if (f == spared || !fetches(f, resource))
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
flight_table_doom(
    struct flight_table *t, struct slice resource, const struct flight *spared)
{
	uint64_t hash = hash_bytes(resource.p, resource.n);
	struct flight *f, *next;

	atomic_fetch_add(&t->generations[hash & (PRIVATE_SLOTS - 1)], 1);
	if (atomic_load(&t->count) == 0)
		return;
	for (size_t i = 0; i < TABLE_SHARDS; i++) {
		f = shard_doom(&t->shards[i], resource, spared);
		for (; f != NULL; f = next) {
			next = f->next;
			flight_withdraw(f);
			flight_attention(f);
			flight_unref(f);
		}
	}
}

uint64_t
flight_table_generation(struct flight_table *t, uint64_t hash)
{
	uint32_t changes = atomic_load(
	    &t->generations[hash & (PRIVATE_SLOTS - 1)]);

	return hash_bytes_seeded(&changes, sizeof(changes), t->nonce ^ hash);
}

void
flight_table_count_fill(struct flight_table *t)
{
	atomic_fetch_add(&t->fills, 1);
}

void
flight_table_discount_fill(struct flight_table *t)
{
	atomic_fetch_sub(&t->fills, 1);
}

size_t
flight_table_fills(struct flight_table *t)
{
	return atomic_load(&t->fills);
}

/* ---- joining ---- */

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

static bool
is_part_of(const struct flight *f, struct cache_key whole)
{
	return f->joinable && f->key.hash == whole.hash &&
	    slice_starts(f->key.text, whole.text) &&
	    slice_starts(slice_cut(f->key.text, whole.text.n, SIZE_MAX),
		SLICE(FLIGHT_PART));
}

void
flight_parts(struct request_env *env, struct cache_key whole,
    struct flight *out[FLIGHT_PARTS], size_t *n)
{
	struct shard *sh = shard_of(env->flights, whole.hash);
	struct flight *f;

	*n = 0;
	if (atomic_load_explicit(&env->flights->count, memory_order_relaxed) ==
	    0)
		return;
	pthread_mutex_lock(&sh->lock);
	for (f = *bucket_of(sh, whole.hash); f != NULL && *n < FLIGHT_PARTS;
	     f = f->next) {
		if (is_part_of(f, whole))
			out[(*n)++] = flight_ref(f);
	}
	pthread_mutex_unlock(&sh->lock);
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

enum lr
flight_list(struct flight *f, struct cache_key key)
{
	struct shard *sh = shard_of(f->table, key.hash);
	char *text = malloc(key.text.n);

	CHECK(f->key.text.n == 0);
	if (text == NULL)
		return LR_NOMEM;
	memcpy(text, key.text.p, key.text.n);
	f->key = (struct cache_key){ slice_make(text, key.text.n), key.hash };
	pthread_mutex_lock(&sh->lock);
	list_locked(f, sh, false);
	pthread_mutex_unlock(&sh->lock);
	return LR_OK;
}

void
flight_share(struct flight *f)
{
	struct shard *sh = shard_of(f->table, f->key.hash);

	pthread_mutex_lock(&sh->lock);
	if (f->listed && find(sh, f->key) == NULL)
		f->joinable = true;
	pthread_mutex_unlock(&sh->lock);
}
