#include "proxy/request/deliver.h"

#include "proxy/cache/x_cache.h"
#include "proxy/http/condition.h"
#include "proxy/http/h1_write.h"
#include "proxy/http/range.h"
#include "store/base/hash.h"
#include "store/base/num.h"

/* ---- fields that are made for each answer ---- */

static size_t
put_text(char *dst, const char *text, size_t n)
{
	memcpy(dst, text, n);
	return n;
}
#define PUT(dst, lit) put_text((dst), (lit), sizeof(lit) - 1)

static size_t
put_number_field(char *dst, struct slice name, uint64_t v)
{
	size_t n = put_text(dst, name.p, name.n);

	n += num_put_u64(dst + n, v);
	return n + PUT(dst + n, "\r\n");
}

/* The fields with X-Cache and its detail behind them, if the answer is one
 * of the cache's; not those when memory is out. */
static struct slice
with_x_cache(struct request *rq, struct slice fields)
{
	const struct settings *set = rq->route.settings;
	const struct x_cache x = { .with_word = set->x_cache,
		.with_detail = set->x_cache_detail,
		.status = &rq->status,
		.result = rq->result,
		.host = rq->vhost->server_name };
	char *dst;

	if (rq->pass)
		return fields;
	dst = arena_alloc(&rq->arena, fields.n + x_cache_room(&x));
	if (dst == NULL)
		return fields;
	memcpy(dst, fields.p, fields.n);
	return slice_make(dst, fields.n + x_cache_write(dst + fields.n, &x));
}

/* Age, Cache-Status, and Content-Length where the stored head could not
 * know it. */
static struct slice
extra_fields(
    struct request *rq, bool with_age, bool with_length, uint64_t body_bytes)
{
	char *dst = rq->delivery.extra;
	size_t n = 0;

	if (with_age)
		n += put_number_field(dst, SLICE("Age: "), (uint64_t)rq->age_s);
	if (with_length)
		n += put_number_field(
		    dst + n, SLICE("Content-Length: "), body_bytes);
	n += PUT(dst + n, "Cache-Status: ");
	n += cache_status_write(dst + n, &rq->status);
	n += PUT(dst + n, "\r\n");
	if (rq->route.settings->x_cache || rq->route.settings->x_cache_detail)
		return with_x_cache(rq, slice_make(dst, n));
	return slice_make(dst, n);
}

static void
merge_status(struct request *rq, const struct cache_status *fetched)
{
	rq->status.fwd_status = fetched->fwd_status;
	rq->status.stored = fetched->stored;
	rq->status.has_ttl = fetched->has_ttl;
	rq->status.ttl_s = fetched->ttl_s;
	if (fetched->detail != NULL)
		rq->status.detail = fetched->detail;
}

/* ---- heads that differ from the stored one ---- */

/* The stored head with another status; drop: fields that go. */
static enum lr
rewrite(struct request *rq, int status, const enum http_field_id *drop,
    size_t n_drop, struct http_msg *msg)
{
	enum lr rc = entry_message(&rq->entry, &rq->arena, msg);

	if (rc != LR_OK)
		return rc;
	msg->status = status;
	msg->reason = slice_of(http_reason(status));
	for (size_t i = 0; i < n_drop; i++)
		http_msg_remove(msg, drop[i]);
	return LR_OK;
}

static enum lr
use_message(struct request *rq, const struct http_msg *msg)
{
	struct strbuf *sb = &rq->env->scratch;
	struct response_head *h = &rq->delivery.head;

	strbuf_reset(sb);
	h1_write_response_open(sb, msg);
	h->wire = arena_dup(&rq->arena, strbuf_slice(sb));
	h->status = msg->status;
	return sb->failed || h->wire.p == NULL ? LR_NOMEM : LR_OK;
}

static enum lr
not_modified(struct request *rq)
{
	/* RFC 9110 15.4.5: not what describes a body that is not sent. */
	static const enum http_field_id DROP[] = { FIELD_CONTENT_LENGTH,
		FIELD_CONTENT_TYPE, FIELD_CONTENT_ENCODING,
		FIELD_CONTENT_LANGUAGE, FIELD_CONTENT_RANGE };
	struct http_msg msg;
	enum lr rc;

	rc = rewrite(rq, 304, DROP, sizeof(DROP) / sizeof(DROP[0]), &msg);
	if (rc == LR_OK)
		rc = use_message(rq, &msg);
	rq->delivery.n_parts = 0;
	rq->delivery.head.has_body = false;
	rq->delivery.head.sized = true;
	return rc;
}

static enum lr
set_length(struct request *rq, struct http_msg *msg, uint64_t n)
{
	char text[NUM_U64_CHARS];
	struct slice value = arena_dup(
	    &rq->arena, slice_make(text, num_put_u64(text, n)));

	return value.p == NULL ? LR_NOMEM
			       : http_msg_set(msg, FIELD_CONTENT_LENGTH, value);
}

