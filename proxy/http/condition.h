/* proxy/http/condition.h: conditional requests.
 * Source: RFC 9110 section 8.8 and 13.  Pure; safe on any thread. */
#ifndef PROXY_HTTP_CONDITION_H
#define PROXY_HTTP_CONDITION_H

#include "proxy/http/message.h"

enum condition {
	CONDITION_NONE,		/* the request carries none */
	CONDITION_PASSED,	/* answer as if there were none */
	CONDITION_NOT_MODIFIED, /* answer 304 */
	CONDITION_FAILED	/* answer 412 */
};

/* The selected representation's validators. */
struct validators {
	struct slice etag;     /* with quotes and W/; empty: none */
	int64_t modified_at_s; /* Last-Modified; INT64_MIN: none */
	int64_t date_s;	       /* Date; INT64_MIN: none */
};

/* Reads ETag, Last-Modified and Date of a response. */
void condition_validators(
    const struct http_msg *resp, int64_t now_s, struct validators *out);

/* Weak comparison (8.8.3.2) of two entity tags as written; an unquoted
 * tag equals only its own spelling. */
bool condition_etag_weak_eq(struct slice a, struct slice b);
bool condition_etag_strong_eq(struct slice a, struct slice b);

/* Evaluates a GET or HEAD for a cache that has a stored representation
 * (13.2.2 as RFC 9111 4.3.2 lets a cache: If-None-Match and
 * If-Modified-Since; If-Match and If-Unmodified-Since are the origin's,
 * and give CONDITION_NONE). */
enum condition condition_evaluate(
    const struct http_msg *req, const struct validators *v, int64_t now_s);

/* Does the request's If-Range let its Range be honoured (13.1.5)?  True
 * when there is no If-Range. */
bool condition_if_range(
    const struct http_msg *req, const struct validators *v, int64_t now_s);

/* Is Last-Modified a strong validator (8.8.2.2)? */
bool condition_date_is_strong(const struct validators *v);

/* Does req carry any of the five conditional fields? */
bool condition_present(const struct http_msg *req);

#endif
