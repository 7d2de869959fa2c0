/* proxy/cache/key.h: the name under which a response is stored.
 *
 * The key text is the normalised effective request URI (RFC 9111 2,
 * RFC 9110 4.2.3): "http://example.com/a?b".  Scheme and port stay in it.
 * The policy may put another base there and leave parts of path and query
 * out (key_query.h).
 * The policy's key_scope, when there is one, follows behind a HTAB.
 * The hash finds; the text is compared on every hit.  Pure. */
#ifndef PROXY_CACHE_KEY_H
#define PROXY_CACHE_KEY_H

#include "proxy/cache/policy.h"
#include "proxy/http/uri.h"

struct cache_key {
	struct slice text; /* in the arena */
	uint64_t hash;	   /* of text */
};

/* scheme and authority of the request as the front end knows them; path and
 * query from uri.  authority's host is lowered, a default port dropped.
 * Allocates only the text where there are no rules for keys.  LR_NOMEM,
 * LR_INVALID (bad authority). */
enum lr key_make(const struct uri *uri, struct slice scheme,
    struct slice authority, const struct cache_policy *policy,
    struct arena *arena, struct cache_key *out);

struct key_origin { /* of a request, as for key_make */
	struct slice scheme, authority;
};

/* The key of what a field of the answer names, relative to the target.
 * LR_DENIED: another origin's (RFC 6454 4); LR_INVALID; LR_NOMEM. */
enum lr key_resolve(struct slice reference, const struct cache_key *target,
    const struct key_origin *origin, const struct cache_policy *policy,
    struct arena *arena, struct cache_key *out);

/* The variant of primary object primary_id for these normalised Vary values. */
uint64_t key_variant_hash(
    uint64_t primary_hash, uint64_t primary_id, struct slice vary_values);

/* "host/path?query" of a key text, for the store's ordered url index. */
struct slice key_url(struct slice key_text);

#endif
