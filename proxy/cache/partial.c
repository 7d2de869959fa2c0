/* proxy/cache/partial.c: 206 responses, and requests for what is missing */
#include "proxy/cache/partial.h"

#include "proxy/http/date.h"
#include "proxy/http/range.h"
#include "store/base/hash.h"
#include "store/base/num.h"

/* ---- what a 206 brings ---- */

/* The content's length disagrees with Content-Range.  Origins that count the
 * last byte wrongly exist: where the range is said to reach the end, and the
 * content does end, the framing is believed (it is what was received), and
 * the representation taken to be as short.  Such a part is never joined with
 * another (RFC 9110 14.4). */
static enum lr
read_miscounted(const struct range *r, uint64_t body_bytes, struct partial *out)
{
	if (body_bytes == 0 || r->last + 1 != out->total_bytes ||
	    body_bytes > r->last - r->first)
		return LR_NOTFOUND;
	out->n_bytes = body_bytes;
	out->total_bytes = r->first + body_bytes;
	out->tag = 0;
	return LR_OK;
}

enum lr
partial_read(const struct http_msg *resp, uint64_t body_bytes, int64_t now_s,
    struct partial *out)
{
	struct validators v;
	struct partial p;
	struct range r;
	enum lr rc = LR_OK;

	if (resp->status != 206 ||
	    http_msg_count(resp, FIELD_CONTENT_RANGE) != 1 ||
	    range_parse_content(http_msg_value(resp, FIELD_CONTENT_RANGE), &r,
		&p.total_bytes) != LR_OK ||
	    p.total_bytes == UINT64_MAX)
		return LR_NOTFOUND;
	condition_validators(resp, now_s, &v);
	p.first = r.first;
	p.n_bytes = r.last - r.first + 1;
	p.tag = partial_tag(&v);
	if (body_bytes != UINT64_MAX && body_bytes != p.n_bytes)
		rc = read_miscounted(&r, body_bytes, &p);
	if (rc == LR_OK)
		*out = p;
	return rc;
}

enum lr
partial_whole(const struct http_msg *resp, struct http_msg *out)
{
	enum lr rc;

	http_msg_init(out, resp->arena);
	out->version_minor = resp->version_minor;
	out->status = 200;
	out->reason = slice_of(http_reason(200));
	for (size_t i = 0; i < resp->n_fields; i++) {
		const struct http_field *f = &resp->fields[i];

		if (f->id == FIELD_CONTENT_RANGE)
			continue;
		if ((rc = http_msg_add(out, f->name, f->value)) != LR_OK)
			return rc;
	}
	return LR_OK;
}

uint64_t
partial_tag(const struct validators *v)
{
	uint64_t tag = 0;

	if (v->etag.n > 0) {
		if (v->etag.p[0] == '"')
			tag = hash_bytes(v->etag.p, v->etag.n) | 1;
	} else if (condition_date_is_strong(v)) {
		tag = hash_bytes(&v->modified_at_s, sizeof(v->modified_at_s)) &
		    ~(uint64_t)1;
	}
	return tag;
}

uint64_t
partial_tag_of(const struct entry *e)
{
	struct validators v;

	if ((e->flags & ENTRY_ALONE) != 0)
		return 0;
	entry_validators(e, &v);
	return partial_tag(&v);
}

/* ---- what a request wants ---- */

/* Are the client's own conditions such that the stored response could not
 * answer without its content being looked at by the origin? */
static bool
has_other_conditions(const struct http_msg *req)
{
	return http_msg_get(req, FIELD_IF_NONE_MATCH) != NULL ||
	    http_msg_get(req, FIELD_IF_MODIFIED_SINCE) != NULL ||
	    http_msg_get(req, FIELD_IF_MATCH) != NULL ||
	    http_msg_get(req, FIELD_IF_UNMODIFIED_SINCE) != NULL;
}

/* Resolves the ranges; all of the body when there are none.  False: none
 * can be satisfied. */
static bool
wanted(const struct http_msg *req, const struct entry *e, uint64_t total_bytes,
    int64_t now_s, struct range r[RANGE_MAX], size_t *n)
{
	struct slice value = http_msg_value(req, FIELD_RANGE);
	struct validators v;
	enum lr rc = LR_NOTFOUND;

	entry_validators(e, &v);
	if (value.n > 0 && condition_if_range(req, &v, now_s))
		rc = range_parse(value, total_bytes, r, n);
	if (rc == LR_NOTFOUND) {
		r[0] = (struct range){ 0, total_bytes - 1 };
		*n = 1;
	}
	return rc != LR_TOOBIG;
}

enum partial_cover
partial_covers(const struct http_msg *req, const struct entry *e,
    uint64_t total_bytes, const struct extents *ex, int64_t now_s,
    struct extent *gap)
{
	struct range r[RANGE_MAX];
	bool covers = true;
	size_t n;

	if (extents_cover(ex, 0, total_bytes))
		return PARTIAL_COVERS;
	if (req->method != HTTP_GET || has_other_conditions(req))
		return PARTIAL_LACKS;
	if (!wanted(req, e, total_bytes, now_s, r, &n))
		return PARTIAL_COVERS; /* the complete length is known: 416 */
	for (size_t i = 0; i < n; i++)
		covers = covers && extents_cover(ex, r[i].first, r[i].last + 1);
	if (covers)
		return PARTIAL_COVERS;
	/* Several ranges are left to the origin. */
	if (n > 1 || !extents_gap(ex, r[0].first, r[0].last + 1, gap) ||
	    (gap->first == r[0].first && gap->end == r[0].last + 1))
		return PARTIAL_LACKS;
	return PARTIAL_GAP;
}

bool
partial_wants_one(const struct http_msg *req)
{
	struct slice value = http_msg_value(req, FIELD_RANGE);

	return req->method == HTTP_GET &&
	    slice_istarts(value, SLICE("bytes")) &&
	    slice_find(value, ',') == value.n &&
	    http_msg_count(req, FIELD_RANGE) == 1;
}

/* ---- asking for what is missing ---- */

static enum lr
set_range(struct http_msg *req, struct extent gap, uint64_t total_bytes)
{
	char text[sizeof("bytes=-") + 2 * NUM_U64_CHARS];
	size_t n = sizeof("bytes=") - 1;
	struct slice value;

	memcpy(text, "bytes=", n);
	n += num_put_u64(text + n, gap.first);
	text[n++] = '-';
	if (gap.end < total_bytes)
		n += num_put_u64(text + n, gap.end - 1);
	value = arena_dup(req->arena, slice_make(text, n));
	return value.p != NULL ? http_msg_set(req, FIELD_RANGE, value)
			       : LR_NOMEM;
}

static enum lr
set_if_range(struct http_msg *req, const struct entry *e)
{
	struct slice value = e->etag;
	char date[DATE_CHARS];

	if (value.n == 0) {
		date_format(date, e->modified_at_s);
		value = slice_make(date, sizeof(date));
	}
	value = arena_dup(req->arena, value);
	return value.p != NULL ? http_msg_set(req, FIELD_IF_RANGE, value)
			       : LR_NOMEM;
}

enum lr
partial_ask(struct http_msg *req, const struct entry *e, struct extent gap,
    uint64_t total_bytes)
{
	enum lr rc;

	http_msg_remove(req, FIELD_IF_RANGE);
	if ((rc = set_range(req, gap, total_bytes)) != LR_OK)
		return rc;
	return partial_tag_of(e) != 0 ? set_if_range(req, e) : LR_OK;
}
