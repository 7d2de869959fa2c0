/* proxy/cache/key_query.h: what of a path and a query counts in a key.
 *
 * The rules are the configuration's: CacheKeyQuery and
 * CacheIgnoreURLSessionIdentifiers.  A query is taken as parameters between
 * "&"; a parameter's name ends at its first "=".  Names are compared byte by
 * byte, in normal form (uri.h).  Pure. */
#ifndef PROXY_CACHE_KEY_QUERY_H
#define PROXY_CACHE_KEY_QUERY_H

#include "proxy/cache/policy.h"
#include "store/base/arena.h"
#include "store/base/status.h"

/* CacheKeyQuery, all directives of a section together.  A name that ends
 * in "*" stands for all that begin so. */
struct key_query {
	bool ignore;		  /* none of it counts */
	bool sort;		  /* the order of names does not count */
	const struct slice *keep; /* n_keep 0: all are kept */
	size_t n_keep;
	const struct slice *drop; /* outweighs keep */
	size_t n_drop;
};

/* The path without session identifiers: without the last ";name=value" of
 * its last segment while that is one, as in Apache. */
struct slice key_query_path(
    const struct cache_policy *policy, struct slice path);

/* What the rules leave of query, for the key; empty when nothing is left.
 * Parameters of one name keep their order, empty ones go.  Gives `query`
 * itself where there are no rules for it.  LR_NOMEM. */
enum lr key_query_shape(const struct cache_policy *policy, struct slice query,
    struct arena *arena, struct slice *out);

/* Does a request with this target have a query that counts in its key? */
bool key_query_counts(const struct cache_policy *policy, struct slice target);

#endif