static enum lr
set_content_range(struct request *rq, struct http_msg *msg,
    const struct range *r, uint64_t total)
{
	struct strbuf *sb = &rq->env->scratch;
	struct slice value;

	strbuf_reset(sb);
	if (r != NULL)
		range_write_content(sb, r, total);
	else
		strbuf_addf(sb, "bytes */%llu", (unsigned long long)total);
	value = arena_dup(&rq->arena, strbuf_slice(sb));
	if (sb->failed || value.p == NULL)
		return LR_NOMEM;
	return http_msg_set(msg, FIELD_CONTENT_RANGE, value);
}

static enum lr
unsatisfiable(struct request *rq, uint64_t total)
{
	static const enum http_field_id DROP[] = { FIELD_CONTENT_TYPE,
		FIELD_CONTENT_ENCODING };
	struct http_msg msg;
	enum lr rc = rewrite(rq, 416, DROP, 2, &msg);

	if (rc == LR_OK)
		rc = set_content_range(rq, &msg, NULL, total);
	if (rc == LR_OK)
		rc = set_length(rq, &msg, 0);
	if (rc == LR_OK)
		rc = use_message(rq, &msg);
	rq->delivery.n_parts = 0;
	rq->delivery.head.sized = true;
	return rc;
}

static enum lr
single_range(struct request *rq, const struct range *r, uint64_t total)
{
	struct delivery *d = &rq->delivery;
	struct http_msg msg;
	enum lr rc = rewrite(rq, 206, NULL, 0, &msg);

	d->whole.first = r->first;
	d->whole.n = r->last - r->first + 1;
	d->to_end = false;
	if (rc == LR_OK)
		rc = set_content_range(rq, &msg, r, total);
	if (rc == LR_OK)
		rc = set_length(rq, &msg, d->whole.n);
	if (rc == LR_OK)
		rc = use_message(rq, &msg);
	d->head.sized = true;
	return rc;
}

/* ---- multipart/byteranges ---- */

static struct slice
make_boundary(struct request *rq)
{
	struct strbuf *sb = &rq->env->scratch;
	uint64_t seed = (uint64_t)clock_mono_us();

	strbuf_reset(sb);
	strbuf_addf(sb, "%016llx%016llx",
	    (unsigned long long)hash_bytes_seeded(
		rq->key.text.p, rq->key.text.n, seed),
	    (unsigned long long)hash_bytes(&seed, sizeof(seed)));
	return arena_dup(&rq->arena, strbuf_slice(sb));
}

/* A text part before each range, and one behind the last. */
static enum lr
make_parts(struct request *rq, const struct range *r, size_t n, uint64_t total,
    struct slice boundary, struct slice type, uint64_t *length)
{
	struct strbuf *sb = &rq->env->scratch;
	struct part *parts;

	parts = arena_alloc(&rq->arena, (2 * n + 1) * sizeof(*parts));
	if (parts == NULL)
		return LR_NOMEM;
	*length = 0;
	for (size_t i = 0; i <= n; i++) {
		struct part *text = &parts[2 * i];

		strbuf_reset(sb);
		if (i < n)
			range_write_part(
			    sb, boundary, i == 0, type, &r[i], total);
		else
			range_write_end(sb, boundary);
		*text = (struct part){ .text = arena_dup(
					   &rq->arena, strbuf_slice(sb)) };
		if (sb->failed || text->text.p == NULL)
			return LR_NOMEM;
		text->n = text->text.n;
		*length += text->n;
		if (i == n)
			break;
		parts[2 * i + 1] = (struct part){ .first = r[i].first,
			.n = r[i].last - r[i].first + 1 };
		*length += parts[2 * i + 1].n;
	}
	rq->delivery.parts = parts;
	rq->delivery.n_parts = 2 * n + 1;
	return LR_OK;
}

static enum lr
several_ranges(
    struct request *rq, const struct range *r, size_t n, uint64_t total)
{
	struct slice boundary = make_boundary(rq), type;
	struct strbuf *sb = &rq->env->scratch;
	struct http_msg msg;
	uint64_t length;
	enum lr rc;

	rc = boundary.p == NULL ? LR_NOMEM : rewrite(rq, 206, NULL, 0, &msg);
	if (rc != LR_OK)
		return rc;
	type = http_msg_value(&msg, FIELD_CONTENT_TYPE);
	rc = make_parts(rq, r, n, total, boundary, type, &length);
	if (rc == LR_OK)
		rc = set_length(rq, &msg, length);
	if (rc != LR_OK)
		return rc;
	strbuf_reset(sb);
	strbuf_addf(
	    sb, "multipart/byteranges; boundary=%.*s", SLICE_ARG(boundary));
	type = arena_dup(&rq->arena, strbuf_slice(sb));
	if (sb->failed || type.p == NULL)
		return LR_NOMEM;
	rc = http_msg_set(&msg, FIELD_CONTENT_TYPE, type);
	rq->delivery.head.sized = true;
	return rc == LR_OK ? use_message(rq, &msg) : rc;
}

