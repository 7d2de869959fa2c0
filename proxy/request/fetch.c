#include "proxy/request/fetch.h"

#include <stdlib.h>

#include "proxy/cache/freshness.h"
#include "proxy/cache/invalidate.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/validate.h"
#include "proxy/connect/connector.h"
#include "proxy/http/forward.h"
#include "proxy/http/h1_write.h"
#include "proxy/request/save.h"
#include "store/base/check.h"
#include "store/base/hash.h"

#define FETCH_MAGIC MAGIC('F', 't', 'c', 'h')

enum phase {
	PHASE_EXCHANGE, /* the backend is answering */
	PHASE_LANDING	/* all is here, the store is not done with it */
};

struct fetch {
	uint32_t magic;
	enum phase phase;
	struct request_env *env;
	struct fetch *prev, *next; /* in env->fetches */
	struct flight *flight;	   /* a reference */
	struct site *site;	   /* a reference: settings, backend */
	const struct vhost *vhost;
	struct arena arena;

	/* copied from the request */
	struct http_msg msg;
	struct control_request control;
	struct route route;
	struct cache_key key;
	bool pass;
	struct address client;
	struct slice scheme, host;

	/* the stored object that is asked about; blob empty: none */
	struct strbuf stale_blob;
	struct entry stale;
	struct store_ref object; /* pinned while blob is not empty */

	const struct connector *connector;
	struct exchange *exchange; /* NULL: over */
	struct request *uploader;  /* sends its body along; NULL: none */
	uint64_t uploaded;
	bool paused, head_seen;
	bool updating;	     /* the store was given a merged head */
	uint64_t body_bytes; /* received so far */
	int64_t started_s, started_us;
};

static enum lr start_exchange(struct fetch *fe, const struct h1_body *body);

/* ---- life ---- */

static void
release_stale(struct fetch *fe)
{
	if (fe->stale_blob.n > 0)
		store_unpin(fe->env->store, &fe->object);
	strbuf_free(&fe->stale_blob);
}

static void
fetch_free(struct fetch *fe)
{
	MAGIC_CHECK(fe, FETCH_MAGIC);
	if (fe->uploader != NULL)
		fe->uploader->fetch = NULL;
	if (fe->exchange != NULL)
		fe->connector->cancel(fe->exchange);
	if (fe->prev != NULL)
		fe->prev->next = fe->next;
	else
		fe->env->fetches = fe->next;
	if (fe->next != NULL)
		fe->next->prev = fe->prev;
	flight_on_attention(fe->flight, NULL, NULL);
	release_stale(fe);
	flight_unref(fe->flight);
	site_unref(fe->site);
	arena_free(&fe->arena);
	fe->magic = 0;
	free(fe);
}

/* The store is done with the flight, or never had it: new requests look
 * there again. */
static void
land(struct fetch *fe)
{
	struct fill *fill = flight_fill(fe->flight);
	struct store_ref ref;

	if (fill != NULL && fill_state(fill) == FILL_FAILED)
		flight_drop_fill(fe->flight);
	else if (fill != NULL && flight_doomed(fe->flight) &&
	    fill_state(fill) == FILL_PUBLISHED && fill_ref(fill, &ref) == LR_OK)
		store_remove_ref(fe->env->store, &ref);
	flight_land(fe->flight);
	fetch_free(fe);
}

static void
fail(struct fetch *fe, enum lr why)
{
	flight_close(fe->flight); /* who looks again finds another */
	flight_drop_fill(fe->flight);
	flight_fail(fe->flight, why);
	land(fe);
}

void
fetch_abandon_all(struct request_env *env)
{
	while (env->fetches != NULL) {
		struct fetch *fe = env->fetches;

		if (fe->phase == PHASE_EXCHANGE)
			fail(fe, LR_CANCELLED);
		else
			land(fe);
	}
}

/* ---- pacing ---- */

static void
watch_fill(struct fetch *fe)
{
	struct fill *fill = flight_fill(fe->flight);

	if (fill == NULL)
		return;
	if (flight_doomed(fe->flight) || fill_state(fill) == FILL_FAILED) {
		flight_drop_fill(fe->flight);
		flight_close(fe->flight);
	}
}

/* Nobody is left to answer, and nothing is to be kept? */
static bool
in_vain(const struct fetch *fe)
{
	if (flight_followers(fe->flight) > 0 || fe->updating ||
	    flight_fill(fe->flight) != NULL)
		return false;
	return fe->head_seen || fe->pass;
}

static bool
store_is_done(const struct fetch *fe)
{
	struct fill *fill = flight_fill(fe->flight);

	if (fill != NULL)
		return fill_state(fill) != FILL_OPEN;
	return !fe->updating || flight_updated(fe->flight);
}

