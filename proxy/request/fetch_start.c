/* From a request to an exchange of its own. */
#include "proxy/request/fetch_internal.h"

#include <stdlib.h>

#include "proxy/cache/surrogate.h"
#include "proxy/cache/validate.h"
#include "proxy/http/forward.h"
#include "proxy/request/fetch.h"
#include "proxy/request/flight_table.h"
#include "store/base/hash.h"

static bool
asks_for_part(const struct request *rq)
{
	return rq->ask == ASK_RANGE || rq->ask == ASK_GAP;
}

struct cache_key
fetch_key(struct request *rq)
{
	struct strbuf *sb = &rq->env->scratch;
	struct cache_key key = rq->key;
	size_t whole_n;

	if (rq->vary_values.n == 0 && !asks_for_part(rq))
		return key;
	strbuf_reset(sb);
	strbuf_add_slice(sb, rq->key.text);
	if (rq->vary_values.n > 0) {
		strbuf_add_char(sb, '\n');
		strbuf_add_slice(sb, rq->vary_values);
	}
	whole_n = sb->n;
	if (rq->ask == ASK_GAP)
		strbuf_addf(sb, FLIGHT_PART "%llu-%llu",
		    (unsigned long long)rq->gap.first,
		    (unsigned long long)rq->gap.end);
	else if (rq->ask == ASK_RANGE)
		strbuf_addf(sb, FLIGHT_PART "%.*s",
		    SLICE_ARG(http_msg_value(&rq->msg, FIELD_RANGE)));
	key.text = arena_dup(&rq->arena, strbuf_slice(sb));
	/* That of the whole: whoever looks for parts finds them beside it. */
	if (key.text.p != NULL)
		key.hash = hash_bytes(key.text.p, whole_n);
	return key;
}

/* The same way again, with what had to be made for it in our arena. */
static enum lr
copy_route(struct fetch *fe, const struct request *rq)
{
	struct slice path = arena_dup(&fe->arena, rq->uri.path);
	struct slice target = arena_dup(&fe->arena, rq->target);

	if (path.p == NULL || target.p == NULL)
		return LR_NOMEM;
	return route_find(fe->vhost, path, target, &fe->arena, &fe->route);
}

/* What outlives the request: copies into the fetch's own arena. */
static enum lr
copy_request(struct fetch *fe, const struct request *rq)
{
	enum lr rc = http_msg_copy(&rq->msg, &fe->arena, &fe->msg);

	fe->control = rq->control;
	fe->pass = rq->pass;
	fe->ask = rq->ask;
	fe->gap = rq->gap;
	fe->client = *rq->client;
	fe->key.hash = rq->key.hash;
	fe->key.text = arena_dup(&fe->arena, rq->key.text);
	fe->scheme = arena_dup(&fe->arena, rq->scheme);
	fe->host = arena_dup(&fe->arena, rq->host);
	if (fe->host.p == NULL || fe->key.text.p == NULL ||
	    fe->scheme.p == NULL)
		return LR_NOMEM;
	return rc == LR_OK ? copy_route(fe, rq) : rc;
}

/* A refresh is for all of the response, whatever the request wanted. */
static void
want_whole(struct fetch *fe)
{
	static const enum http_field_id WISHES[] = { FIELD_RANGE,
		FIELD_IF_RANGE, FIELD_IF_MATCH, FIELD_IF_NONE_MATCH,
		FIELD_IF_MODIFIED_SINCE, FIELD_IF_UNMODIFIED_SINCE };

	fe->msg.method = HTTP_GET;
	fe->msg.method_text = SLICE("GET");
	for (size_t i = 0; i < sizeof(WISHES) / sizeof(WISHES[0]); i++)
		http_msg_remove(&fe->msg, WISHES[i]);
}

/* The stored object that rq wants to know about: pinned, its head copied.
 * Its bytes are still readable: rq's read transaction is open. */
static enum lr
copy_stale(struct fetch *fe, const struct request *rq)
{
	struct slice head, body0;
	enum lr rc;

	rc = store_read_head(fe->env->reader, &rq->object, &head, &body0);
	if (rc != LR_OK)
		return rc;
	strbuf_add_slice(&fe->stale_blob, head);
	if (fe->stale_blob.failed)
		return LR_NOMEM;
	rc = entry_decode(strbuf_slice(&fe->stale_blob), &fe->stale);
	if (rc != LR_OK) {
		strbuf_free(&fe->stale_blob);
		return rc;
	}
	fe->object = rq->object;
	store_pin(fe->env->store, &fe->object);
	return LR_OK;
}

