/* ADMIT -> LOOKUP | FETCH (to be passed) | DELIVER (an error page) */
#include "proxy/cache/storable.h"
#include "proxy/http/condition.h"
#include "proxy/http/forward.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

static const struct step *
run(struct request *rq)
{
	const struct settings *set = rq->route.settings;
	const char *why = NULL;
	enum lr rc = LR_OK;

	if (set->limit_request_body != 0 &&
	    rq->body.framing == H1_BODY_LENGTH &&
	    rq->body.length > set->limit_request_body)
		return respond_error(rq, 413, "LimitRequestBody");
	if (set->via && forward_is_loop(&rq->msg, slice_of(rq->env->via_name)))
		return respond_error(rq, 508, "request loop");
	forward_strip_nominated(&rq->msg);
	control_parse_request(&rq->msg, &rq->control);
	rq->pass = rq->env->store == NULL || rq->body.framing != H1_BODY_NONE ||
	    !storable_request(&rq->msg, &set->cache, &why);
	if (set->cache.enabled)
		rc = key_make(&rq->uri, rq->scheme, rq->host, &set->cache,
		    &rq->arena, &rq->key);
	if (rc == LR_NOMEM)
		return respond_error(rq, 503, "out of memory");
	if (rc != LR_OK)
		return respond_error(rq, 400, "malformed authority");
	if (!rq->pass)
		return &STEP_LOOKUP;
	rq->status.fwd = set->cache.enabled ? CACHE_STATUS_METHOD
					    : CACHE_STATUS_BYPASS;
	rq->status.detail = why;
	return &STEP_FETCH;
}

const struct step STEP_ADMIT = { "admit", run };
