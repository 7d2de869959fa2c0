/* proxy/cache/cache_status.h: the Cache-Status field.
 * Source: RFC 9211.  Pure. */
#ifndef PROXY_CACHE_CACHE_STATUS_H
#define PROXY_CACHE_CACHE_STATUS_H

#include "store/base/slice.h"
#include "store/base/strbuf.h"

enum cache_status_fwd {	  /* RFC 9211 2.2 */
	CACHE_STATUS_HIT, /* not forwarded */
	CACHE_STATUS_BYPASS,
	CACHE_STATUS_METHOD,
	CACHE_STATUS_URI_MISS,
	CACHE_STATUS_VARY_MISS,
	CACHE_STATUS_MISS,
	CACHE_STATUS_REQUEST,
	CACHE_STATUS_STALE,
	CACHE_STATUS_PARTIAL
};

struct cache_status {
	enum cache_status_fwd fwd;
	int fwd_status; /* 0: none was received */
	bool has_ttl;
	int64_t ttl_s;
	bool stored, collapsed;
	const char *detail; /* NULL: none; a token or short text, static */
};

#define CACHE_STATUS_MAX 192 /* bytes the longest value needs */

/* Writes the value ("larder; hit; ttl=300") into dst; its length.  Fast:
 * used on every hit. */
size_t cache_status_write(
    char dst[CACHE_STATUS_MAX], const struct cache_status *cs);

#endif
