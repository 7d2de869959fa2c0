/* proxy/cache/storable.c: the rules of storing, one function each
 *
 * A rule says NULL when it has no objection.  They are asked in the order
 * of RFC 9111 section 3, then those that Apache's directives add, and the
 * first objection is the answer. */
#include "proxy/cache/storable.h"

#include "proxy/cache/freshness.h"
#include "proxy/cache/key_query.h"
#include "proxy/cache/vary.h"
#include "proxy/http/field.h"

/* All that a rule may look at. */
struct question {
	const struct http_msg *req, *resp;
	const struct control_request *rcc;
	const struct control_response *cc;
	const struct cache_policy *policy;
	uint64_t body_bytes;
	bool has_lifetime; /* the origin states one, or CacheOverride */
	int64_t lifetime_s, age_s;
	enum freshness_source source;
};

typedef const char *rule_fn(const struct question *q);

/* Whole answers of the resource itself to a GET.  304, 412 and 416 speak
 * of the request's conditions and range, 206 gives a part, 407 is for the
 * next hop only. */
static const char *
rule_status(const struct question *q)
{
	switch (q->resp->status) {
	case 206:
	case 304:
	case 407:
	case 412:
	case 416:
		return "status";
	default:
		return q->resp->status < 200 ? "status" : NULL;
	}
}

static const char *
rule_method(const struct question *q)
{
	return q->req->method == HTTP_GET ? NULL : "method";
}

/* A status whose caching rules larder knows and follows. */
static bool
is_understood(int status)
{
	return http_reason(status)[0] != '\0';
}

/* 5.2.2.3: who understands the status ignores no-store beside
 * must-understand; who does not, stores nothing. */
static const char *
rule_no_store(const struct question *q)
{
	if (q->cc->must_understand)
		return is_understood(q->resp->status) ? NULL
						      : "must-understand";
	return q->cc->no_store && !q->policy->store_no_store ? "no-store"
							     : NULL;
}

static const char *
rule_request_no_store(const struct question *q)
{
	return q->rcc->no_store && !q->policy->store_no_store
	    ? "request no-store"
	    : NULL;
}

static const char *
rule_private(const struct question *q)
{
	return q->cc->private_ && !q->policy->store_private ? "private" : NULL;
}

/* 3.5 */
static const char *
rule_authorization(const struct question *q)
{
	const struct override_rule *rule = q->cc->override;

	if (http_msg_get(q->req, FIELD_AUTHORIZATION) == NULL ||
	    control_shares_authorized(q->cc) ||
	    (rule != NULL && (rule->ignore & OVERRIDE_AUTHORIZATION) != 0))
		return NULL;
	return "authorization";
}

static const char *
rule_vary(const struct question *q)
{
	return vary_is_list(q->resp) ? NULL : "vary";
}

/* The last point of section 3: explicit freshness, public, or a status
 * that may be kept by heuristic. */
static const char *
rule_cacheable(const struct question *q)
{
	if (q->has_lifetime || q->cc->public_ ||
	    freshness_heuristic_status(q->resp->status))
		return NULL;
	return "status without freshness";
}

static bool
has_modified(const struct http_msg *resp)
{
	return http_msg_date(resp, FIELD_LAST_MODIFIED, 0, INT64_MIN) !=
	    INT64_MIN;
}

static bool
has_validator(const struct http_msg *resp)
{
	return http_msg_value(resp, FIELD_ETAG).n > 0 || has_modified(resp);
}

/* With neither freshness nor validator it could never be used again. */
static const char *
rule_no_last_mod(const struct question *q)
{
	if (q->has_lifetime || q->policy->ignore_no_last_mod ||
	    has_validator(q->resp))
		return NULL;
	return "no freshness and no validator";
}

/* By Apache's documentation a URL with a query is kept only with an
 * explicit lifetime; a query that plays no part in the key is none. */
static const char *
rule_query(const struct question *q)
{
	if (q->has_lifetime || !key_query_counts(q->policy, q->req->target))
		return NULL;
	return "query without expiry";
}

/* Is there a time at which it can be served without asking?  Windows for
 * stale content count. */
static bool
is_ever_usable(const struct question *q)
{
	int64_t window_s = q->cc->stale_while_revalidate_s;

	if (q->cc->no_cache)
		return false;
	if (q->cc->stale_if_error_s > window_s)
		window_s = q->cc->stale_if_error_s;
	return q->lifetime_s + (window_s > 0 ? window_s : 0) > q->age_s;
}

