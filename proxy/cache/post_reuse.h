/* proxy/cache/post_reuse.h: may the answer to a POST serve later GETs?
 * Source: RFC 9110 sections 9.3.3 and 8.7, RFC 9111 section 4.  Pure. */
#ifndef PROXY_CACHE_POST_REUSE_H
#define PROXY_CACHE_POST_REUSE_H

#include "proxy/cache/key.h"

/* Is resp, the answer to the POST req, a representation of what a GET of the
 * same target would bring, and does it say for how long?  Content-Location
 * must have target's key.  Whether it may be stored is storable_decide's to
 * say, asked as for a GET.  False without memory, too. */
bool post_reuse_allowed(const struct http_msg *req, const struct http_msg *resp,
    const struct cache_key *target, const struct key_origin *origin,
    const struct cache_policy *policy, struct arena *arena, int64_t now_s);

#endif
