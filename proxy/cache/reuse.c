/* proxy/cache/reuse.c: fresh, stale, or to be asked about
 *
 * Runs on every hit.  The rules stand in the order of their strength: the
 * origin's prohibitions, the client's demands, freshness, what allows stale
 * content. */
#include "proxy/cache/reuse.h"

static bool
is_fresh(const struct verdict *v)
{
	return v->ttl_s > 0; /* 4.2: lifetime > current age */
}

/* What the client asks for beyond freshness, NULL when it is content.
 * CacheIgnoreCacheControl turns these off: they all mean "not from the
 * cache". */
static const char *
unmet_demand(const struct entry *e, const struct control_request *cc,
    const struct verdict *v)
{
	if (cc->no_cache)
		return "request no-cache";
	if (cc->min_fresh_s != CONTROL_NONE && v->ttl_s < cc->min_fresh_s)
		return "request min-fresh";
	if (cc->max_age_s == CONTROL_NONE)
		return NULL;
	/* A reload of what will not change asks for nothing (RFC 8246 2). */
	if ((e->flags & ENTRY_IMMUTABLE) != 0 && is_fresh(v))
		return NULL;
	/* 0 is how a client says "validate", even in the first second. */
	if (cc->max_age_s == 0 || v->age_s > cc->max_age_s)
		return "request max-age";
	/* With max-age alone nothing stale is wanted (5.2.1.1). */
	if (!is_fresh(v) && cc->max_stale_s == CONTROL_NONE)
		return "request max-age";
	return NULL;
}

static void
judge_stale(
    const struct entry *e, const struct control_request *cc, struct verdict *v)
{
	int64_t stale_for_s = -v->ttl_s;

	if ((e->flags & ENTRY_MUST_REVALIDATE) != 0) {
		v->reuse = REUSE_VALIDATE; /* 5.2.2.2, 5.2.2.8, 5.2.2.10 */
		v->why = "must-revalidate";
	} else if (cc->max_stale_s != CONTROL_NONE &&
	    stale_for_s <= cc->max_stale_s) {
		v->reuse = REUSE_FRESH; /* the client asked for it */
		v->why = "request max-stale";
	} else if (stale_for_s < (int64_t)e->stale_while_s) {
		v->reuse = REUSE_STALE; /* RFC 5861 3 */
		v->why = "stale-while-revalidate";
	} else {
		v->reuse = REUSE_VALIDATE;
		v->why = "stale";
	}
}

struct verdict
reuse_decide(const struct entry *e, const struct control_request *cc,
    const struct cache_policy *policy, int64_t now_s)
{
	struct verdict v = { .age_s = entry_age_s(e, now_s) };
	const char *demand = NULL;

	v.ttl_s = e->lifetime_s - v.age_s;
	if (!policy->ignore_cache_control)
		demand = unmet_demand(e, cc, &v);
	if ((e->flags & ENTRY_NO_CACHE) != 0) {
		v.reuse = REUSE_VALIDATE; /* 5.2.2.4 */
		v.why = "no-cache";
	} else if (demand != NULL) {
		v.reuse = REUSE_VALIDATE;
		v.why = demand;
	} else if (is_fresh(&v)) {
		v.reuse = REUSE_FRESH;
		v.why = "fresh";
	} else {
		judge_stale(e, cc, &v);
	}
	if (v.reuse == REUSE_VALIDATE && cc->only_if_cached)
		v.reuse = REUSE_UNSATISFIABLE; /* 5.2.1.7 */
	return v;
}

/* The answers that stale-if-error speaks of; 0: there was none. */
static bool
is_rfc5861_error(int status)
{
	return status == 0 || status == 500 || status == 502 || status == 503 ||
	    status == 504;
}

const char *
reuse_on_error(const struct entry *e, const struct control_request *cc,
    const struct cache_policy *policy, int error_status, int64_t now_s)
{
	struct verdict v = { .age_s = entry_age_s(e, now_s) };
	int64_t stale_for_s;

	v.ttl_s = e->lifetime_s - v.age_s;
	stale_for_s = -v.ttl_s;
	if ((e->flags & (ENTRY_NO_CACHE | ENTRY_MUST_REVALIDATE)) != 0)
		return NULL; /* 4.2.4: prohibited in protocol */
	/* CacheStaleOnError respects the client's wish for the raw error. */
	if (!policy->ignore_cache_control && unmet_demand(e, cc, &v) != NULL)
		return NULL;
	if (is_rfc5861_error(error_status) &&
	    stale_for_s < (int64_t)e->stale_error_s)
		return "stale-if-error";
	return policy->stale_on_error &&
		(error_status == 0 || error_status >= 500)
	    ? "CacheStaleOnError"
	    : NULL;
}
