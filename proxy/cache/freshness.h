/* proxy/cache/freshness.h: how long may a stored response be reused, and
 * how old is it?  Source: RFC 9111 section 4.2.  Pure. */
#ifndef PROXY_CACHE_FRESHNESS_H
#define PROXY_CACHE_FRESHNESS_H

#include "proxy/cache/control.h"
#include "proxy/cache/policy.h"

/* Where a lifetime came from; shown in Cache-Status' detail. */
enum freshness_source {
	FRESHNESS_NONE, /* no lifetime: stale at once */
	FRESHNESS_S_MAXAGE,
	FRESHNESS_MAX_AGE,
	FRESHNESS_EXPIRES,
	FRESHNESS_HEURISTIC, /* 4.2.2 */
	FRESHNESS_DEFAULT,   /* CacheDefaultExpire */
	FRESHNESS_OVERRIDE   /* CacheOverride's ttl, from arrival */
};

/* The lifetime the origin states: s-maxage, max-age, Expires - Date
 * (4.2.1).  0 means already stale.  LR_NOTFOUND when it states none;
 * *out_s is then untouched. */
enum lr freshness_explicit(const struct http_msg *resp,
    const struct control_response *cc, int64_t response_at_s, int64_t *out_s,
    enum freshness_source *source);

/* The lifetime larder uses, policy and heuristics included. */
int64_t freshness_lifetime(const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy,
    int64_t response_at_s, enum freshness_source *source);

/* corrected_initial_age (4.2.3) when the response arrived. */
int64_t freshness_initial_age(
    const struct http_msg *resp, int64_t request_at_s, int64_t response_at_s);

/* Is the status heuristically cacheable (RFC 9110 15.1)? */
bool freshness_heuristic_status(int status);

#endif
