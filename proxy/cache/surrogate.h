/* proxy/cache/surrogate.h: Surrogate-Control, where CacheControlTargets names
 * it.  Source: W3C Edge Architecture Specification (Note, 4 August 2001).
 *
 * The field is for surrogates alone: it ends here, and what it says is kept
 * in the entry.  A directive may have a target, ";name"; ours is "larder".
 * Pure. */
#ifndef PROXY_CACHE_SURROGATE_H
#define PROXY_CACHE_SURROGATE_H

#include "proxy/cache/control.h"
#include "proxy/cache/entry.h"

/* Is that the field's name? */
bool surrogate_is_field(struct slice name);

/* max-age=N[+M] and no-store of resp, as far as they have no target or ours,
 * which goes before none; N seconds fresh, and M more that it may be served
 * stale.  False when neither is there: then other fields speak, and out is
 * untouched.  What is malformed, and content="…", says nothing. */
bool surrogate_read(const struct http_msg *resp, struct control_response *out);

/* Where the field is a target, these do their work, else nothing. */

/* Adds larder="Surrogate/1.0" to a request's Surrogate-Capability.
 * LR_NOMEM. */
enum lr surrogate_announce(
    struct http_msg *req, const struct cache_policy *policy);
/* Takes the field away from a response that is to be sent or stored. */
void surrogate_hide(struct http_msg *resp, const struct cache_policy *policy);
/* Gives the head that a 304 updated the Surrogate-Control that e was stored
 * by, unless the 304 brought a new one (RFC 9111 3.2).  LR_NOMEM. */
enum lr surrogate_restore(const struct entry *e,
    const struct cache_policy *policy, struct http_msg *merged);

#endif
