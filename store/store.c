/* store/store.c: the store as its callers see it */
#include "store/store.h"

#include <stdlib.h>

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
	st->index = NULL;
}

/* Reads what is on disk into a new index. */
static enum lr
fill_index(struct store *st, uint64_t size_bytes)
{
	enum lr rc;

	forget_index(st);
	if ((rc = index_create(size_bytes, &st->index)) != LR_OK)
		return rc;
	return load_index(st);
}

/* Opens the environment; one that loads no index is of no use. */
static enum lr
open_content(struct store *st, const struct store_conf *conf)
{
	enum lr rc;

	if ((rc = env_open(conf, &st->env)) != LR_OK)
		return rc;
	rc = fill_index(st, conf->size_bytes);
	if (rc != LR_CORRUPT)
		return rc;
	if ((rc = env_restart(st->env)) != LR_OK)
		return rc;
	return fill_index(st, conf->size_bytes);
}

enum lr
store_open(const struct store_conf *conf, struct store **out)
{
	struct store *st = calloc(1, sizeof(*st));
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
	    (rc = writer_start(st, &st->writer)) != LR_OK ||
	    (rc = scrub_start(st, conf->scrub_bytes_s, &st->scrub)) != LR_OK)
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
	index_free(st->index);
	queue_destroy(&st->queue);
	st->magic = 0;
	free(st);
}

/* ---- finding ---- */

enum lr
store_find(struct store *st, uint64_t hash, struct store_ref *out)
{
	return index_find(st->index, hash, out);
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
