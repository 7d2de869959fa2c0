#include "proxy/request/save.h"

#include "proxy/cache/partial.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/storable.h"
#include "proxy/cache/surrogate.h"
#include "proxy/cache/validate.h"
#include "proxy/cache/vary.h"
#include "proxy/http/h1_write.h"
#include "proxy/request/cookie_note.h"
#include "proxy/request/marker.h"
#include "proxy/request/save_internal.h"

struct store_object
save_object(const struct save *s, const struct entry *e, uint64_t hash)
{
	uint32_t stale = e->stale_while_s > e->stale_error_s ? e->stale_while_s
							     : e->stale_error_s;

	return (struct store_object){ .hash = hash,
		.primary_hash = s->key.hash,
		.url = key_url(s->key.text),
		.stored_at_s = s->response_at_s,
		.expires_at_s = e->base_s + e->lifetime_s,
		.stale_s = stale,
		.flags = e->flags,
		.tag = partial_tag_of(e) };
}

/* Of a request that wants nothing in particular. */
static const struct control_request NO_DEMANDS = {
	.max_age_s = CONTROL_NONE,
	.min_fresh_s = CONTROL_NONE,
	.max_stale_s = CONTROL_NONE,
};

/* ---- heads ---- */

/* The head as it goes to the leader alone: all its fields. */
static enum lr
write_private(const struct exchange_response *resp, struct flight_head *h)
{
	strbuf_reset(&h->blob);
	h1_write_response_open(&h->blob, resp->msg);
	h->entry.kind = ENTRY_RESPONSE;
	h->entry.status = resp->msg->status;
	h->entry.wire = strbuf_slice(&h->blob);
	h->shareable = false;
	return h->blob.failed ? LR_NOMEM : LR_OK;
}

static enum lr
keep_names(struct flight_head *h, struct slice spec, struct slice values)
{
	strbuf_add_slice(&h->names, spec);
	strbuf_add_slice(&h->names, values);
	if (h->names.failed)
		return LR_NOMEM;
	h->vary_spec = slice_make(h->names.p, spec.n);
	h->vary_values = slice_make(h->names.p + spec.n, values.n);
	return LR_OK;
}

/* May those have it who waited?  The time that the origin took does not
 * count: they would have had to wait as well. */
static bool
is_reusable(const struct save *s, const struct entry *e)
{
	enum reuse r = reuse_decide(
	    e, &NO_DEMANDS, &s->settings->cache, s->request_at_s)
			   .reuse;

	return r == REUSE_FRESH || r == REUSE_STALE;
}

enum lr
save_write_shared(const struct save *s, const struct http_msg *msg,
    const struct control_response *cc, struct entry *e, struct slice values)
{
	struct flight_head *h = flight_head_edit(s->flight);

	strbuf_reset(&h->blob);
	entry_encode(
	    e, s->key.text, values, msg, cc, &s->settings->cache, &h->blob);
	if (h->blob.failed)
		return LR_NOMEM;
	h->shareable = true;
	h->reusable = is_reusable(s, e);
	return entry_decode(strbuf_slice(&h->blob), &h->entry);
}

/* Does the stored form leave out what the first client must see? */
bool
save_stores_less(const struct save *s, const struct control_response *cc)
{
	return s->settings->cache.n_ignore_headers > 0 ||
	    cc->no_cache_fields.n > 0 || cc->private_fields.n > 0 ||
	    (cc->overridden & OVERRIDE_SET_COOKIE) != 0;
}

static enum lr
open_fill(const struct save *s, const struct store_object *obj,
    uint64_t body_bytes, struct fill **fill)
{
	const struct flight_head *h = flight_head_edit(s->flight);
	const struct store_part part = { h->part.first, h->part.n_bytes,
		h->part.total_bytes };

	if (h->is_part)
		return fill_begin_part(s->env->store, obj,
		    strbuf_slice(&h->blob), &part, s->notify, s->notify_ctx,
		    fill);
	return fill_begin(s->env->store, obj, strbuf_slice(&h->blob),
	    body_bytes, s->notify, s->notify_ctx, fill);
}

/* A flight that was doomed before the fill began is none of the store's
 * business; the store itself sees to what is removed from now on. */
