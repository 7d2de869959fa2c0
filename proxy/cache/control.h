/* proxy/cache/control.h: Cache-Control and Pragma, or what stands for them,
 * parsed once.  Source: RFC 9111 section 5.2 and 5.4, RFC 5861, RFC 8246,
 * RFC 9213.  Pure. */
#ifndef PROXY_CACHE_CONTROL_H
#define PROXY_CACHE_CONTROL_H

#include "proxy/cache/policy.h"
#include "proxy/http/message.h"

#define CONTROL_NONE (-1) /* a directive in seconds that is absent */

struct control_request { /* 5.2.1 */
	bool no_cache, no_store, no_transform, only_if_cached;
	int64_t max_age_s, min_fresh_s; /* CONTROL_NONE when absent */
	int64_t max_stale_s;		/* INT64_MAX: without a value */
};

struct control_response { /* 5.2.2 */
	bool no_store, must_revalidate, proxy_revalidate, public_, immutable;
	bool no_transform, must_understand;
	bool no_cache, private_;      /* without field names */
	struct slice no_cache_fields; /* no-cache="a, b": inside the quotes */
	struct slice private_fields;
	int64_t max_age_s, s_maxage_s; /* CONTROL_NONE when absent; 0 when
					* present and malformed (stale) */
	int64_t stale_while_revalidate_s, stale_if_error_s;
	bool any;      /* a Cache-Control field was there at all, or targeted */
	bool targeted; /* it is a targeted field that speaks (RFC 9213) */
	bool surrogate;	 /* and that one is Surrogate-Control */
	bool no_expires; /* Expires does not count */
	const struct override_rule *override; /* in force; NULL: none */
	unsigned overridden; /* of enum override_ignore: what it changed */
};

/* Pragma: no-cache counts when there is no Cache-Control (5.4); in a
 * response, where its meaning was never specified, on the safe side. */
void control_parse_request(
    const struct http_msg *req, struct control_request *out);
/* Conflicting duplicates: the most restrictive holds (4.2.1).  Field names
 * given by two no-cache or two private directives mean all of the response, and
 * so does what is no list of names.
 *
 * The first of policy's targets that is valid and not empty speaks in place
 * of Cache-Control, Pragma and Expires (RFC 9213 2.2).  There a directive
 * whose value has not the type that it should have is no directive, also
 * when it would forbid something: no-store=1, private=?0 (2.1).
 *
 * What policy's CacheOverride ignores is left out, its windows are in. */
void control_parse_response(const struct http_msg *resp,
    const struct cache_policy *policy, struct control_response *out);

/* May the answer to an authorized request be used for others (3.5)? */
bool control_shares_authorized(const struct control_response *cc);

#endif
