/* store/internal.h: the store's own struct, for the files of store/ only.
 *
 *   env      read-only after opening; write transactions: the writer
 *   index    shared, see index.h
 *   policy   the writer's thread, but for hits
 *   queue    shared, see queue.h
 *   writer   the writer's thread
 *   scrub    a thread of its own, see scrub.h
 *   stats    shared counters
 *
 * Lock order: a fill's, then the index's (shard, then slots); the queue's
 * is taken alone. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/base/check.h"
#include "store/base/log.h"
#include "store/env.h"
#include "store/index.h"
#include "store/policy.h"
#include "store/queue.h"
#include "store/stats.h"
#include "store/store.h"

#define STORE_MAGIC MAGIC('S', 'T', 'O', 'R')

struct scrub;
struct writer;

struct load_parts { /* sparse objects, from load_index to load_finish */
	struct store_ref *v;
	size_t n, cap;
};

/* Removals are counted by hash, so that whatever began before one is not
 * published after it. */
#define REMOVAL_SLOTS 4096u /* a power of two */

_Static_assert(
    INDEX_ENTRY_BYTES + POLICY_ENTRY_BYTES + POLICY_GHOST_BYTES <= 64,
    "what an object may take of the memory");

struct store {
	uint32_t magic;
	struct env *env;
	struct index *index;
	struct policy *policy;
	struct queue queue;
	struct writer *writer;
	struct scrub *scrub; /* may be NULL */
	struct stats stats;
	struct store_opening opening; /* never changes once it is open */
	struct log *log;	      /* borrowed */
	uint64_t object_max_bytes;    /* head and body together */
	uint64_t group_bytes;	      /* most in one commit */
	unsigned max_readers;
	_Atomic unsigned readers;
	_Atomic unsigned fills; /* not published and not failed yet */
	_Atomic bool full;	/* inserts are refused until pages are free */
	_Atomic uint32_t removals[REMOVAL_SLOTS];
	struct log_limiter log_limit;
	struct load_parts parts;
	/* the writer's thread */
	uint64_t next_id;
};

static inline void
store_count_removal(struct store *st, uint64_t hash)
{
	atomic_fetch_add(&st->removals[hash & (REMOVAL_SLOTS - 1)], 1);
}

/* Of an object of this hash, or of its primary. */
static inline uint32_t
store_removals(const struct store *st, uint64_t hash, uint64_t primary_hash)
{
	uint32_t n = atomic_load(&st->removals[hash & (REMOVAL_SLOTS - 1)]);

	if (hash != primary_hash)
		n += atomic_load(
		    &st->removals[primary_hash & (REMOVAL_SLOTS - 1)]);
	return n;
}

#endif
