/* ADMIT -> LOOKUP | FETCH (to be passed) | DELIVER (an error page) */
#include "proxy/cache/storable.h"
#include "proxy/http/condition.h"
#include "proxy/http/forward.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

/* Why the cache is not asked (RFC 9211 2.2 and 2.8). */
static void
pass_by(struct request *rq, const char *why, enum cache_status_fwd fwd)
{
	rq->pass = true;
	rq->status.fwd = fwd;
	rq->status.detail = why;
}

static void
judge(struct request *rq, const struct cache_policy *policy)
{
	const char *why = NULL;

	rq->pass = false;
	if (!storable_request(&rq->msg, policy, &why))
		pass_by(rq, why,
		    policy->enabled ? CACHE_STATUS_METHOD
				    : CACHE_STATUS_BYPASS);
	else if (rq->env->store == NULL)
		pass_by(rq, "no store", CACHE_STATUS_BYPASS);
	else if (rq->body.framing != H1_BODY_NONE)
		pass_by(rq, "request body", CACHE_STATUS_BYPASS);
}

static const struct step *
run(struct request *rq)
{
	const struct settings *set = rq->route.settings;
	enum lr rc = LR_OK;

	if (set->limit_request_body != 0 &&
	    rq->body.framing == H1_BODY_LENGTH &&
	    rq->body.length > set->limit_request_body)
		return respond_error(rq, 413, "LimitRequestBody");
	if (set->via && forward_is_loop(&rq->msg, slice_of(rq->env->via_name)))
		return respond_error(rq, 508, "request loop");
	forward_strip_nominated(&rq->msg);
	control_parse_request(&rq->msg, &rq->control);
	judge(rq, &set->cache);
	if (set->cache.enabled)
		rc = key_make(&rq->uri, rq->scheme, rq->host, &set->cache,
		    &rq->arena, &rq->key);
	if (rc == LR_NOMEM)
		return respond_error(rq, 503, "out of memory");
	if (rc != LR_OK)
		return respond_error(rq, 400, "malformed authority");
	return rq->pass ? &STEP_FETCH : &STEP_LOOKUP;
}

const struct step STEP_ADMIT = { "admit", run };
