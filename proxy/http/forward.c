/* proxy/http/forward.c: what stays here, what goes on, what is added */
#include "proxy/http/forward.h"

#include "proxy/http/date.h"
#include "proxy/http/field.h"
#include "store/base/num.h"

/* ---- fields of the connection ---- */

/* Hop-by-hop by definition, named in Connection or not (RFC 9110 7.6.1);
 * the credentials for a proxy end at the first one that wants them, which
 * a gateway stands in for (11.7). */
static bool
is_hop_by_hop(enum http_field_id id)
{
	switch (id) {
	case FIELD_CONNECTION:
	case FIELD_KEEP_ALIVE:
	case FIELD_PROXY_AUTHENTICATE:
	case FIELD_PROXY_AUTHORIZATION:
	case FIELD_PROXY_CONNECTION:
	case FIELD_TE:
	case FIELD_TRAILER:
	case FIELD_TRANSFER_ENCODING:
	case FIELD_UPGRADE:
		return true;
	default:
		return false;
	}
}

/* What is meant for every recipient cannot be hidden from the next one by
 * naming it in Connection (RFC 9110 7.6.1, "MUST NOT send"). */
static bool
may_be_nominated(enum http_field_id id)
{
	switch (id) {
	case FIELD_AGE:
	case FIELD_CACHE_CONTROL:
	case FIELD_CONTENT_LENGTH:
	case FIELD_DATE:
	case FIELD_EXPIRES:
	case FIELD_HOST:
	case FIELD_VARY:
		return false;
	default:
		return true;
	}
}

static bool
is_nominated(const struct http_msg *m, const struct http_field *f)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		if (m->fields[i].id == FIELD_CONNECTION &&
		    field_list_has(m->fields[i].value, f->name))
			return may_be_nominated(f->id);
	}
	return false;
}

/* Most messages name nothing but these, which are no fields of others. */
static bool
nominates(const struct http_msg *m)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		struct slice value = m->fields[i].value;

		if (m->fields[i].id == FIELD_CONNECTION &&
		    !slice_ieq(value, SLICE("close")) &&
		    !slice_ieq(value, SLICE("keep-alive")))
			return true;
	}
	return false;
}

/* Connection itself stays until the last field was looked at. */
void
forward_strip_nominated(struct http_msg *m)
{
	size_t kept = 0;

	if (!nominates(m))
		return;
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct http_field f = m->fields[i];

		if (is_hop_by_hop(f.id) || !is_nominated(m, &f))
			m->fields[kept++] = f;
	}
	m->n_fields = kept;
}

void
forward_strip_hop_by_hop(struct http_msg *m)
{
	size_t kept = 0;

	forward_strip_nominated(m);
	for (size_t i = 0; i < m->n_fields; i++) {
		if (is_hop_by_hop(m->fields[i].id))
			continue;
		if (kept != i)
			m->fields[kept] = m->fields[i];
		kept++;
	}
	m->n_fields = kept;
}

/* ---- the request on ---- */

/* "a" and "b" to "ab" in the arena; p is NULL when there is no memory. */
static struct slice
concat(struct arena *arena, struct slice a, struct slice b)
{
	char *p = arena_alloc(arena, a.n + b.n);

	if (p == NULL)
		return (struct slice){ NULL, 0 };
	if (a.n > 0)
		memcpy(p, a.p, a.n);
	if (b.n > 0)
		memcpy(p + a.n, b.p, b.n);
	return slice_make(p, a.n + b.n);
}

/* Appends value to the list in that field, as one field line: many who read
 * these fields look at one line only. */
static enum lr
append(struct http_msg *m, enum http_field_id id, struct slice value)
{
	struct slice list;
	enum lr rc;

	if (value.n == 0)
		return LR_OK;
	rc = http_msg_combined(m, http_field_name(id), &list);
	if (rc == LR_NOTFOUND || (rc == LR_OK && list.n == 0))
		return http_msg_set(m, id, value);
	if (rc != LR_OK)
		return rc;
	list = concat(m->arena, list, SLICE(", "));
	if (list.p != NULL)
		list = concat(m->arena, list, value);
	return list.p != NULL ? http_msg_set(m, id, list) : LR_NOMEM;
}

enum lr
forward_append_via(struct http_msg *m, struct slice via_name)
{
	struct slice version = m->version_minor > 0 ? SLICE("1.1 ")
						    : SLICE("1.0 ");
	struct slice via;

	if (via_name.n == 0)
		return LR_OK;
	via = concat(m->arena, version, via_name);
	return via.p != NULL ? append(m, FIELD_VIA, via) : LR_NOMEM;
}

