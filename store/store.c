/* store/store.c: the store as its callers see it */
#include "store/store.h"

#include <stdlib.h>

#include "store/base/clock.h"
#include "store/change.h"
#include "store/internal.h"
#include "store/load.h"
#include "store/scrub.h"
#include "store/writer.h"

#define GROUP_MAX_BYTES (8u << 20)
#define GROUP_MIN_BYTES (64u << 10)
#define GROUPS_PER_STORE 64

/* A group must be small beside the store: its pages are free again two
 * commits after they were given up. */
static uint64_t
group_bytes_for(uint64_t size_bytes)
{
	uint64_t n = size_bytes / GROUPS_PER_STORE;

	if (n > GROUP_MAX_BYTES)
		return GROUP_MAX_BYTES;
	return n < GROUP_MIN_BYTES ? GROUP_MIN_BYTES : n;
}

static void
forget_index(struct store *st)
{
	index_free(st->index);
	policy_free(st->policy);
	free(st->parts.v);
	st->parts = (struct load_parts){ 0 };
	st->index = NULL;
	st->policy = NULL;
}

/* Reads what is on disk into a new index. */
static enum lr
fill_index(struct store *st, const struct store_conf *conf)
{
	enum lr rc;

	forget_index(st);
	if ((rc = index_create(conf->size_bytes, &st->index)) != LR_OK ||
	    (rc = policy_create(conf->policy, &st->policy)) != LR_OK)
		return rc;
	return load_index(st);
}

/* NULL: all is well, or *rc is no reason to begin a new one. */
static const char *
load_left(struct store *st, const struct store_conf *conf, enum lr *rc)
{
	if ((*rc = fill_index(st, conf)) == LR_CORRUPT)
		return ENV_UNLOADABLE;
	if (*rc == LR_OK && (*rc = env_checked(st->env)) == LR_CORRUPT)
		return ENV_DAMAGED;
	return NULL;
}

/* Opens the environment; one that loads no index is of no use. */
static enum lr
open_content(struct store *st, const struct store_conf *conf)
{
	const char *why;
	enum lr rc;

	if ((rc = env_open(conf, &st->env)) != LR_OK)
		return rc;
	why = load_left(st, conf, &rc);
	if (why == NULL)
		return rc;
	if ((rc = env_restart(st->env, why)) != LR_OK)
		return rc;
	return fill_index(st, conf);
}

/* ---- how it was opened ---- */

const char *
store_how_text(enum store_how how)
{
	static const char *const TEXTS[] = {
		[STORE_NEW] = "new",
		[STORE_CLEAN] = "after an end in order",
		[STORE_CHECKED] = "after an unclean end, and checked",
		[STORE_ANEW] = "anew",
	};

	return TEXTS[how];
}

static void
note_opening(struct store *st, int64_t took_us)
{
	struct store_opening *o = &st->opening;

	*o = (struct store_opening){
		.how = st->env->how,
		.why = st->env->why,
		.objects = index_objects(st->index),
		.took_ms = took_us / 1000,
	};
	log_write(st->log, LOG_STORE, LOG_L_NOTICE,
	    "%s: opened %s%s%s; %llu objects loaded in %lld ms", st->env->dir,
	    store_how_text(o->how), o->why != NULL ? ": " : "",
	    o->why != NULL ? o->why : "", (unsigned long long)o->objects,
	    (long long)o->took_ms);
}

void
store_opening_read(const struct store *st, struct store_opening *out)
{
	*out = st->opening;
}