/* Stale at arrival: kept for its validator, if it has one, but not with an
 * Expires in the past; such pages are not meant to be kept at all. */
static const char *
rule_expired(const struct question *q)
{
	bool expired = q->source == FRESHNESS_EXPIRES &&
	    q->lifetime_s <= q->age_s;

	if (q->policy->store_expired)
		return NULL;
	if (is_ever_usable(q) || (has_validator(q->resp) && !expired))
		return NULL;
	return q->cc->no_cache ? "no-cache without validator" : "expired";
}

static bool
may_be_empty(int status)
{
	return status == 204 || status == 205 ||
	    (status >= 300 && status < 400);
}

bool
storable_is_too_small(
    const struct cache_policy *policy, int status, uint64_t body_bytes)
{
	return body_bytes < policy->min_file_bytes &&
	    !(body_bytes == 0 && may_be_empty(status));
}

/* Of an unknown length the saver keeps count. */
static const char *
rule_min_file_size(const struct question *q)
{
	return storable_is_too_small(q->policy, q->resp->status, q->body_bytes)
	    ? "too small"
	    : NULL;
}

static const char *
rule_max_file_size(const struct question *q)
{
	return q->body_bytes == UINT64_MAX ||
		q->body_bytes <= q->policy->max_file_bytes
	    ? NULL
	    : "too large";
}

static const struct rule {
	rule_fn *objection;
	const char *clause;
} RULES[] = {
	{ rule_method, "RFC 9111 3" },
	{ rule_status, "RFC 9111 3" },
	{ rule_no_store, "RFC 9111 5.2.2.5" },
	{ rule_request_no_store, "RFC 9111 5.2.1.5" },
	{ rule_private, "RFC 9111 5.2.2.7" },
	{ rule_authorization, "RFC 9111 3.5" },
	{ rule_vary, "RFC 9111 4.1" },
	{ rule_cacheable, "RFC 9111 3" },
	{ rule_no_last_mod, "CacheIgnoreNoLastMod" },
	{ rule_query, "CacheIgnoreQueryString" },
	{ rule_expired, "CacheStoreExpired" },
	{ rule_min_file_size, "CacheMinFileSize" },
	{ rule_max_file_size, "CacheMaxFileSize" },
};

#define RULE_COUNT (sizeof(RULES) / sizeof(RULES[0]))

struct storable
storable_decide(const struct http_msg *req, const struct control_request *rcc,
    const struct http_msg *resp, const struct control_response *cc,
    const struct cache_policy *policy, uint64_t body_bytes, int64_t now_s)
{
	struct question q = { .req = req,
		.resp = resp,
		.rcc = rcc,
		.cc = cc,
		.policy = policy,
		.body_bytes = body_bytes };
	enum freshness_source source;
	int64_t stated_s;

	q.has_lifetime = freshness_explicit(
			     resp, cc, now_s, &stated_s, &source) == LR_OK ||
	    override_ttl(cc->override, false, &stated_s);
	q.lifetime_s = freshness_lifetime(resp, cc, policy, now_s, &q.source);
	q.age_s = freshness_initial_age(resp, now_s, now_s);
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const char *why = RULES[i].objection(&q);

		if (why != NULL)
			return (struct storable){ false, why, RULES[i].clause };
	}
	return (struct storable){ true, "storable", "RFC 9111 3" };
}

const char *
storable_forbidden(const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy)
{
	const struct question q = { .resp = resp, .cc = cc, .policy = policy };
	const char *why = rule_no_store(&q);

	if (why == NULL)
		why = rule_private(&q);
	return why != NULL ? why : rule_vary(&q);
}

const char *
storable_forbidden_by_request(const struct http_msg *req,
    const struct control_request *rcc, const struct control_response *cc,
    const struct cache_policy *policy)
{
	const struct question q = {
		.req = req, .rcc = rcc, .cc = cc, .policy = policy
	};
	const char *why = rule_request_no_store(&q);

	return why != NULL ? why : rule_authorization(&q);
}

bool
storable_request(const struct http_msg *req, const struct cache_policy *policy,
    const char **why)
{
	if (!policy->enabled) {
		*why = "caching is off";
		return false;
	}
	if (req->method != HTTP_GET && req->method != HTTP_HEAD) {
		*why = "method";
		return false;
	}
	return true;
}