static void
attention(void *ctx)
{
	struct fetch *fe = ctx;

	MAGIC_CHECK(fe, FETCH_MAGIC);
	if (fe->phase == PHASE_LANDING) {
		if (store_is_done(fe))
			land(fe);
		return;
	}
	watch_fill(fe);
	if (in_vain(fe)) {
		fail(fe, LR_CANCELLED);
	} else if (fe->paused && flight_has_room(fe->flight)) {
		fe->paused = false;
		fe->connector->resume(fe->exchange);
	}
}

/* On the writer's thread. */
static void
fill_moved(void *ctx)
{
	flight_attention(ctx);
}

/* On the writer's thread; holds a reference on the flight. */
static void
head_updated(void *ctx)
{
	struct flight *flight = ctx;

	flight_set_updated(flight);
	flight_unref(flight);
}

/* ---- the answer ---- */

static struct save
save_of(struct fetch *fe)
{
	return (struct save){ .env = fe->env,
		.flight = fe->flight,
		.request = &fe->msg,
		.control = &fe->control,
		.settings = fe->route.settings,
		.key = fe->key,
		.pass = fe->pass,
		.request_at_s = fe->started_s,
		.response_at_s = env_now_s(fe->env),
		.arena = &fe->arena,
		.notify = fill_moved,
		.notify_ctx = fe->flight };
}

static void
publish(struct fetch *fe)
{
	struct flight_head *h = flight_head_edit(fe->flight);

	h->backend = fe->route.backend->url;
	h->backend_us = clock_mono_us() - fe->started_us;
	fe->head_seen = true;
	if (h->shareable)
		flight_table_forget_private(fe->env->flights, fe->key.hash);
	else if (flight_close(fe->flight))
		/* Others asked for the same: it is not shareable at all. */
		flight_table_remember_private(
		    fe->env->flights, fe->key.hash, env_mono_ms(fe->env));
	if (h->has_body && !h->in_store && flight_fill(fe->flight) == NULL)
		flight_close(fe->flight); /* its beginning does not stay */
	flight_publish(fe->flight);
}

/* The exchange is over and the flight complete. */
static void
complete(struct fetch *fe, struct slice trailers)
{
	struct fill *fill = flight_fill(fe->flight);

	fe->exchange = NULL;
	if (fill != NULL && flight_doomed(fe->flight))
		flight_drop_fill(fe->flight);
	else if (fill != NULL)
		fill_finish(fill);
	flight_finish(fe->flight, trailers);
	fe->phase = PHASE_LANDING;
	if (store_is_done(fe))
		land(fe);
}

/* Serves the stale object in place of an answer that failed. */
static bool
serve_stale(struct fetch *fe, int error_status)
{
	struct save s = save_of(fe);

	if (fe->stale_blob.n == 0 ||
	    !reuse_on_error(&fe->stale, &fe->control,
		&fe->route.settings->cache, error_status, s.response_at_s))
		return false;
	store_pin(fe->env->store, &fe->object);
	if (save_stale(&s, strbuf_slice(&fe->stale_blob), &fe->object,
		error_status) != LR_OK)
		return false;
	if (fe->exchange != NULL)
		fe->connector->cancel(fe->exchange);
	fe->exchange = NULL;
	publish(fe);
	complete(fe, SLICE(""));
	return true;
}

/* The stored object is still good: done at once, the exchange's end is of
 * no interest. */
static void
not_modified(struct fetch *fe, const struct http_msg *msg)
{
	struct save s = save_of(fe);
	enum lr rc;

	s.notify = head_updated;
	s.notify_ctx = fe->flight;
	store_pin(fe->env->store, &fe->object);
	flight_ref(fe->flight); /* head_updated's */
	rc = save_not_modified(&s, msg, &fe->stale, &fe->object);
	if (rc != LR_OK && rc != LR_FULL) {
		fail(fe, rc);
		return;
	}
	fe->updating = rc == LR_OK;
	publish(fe);
}

static void
invalidate(struct fetch *fe, const struct http_msg *resp)
{
	struct cache_key keys[INVALIDATE_MAX];
	size_t n = 0;

	if (http_method_safe(fe->msg.method) || fe->key.text.n == 0 ||
	    fe->env->store == NULL)
		return;
	if (invalidate_keys(&fe->msg, resp, &fe->key,
		&fe->route.settings->cache, &fe->arena, keys, &n) != LR_OK)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		flight_table_doom(fe->env->flights, keys[i].text);
		if (store_remove(fe->env->store, keys[i].hash) == LR_OK)
			counter_add(fe->env->counters, COUNTER_INVALIDATED, 1);
	}
}