enum lr
store_open(const struct store_conf *conf, struct store **out)
{
	struct store *st = calloc(1, sizeof(*st));
	int64_t begun_us = clock_mono_us();
	enum lr rc;

	if (st == NULL)
		return LR_NOMEM;
	st->magic = STORE_MAGIC;
	st->log = conf->log;
	st->max_readers = conf->readers;
	st->object_max_bytes = conf->size_bytes / 2;
	st->group_bytes = group_bytes_for(conf->size_bytes);
	queue_init(&st->queue, conf->group_wait_ms, conf->queue_bytes,
	    st->group_bytes);
	if ((rc = open_content(st, conf)) != LR_OK ||
	    (rc = writer_start(st, conf->uses_every_ms, &st->writer)) != LR_OK)
		goto fail;
	note_opening(st, clock_mono_us() - begun_us);
	if ((rc = scrub_start(st, conf->scrub_bytes_s, &st->scrub)) != LR_OK)
		goto fail;
	*out = st;
	return LR_OK;
fail:
	store_close(st);
	return rc;
}

void
store_close(struct store *st)
{
	bool clean;

	if (st == NULL)
		return;
	MAGIC_CHECK(st, STORE_MAGIC);
	scrub_stop(st->scrub);
	clean = st->writer != NULL && writer_stop(st->writer) == LR_OK;
	env_close(st->env, clean);
	forget_index(st);
	queue_destroy(&st->queue);
	st->magic = 0;
	free(st);
}

/* ---- finding ---- */

enum lr
store_find(struct store *st, uint64_t hash, struct store_ref *out)
{
	enum lr rc = index_find(st->index, hash, out);

	if (rc == LR_OK)
		policy_hit(st->policy, out->slot);
	return rc;
}

void
store_pin(struct store *st, const struct store_ref *ref)
{
	CHECK(ref->slot != INDEX_NO_SLOT);
	index_pin(st->index, ref->slot);
}

void
store_unpin(struct store *st, const struct store_ref *ref)
{
	CHECK(ref->slot != INDEX_NO_SLOT);
	if (index_unpin(st->index, ref->slot))
		queue_nudge(&st->queue);
}

/* ---- changing ---- */

enum lr
store_update(struct store *st, const struct store_ref *ref,
    const struct store_object *obj, struct slice head, fill_notify *notify,
    void *ctx)
{
	enum lr rc = change_head(st, ref, obj, head, notify, ctx);

	if (rc != LR_OK && notify != NULL)
		notify(ctx);
	return rc;
}

/* Hands the rest of a removal to the writer.  The pin keeps the object's
 * record until the writer has looked for its variants. */
static void
follow_up(struct store *st, struct store_ref ref, bool coming)
{
	struct change_removal what = { .ref = ref, .coming = coming };

	if (change_removed(st, &what) == LR_OK)
		return;
	/* Out of memory: variants stay behind, found by nobody, until they
	 * are evicted. */
	if (ref.slot != INDEX_NO_SLOT)
		store_unpin(st, &ref);
}

enum lr
store_remove(struct store *st, uint64_t hash)
{
	struct store_ref ref = { .hash = hash };

	store_count_removal(st, hash);
	while (index_find(st->index, hash, &ref) == LR_OK) {
		if (index_remove(st->index, hash, ref.id, NULL) == LR_OK) {
			stats_add(&st->stats.removed, 1);
			follow_up(st, ref, true);
			return LR_OK;
		}
		store_unpin(st, &ref); /* replaced between the two calls */
		ref.slot = INDEX_NO_SLOT;
	}
	if (atomic_load(&st->fills) > 0)
		follow_up(st, ref, true);
	return LR_NOTFOUND;
}

void
store_hide(struct store *st, uint64_t hash)
{
	index_remove(st->index, hash, 0, NULL);
}

enum lr
store_remove_ref(struct store *st, const struct store_ref *ref)
{
	store_count_removal(st, ref->hash);
	if (index_remove(st->index, ref->hash, ref->id, NULL) != LR_OK)
		return LR_NOTFOUND;
	store_pin(st, ref); /* the caller's pin keeps it alive so far */
	stats_add(&st->stats.removed, 1);
	follow_up(st, *ref, false);
	return LR_OK;
}

void
store_flush(struct store *st)
{
	change_wait(st);
}

enum lr
store_scrub(struct store *st)
{
	return scrub_round(st);
}
