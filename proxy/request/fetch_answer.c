/* What comes back from the backend, and what RFC 9111 makes of it. */
#include "proxy/request/fetch_internal.h"

#include "proxy/cache/post_reuse.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/storable.h"
#include "proxy/cache/validate.h"
#include "proxy/http/forward.h"
#include "proxy/http/h1_write.h"
#include "proxy/request/fetch.h"
#include "proxy/request/flight_table.h"
#include "proxy/request/save.h"

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

/* ---- heads ---- */

/* When the request was sent, as RFC 9111 4.2.3 wants to know: so long ago as
 * the answer took, to the nearest second.  Two readings of the wall clock
 * would find a second in the milliseconds around its tick. */
static int64_t
request_at_s(const struct fetch *fe, int64_t response_at_s)
{
	int64_t delay_us = clock_mono_us() - fe->started_us;

	return response_at_s - (delay_us + 500000) / 1000000;
}

static struct save
save_of(struct fetch *fe)
{
	int64_t now_s = env_now_s(fe->env);

	return (struct save){ .env = fe->env,
		.flight = fe->flight,
		.log = fe->vhost->log,
		.request = &fe->msg,
		.control = &fe->control,
		.settings = fe->route.settings,
		.key = fe->key,
		.pass = fe->pass,
		.request_at_s = request_at_s(fe, now_s),
		.response_at_s = now_s,
		.asked = fe->stale_blob.n > 0 ? &fe->object : NULL,
		.arena = &fe->arena,
		.notify = fill_moved,
		.notify_ctx = fe->flight };
}

static void
publish(struct fetch *fe)
{
	struct flight_head *h = flight_head_edit(fe->flight);

	h->backend_us = clock_mono_us() - fe->started_us;
	fe->head_seen = true;
	if (h->shareable && h->reusable)
		flight_table_forget_private(fe->env->flights, fe->key.hash);
	else if ((h->shareable || flight_close(fe->flight)) &&
	    (fe->ask == ASK_AS_IS || fe->ask == ASK_WHOLE))
		/* Not because of what was asked for: there is no use in
		 * waiting for it. */
		flight_table_remember_private(
		    fe->env->flights, fe->key.hash, env_mono_ms(fe->env));
	if (h->has_body && !h->in_store && flight_fill(fe->flight) == NULL)
		flight_close(fe->flight); /* its beginning does not stay */
	else if (h->shareable && h->status.stored && !h->is_part)
		flight_share(fe->flight); /* what was fetched alone, too */
	flight_publish(fe->flight);
}

/* From now on the new response is found: here, until it is in the store.  (But
 * for one without Vary that was fetched as a variant: what leads to its flight
 * is what it replaces.) */
static void
replace_stored(struct fetch *fe, struct fill *fill)
{
	const struct flight_head *h = flight_head_edit(fe->flight);
	bool variant = h->fill_hash != fe->key.hash;

	if (!h->is_part && flight_is_open(fe->flight, fe->key.text, variant))
		store_hide(fe->env->store, h->fill_hash);
	fill_finish(fill);
}

/* Did the body, whose length was not known before, turn out too short? */
static bool
is_too_small(const struct fetch *fe)
{
	const struct flight_head *h = flight_head_edit(fe->flight);

	return !h->is_part &&
	    storable_is_too_small(
		&fe->route.settings->cache, h->entry.status, fe->body_bytes);
}

/* The exchange is over and the flight complete. */
static void
complete(struct fetch *fe, struct slice trailers)
{
	struct fill *fill = flight_fill(fe->flight);
	struct save s = save_of(fe);

	fe->exchange = NULL;
	if (fill != NULL &&
	    (flight_doomed(fe->flight) || is_too_small(fe) ||
		save_is_overtaken(&s)))
		flight_drop_fill(fe->flight);
	else if (fill != NULL)
		replace_stored(fe, fill);
	flight_finish(fe->flight, trailers);
	fe->phase = PHASE_LANDING;
	if (fetch_store_is_done(fe))
		fetch_land(fe);
}