static void
begin_fill(const struct save *s, uint64_t hash, uint64_t body_bytes)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct store_object obj = save_object(s, &h->entry, hash);
	struct fill *fill;
	enum lr rc;

	rc = open_fill(s, &obj, body_bytes, &fill);
	if (rc == LR_OK && flight_doomed(s->flight)) {
		h->status.detail = "invalidated";
		fill_abort(fill);
		fill_free(fill);
		return;
	}
	if (rc == LR_OK) {
		flight_set_fill(s->flight, fill);
		h->fill_hash = hash;
		h->status.stored = true;
		counter_add(s->env->counters, COUNTER_STORED, 1);
		return;
	}
	h->status.detail = "store-full";
	counter_add(s->env->counters, COUNTER_STORE_REFUSED, 1);
}

/* The head as the backend gave it, for whom the stored one would not do. */
static enum lr
keep_full(struct flight_head *h, const struct http_msg *msg)
{
	h1_write_response_open(&h->full, msg);
	return h->full.failed ? LR_NOMEM : LR_OK;
}

static enum lr
store_it(const struct save *s, const struct exchange_response *resp,
    const struct control_response *cc)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct slice spec, values = { 0 };
	struct http_msg varying;
	uint64_t hash = s->key.hash;
	struct entry e;
	enum lr rc;

	rc = override_vary(cc->override, resp->msg, s->arena, &varying);
	if (rc == LR_OK)
		rc = vary_spec(&varying, s->arena, &spec);
	if (rc == LR_DENIED) {
		h->status.detail = "vary";
		return write_private(resp, h);
	}
	if (rc == LR_OK && spec.n > 0)
		rc = vary_values(s->request, spec, s->arena, &values);
	if (rc == LR_OK && spec.n > 0)
		rc = keep_names(h, spec, values);
	if (rc != LR_OK)
		return rc;
	entry_from_response(s->request, resp->msg, cc, &s->settings->cache,
	    resp->body_bytes, s->request_at_s, s->response_at_s, &e);
	if (h->is_part)
		e.flags |= ENTRY_PARTIAL | (h->part.tag == 0 ? ENTRY_ALONE : 0);
	if ((rc = save_write_shared(s, resp->msg, cc, &e, values)) != LR_OK)
		return rc;
	h->status.has_ttl = true;
	h->status.ttl_s = e.lifetime_s - entry_age_s(&e, s->response_at_s);
	if (spec.n > 0 &&
	    marker_settle(s, resp->msg, spec, values, &hash) != LR_OK) {
		h->status.detail = "store-full";
		return LR_OK;
	}
	h->status.detail = override_detail(
	    s->request, resp->msg, cc, s->response_at_s);
	begin_fill(s, hash, resp->has_body ? resp->body_bytes : 0);
	if (h->status.stored)
		cookie_note(s, resp->msg, cc);
	return save_stores_less(s, cc) ? keep_full(h, resp->msg) : LR_OK;
}

/* A 206 is stored as the 200 that it is a part of, and its head merged with
 * the one stored before, of which it may tell only what is new (RFC 9110
 * 15.3.7, RFC 9111 3.4). */
static enum lr
whole_of(const struct save *s, const struct exchange_response *resp,
    struct http_msg *out)
{
	struct http_msg alone;
	enum lr rc = partial_whole(resp->msg, &alone);

	if (rc != LR_OK || s->stored == NULL) {
		*out = alone;
		return rc;
	}
	http_msg_init(out, s->arena);
	rc = validate_merge(&alone, s->stored, out);
	return rc == LR_OK
	    ? surrogate_restore(s->stored, &s->settings->cache, out)
	    : rc;
}

static enum lr
save_part(const struct save *s, const struct exchange_response *resp,
    const struct partial *p)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct http_msg msg;
	struct exchange_response whole = {
		.msg = &msg, .has_body = true, .body_bytes = p->total_bytes
	};
	struct control_response cc;
	struct storable st;
	enum lr rc;

	if ((rc = whole_of(s, resp, &msg)) != LR_OK)
		return rc;
	control_parse_response(&msg, &s->settings->cache, &cc);
	surrogate_hide(&msg, &s->settings->cache);
	surrogate_hide(resp->msg, &s->settings->cache);
	st = storable_decide(s->request, s->control, &msg, &cc,
	    &s->settings->cache, p->total_bytes, s->response_at_s);
	if (!st.yes) {
		h->status.detail = st.why;
		return write_private(resp, h);
	}
	h->is_part = true;
	h->part = *p;
	if ((rc = store_it(s, &whole, &cc)) != LR_OK)
		return rc;
	if (!h->shareable) {
		h->is_part = false;
		return write_private(resp, h);
	}
	strbuf_reset(&h->full);
	return keep_full(h, resp->msg);
}

