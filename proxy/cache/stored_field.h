/* proxy/cache/stored_field.h: which fields of a response are kept?
 * Source: RFC 9111 section 3.1, 5.2.2.4 and 5.2.2.7.  Pure. */
#ifndef PROXY_CACHE_STORED_FIELD_H
#define PROXY_CACHE_STORED_FIELD_H

#include "proxy/cache/control.h"
#include "proxy/cache/policy.h"

/* What one response says about its own fields; a plain value that borrows
 * from resp and policy. */
struct stored_field {
	const struct http_msg *resp;
	const struct cache_policy *policy;
	struct slice no_cache_fields, private_fields;
	bool has_connection;
	bool drops_set_cookie; /* CacheOverride */
};

/* cc: what control_parse_response made of resp.  cc and policy may be NULL:
 * nothing is left out for what they say. */
void stored_field_init(struct stored_field *sf, const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy);

/* False for a connection's own fields and those that Connection names, for
 * proxy authentication, for what no-cache="…", private="…" (these unless
 * CacheStorePrivate) or CacheIgnoreHeaders name, for the Set-Cookie that
 * CacheOverride ignores, and for Age and Content-Length, which larder writes
 * itself.  What caches before it say in Cache-Status is kept, and its own
 * member comes behind (RFC 9211 2). */
bool stored_field_keeps(
    const struct stored_field *sf, const struct http_field *field);

/* Does CacheIgnoreHeaders name it? */
bool stored_field_is_ignored(
    const struct cache_policy *policy, struct slice name);

#endif
