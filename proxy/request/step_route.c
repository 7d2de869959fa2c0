/* ROUTE -> ADMIT | DELIVER (an error page) */
#include "proxy/http/forward.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

/* host[:port] as the client asked for it. */
static struct slice
authority_of(const struct request *rq, const struct uri *raw)
{
	struct slice target = rq->msg.target;
	const char *end = target.p + target.n;

	if (raw->form != URI_ABSOLUTE) {
		struct slice host = http_msg_value(&rq->msg, FIELD_HOST);

		return host.n > 0 ? host : rq->vhost->server_name;
	}
	if (raw->path.n > 0)
		end = raw->path.p;
	else if (raw->has_query)
		end = raw->query.p - 1;
	return slice_make(raw->host.p, (size_t)(end - raw->host.p));
}

/* Is it a URI that a web server can be asked for? */
static bool
is_web(const struct uri *raw)
{
	return raw->form != URI_ABSOLUTE ||
	    slice_ieq(raw->scheme, SLICE("http")) ||
	    slice_ieq(raw->scheme, SLICE("https"));
}

/* "path?query" in normal form: the target itself when nothing changed. */
static struct slice
path_and_query(struct request *rq, const struct uri *raw)
{
	struct strbuf *sb = &rq->env->scratch;

	if (rq->uri.form == URI_ORIGIN && rq->uri.path.p == raw->path.p &&
	    rq->uri.query.p == raw->query.p)
		return rq->msg.target;
	strbuf_reset(sb);
	strbuf_add_slice(sb, rq->uri.path);
	if (rq->uri.has_query) {
		strbuf_add_char(sb, '?');
		strbuf_add_slice(sb, rq->uri.query);
	}
	if (sb->failed)
		return (struct slice){ 0 };
	return arena_dup(&rq->arena, strbuf_slice(sb));
}

static enum lr
normalize(struct request *rq)
{
	struct uri raw;
	enum lr rc;

	rc = uri_parse_target(rq->msg.target, rq->msg.method, &raw);
	if (rc != LR_OK)
		return rc;
	if (!is_web(&raw))
		return LR_INVALID;
	rq->uri = raw;
	rq->host = authority_of(rq, &raw);
	rc = uri_normalize_path(raw.path, &rq->arena, &rq->uri.path);
	if (rc == LR_OK && raw.has_query)
		rc = uri_normalize_query(raw.query, &rq->arena, &rq->uri.query);
	if (rc != LR_OK)
		return rc;
	rq->target = path_and_query(rq, &raw);
	return rq->target.p != NULL ? LR_OK : LR_NOMEM;
}

static const struct step *
run(struct request *rq)
{
	enum lr rc;

	rq->trace = log_wants(rq->vhost->log, LOG_PROXY, LOG_L_TRACE2);
	if (rq->msg.method == HTTP_CONNECT)
		return respond_error(rq, 405, "no tunnels here");
	if (rq->msg.method == HTTP_TRACE)
		return respond_error(rq, 405, "TRACE is disabled");
	if ((rc = normalize(rq)) == LR_NOMEM)
		return respond_error(rq, 503, "out of memory");
	if (rc != LR_OK)
		return respond_error(rq, 400, "malformed request target");
	if (rq->uri.form == URI_ASTERISK)
		return respond_options(rq);
	if (rq->msg.method == HTTP_OPTIONS &&
	    forward_max_forwards(&rq->msg) == LR_NOTFOUND)
		return respond_options(rq);
	rc = route_find(
	    rq->vhost, rq->uri.path, rq->target, &rq->arena, &rq->route);
	if (rc == LR_NOMEM)
		return respond_error(rq, 503, "out of memory");
	if (rc != LR_OK)
		return respond_error(rq, 400, "malformed path");
	if (rq->route.backend == NULL)
		return respond_error(rq, 404, "nothing is mapped here");
	return &STEP_ADMIT;
}

const struct step STEP_ROUTE = { "route", run };
