/* proxy/cache/reuse.h: the verdict over a stored response.
 * Source: RFC 9111 section 4 and 5.2.1, RFC 5861.  Pure. */
#ifndef PROXY_CACHE_REUSE_H
#define PROXY_CACHE_REUSE_H

#include "proxy/cache/entry.h"

enum reuse {
	REUSE_FRESH,	    /* serve */
	REUSE_STALE,	    /* serve, and refresh in the background */
	REUSE_VALIDATE,	    /* ask the origin first */
	REUSE_UNSATISFIABLE /* only-if-cached, and it may not be served: 504 */
};

struct verdict {
	enum reuse reuse;
	int64_t age_s;
	int64_t ttl_s; /* lifetime - age; negative when stale */
	const char
	    *why; /* "fresh", "max-stale", "request no-cache", … static */
};

/* cc: the request's directives.  now_s: wall clock. */
struct verdict reuse_decide(const struct entry *e,
    const struct control_request *cc, const struct cache_policy *policy,
    int64_t now_s);

/* What lets it be served stale because the origin failed (status 0: no answer
 * at all; else the 5xx): "stale-if-error" or "CacheStaleOnError" (4.2.4, RFC
 * 5861 4); static.  NULL: nothing does. */
const char *reuse_on_error(const struct entry *e,
    const struct control_request *cc, const struct cache_policy *policy,
    int error_status, int64_t now_s);

#endif
