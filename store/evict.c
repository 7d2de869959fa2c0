/* store/evict.c: choosing the oldest, deleting what is gone */
#include "store/evict.h"

#include "store/content.h"

static bool
limits_reached(const struct group *g)
{
	return g->n_reaped >= g->delete_objects || g->delete_pages_left == 0;
}

enum lr
evict_reap(struct group *g)
{
	struct index *ix = g->st->index;
	uint32_t slot;
	enum lr rc;

	while (!limits_reached(g) &&
	    (slot = index_take_drained(ix)) != INDEX_NO_SLOT) {
		rc = content_delete(
		    &g->tx, index_slot_id(ix, slot), &g->delete_pages_left);
		g->reaped[g->n_reaped++] = (struct group_reaped){ slot,
			rc == LR_OK };
		if (rc != LR_OK && rc != LR_AGAIN)
			return rc;
	}
	return LR_OK;
}

bool
evict_is_due(const struct group *g, uint64_t low_pages, uint64_t used_pages)
{
	if (!limits_reached(g))
		return false;
	return used_pages + low_pages > g->st->env->pages ||
	    index_has_drained(g->st->index);
}

void
evict_settle(struct group *g, enum lr outcome)
{
	struct index *ix = g->st->index;
	unsigned i;

	for (i = 0; i < g->n_reaped; i++) {
		if (outcome == LR_OK && g->reaped[i].gone)
			index_slot_free(ix, g->reaped[i].slot);
		else
			index_give_back(ix, g->reaped[i].slot);
	}
}

/* What the record at the cursor asks for: true when an object was removed
 * from the index, or a row that cannot be read is to be deleted. */
static bool
remove_row(struct group *g, uint64_t id, const MDB_val *data)
{
	struct store *st = g->st;
	struct record rec;

	if (record_decode(slice_make(data->mv_data, data->mv_size), &rec) !=
	    LR_OK) {
		stats_add(&st->stats.corrupt, 1);
		return index_add_drained(st->index, id) == LR_OK;
	}
	/* Filling ones come back by group_published; those removed before
	 * are in the hands of the index. */
	if (!record_is_published(&rec) ||
	    index_remove(st->index, rec.hash, id, NULL) != LR_OK)
		return false;
	stats_add(&st->stats.evicted, 1);
	return true;
}

/* LR_NOTFOUND: none is left. */
static enum lr
remove_oldest(struct group *g)
{
	uint64_t *from = &g->st->evict_from_id;
	MDB_val key, data;
	uint64_t id = *from;
	int code;

	key = (MDB_val){ sizeof(id), &id };
	code = mdb_cursor_get(g->tx.obj, &key, &data, MDB_SET_RANGE);
	while (code == 0) {
		if (key.mv_size != sizeof(id))
			return LR_CORRUPT;
		memcpy(&id, key.mv_data, sizeof(id));
		*from = id + 1;
		if (remove_row(g, id, &data))
			return LR_OK;
		code = mdb_cursor_get(g->tx.obj, &key, &data, MDB_NEXT);
	}
	return env_status(code);
}

enum lr
evict_make_room(struct group *g, uint64_t low_pages, uint64_t *used_pages)
{
	struct env *env = g->st->env;
	uint64_t used;
	enum lr rc;

	for (;;) {
		rc = env_pages_used(env, g->tx.mdb, &used);
		if (rc != LR_OK)
			return rc;
		*used_pages = used;
		if (used + low_pages <= env->pages || limits_reached(g))
			return LR_OK;
		rc = remove_oldest(g);
		if (rc == LR_OK)
			rc = evict_reap(g);
		if (rc != LR_OK)
			return rc == LR_NOTFOUND ? LR_OK : rc;
	}
}