/* Serves the stale object in place of an answer that failed. */
static bool
serve_stale(struct fetch *fe, int error_status)
{
	struct save s = save_of(fe);
	const char *why;

	if (fe->stale_blob.n == 0 || fe->ask == ASK_GAP)
		return false;
	why = reuse_on_error(&fe->stale, &fe->control,
	    &fe->route.settings->cache, error_status, s.response_at_s);
	if (why == NULL)
		return false;
	store_pin(fe->env->store, &fe->object);
	if (save_stale(&s, strbuf_slice(&fe->stale_blob), &fe->object,
		error_status, why) != LR_OK)
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
	if (rc != LR_OK && rc != LR_FULL && rc != LR_DENIED) {
		fetch_fail(fe, rc);
		return;
	}
	fe->updating = rc == LR_OK;
	if (rc == LR_DENIED)
		flight_close(fe->flight);
	publish(fe);
}

/* RFC 9111 4.3.5: the 200 to a HEAD updates the stored response to a GET.  One
 * that contradicts it removes it instead of making it stale: a stale response
 * might still stand in for an error, and this one is known to be wrong. */
static bool
freshens(struct fetch *fe, const struct http_msg *msg)
{
	struct save s = save_of(fe);

	if (fe->msg.method != HTTP_HEAD || msg->status != 200 ||
	    fe->stale_blob.n == 0)
		return false;
	if (validate_head_matches(
		msg, &fe->stale, fe->object.body_bytes, s.response_at_s))
		return save_head_may_update(&s, msg, &fe->stale);
	if (store_remove_ref(fe->env->store, &fe->object) == LR_OK)
		counter_add(fe->env->counters, COUNTER_INVALIDATED, 1);
	return false;
}

/* RFC 9110 9.3.3: is the answer to a POST one that later GETs can have?  Then
 * the flight is listed: the next change dooms it, but not the one that it made
 * itself.  Not while the request is still on its way: it may break off. */
static bool
answers_gets(struct fetch *fe, const struct http_msg *resp)
{
	const struct key_origin origin = { fe->scheme, fe->host };

	if (fe->key.text.n == 0 || fe->env->store == NULL ||
	    fe->uploader != NULL ||
	    !post_reuse_allowed(&fe->msg, resp, &fe->key, &origin,
		&fe->route.settings->cache, &fe->arena, env_now_s(fe->env)))
		return false;
	return flight_list(fe->flight, fe->key) == LR_OK;
}

/* By the rules for a GET; whoever asked gets it as it came. */
static enum lr
save_post(struct fetch *fe, const struct exchange_response *resp)
{
	struct flight_head *h = flight_head_edit(fe->flight);
	struct http_msg as_get = fe->msg;
	struct save s = save_of(fe);
	enum lr rc;

	as_get.method = HTTP_GET;
	s.request = &as_get;
	s.pass = false;
	rc = save_response(&s, resp);
	if (rc != LR_OK || !h->shareable)
		return rc;
	strbuf_reset(&h->full);
	h1_write_response_open(&h->full, resp->msg);
	return h->full.failed ? LR_NOMEM : LR_OK;
}

/* An answer about something that is not ours (RFC 9111 4.3.3), or that does
 * not help: asks for what the client asked for. */
static void
ask_again(struct fetch *fe)
{
	enum lr rc;

	fe->connector->cancel(fe->exchange);
	fe->exchange = NULL;
	fetch_release_stale(fe);
	flight_head_edit(fe->flight)->status.detail = NULL;
	fe->ask = ASK_AS_IS;
	if ((rc = fetch_start_exchange(fe, NULL)) != LR_OK)
		fetch_fail(fe, rc);
}

/* Is it the stretch that was asked for, of the very representation that is
 * stored (RFC 9111 3.4)? */
static bool
is_wanted_part(struct fetch *fe, const struct exchange_response *resp)
{
	struct partial p;

	return partial_read(resp->msg, resp->body_bytes, env_now_s(fe->env),
		   &p) == LR_OK &&
	    p.first == fe->gap.first &&
	    p.total_bytes == fe->object.body_bytes && p.tag != 0 &&
	    p.tag == partial_tag_of(&fe->stale);
}

/* An answer to a request for a gap that does not help whoever wants the
 * body: asks for what the client asked for. */