/* Has the stored object changed?  If so, what the client wants of it is to
 * come: conditions are evaluated before ranges (RFC 9110 13.2.2). */
static enum lr
ask_about_stale(struct fetch *fe, struct http_msg *out)
{
	struct slice range = http_msg_value(out, FIELD_RANGE);
	enum lr rc = validate_request(out, &fe->stale);

	if (rc == LR_NOTFOUND)
		rc = LR_OK;
	if (rc == LR_OK && fe->ask == ASK_RANGE && range.n > 0)
		rc = http_msg_add_id(out, FIELD_RANGE, range);
	return rc;
}

static enum lr
backend_request(struct fetch *fe, struct http_msg *out)
{
	const struct settings *set = fe->route.settings;
	char ip[ADDRESS_CHARS];
	struct forward_context ctx = { .client_scheme = fe->scheme,
		.request_host = fe->host,
		.server_name = fe->vhost->server_name,
		.backend_host = fe->route.backend->authority,
		.target = fe->route.target,
		.via_name = set->via ? slice_of(fe->env->via_name) : SLICE(""),
		.preserve_host = set->preserve_host,
		.add_headers = set->add_headers };
	enum lr rc;

	ctx.client_address = slice_make(ip, address_format_ip(&fe->client, ip));
	ctx.client_address = arena_dup(&fe->arena, ctx.client_address);
	if (ctx.client_address.p == NULL)
		return LR_NOMEM;
	http_msg_init(out, &fe->arena);
	rc = forward_request(&fe->msg, &ctx, out);
	if (rc == LR_OK)
		rc = surrogate_announce(out, &set->cache);
	if (rc != LR_OK)
		return rc;
	if (fe->stale_blob.n == 0)
		return LR_OK;
	return fe->ask == ASK_GAP
	    ? partial_ask(out, &fe->stale, fe->gap, fe->object.body_bytes)
	    : ask_about_stale(fe, out);
}

enum lr
fetch_start_exchange(struct fetch *fe, const struct request *uploader)
{
	struct http_msg out;
	struct exchange_request ex = { .backend = fe->route.backend,
		.head = &out,
		.body = H1_BODY_NONE,
		.idempotent = http_method_idempotent(fe->msg.method),
		.limits = fe->vhost->limits };
	enum lr rc;

	if (uploader != NULL) {
		ex.body = uploader->body.framing;
		ex.body_bytes = uploader->body.length;
	}
	fe->connector = connector_for(fe->route.backend->scheme);
	if (fe->connector == NULL)
		return LR_UNSUPPORTED;
	if ((rc = backend_request(fe, &out)) != LR_OK)
		return rc;
	counter_add(fe->env->counters, COUNTER_FETCHES, 1);
	rc = fe->connector->start(
	    fe->env->pool, &ex, &FETCH_EVENTS, fe, &fe->exchange);
	if (rc != LR_OK)
		fe->exchange = NULL;
	return rc;
}

static enum lr
fetch_create(struct request *rq, struct flight *flight, struct fetch **out)
{
	struct fetch *fe = calloc(1, sizeof(*fe));
	enum lr rc;

	if (fe == NULL)
		return LR_NOMEM;
	fe->magic = FETCH_MAGIC;
	fe->env = rq->env;
	fe->flight = flight_ref(flight);
	fe->site = site_ref(rq->site);
	fe->vhost = rq->vhost;
	fe->started_us = clock_mono_us();
	fe->next = rq->env->fetches;
	if (fe->next != NULL)
		fe->next->prev = fe;
	rq->env->fetches = fe;
	flight_on_attention(flight, fetch_attention, fe);
	fe->background = flight_followers(flight) == 0;
	rc = copy_request(fe, rq);
	if (rq->ask == ASK_WHOLE && !rq->validate)
		want_whole(fe);
	if (rc == LR_OK && rq->pinned)
		rc = copy_stale(fe, rq);
	if (rc != LR_OK) {
		fetch_free(fe);
		return rc;
	}
	*out = fe;
	return LR_OK;
}

void
fetch_refuse(struct flight *flight, enum lr why)
{
	flight_close(flight);
	flight_fail(flight, why);
	flight_land(flight);
}

void
fetch_start(struct request *rq, struct flight *flight, struct request *uploader)
{
	struct fetch *fe;
	enum lr rc;

	if ((rc = fetch_create(rq, flight, &fe)) != LR_OK) {
		fetch_refuse(flight, rc);
		return;
	}
	if ((rc = fetch_start_exchange(fe, uploader)) != LR_OK) {
		fetch_fail(fe, rc);
		return;
	}
	fe->uploader = uploader;
	if (uploader != NULL)
		uploader->fetch = fe;
}
