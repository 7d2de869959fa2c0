/* proxy/cache/storable.h: may this response be stored?
 * Source: RFC 9111 section 3.  Pure. */
#ifndef PROXY_CACHE_STORABLE_H
#define PROXY_CACHE_STORABLE_H

#include "proxy/cache/control.h"
#include "proxy/cache/policy.h"

struct storable {
	bool yes;
	const char *why;    /* the rule that decided, e.g. "no-store",
			     * "private"; static; for Cache-Status' detail */
	const char *clause; /* "RFC 9111 3" or a directive's name */
};

/* body_bytes UINT64_MAX when unknown.  Only GET is stored here; 206 and other
 * partial answers are not. */
struct storable storable_decide(const struct http_msg *req,
    const struct control_request *rcc, const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy,
    uint64_t body_bytes, int64_t now_s);

/* Why the response itself forbids to be stored (5.2.2.5, 5.2.2.7, 4.1), and
 * why the request does, of whatever answers it (5.2.1.5, 3.5); NULL: it does
 * not.  Asked when what is stored is to be updated: whether it is worth storing
 * was decided before. */
const char *storable_forbidden(const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy);
const char *storable_forbidden_by_request(const struct http_msg *req,
    const struct control_request *rcc, const struct control_response *cc,
    const struct cache_policy *policy);

/* CacheMinFileSize, for a body whose length is known when it is complete. */
bool storable_is_too_small(
    const struct cache_policy *policy, int status, uint64_t body_bytes);

/* Can the request be looked up at all, and its answer kept?  False for
 * unsafe methods, and when caching is not enabled here. */
bool storable_request(const struct http_msg *req,
    const struct cache_policy *policy, const char **why);

#endif
