/* store/uses.c: rounds through the policy's slots */
#include "store/uses.h"

#include "store/content.h"
#include "store/schema.h"

#define SLOTS_PER_GROUP 65536u /* some tenths of a millisecond */
/* A record's page, and its share of the branches above, are written anew. */
#define BYTES_PER_USE (2 * 4096)

void
uses_begin(struct uses *u, int64_t now_us)
{
	u->began_at_us = now_us;
	u->in_round = true;
	u->next_slot = 1;
}

void
uses_tick(struct uses *u, int64_t now_us)
{
	if (!u->in_round && u->every_us > 0 &&
	    now_us - u->began_at_us >= u->every_us)
		uses_begin(u, now_us);
}

static enum lr
write_one(struct uses *u, struct group *g, uint32_t slot)
{
	struct store *st = g->st;
	uint64_t use = policy_use(st->policy, slot);
	enum lr rc = content_set_use(
	    &g->tx, index_slot_id(st->index, slot), use);

	if (rc == LR_IO || rc == LR_NOMEM || rc == LR_FULL)
		return rc;
	/* Nor is a record that cannot be read tried again. */
	policy_saved(st->policy, slot, use);
	u->written[u->n_written++] = slot;
	return LR_OK;
}

enum lr
uses_write(struct uses *u, struct group *g)
{
	uint64_t most = g->space_left / BYTES_PER_USE;
	uint32_t end = u->next_slot + SLOTS_PER_GROUP;
	uint32_t slot;
	enum lr rc;

	u->n_written = 0;
	if (most == 0)
		u->in_round = false; /* there is no room for it: another time */
	while (u->in_round && u->n_written < USES_PER_GROUP &&
	    u->n_written < most) {
		slot = policy_unsaved(
		    g->st->policy, &u->next_slot, end - u->next_slot);
		u->in_round = u->next_slot != 0;
		if (slot == POLICY_NO_SLOT)
			break;
		if ((rc = write_one(u, g, slot)) != LR_OK)
			return rc;
	}
	return LR_OK;
}

void
uses_settle(struct uses *u, struct store *st, enum lr outcome)
{
	for (unsigned i = 0; outcome != LR_OK && i < u->n_written; i++)
		policy_lost(st->policy, u->written[i]);
	u->n_written = 0;
}
