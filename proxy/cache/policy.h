/* proxy/cache/policy.h: what the configuration says about caching a
 * request; the merged value of one location.  A plain value without
 * behaviour: the rules are in storable, freshness and reuse. */
#ifndef PROXY_CACHE_POLICY_H
#define PROXY_CACHE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/cache/override.h"
#include "store/base/slice.h"

/* CacheRangeFill: what a range of something not stored leads to. */
enum range_fill {
	RANGE_FILL_OFF,	  /* it is passed on, and its answer not stored */
	RANGE_FILL_HOLES, /* what is missing is asked for, and stored */
	RANGE_FILL_WHOLE  /* all of it is fetched, and stored */
};

struct key_query;

/* CacheControlTargets: fields that hold in place of Cache-Control, the one
 * most meant for us first (RFC 9213 2.2). */
struct cache_targets {
	const struct slice *names;
	size_t n;
};

struct cache_policy {
	bool enabled;		  /* CacheEnable, less CacheDisable */
	bool lock;		  /* CacheLock: collapse fetches */
	int64_t lock_max_age_s;	  /* CacheLockMaxAge, from the last byte */
	uint64_t min_file_bytes;  /* CacheMinFileSize */
	uint64_t max_file_bytes;  /* CacheMaxFileSize */
	int64_t default_expire_s; /* CacheDefaultExpire */
	int64_t min_expire_s;	  /* CacheMinExpire */
	int64_t max_expire_s;	  /* CacheMaxExpire */
	unsigned last_modified_factor_milli; /* CacheLastModifiedFactor */
	bool ignore_cache_control;  /* CacheIgnoreCacheControl (requests') */
	bool ignore_no_last_mod;    /* CacheIgnoreNoLastMod */
	bool ignore_query;	    /* CacheIgnoreQueryString */
	bool store_expired;	    /* CacheStoreExpired */
	bool store_no_store;	    /* CacheStoreNoStore */
	bool store_private;	    /* CacheStorePrivate */
	bool stale_on_error;	    /* CacheStaleOnError */
	enum range_fill range_fill; /* CacheRangeFill */
	const struct slice *ignore_headers; /* CacheIgnoreHeaders */
	size_t n_ignore_headers;
	const struct key_query *key_query; /* CacheKeyQuery; NULL: all of it */
	const struct slice *session_ids; /* CacheIgnoreURLSessionIdentifiers */
	size_t n_session_ids;
	struct slice key_base; /* CacheKeyBaseURL: what stands in keys for
				* scheme, host and port; empty: these */
	struct cache_targets targets;
	struct override_list overrides; /* CacheOverride */
	struct slice key_scope; /* the virtual host's mark in keys, where it
				 * shares host names with others; else empty */
};

/* Apache's defaults (1,000,000 bytes, 3,600 s, 0 s, 86,400 s, a factor of
 * 0.1, stale on error), but: collapsing is on, and bodies may be empty.
 * Larder-Cache-Control and CDN-Cache-Control are the targets. */
void cache_policy_init(struct cache_policy *p);

#endif
