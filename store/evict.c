/* store/evict.c: what the policy says, done to the index and the pages */
#include "store/evict.h"

#include "store/content.h"
#include "store/space.h"

#define PAGE_BYTES 4096

static bool
limits_reached(const struct group *g)
{
	return g->n_reaped >= g->delete_objects || g->delete_pages_left == 0;
}

/* ---- coming ---- */

/* The slot of what the hash finds, or POLICY_NO_SLOT.  Slots are reused by
 * the writer alone, so it stays that object's for the time being. */
static uint32_t
slot_found(struct store *st, uint64_t hash, uint64_t *id)
{
	struct store_ref ref;

	if (index_find(st->index, hash, &ref) != LR_OK)
		return POLICY_NO_SLOT;
	index_unpin(st->index, ref.slot);
	*id = ref.id;
	return ref.slot;
}

static unsigned
frequency_of(struct store *st, uint64_t hash, bool *is_ghost)
{
	uint64_t id;
	uint32_t slot = slot_found(st, hash, &id);
	unsigned frequency = policy_frequency(st->policy, hash, slot);

	*is_ghost = slot == POLICY_NO_SLOT && frequency > 0;
	return frequency;
}

uint64_t
evict_first_use(struct store *st, uint64_t hash)
{
	bool is_ghost;

	return policy_first_use(st->policy, frequency_of(st, hash, &is_ghost));
}

enum lr
evict_publish(
    struct store *st, struct store_ref *ref, uint64_t bytes, bool pinned)
{
	bool is_ghost;
	unsigned frequency = frequency_of(st, ref->hash, &is_ghost);
	enum lr rc = index_publish(st->index, ref, pinned);

	if (rc != LR_OK)
		return rc;
	rc = policy_add(st->policy, ref->slot, bytes, frequency);
	if (rc != LR_OK) {
		/* Nothing would ever evict it. */
		index_remove(st->index, ref->hash, ref->id, NULL);
		if (pinned)
			index_unpin(st->index, ref->slot);
		ref->slot = INDEX_NO_SLOT;
		return rc;
	}
	stats_add(&st->stats.ghost_hits, is_ghost);
	return LR_OK;
}

void
evict_resize(struct store *st, uint64_t hash, uint64_t id, uint64_t bytes)
{
	uint64_t found;
	uint32_t slot = slot_found(st, hash, &found);

	if (slot != POLICY_NO_SLOT && found == id)
		policy_resize(st->policy, slot, bytes);
}

/* ---- going ---- */

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
evict_is_due(const struct group *g, uint64_t used_pages)
{
	if (!limits_reached(g))
		return false;
	return used_pages + g->low_pages > g->st->env->pages ||
	    index_has_drained(g->st->index);
}

void
evict_settle(struct group *g, enum lr outcome)
{
	struct index *ix = g->st->index;
	unsigned i;

	for (i = 0; i < g->n_reaped; i++) {
		uint32_t slot = g->reaped[i].slot;

		if (outcome == LR_OK && g->reaped[i].gone) {
			policy_remove(
			    g->st->policy, slot, index_slot_hash(ix, slot));
			index_slot_free(ix, slot);
		} else {
			index_give_back(ix, slot);
		}
	}
}

/* The victim leaves the index, unless it was removed before, and its pages
 * follow if nobody holds it. */
static enum lr
evict(struct group *g, uint32_t victim)
{
	struct store *st = g->st;
	uint64_t hash = index_slot_hash(st->index, victim);
	uint64_t id = index_slot_id(st->index, victim);

	policy_evict(st->policy, victim, hash);
	if (index_remove(st->index, hash, id, NULL) == LR_OK)
		stats_add(&st->stats.evicted, 1);
	return evict_reap(g);
}

/* What an object takes at once: what comes later makes room for itself. */
static uint64_t
pages_for(const struct store *st, uint64_t bytes)
{
	uint64_t at_once = bytes < st->group_bytes ? bytes : st->group_bytes;

	return (space_bytes_for(at_once) + PAGE_BYTES - 1) / PAGE_BYTES;
}

enum lr
evict_admit(struct group *g, uint64_t hash, uint64_t bytes)
{
	struct store *st = g->st;
	uint64_t used, need = pages_for(st, bytes) + g->low_pages;
	unsigned frequency;
	uint32_t victim;
	bool is_ghost;
	enum lr rc;

	frequency = frequency_of(st, hash, &is_ghost);
	for (;;) {
		rc = env_pages_used(st->env, g->tx.mdb, &used);
		if (rc != LR_OK || used + need <= st->env->pages)
			return rc;
		if (limits_reached(g))
			return LR_AGAIN;
		victim = policy_victim(st->policy);
		if (victim == POLICY_NO_SLOT)
			return LR_OK;
		if (!policy_admits(
			st->policy, victim, hash, bytes, frequency)) {
			stats_add(&st->stats.not_admitted, 1);
			return LR_DENIED;
		}
		if ((rc = evict(g, victim)) != LR_OK)
			return rc;
	}
}

enum lr
evict_make_room(struct group *g, uint64_t *used_pages)
{
	struct env *env = g->st->env;
	uint32_t victim;
	enum lr rc;

	for (;;) {
		rc = env_pages_used(env, g->tx.mdb, used_pages);
		if (rc != LR_OK || limits_reached(g) ||
		    *used_pages + g->low_pages <= env->pages)
			return rc;
		victim = policy_victim(g->st->policy);
		if (victim == POLICY_NO_SLOT)
			return LR_OK;
		if ((rc = evict(g, victim)) != LR_OK)
			return rc;
	}
}
