/* proxy/observe/counters.h: what each worker counts.
 *
 * One struct per worker, written by that worker alone and read by anybody
 * (relaxed atomics: a count costs one plain add).  Names, kinds and help
 * stand in the const table COUNTERS, from which every output and document
 * is made. */
#ifndef PROXY_OBSERVE_COUNTERS_H
#define PROXY_OBSERVE_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum counter {
	COUNTER_CONNECTIONS,	  /* accepted */
	COUNTER_CONNECTIONS_OPEN, /* gauge */
	COUNTER_REQUESTS,
	COUNTER_REQUESTS_BAD, /* refused: 4xx by the parser or a limit */
	COUNTER_HITS,
	COUNTER_HITS_STALE,  /* of the hits: served stale */
	COUNTER_REVALIDATED, /* stale, and the origin confirmed it */
	COUNTER_MISSES,
	COUNTER_COLLAPSED, /* joined another request's fetch */
	COUNTER_PASSES,	   /* neither looked up nor stored */
	COUNTER_ERRORS,	   /* 502, 503, 504 made here */
	COUNTER_FETCHES,   /* requests sent to backends */
	COUNTER_FETCH_FAILURES,
	COUNTER_STORED,
	COUNTER_STORED_SET_COOKIE, /* of those: with a cookie for all */
	COUNTER_STORE_REFUSED,	   /* storable, and the store had no room */
	COUNTER_INVALIDATED,
	COUNTER_BYTES_IN,      /* request bytes from clients */
	COUNTER_BYTES_OUT,     /* response bytes to clients */
	COUNTER_BYTES_HIT,     /* body bytes served from the store */
	COUNTER_BYTES_FETCHED, /* body bytes from backends */
	COUNTER_COUNT
};

struct counters {
	_Atomic uint64_t of[COUNTER_COUNT];
};

/* The name is a key of GET /stats as it stands; in GET /metrics it is
 * "larder_" name "_total", without "_total" for a gauge. */
struct counter_info {
	const char *name; /* "hits" */
	const char *help; /* one sentence without its full stop */
	int gauge;	  /* goes down too */
};
extern const struct counter_info COUNTERS[COUNTER_COUNT];

/* By the owning worker only. */
static inline void
counter_add(struct counters *c, enum counter which, uint64_t n)
{
	uint64_t v = atomic_load_explicit(&c->of[which], memory_order_relaxed);

	atomic_store_explicit(&c->of[which], v + n, memory_order_relaxed);
}

static inline uint64_t
counter_get(const struct counters *c, enum counter which)
{
	return atomic_load_explicit(&c->of[which], memory_order_relaxed);
}

#endif