static void
rewrite_locations(struct fetch *fe, struct http_msg *msg)
{
	static const enum http_field_id IDS[] = { FIELD_LOCATION,
		FIELD_CONTENT_LOCATION };
	struct slice self = { 0 };

	for (size_t i = 0; i < sizeof(IDS) / sizeof(IDS[0]); i++) {
		struct slice value = http_msg_value(msg, IDS[i]), now;

		if (value.n == 0)
			continue;
		if (self.n == 0) {
			struct strbuf *sb = &fe->env->scratch;

			strbuf_reset(sb);
			strbuf_add_slice(sb, fe->scheme);
			strbuf_add_cstr(sb, "://");
			strbuf_add_slice(sb, fe->host);
			self = arena_dup(&fe->arena, strbuf_slice(sb));
		}
		now = route_reverse_location(
		    fe->vhost, &fe->route, value, self, &fe->arena);
		if (now.p != value.p)
			http_msg_set(msg, IDS[i], now);
	}
}

/* A 304 about something that is not ours (RFC 9111 4.3.3): asks for the
 * whole response. */
static void
ask_again(struct fetch *fe)
{
	static const struct h1_body NO_BODY = { H1_BODY_NONE, 0 };
	enum lr rc;

	fe->connector->cancel(fe->exchange);
	fe->exchange = NULL;
	release_stale(fe);
	if ((rc = start_exchange(fe, &NO_BODY)) != LR_OK) {
		fe->exchange = NULL;
		fail(fe, rc);
	}
}

static void
on_head(void *ctx, const struct exchange_response *resp)
{
	struct fetch *fe = ctx;
	struct save s = save_of(fe);
	enum lr rc;

	MAGIC_CHECK(fe, FETCH_MAGIC);
	invalidate(fe, resp->msg);
	rewrite_locations(fe, resp->msg);
	if (forward_response(resp->msg, s.response_at_s) != LR_OK ||
	    (fe->route.settings->via &&
		forward_append_via(resp->msg, slice_of(fe->env->via_name)) !=
		    LR_OK)) {
		fail(fe, LR_NOMEM);
		return;
	}
	if (fe->stale_blob.n > 0 && resp->msg->status == 304) {
		if (validate_selects(resp->msg, &fe->stale, s.response_at_s))
			not_modified(fe, resp->msg);
		else
			ask_again(fe);
		return;
	}
	if (resp->msg->status >= 500 && serve_stale(fe, resp->msg->status))
		return;
	if ((rc = save_response(&s, resp)) != LR_OK) {
		fail(fe, rc);
		return;
	}
	publish(fe);
	if (in_vain(fe))
		fail(fe, LR_CANCELLED);
}

static void
on_interim(void *ctx, const struct http_msg *msg)
{
	struct fetch *fe = ctx;
	struct strbuf *sb = &fe->env->scratch;

	strbuf_reset(sb);
	h1_write_response(sb, msg);
	if (!sb->failed)
		flight_interim(fe->flight, strbuf_slice(sb));
}

static void
on_body(void *ctx, struct span piece)
{
	struct fetch *fe = ctx;
	struct fill *fill = flight_fill(fe->flight);

	fe->body_bytes += piece.len;
	counter_add(fe->env->counters, COUNTER_BYTES_FETCHED, piece.len);
	if (fill != NULL &&
	    (fe->body_bytes > fe->route.settings->cache.max_file_bytes ||
		fill_append(fill, piece) != LR_OK)) {
		flight_drop_fill(fe->flight);
		flight_close(fe->flight);
	}
	if (flight_append(fe->flight, piece) != LR_OK) {
		fail(fe, LR_NOMEM);
		return;
	}
	if (!flight_has_room(fe->flight)) {
		fe->paused = true;
		fe->connector->pause(fe->exchange);
	}
}

static void
on_end(void *ctx, const struct http_msg *trailers)
{
	struct fetch *fe = ctx;
	struct strbuf *sb = &fe->env->scratch;

	fe->exchange = NULL;
	strbuf_reset(sb);
	for (size_t i = 0; trailers != NULL && i < trailers->n_fields; i++)
		h1_write_field(
		    sb, trailers->fields[i].name, trailers->fields[i].value);
	complete(fe, strbuf_slice(sb));
}

static void
on_failed(void *ctx, enum lr why, enum exchange_phase phase)
{
	struct fetch *fe = ctx;

	MAGIC_CHECK(fe, FETCH_MAGIC);
	fe->exchange = NULL;
	counter_add(fe->env->counters, COUNTER_FETCH_FAILURES, 1);
	log_write(fe->vhost->log, LOG_PROXY,
	    phase == EXCHANGE_CONNECT ? LOG_L_ERROR : LOG_L_WARN,
	    "%.*s: %s (%.*s %.*s)", SLICE_ARG(fe->route.backend->url),
	    status_text(why), SLICE_ARG(fe->msg.method_text),
	    SLICE_ARG(fe->msg.target));
	if (fe->head_seen || !serve_stale(fe, 0))
		fail(fe, why == LR_TOOBIG ? LR_INVALID : why);
}

