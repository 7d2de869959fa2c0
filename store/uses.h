/* store/uses.h: how often objects were asked for, from the policy into their
 * records, so that it survives a restart.
 *
 * Every so often one round through all objects; a group writes the records of
 * some whose use has changed.  The writer's thread only. */
#ifndef STORE_USES_H
#define STORE_USES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"
#include "store/group.h"

#define USES_PER_GROUP 256u

struct uses {
	int64_t every_us;    /* 0: no rounds but those asked for */
	int64_t began_at_us; /* the last one, or the start */
	bool in_round;
	uint32_t next_slot;
	uint32_t written[USES_PER_GROUP]; /* slots, in the group at hand */
	unsigned n_written;
};

/* Begins a round if it is time for one. */
void uses_tick(struct uses *u, int64_t now_us);
/* Begins a round. */
void uses_begin(struct uses *u, int64_t now_us);
/* Writes some more of the round.  Errors spoil the group. */
enum lr uses_write(struct uses *u, struct group *g);
/* How the commit went. */
void uses_settle(struct uses *u, struct store *st, enum lr outcome);

#endif