static enum lr
add_forwarded(struct http_msg *m, const struct forward_context *ctx)
{
	enum lr rc;

	if (!ctx->add_headers)
		return LR_OK;
	rc = append(m, FIELD_X_FORWARDED_FOR, ctx->client_address);
	if (rc == LR_OK)
		rc = append(m, FIELD_X_FORWARDED_HOST, ctx->request_host);
	if (rc == LR_OK)
		rc = append(m, FIELD_X_FORWARDED_SERVER, ctx->server_name);
	if (rc == LR_OK)
		rc = append(m, FIELD_X_FORWARDED_PROTO, ctx->client_scheme);
	return rc;
}

/* Host is written anew; body framing and Expect are the connector's. */
static bool
is_left_out(enum http_field_id id)
{
	return id == FIELD_HOST || id == FIELD_CONTENT_LENGTH ||
	    id == FIELD_EXPECT;
}

static enum lr
copy_fields(const struct http_msg *in, struct http_msg *out)
{
	enum lr rc;

	for (size_t i = 0; i < in->n_fields; i++) {
		const struct http_field *f = &in->fields[i];

		if (is_left_out(f->id))
			continue;
		if ((rc = http_msg_add(out, f->name, f->value)) != LR_OK)
			return rc;
	}
	forward_strip_hop_by_hop(out);
	return LR_OK;
}

enum lr
forward_request(const struct http_msg *in, const struct forward_context *ctx,
    struct http_msg *out)
{
	bool keep_host = ctx->preserve_host && ctx->request_host.n > 0;
	enum lr rc;

	out->version_minor = in->version_minor;
	out->method = in->method;
	out->method_text = in->method_text;
	out->target = ctx->target;
	out->n_fields = 0;
	/* Host stands first (RFC 9110 7.2). */
	rc = http_msg_add_id(
	    out, FIELD_HOST, keep_host ? ctx->request_host : ctx->backend_host);
	if (rc == LR_OK)
		rc = copy_fields(in, out);
	if (rc == LR_OK)
		rc = add_forwarded(out, ctx);
	return rc == LR_OK ? forward_append_via(out, ctx->via_name) : rc;
}

/* ---- the response back ---- */

enum lr
forward_response(struct http_msg *m, int64_t now_s)
{
	char *date;

	forward_strip_hop_by_hop(m);
	if (m->status < 200) {
		http_msg_remove(m, FIELD_CONTENT_LENGTH); /* RFC 9110 8.6 */
		return LR_OK;
	}
	if (http_msg_get(m, FIELD_DATE) != NULL)
		return LR_OK;
	if ((date = arena_alloc(m->arena, DATE_CHARS)) == NULL)
		return LR_NOMEM;
	date_format(date, now_s);
	return http_msg_add_id(m, FIELD_DATE, slice_make(date, DATE_CHARS));
}

/* ---- how far a request may go ---- */

enum lr
forward_max_forwards(struct http_msg *m)
{
	struct slice value = http_msg_value(m, FIELD_MAX_FORWARDS);
	uint64_t n;
	char *text;

	if (m->method != HTTP_TRACE && m->method != HTTP_OPTIONS)
		return LR_OK;
	if (num_parse_u64(value, UINT64_MAX, &n) != LR_OK)
		return LR_OK;
	if (n == 0)
		return LR_NOTFOUND;
	if ((text = arena_alloc(m->arena, NUM_U64_CHARS)) == NULL)
		return LR_NOMEM;
	return http_msg_set(
	    m, FIELD_MAX_FORWARDS, slice_make(text, num_put_u64(text, n - 1)));
}

/* received-by of "1.1 name (comment)" (RFC 9110 7.6.3) */
static struct slice
received_by(struct slice element)
{
	struct slice rest = slice_trim(
	    slice_cut(element, slice_find(element, ' '), element.n));

	return slice_cut(rest, 0, slice_find(rest, ' '));
}

bool
forward_is_loop(const struct http_msg *req, struct slice via_name)
{
	for (size_t i = 0; i < req->n_fields; i++) {
		struct slice rest = req->fields[i].value, element;

		if (req->fields[i].id != FIELD_VIA)
			continue;
		while (field_list_next(&rest, &element)) {
			if (slice_ieq(received_by(element), via_name))
				return via_name.n > 0;
		}
	}
	return false;
}