/* ---- the request's body ---- */

void
fetch_pump(struct fetch *fe)
{
	struct request *rq = fe->uploader;
	uint64_t limit = fe->route.settings->limit_request_body;
	struct slice data;
	enum lr rc = LR_OK;
	size_t n;

	while (rc == LR_OK && fe->exchange != NULL) {
		rc = rq->transport->read_body(rq->stream, &data);
		if (rc != LR_OK)
			break;
		if (limit != 0 && fe->uploaded + data.n > limit) {
			fail(fe, LR_TOOBIG);
			return;
		}
		rc = fe->connector->send(fe->exchange, data, &n);
		fe->uploaded += n;
		rq->transport->consume_body(rq->stream, n);
		if (rc == LR_AGAIN)
			return; /* on_sendable */
	}
	if (rc == LR_CLOSED && fe->exchange != NULL) {
		rq->fetch = NULL;
		fe->uploader = NULL;
		fe->connector->finish(fe->exchange);
	} else if (rc != LR_OK && rc != LR_AGAIN && rc != LR_CLOSED) {
		fail(fe, LR_CORRUPT); /* the client's framing, not ours */
	}
}

static void
on_sendable(void *ctx)
{
	struct fetch *fe = ctx;

	if (fe->uploader != NULL)
		fetch_pump(fe);
}

void
fetch_detach(struct fetch *fe)
{
	fe->uploader->fetch = NULL;
	fe->uploader = NULL;
	if (fe->phase == PHASE_EXCHANGE && !fe->head_seen)
		fail(fe, LR_CANCELLED);
}

/* ---- starting ---- */

static const struct exchange_events EVENTS = { .interim = on_interim,
	.head = on_head,
	.body = on_body,
	.end = on_end,
	.failed = on_failed,
	.sendable = on_sendable };

struct cache_key
fetch_key(struct request *rq)
{
	struct strbuf *sb = &rq->env->scratch;
	struct cache_key key = rq->key;

	if (rq->vary_values.n == 0)
		return key;
	strbuf_reset(sb);
	strbuf_add_slice(sb, rq->key.text);
	strbuf_add_char(sb, '\n');
	strbuf_add_slice(sb, rq->vary_values);
	key.text = arena_dup(&rq->arena, strbuf_slice(sb));
	key.hash = hash_bytes(key.text.p, key.text.n);
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
	fe->msg.method = HTTP_GET;
	fe->msg.method_text = SLICE("GET");
	http_msg_remove(&fe->msg, FIELD_RANGE);
	http_msg_remove(&fe->msg, FIELD_IF_RANGE);
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
	if ((rc = forward_request(&fe->msg, &ctx, out)) != LR_OK)
		return rc;
	if (fe->stale_blob.n > 0) {
		rc = validate_request(out, &fe->stale);
		return rc == LR_NOTFOUND ? LR_OK : rc;
	}
	return LR_OK;
}

static enum lr
start_exchange(struct fetch *fe, const struct h1_body *body)
{
	struct http_msg out;
	struct exchange_request ex = { .backend = fe->route.backend,
		.head = &out,
		.body = body->framing,
		.body_bytes = body->length,
		.idempotent = http_method_idempotent(fe->msg.method),
		.limits = fe->vhost->limits };
	enum lr rc;

	fe->connector = connector_for(fe->route.backend->scheme);
	if (fe->connector == NULL)
		return LR_UNSUPPORTED;
	if ((rc = backend_request(fe, &out)) != LR_OK)
		return rc;
	counter_add(fe->env->counters, COUNTER_FETCHES, 1);
	return fe->connector->start(
	    fe->env->pool, &ex, &EVENTS, fe, &fe->exchange);
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
	fe->started_s = env_now_s(rq->env);
	fe->started_us = clock_mono_us();
	fe->next = rq->env->fetches;
	if (fe->next != NULL)
		fe->next->prev = fe;
	rq->env->fetches = fe;
	flight_on_attention(flight, attention, fe);
	rc = copy_request(fe, rq);
	if (rq->pinned && !rq->validate)
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
	static const struct h1_body NO_BODY = { H1_BODY_NONE, 0 };
	struct fetch *fe;
	enum lr rc;

	if ((rc = fetch_create(rq, flight, &fe)) != LR_OK) {
		fetch_refuse(flight, rc);
		return;
	}
	rc = start_exchange(fe, uploader != NULL ? &rq->body : &NO_BODY);
	if (rc != LR_OK) {
		fe->exchange = NULL;
		fail(fe, rc);
		return;
	}
	fe->uploader = uploader;
	if (uploader != NULL)
		uploader->fetch = fe;
}