/* Nobody asked for a part, or with If-Range: then the answer may leave out
 * what the client knows already (RFC 9110 15.3.7), and is no head to be
 * stored. */
static bool
may_be_part(const struct save *s)
{
	if (s->pass || s->key.text.n == 0 ||
	    s->settings->cache.range_fill != RANGE_FILL_HOLES)
		return false;
	return s->stored != NULL ||
	    (http_msg_get(s->request, FIELD_RANGE) != NULL &&
		http_msg_get(s->request, FIELD_IF_RANGE) == NULL);
}

/* Does it tell what the resource is now, and not of the request or of the
 * server's state? */
static bool
is_of_resource(int status)
{
	return (status >= 200 && status < 300 && status != 206) ||
	    status == 301 || status == 308 || status == 404 || status == 410;
}

/* May no GET's answer like this be stored, whoever asks? */
static bool
is_never_stored(const struct save *s, const struct exchange_response *resp,
    const struct control_response *cc)
{
	struct http_msg plain = *s->request;

	plain.method = HTTP_GET;
	plain.n_fields = 0;
	return !storable_decide(&plain, &NO_DEMANDS, resp->msg, cc,
	    &s->settings->cache, resp->body_bytes, s->response_at_s)
		    .yes;
}

/* What the origin was asked about is another thing now, which nobody may have
 * from here: it is not to stand in for an error either, nor to be served to
 * who takes it stale (RFC 9111 4.3.3; as 4.3.5 for a HEAD). */
static void
remove_outdated(const struct save *s, const struct exchange_response *resp,
    const struct control_response *cc)
{
	if (s->asked != NULL && s->request->method == HTTP_GET &&
	    is_of_resource(resp->msg->status) && is_never_stored(s, resp, cc) &&
	    store_remove_ref(s->env->store, s->asked) == LR_OK)
		counter_add(s->env->counters, COUNTER_INVALIDATED, 1);
}

enum lr
save_response(const struct save *s, const struct exchange_response *resp)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct control_response cc;
	struct storable st = { 0 };
	struct partial part;

	h->has_body = resp->has_body;
	h->body_bytes = resp->body_bytes;
	h->status.fwd_status = resp->msg->status;
	if (may_be_part(s) &&
	    partial_read(
		resp->msg, resp->body_bytes, s->response_at_s, &part) == LR_OK)
		return save_part(s, resp, &part);
	control_parse_response(resp->msg, &s->settings->cache, &cc);
	surrogate_hide(resp->msg, &s->settings->cache);
	if (s->pass || s->key.text.n == 0)
		return write_private(resp, h);
	st = storable_decide(s->request, s->control, resp->msg, &cc,
	    &s->settings->cache, resp->body_bytes, s->response_at_s);
	if (st.yes)
		return store_it(s, resp, &cc);
	remove_outdated(s, resp, &cc);
	h->status.detail = st.why;
	return write_private(resp, h);
}

/* A part of the version that is stored has nothing to replace. */
static bool
is_joined(const struct entry *stored, const struct save *s)
{
	const struct flight_head *own = flight_head_edit(s->flight);

	return own->is_part && own->part.tag != 0 &&
	    own->part.tag == partial_tag_of(stored);
}

/* By our own clock, as the origin's Date is not always to be relied on; what
 * is stored in the future is so because the clock was set back. */
static bool
is_later(const struct entry *stored, const struct save *s)
{
	const struct entry *own = &flight_head_edit(s->flight)->entry;

	return stored->kind == ENTRY_RESPONSE &&
	    slice_eq(stored->key, own->key) &&
	    slice_eq(stored->vary, own->vary) &&
	    stored->response_at_s > own->response_at_s &&
	    stored->response_at_s <= s->response_at_s && !is_joined(stored, s);
}

bool
save_is_overtaken(const struct save *s)
{
	struct request_env *env = s->env;
	struct slice head, body0;
	struct store_ref ref;
	struct entry stored;
	bool later = false;

	if (store_find(env->store, flight_head_edit(s->flight)->fill_hash,
		&ref) != LR_OK)
		return false;
	if (store_read_begin(env->reader) == LR_OK) {
		later = store_read_head(env->reader, &ref, &head, &body0) ==
			LR_OK &&
		    entry_decode(head, &stored) == LR_OK &&
		    is_later(&stored, s);
		store_read_end(env->reader);
	}
	store_unpin(env->store, &ref);
	return later;
}