/* RFC 9110 14.2: only GET, only 200, only while If-Range holds.  Of a body
 * that is on its way, one range: going back in it may not be possible. */
static enum lr
ranges(struct request *rq, const struct validators *v, uint64_t total)
{
	struct slice value = http_msg_value(&rq->msg, FIELD_RANGE);
	bool coming = rq->delivery.source == DELIVERY_FLIGHT;
	struct range r[RANGE_MAX];
	size_t n;
	enum lr rc;

	if (value.n == 0 || rq->msg.method != HTTP_GET ||
	    rq->entry.status != 200 || total == UINT64_MAX ||
	    !condition_if_range(&rq->msg, v, env_now_s(rq->env)))
		return LR_OK;
	rc = range_parse(value, total, r, &n);
	if (rc == LR_NOTFOUND || (rc == LR_OK && n > 1 && coming))
		return LR_OK;
	if (rc == LR_TOOBIG)
		return unsatisfiable(rq, total);
	return n == 1 ? single_range(rq, &r[0], total)
		      : several_ranges(rq, r, n, total);
}

/* ---- the two entrances ---- */

static void
whole_body(struct request *rq, uint64_t body_bytes, bool has_body)
{
	struct delivery *d = &rq->delivery;

	d->whole = (struct part){ .first = 0, .n = body_bytes };
	d->parts = &d->whole;
	d->to_end = d->source == DELIVERY_FLIGHT;
	d->n_parts = has_body && body_bytes > 0 ? 1 : 0;
	d->head.has_body = has_body;
}

static bool
status_has_body(const struct request *rq, int status)
{
	return rq->msg.method != HTTP_HEAD && status != 204 && status != 304;
}

enum lr
deliver_look(struct request *rq)
{
	struct request_env *env = rq->env;
	struct extents *have;
	enum lr rc;

	rq->delivery.have = NULL;
	if ((rq->entry.flags & ENTRY_PARTIAL) == 0)
		return LR_OK;
	if (!env->reading && (rc = store_read_begin(env->reader)) != LR_OK)
		return rc;
	env->reading = true;
	if ((have = arena_alloc(&rq->arena, sizeof(*have))) == NULL)
		return LR_NOMEM;
	rc = store_read_extents(env->reader, &rq->object, have);
	if (rc == LR_OK)
		rq->delivery.have = have;
	return rc == LR_NOTFOUND ? LR_CORRUPT : rc;
}

enum lr
deliver_entry(struct request *rq, uint64_t body_bytes)
{
	const struct entry *e = &rq->entry;
	struct delivery *d = &rq->delivery;
	int64_t now_s = env_now_s(rq->env);
	bool known = e->body_bytes != UINT64_MAX;
	struct validators v;
	enum lr rc = LR_OK;

	d->head = (struct response_head){ .status = e->status,
		.wire = e->wire,
		.sized = known || body_bytes != UINT64_MAX };
	whole_body(rq, body_bytes, status_has_body(rq, e->status));
	entry_validators(e, &v);
	/* RFC 9110 13.2.1 */
	if (e->status / 100 == 2 &&
	    condition_evaluate(&rq->msg, &v, now_s) == CONDITION_NOT_MODIFIED)
		rc = not_modified(rq);
	else
		rc = ranges(rq, &v, body_bytes);
	if (rc != LR_OK)
		return rc;
	rq->age_s = entry_age_s(e, now_s);
	rq->ttl_s = e->lifetime_s - rq->age_s;
	rq->status.has_ttl = true;
	rq->status.ttl_s = rq->ttl_s;
	d->head.extra = extra_fields(rq,
	    rq->status.fwd == CACHE_STATUS_HIT || rq->age_s > 0 ||
		d->source == DELIVERY_STORE,
	    !known && body_bytes != UINT64_MAX && d->head.status == e->status &&
		d->head.has_body,
	    body_bytes);
	d->begun = true;
	return LR_OK;
}

enum lr
deliver_as_is(struct request *rq, const struct flight_head *head)
{
	struct delivery *d = &rq->delivery;
	uint64_t n = head->has_body ? head->body_bytes : 0;
	struct slice wire = head->entry.wire;

	if (head->full.n > 0)
		wire = strbuf_slice(&head->full);
	if (rq->status.fwd != CACHE_STATUS_HIT)
		merge_status(rq, &head->status);
	d->head = (struct response_head){ .status = head->entry.status,
		.wire = wire,
		.sized = head->body_bytes != UINT64_MAX || !head->has_body };
	whole_body(rq, n, head->has_body);
	d->as_is = true;
	d->head.extra = extra_fields(rq, false, false, 0);
	d->begun = true;
	return LR_OK;
}
