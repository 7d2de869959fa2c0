/* proxy/cache/freshness.c: lifetimes and ages in whole seconds */
#include "proxy/cache/freshness.h"

#include "proxy/http/field.h"

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
greatest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Expires - Date.  An Expires that is no date, "0" above all, lies in the
 * past (RFC 9111 5.3). */
static int64_t
lifetime_by_expires(const struct http_msg *resp, int64_t response_at_s)
{
	int64_t date_s = http_msg_date(
	    resp, FIELD_DATE, response_at_s, response_at_s);
	int64_t expires_s = http_msg_date(
	    resp, FIELD_EXPIRES, response_at_s, date_s);

	return greatest(expires_s - date_s, 0);
}

enum lr
freshness_explicit(const struct http_msg *resp,
    const struct control_response *cc, int64_t response_at_s, int64_t *out_s,
    enum freshness_source *source)
{
	if (cc->s_maxage_s != CONTROL_NONE) {
		*out_s = cc->s_maxage_s;
		*source = FRESHNESS_S_MAXAGE;
	} else if (cc->max_age_s != CONTROL_NONE) {
		*out_s = cc->max_age_s;
		*source = FRESHNESS_MAX_AGE;
	} else if (!cc->no_expires &&
	    http_msg_get(resp, FIELD_EXPIRES) != NULL) {
		*out_s = lifetime_by_expires(resp, response_at_s);
		*source = FRESHNESS_EXPIRES;
	} else {
		return LR_NOTFOUND;
	}
	return LR_OK;
}

bool
freshness_heuristic_status(int status)
{
	switch (status) {
	case 200:
	case 203:
	case 204:
	case 206:
	case 300:
	case 301:
	case 308:
	case 404:
	case 405:
	case 410:
	case 414:
	case 501:
		return true;
	default:
		return false;
	}
}

/* CacheLastModifiedFactor's share of the time since the last change.
 * Dividing first would lose the seconds of young documents, multiplying
 * first could overflow for absurd dates. */
static int64_t
share_since_modified(int64_t elapsed_s, unsigned factor_milli)
{
	int64_t factor = factor_milli;

	if (elapsed_s <= 0)
		return 0;
	return elapsed_s / 1000 * factor + elapsed_s % 1000 * factor / 1000;
}

/* The origin stated no lifetime (4.2.2).  Apache's rule: with Last-Modified a
 * share of the document's age, within CacheMinExpire and CacheMaxExpire;
 * without it nothing, or CacheDefaultExpire when CacheIgnoreNoLastMod
 * is on. */
static int64_t
lifetime_by_heuristic(const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy,
    int64_t response_at_s, enum freshness_source *source)
{
	int64_t date_s = http_msg_date(
	    resp, FIELD_DATE, response_at_s, response_at_s);
	int64_t modified_s = http_msg_date(
	    resp, FIELD_LAST_MODIFIED, response_at_s, INT64_MIN);
	int64_t life_s;

	*source = FRESHNESS_NONE;
	if (!freshness_heuristic_status(resp->status) && !cc->public_)
		return 0;
	if (modified_s != INT64_MIN) {
		*source = FRESHNESS_HEURISTIC;
		life_s = share_since_modified(
		    date_s - modified_s, policy->last_modified_factor_milli);
		life_s = greatest(life_s, policy->min_expire_s);
		return least(life_s, policy->max_expire_s);
	}
	if (!policy->ignore_no_last_mod)
		return 0;
	*source = FRESHNESS_DEFAULT;
	return greatest(policy->default_expire_s, policy->min_expire_s);
}

/* CacheMaxExpire bounds the time "without checking the origin server": it
 * counts from the arrival here, not from the generation, or a response
 * that a cache before us has kept for long would never be fresh.  A ttl of
 * CacheOverride counts likewise, and is not bounded when it is forced: who
 * wrote that down wants it so. */
int64_t
freshness_lifetime(const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy,
    int64_t response_at_s, enum freshness_source *source)
{
	int64_t life_s, ttl_s, age_s;
	bool stated = freshness_explicit(
			  resp, cc, response_at_s, &life_s, source) == LR_OK;

	age_s = freshness_initial_age(resp, response_at_s, response_at_s);
	if (override_ttl(cc->override, stated, &ttl_s)) {
		*source = FRESHNESS_OVERRIDE;
		if (!cc->override->force)
			ttl_s = least(ttl_s, policy->max_expire_s);
		return ttl_s + age_s;
	}
	if (!stated)
		return lifetime_by_heuristic(
		    resp, cc, policy, response_at_s, source);
	return least(life_s - age_s, policy->max_expire_s) + age_s;
}

/* The Age field's value: of a list the first member; what is no number is
 * ignored (5.1). */
static int64_t
age_value(const struct http_msg *resp)
{
	struct slice rest = http_msg_value(resp, FIELD_AGE);
	struct slice first;
	int64_t age_s;

	return field_list_next(&rest, &first) &&
		field_delta_seconds(first, &age_s)
	    ? age_s
	    : 0;
}

int64_t
freshness_initial_age(
    const struct http_msg *resp, int64_t request_at_s, int64_t response_at_s)
{
	int64_t date_s = http_msg_date(
	    resp, FIELD_DATE, response_at_s, response_at_s);
	int64_t apparent_s = greatest(0, response_at_s - date_s);
	int64_t delay_s = greatest(0, response_at_s - request_at_s);

	return greatest(apparent_s, age_value(resp) + delay_s);
}
