/* proxy/http/condition.c: validators compared */
#include "proxy/http/condition.h"

#define NO_TIME INT64_MIN /* a malformed date is as good as none */

void
condition_validators(
    const struct http_msg *resp, int64_t now_s, struct validators *out)
{
	out->etag = http_msg_value(resp, FIELD_ETAG);
	out->modified_at_s = http_msg_date(
	    resp, FIELD_LAST_MODIFIED, now_s, NO_TIME);
	out->date_s = http_msg_date(resp, FIELD_DATE, now_s, NO_TIME);
}

/* ---- entity tags ---- */

static bool
is_weak(struct slice tag)
{
	return slice_starts(tag, SLICE("W/\""));
}

static struct slice
opaque_tag(struct slice tag)
{
	return is_weak(tag) ? slice_cut(tag, 2, tag.n) : tag;
}

bool
condition_etag_weak_eq(struct slice a, struct slice b)
{
	return a.n > 0 && slice_eq(opaque_tag(a), opaque_tag(b));
}

bool
condition_etag_strong_eq(struct slice a, struct slice b)
{
	return a.n > 0 && !is_weak(a) && slice_eq(a, b);
}

/* Takes the next tag off a list.  Not field_list_next: a backslash in an
 * entity tag escapes nothing (RFC 9110 8.8.3). */
static bool
next_tag(struct slice *rest, struct slice *tag)
{
	struct slice s = *rest, inside;
	size_t quote, comma;

	while (s.n > 0 && (s.p[0] == ',' || s.p[0] == ' ' || s.p[0] == '\t'))
		s = slice_cut(s, 1, s.n);
	if (s.n == 0)
		return false;
	comma = slice_find(s, ',');
	quote = slice_find(s, '"');
	if (quote < comma) {
		inside = slice_cut(s, quote + 1, s.n);
		comma = quote + 1 + slice_find(inside, '"');
		comma += slice_find(slice_cut(s, comma, s.n), ',');
	}
	*tag = slice_trim(slice_cut(s, 0, comma));
	*rest = slice_cut(s, comma, s.n);
	return true;
}

static bool
none_match_lists(struct slice list, struct slice etag)
{
	struct slice tag;

	if (slice_eq(list, SLICE("*")))
		return true;
	while (next_tag(&list, &tag)) {
		if (condition_etag_weak_eq(tag, etag))
			return true;
	}
	return false;
}

/* ---- the conditions ---- */

/* RFC 9110 13.1.2: does any If-None-Match of the request list the tag? */
static enum condition
if_none_match(const struct http_msg *req, struct slice etag)
{
	for (size_t i = 0; i < req->n_fields; i++) {
		const struct http_field *f = &req->fields[i];

		if (f->id == FIELD_IF_NONE_MATCH &&
		    none_match_lists(f->value, etag))
			return CONDITION_NOT_MODIFIED;
	}
	return CONDITION_PASSED;
}

/* RFC 9110 13.1.3; Date stands in for a missing Last-Modified, as
 * RFC 9111 4.3.2 tells a cache. */
static enum condition
if_modified_since(
    const struct http_msg *req, const struct validators *v, int64_t now_s)
{
	int64_t since_s = http_msg_date(
	    req, FIELD_IF_MODIFIED_SINCE, now_s, NO_TIME);
	int64_t modified_at_s = v->modified_at_s != NO_TIME ? v->modified_at_s
							    : v->date_s;

	if (http_msg_count(req, FIELD_IF_MODIFIED_SINCE) > 1)
		return CONDITION_PASSED;
	if (since_s == NO_TIME || modified_at_s == NO_TIME)
		return CONDITION_PASSED;
	return modified_at_s <= since_s ? CONDITION_NOT_MODIFIED
					: CONDITION_PASSED;
}

enum condition
condition_evaluate(
    const struct http_msg *req, const struct validators *v, int64_t now_s)
{
	if (req->method != HTTP_GET && req->method != HTTP_HEAD)
		return CONDITION_NONE;
	/* It makes If-Modified-Since void (RFC 9110 13.1.3). */
	if (http_msg_get(req, FIELD_IF_NONE_MATCH) != NULL)
		return if_none_match(req, v->etag);
	if (http_msg_get(req, FIELD_IF_MODIFIED_SINCE) != NULL)
		return if_modified_since(req, v, now_s);
	return CONDITION_NONE;
}

/* A date is a strong validator only when the representation was not made in
 * the very second of its last change (RFC 9110 8.8.2.2). */
bool
condition_date_is_strong(const struct validators *v)
{
	return v->modified_at_s != NO_TIME && v->date_s != NO_TIME &&
	    v->date_s > v->modified_at_s;
}

bool
condition_if_range(
    const struct http_msg *req, const struct validators *v, int64_t now_s)
{
	const struct http_field *f = http_msg_get(req, FIELD_IF_RANGE);

	if (f == NULL)
		return true;
	if (http_msg_count(req, FIELD_IF_RANGE) > 1)
		return false;
	if (is_weak(f->value) || slice_starts(f->value, SLICE("\"")))
		return condition_etag_strong_eq(f->value, v->etag);
	return condition_date_is_strong(v) &&
	    http_msg_date(req, FIELD_IF_RANGE, now_s, NO_TIME) ==
	    v->modified_at_s;
}

bool
condition_present(const struct http_msg *req)
{
	for (size_t i = 0; i < req->n_fields; i++) {
		switch (req->fields[i].id) {
		case FIELD_IF_MATCH:
		case FIELD_IF_MODIFIED_SINCE:
		case FIELD_IF_NONE_MATCH:
		case FIELD_IF_RANGE:
		case FIELD_IF_UNMODIFIED_SINCE:
			return true;
		default:
			break;
		}
	}
	return false;
}
