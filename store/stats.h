/* store/stats.h: what the store counts.
 *
 * Written by many threads, read by any; each number is right by itself,
 * together they need not be of one moment. */
#ifndef STORE_STATS_H
#define STORE_STATS_H

#include <stdatomic.h>
#include <stdint.h>

struct stats {
	_Atomic uint64_t fills, fills_refused, fills_failed, published;
	_Atomic uint64_t updates, removed, evicted, corrupt;
	_Atomic uint64_t not_admitted, ghost_hits;
	_Atomic uint64_t commits, commit_us;
	_Atomic uint64_t verified, scrubbed, scrub_rounds;
	_Atomic uint64_t pages_used;
};

static inline void
stats_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline void
stats_set(_Atomic uint64_t *gauge, uint64_t v)
{
	atomic_store_explicit(gauge, v, memory_order_relaxed);
}

#endif
