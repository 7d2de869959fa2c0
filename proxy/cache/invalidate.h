/* proxy/cache/invalidate.h: what an unsafe request makes unfit for reuse.
 * Source: RFC 9111 section 4.4.  Pure. */
#ifndef PROXY_CACHE_INVALIDATE_H
#define PROXY_CACHE_INVALIDATE_H

#include "proxy/cache/key.h"

#define INVALIDATE_MAX 3 /* target, Location, Content-Location */

/* The keys to remove after resp answered the unsafe req: none when the
 * answer is an error (4xx, 5xx); Location and Content-Location only with
 * the target's own origin, and by the target's policy: another section's
 * rules for keys are not known here.  LR_NOMEM. */
enum lr invalidate_keys(const struct http_msg *req, const struct http_msg *resp,
    const struct cache_key *target, const struct key_origin *origin,
    const struct cache_policy *policy, struct arena *arena,
    struct cache_key out[INVALIDATE_MAX], size_t *n);

#endif
