/* proxy/cache/x_cache.h: the fields X-Cache and X-Cache-Detail.
 *
 * For who watches Apache's (CacheHeader, CacheDetailHeader of mod_cache) and
 * does not read Cache-Status.  Both say the same as that one.  Pure. */
#ifndef PROXY_CACHE_X_CACHE_H
#define PROXY_CACHE_X_CACHE_H

#include "proxy/cache/cache_status.h"

struct x_cache {
	bool with_word, with_detail;	   /* which of the fields */
	const struct cache_status *status; /* as Cache-Status has it */
	const char *result; /* "stale", "revalidated", … (record.h) */
	struct slice host;  /* the virtual host's name */
};

/* Most bytes that x_cache_write needs. */
size_t x_cache_room(const struct x_cache *x);

/* Writes "X-Cache: HIT from host" and "X-Cache-Detail: "cache hit" from
 * host", or one of them, each with its CRLF, into dst; their length. */
size_t x_cache_write(char *dst, const struct x_cache *x);

#endif
