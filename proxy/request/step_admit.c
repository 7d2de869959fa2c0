/* ADMIT -> LOOKUP | FETCH (to be passed) | DELIVER (an error page) */
#include "proxy/cache/storable.h"
#include "proxy/http/condition.h"
#include "proxy/http/forward.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"
#include "store/base/num.h"

/* The authority that the key names.  A client that came in on another port
 * than its Host says (RFC 9110 7.2 has it say so) may have reached another
 * virtual host: the port it came in on then tells them apart. */
static struct slice
key_authority(struct request *rq)
{
	uint16_t came_in = address_port(rq->local), said;
	char text[NUM_U64_CHARS];
	struct strbuf *sb = &rq->env->scratch;
	struct slice host;

	if (came_in == 0 || came_in == uri_default_port(rq->scheme) ||
	    uri_parse_authority(rq->host, &host, &said) != LR_OK || said != 0)
		return rq->host;
	strbuf_reset(sb);
	strbuf_add_slice(sb, host);
	strbuf_add_char(sb, ':');
	strbuf_add(sb, text, num_put_u64(text, came_in));
	return sb->failed ? rq->host : strbuf_slice(sb);
}

static const struct step *
run(struct request *rq)
{
	const struct settings *set = rq->route.settings;
	const char *why = NULL;

	if (set->limit_request_body != 0 &&
	    rq->body.framing == H1_BODY_LENGTH &&
	    rq->body.length > set->limit_request_body)
		return respond_error(rq, 413, "LimitRequestBody");
	if (set->via && forward_is_loop(&rq->msg, slice_of(rq->env->via_name)))
		return respond_error(rq, 508, "request loop");
	control_parse_request(&rq->msg, &rq->control);
	rq->pass = rq->env->store == NULL || rq->body.framing != H1_BODY_NONE ||
	    !storable_request(&rq->msg, &set->cache, &why);
	if (set->cache.enabled &&
	    key_make(&rq->uri, rq->scheme, key_authority(rq), &set->cache,
		&rq->arena, &rq->key) != LR_OK)
		return respond_error(rq, 400, "malformed authority");
	if (!rq->pass)
		return &STEP_LOOKUP;
	rq->status.fwd = set->cache.enabled ? CACHE_STATUS_METHOD
					    : CACHE_STATUS_BYPASS;
	rq->status.detail = why;
	return &STEP_FETCH;
}

const struct step STEP_ADMIT = { "admit", run };
