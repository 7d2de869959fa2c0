/* proxy/http/h1_body.c: Content-Length, Transfer-Encoding and Connection */
#include "proxy/http/h1_body.h"

#include "proxy/http/field.h"
#include "store/base/num.h"

/* Reads Transfer-Encoding.  LR_OK: chunked and nothing else; LR_NOTFOUND:
 * there is none. */
static enum lr
transfer_coding(const struct http_msg *m)
{
	bool unknown = false, chunked = false, present = false;

	for (size_t i = 0; i < m->n_fields; i++) {
		struct slice rest = m->fields[i].value, coding;

		if (m->fields[i].id != FIELD_TRANSFER_ENCODING)
			continue;
		present = true;
		while (field_list_next(&rest, &coding)) {
			/* Chunked is the last one (RFC 9112 6.1). */
			if (chunked)
				return LR_INVALID;
			chunked = slice_ieq(coding, SLICE("chunked"));
			unknown |= !chunked;
		}
	}
	if (!present)
		return LR_NOTFOUND;
	if (!chunked)
		return LR_INVALID;
	return unknown ? LR_UNSUPPORTED : LR_OK;
}

static bool
has_length(const struct http_msg *m)
{
	return http_msg_get(m, FIELD_CONTENT_LENGTH) != NULL;
}

/* Takes one field's value or list of values: after *n others that were
 * *length. */
static enum lr
take_lengths(struct slice value, bool many, size_t *n, uint64_t *length)
{
	struct slice rest = value;
	uint64_t v = 0;
	bool more;

	do {
		size_t comma = slice_find(rest, ',');
		struct slice one = slice_trim(slice_cut(rest, 0, comma));

		more = comma < rest.n;
		rest = slice_cut(rest, comma + 1, rest.n);
		if (num_parse_u64(one, INT64_MAX, &v) != LR_OK)
			return LR_INVALID;
		if (*n > 0 && (!many || v != *length))
			return LR_INVALID;
		*length = v;
		++*n;
	} while (more);
	return LR_OK;
}

/* Reads Content-Length; with `many`, as fields or a list, as long as all
 * say the same (RFC 9112 6.3, item 5).  LR_NOTFOUND: there is none. */
static enum lr
content_length(const struct http_msg *m, bool many, uint64_t *out)
{
	uint64_t length = 0;
	size_t n = 0;

	for (size_t i = 0; i < m->n_fields; i++) {
		const struct http_field *f = &m->fields[i];

		if (f->id == FIELD_CONTENT_LENGTH &&
		    take_lengths(f->value, many, &n, &length) != LR_OK)
			return LR_INVALID;
	}
	if (n == 0)
		return LR_NOTFOUND;
	*out = length;
	return LR_OK;
}

static enum lr
request_body(const struct http_msg *req, struct h1_body *out)
{
	struct h1_body body = { H1_BODY_NONE, 0 };
	enum lr rc = transfer_coding(req);

	if (rc == LR_NOTFOUND) {
		rc = content_length(req, false, &body.length);
		if (rc == LR_INVALID)
			return rc;
		if (body.length > 0)
			body.framing = H1_BODY_LENGTH;
		*out = body;
		return LR_OK;
	}
	if (has_length(req) || req->version_minor == 0)
		return LR_INVALID;
	if (rc != LR_OK)
		return rc;
	body.framing = H1_BODY_CHUNKED;
	*out = body;
	return LR_OK;
}

enum lr
h1_request_body(
    const struct http_msg *req, struct h1_body *out, int *error_status)
{
	enum lr rc = request_body(req, out);

	if (rc != LR_OK)
		*error_status = rc == LR_UNSUPPORTED ? 501 : 400;
	return rc;
}

/* RFC 9112 6.3, items 1 and 2 */
static bool
never_has_body(const struct http_msg *resp, enum http_method method)
{
	if (method == HTTP_HEAD || resp->status / 100 == 1)
		return true;
	if (method == HTTP_CONNECT && resp->status / 100 == 2)
		return true;
	return resp->status == 204 || resp->status == 304;
}

enum lr
h1_response_body(const struct http_msg *resp, enum http_method request_method,
    struct h1_body *out)
{
	struct h1_body body = { H1_BODY_NONE, 0 };
	enum lr rc;

	if (never_has_body(resp, request_method)) {
		*out = body;
		return LR_OK;
	}
	rc = transfer_coding(resp);
	if (rc == LR_NOTFOUND) {
		rc = content_length(resp, true, &body.length);
		if (rc == LR_INVALID)
			return rc;
		body.framing = rc == LR_OK ? H1_BODY_LENGTH : H1_BODY_CLOSE;
		*out = body;
		return LR_OK;
	}
	/* The RFC lets Transfer-Encoding win here; but what another reader
	 * makes of such a response nobody knows (11.2). */
	if (has_length(resp) || resp->version_minor == 0)
		return LR_INVALID;
	/* Without chunked at its end it would last until the connection is
	 * closed, in a coding that nobody asked for. */
	if (rc != LR_OK)
		return rc;
	body.framing = H1_BODY_CHUNKED;
	*out = body;
	return LR_OK;
}

bool
h1_keep_alive(const struct http_msg *m)
{
	bool keep = m->version_minor > 0;

	for (size_t i = 0; i < m->n_fields; i++) {
		struct slice options = m->fields[i].value;

		if (m->fields[i].id != FIELD_CONNECTION)
			continue;
		if (field_list_has(options, SLICE("close")))
			return false;
		if (field_list_has(options, SLICE("keep-alive")))
			keep = true;
	}
	return keep;
}
