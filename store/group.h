/* store/group.h: the jobs of one commit.
 *
 * Lives on the writer's stack; the writer's thread only. */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "store/internal.h"
#include "store/queue.h"
#include "store/txn.h"

/* Most deletions in one transaction: more make it long, and its list of
 * freed pages larger than LMDB likes. */
#define GROUP_DELETE_OBJECTS 256u
#define GROUP_DELETE_PAGES 4096u

struct group_reaped {
	uint32_t slot;
	bool gone; /* all pages; else it goes on in another group */
};

struct group {
	struct store *st;
	struct txn tx;
	struct job_list jobs; /* those applied, in order */
	unsigned n;
	uint64_t bytes_left; /* of content, for inserts */
	uint64_t space_left; /* bytes of free pages, for inserts */
	bool may_refuse; /* an insert without space fails, it need not wait */
	bool refused;	 /* one was */
	uint64_t low_pages; /* that are to stay free */
	unsigned delete_pages_left;
	unsigned delete_objects; /* most */
	struct group_reaped reaped[GROUP_DELETE_OBJECTS];
	unsigned n_reaped;
};

/* The first job of a group may be larger than a group's bytes. */
static inline bool
group_fits(const struct group *g, uint64_t bytes)
{
	return bytes <= g->bytes_left || g->n == 0;
}

static inline void
group_use(struct group *g, uint64_t bytes)
{
	g->bytes_left -= bytes < g->bytes_left ? bytes : g->bytes_left;
}

static inline uint64_t
group_new_id(struct group *g)
{
	return g->st->next_id++;
}

#endif