static bool
is_useless(struct fetch *fe, const struct exchange_response *resp)
{
	if (fe->ask != ASK_GAP)
		return false;
	if (resp->msg->status == 206)
		return !is_wanted_part(fe, resp);
	return resp->msg->status == 304 || resp->msg->status == 416 ||
	    (resp->msg->status == 200 &&
		http_msg_get(&fe->msg, FIELD_RANGE) != NULL);
}

/* A part that may not be stored is not joined with what is stored, either:
 * alone it is no answer to what the client asked for. */
static bool
cannot_be_joined(struct fetch *fe)
{
	const struct flight_head *h = flight_head_edit(fe->flight);

	return fe->ask == ASK_GAP && h->status.fwd_status == 206 && !h->is_part;
}

static void
on_head(void *ctx, const struct exchange_response *resp)
{
	struct fetch *fe = ctx;
	struct save s = save_of(fe);
	bool for_gets;
	enum lr rc;

	MAGIC_CHECK(fe, FETCH_MAGIC);
	if (is_useless(fe, resp)) {
		ask_again(fe);
		return;
	}
	/* The keys are made of what clients see. */
	rc = fetch_rewrite_locations(fe, resp->msg);
	for_gets = rc == LR_OK && answers_gets(fe, resp->msg);
	fetch_invalidate(fe, resp->msg);
	if (rc != LR_OK ||
	    fetch_rewrite_head(fe, resp->msg, s.response_at_s) != LR_OK) {
		fetch_fail(fe, LR_NOMEM);
		return;
	}
	if (fe->ask == ASK_GAP && resp->msg->status == 206)
		s.stored = &fe->stale;
	if (fe->stale_blob.n > 0 && resp->msg->status == 304) {
		if (validate_selects(resp->msg, &fe->stale, s.response_at_s))
			not_modified(fe, resp->msg);
		else
			ask_again(fe);
		return;
	}
	if (freshens(fe, resp->msg)) {
		not_modified(fe, resp->msg);
		return;
	}
	if (resp->msg->status >= 500 && serve_stale(fe, resp->msg->status))
		return;
	rc = for_gets ? save_post(fe, resp) : save_response(&s, resp);
	if (rc != LR_OK) {
		fetch_fail(fe, rc);
		return;
	}
	if (cannot_be_joined(fe)) {
		ask_again(fe);
		return;
	}
	publish(fe);
	if (fetch_in_vain(fe))
		fetch_fail(fe, LR_CANCELLED);
}

static void
on_interim(void *ctx, struct http_msg *msg)
{
	struct fetch *fe = ctx;
	struct strbuf *sb = &fe->env->scratch;
	enum lr rc = forward_response(msg, env_now_s(fe->env));

	strbuf_reset(sb);
	h1_write_response(sb, msg);
	if (rc == LR_OK && !sb->failed)
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
		fetch_fail(fe, LR_NOMEM);
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
	/* Without memory: no half of a line, but none (RFC 9110 6.5.1). */
	complete(fe, sb->failed ? SLICE("") : strbuf_slice(sb));
}

static void
on_failed(void *ctx, enum lr why, enum exchange_phase phase)
{
	struct fetch *fe = ctx;

	MAGIC_CHECK(fe, FETCH_MAGIC);
	fe->exchange = NULL;
	counter_add(fe->env->counters, COUNTER_FETCH_FAILURES, 1);
	log_write(fe->vhost->log, LOG_PROXY,
	    phase == EXCHANGE_CONNECT ? LOG_L_INFO : LOG_L_WARN,
	    "%.*s: %s (%.*s %.*s)", SLICE_ARG(fe->route.backend->url),
	    status_text(why), SLICE_ARG(fe->msg.method_text),
	    SLICE_ARG(fe->msg.target));
	if (fe->head_seen || !serve_stale(fe, 0))
		fetch_fail(fe, why == LR_TOOBIG ? LR_INVALID : why);
}

static void
on_sendable(void *ctx)
{
	struct fetch *fe = ctx;

	if (fe->uploader != NULL)
		fetch_pump(fe);
}

const struct exchange_events FETCH_EVENTS = { .interim = on_interim,
	.head = on_head,
	.body = on_body,
	.end = on_end,
	.failed = on_failed,
	.sendable = on_sendable };
