/* proxy/cache/control.h: Cache-Control and Pragma, parsed once.
 * Source: RFC 9111 section 5.2 and 5.4, RFC 5861, RFC 8246.  Pure. */
#ifndef PROXY_CACHE_CONTROL_H
#define PROXY_CACHE_CONTROL_H

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
	bool any; /* a Cache-Control field was there at all */
};

/* Pragma: no-cache counts when there is no Cache-Control (5.4); in a
 * response, where its meaning was never specified, on the safe side. */
void control_parse_request(
    const struct http_msg *req, struct control_request *out);
/* Conflicting duplicates: the most restrictive holds (4.2.1).  Field names
 * given by two no-cache or two private directives mean all of the response. */
void control_parse_response(
    const struct http_msg *resp, struct control_response *out);

#endif
