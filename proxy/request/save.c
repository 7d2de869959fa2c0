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

static struct store_object
object_of(const struct save *s, const struct entry *e, uint64_t hash)
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

/* Likewise, of the stored values: "name:value" or "name" in each line. */
static enum lr
keep_stored_names(struct flight_head *h, struct slice values)
{
	struct strbuf *sb = &h->names;
	struct slice rest = values, line;
	size_t n;

	strbuf_reset(sb);
	while (rest.n > 0) {
		line = slice_cut(rest, 0, slice_find(rest, '\n'));
		rest = slice_cut(rest, line.n + 1, rest.n);
		if (sb->n > 0)
			strbuf_add_char(sb, ',');
		strbuf_add_slice(sb, slice_cut(line, 0, slice_find(line, ':')));
	}
	n = sb->n;
	strbuf_add_slice(sb, values);
	if (sb->failed)
		return LR_NOMEM;
	h->vary_spec = slice_make(sb->p, n);
	h->vary_values = slice_make(sb->p + n, values.n);
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

static enum lr
write_shared(const struct save *s, const struct http_msg *msg,
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
static bool
stores_less(const struct save *s, const struct control_response *cc)
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
	struct store_object obj = object_of(s, &h->entry, hash);
	struct fill *fill;
	enum lr rc;

	rc = open_fill(s, &obj, body_bytes, &fill);
	if (rc == LR_OK && flight_doomed(s->flight)) {
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
	if ((rc = write_shared(s, resp->msg, cc, &e, values)) != LR_OK)
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
	return stores_less(s, cc) ? keep_full(h, resp->msg) : LR_OK;
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

static void
lend_object(const struct save *s, const struct store_ref *object)
{
	struct flight_head *h = flight_head_edit(s->flight);

	h->in_store = true;
	h->object = *object;
	h->has_body = true;
	h->body_bytes = object->body_bytes;
}

/* May the merged head be stored?  LR_DENIED: not by anybody's request; LR_FULL:
 * not by this one. */
static enum lr
may_store(const struct save *s, const struct http_msg *merged,
    const struct control_response *cc, uint64_t body_bytes)
{
	struct http_msg as_get = *s->request, plain = *s->request;

	as_get.method = plain.method = HTTP_GET;
	plain.n_fields = 0;
	if (!storable_decide(&plain, &NO_DEMANDS, merged, cc,
		&s->settings->cache, body_bytes, s->response_at_s)
		 .yes)
		return LR_DENIED;
	return storable_decide(&as_get, s->control, merged, cc,
		   &s->settings->cache, body_bytes, s->response_at_s)
		   .yes
	    ? LR_OK
	    : LR_FULL;
}

static enum lr
merge(const struct save *s, const struct http_msg *newer,
    const struct entry *stored, struct http_msg *merged,
    struct control_response *cc)
{
	enum lr rc;

	http_msg_init(merged, s->arena);
	if ((rc = validate_merge(newer, stored, merged)) != LR_OK ||
	    (rc = surrogate_restore(stored, &s->settings->cache, merged)) !=
		LR_OK)
		return rc;
	control_parse_response(merged, &s->settings->cache, cc);
	surrogate_hide(merged, &s->settings->cache);
	return LR_OK;
}

bool
save_head_may_update(const struct save *s, const struct http_msg *head,
    const struct entry *stored, uint64_t body_bytes)
{
	struct control_response cc;
	struct http_msg merged;

	return merge(s, head, stored, &merged, &cc) == LR_OK &&
	    may_store(s, &merged, &cc, body_bytes) == LR_OK;
}

static enum lr
write_merged(const struct save *s, const struct http_msg *not_modified,
    const struct entry *stored, uint64_t body_bytes, enum lr *keep)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct control_response cc;
	struct http_msg merged;
	struct entry e;
	enum lr rc;

	if ((rc = merge(s, not_modified, stored, &merged, &cc)) != LR_OK)
		return rc;
	entry_from_response(s->request, &merged, &cc, &s->settings->cache,
	    stored->body_bytes, s->request_at_s, s->response_at_s, &e);
	e.flags |= stored->flags & (ENTRY_PARTIAL | ENTRY_ALONE);
	if ((rc = write_shared(s, &merged, &cc, &e, stored->vary)) != LR_OK ||
	    (rc = keep_stored_names(h, stored->vary)) != LR_OK)
		return rc;
	if (s->request->method == HTTP_HEAD && stores_less(s, &cc)) {
		h1_write_response_open(&h->full, not_modified);
		h->has_body = false;
	}
	*keep = may_store(s, &merged, &cc, body_bytes);
	if (*keep != LR_OK)
		h->reusable = false;
	h->status.fwd_status = not_modified->status;
	h->status.stored = *keep == LR_OK;
	h->status.has_ttl = true;
	h->status.ttl_s = e.lifetime_s - entry_age_s(&e, s->response_at_s);
	h->status.detail = override_detail(
	    s->request, &merged, &cc, s->response_at_s);
	h->result = "revalidated";
	counter_add(s->env->counters, COUNTER_REVALIDATED, 1);
	return LR_OK;
}

enum lr
save_not_modified(const struct save *s, const struct http_msg *not_modified,
    const struct entry *stored, const struct store_ref *object)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct store_object obj;
	enum lr rc, keep = LR_OK;

	lend_object(s, object);
	rc = write_merged(s, not_modified, stored, object->body_bytes, &keep);
	if (rc != LR_OK || keep != LR_OK) {
		if (keep == LR_DENIED)
			store_remove_ref(s->env->store, object);
		s->notify(s->notify_ctx);
		return rc != LR_OK ? rc : keep;
	}
	obj = object_of(s, &h->entry, object->hash);
	return store_update(s->env->store, object, &obj, strbuf_slice(&h->blob),
	    s->notify, s->notify_ctx);
}

enum lr
save_stale(const struct save *s, struct slice blob,
    const struct store_ref *object, int error_status)
{
	struct flight_head *h = flight_head_edit(s->flight);
	enum lr rc;

	lend_object(s, object);
	strbuf_reset(&h->blob);
	strbuf_add_slice(&h->blob, blob);
	if (h->blob.failed)
		return LR_NOMEM;
	h->shareable = h->reusable = h->stale = true;
	h->result = "stale";
	h->status.fwd_status = error_status;
	h->status.detail = "stale-if-error";
	rc = entry_decode(strbuf_slice(&h->blob), &h->entry);
	return rc == LR_OK ? keep_stored_names(h, h->entry.vary) : rc;
}
