/* proxy/cache/validate.c: conditional requests of our own, their 304, and
 * what a HEAD tells about a stored GET */
#include "proxy/cache/validate.h"

#include "proxy/cache/stored_field.h"
#include "proxy/http/date.h"
#include "store/base/num.h"

/* What a client may have asked for itself; the answer must speak of the
 * stored response alone, and of all of it. */
static const enum http_field_id REPLACED[] = {
	FIELD_IF_MATCH,
	FIELD_IF_NONE_MATCH,
	FIELD_IF_MODIFIED_SINCE,
	FIELD_IF_UNMODIFIED_SINCE,
	FIELD_IF_RANGE,
	FIELD_RANGE,
};

/* The entry is read from the store's map, which does not outlive the
 * request: what is taken from it is copied. */
static enum lr
add_copy(struct http_msg *req, enum http_field_id id, struct slice value)
{
	struct slice copy = arena_dup(req->arena, value);

	return copy.p != NULL ? http_msg_add_id(req, id, copy) : LR_NOMEM;
}

enum lr
validate_request(struct http_msg *req, const struct entry *e)
{
	char date[DATE_CHARS];
	enum lr rc = LR_NOTFOUND;

	for (size_t i = 0; i < sizeof(REPLACED) / sizeof(REPLACED[0]); i++)
		http_msg_remove(req, REPLACED[i]);
	if (e->etag.n > 0 &&
	    (rc = add_copy(req, FIELD_IF_NONE_MATCH, e->etag)) != LR_OK)
		return rc;
	if (e->modified_at_s != INT64_MIN) {
		date_format(date, e->modified_at_s);
		rc = add_copy(req, FIELD_IF_MODIFIED_SINCE,
		    slice_make(date, sizeof(date)));
	}
	return rc;
}

static bool
is_weak(struct slice etag)
{
	return slice_starts(etag, SLICE("W/"));
}

bool
validate_selects(
    const struct http_msg *not_modified, const struct entry *e, int64_t now_s)
{
	struct validators theirs;

	condition_validators(not_modified, now_s, &theirs);
	if (theirs.etag.n > 0 && e->etag.n > 0)
		return is_weak(theirs.etag)
		    ? condition_etag_weak_eq(theirs.etag, e->etag)
		    : condition_etag_strong_eq(theirs.etag, e->etag);
	if (theirs.modified_at_s != INT64_MIN)
		return theirs.modified_at_s == e->modified_at_s;
	/* Without any validator it can only mean the one whose validators were
	 * sent: larder asks about one stored response at a time. */
	return theirs.etag.n == 0;
}

/* Without a Content-Length nothing is claimed. */
static bool
has_length(const struct http_msg *head, uint64_t body_bytes)
{
	const struct http_field *f = http_msg_get(head, FIELD_CONTENT_LENGTH);
	uint64_t n;

	return f == NULL ||
	    (num_parse_u64(f->value, UINT64_MAX, &n) == LR_OK &&
		n == body_bytes);
}

bool
validate_head_matches(const struct http_msg *head, const struct entry *e,
    uint64_t body_bytes, int64_t now_s)
{
	struct validators theirs;

	condition_validators(head, now_s, &theirs);
	/* "Matching values": a tag that became weak, or strong, is another. */
	if (theirs.etag.n > 0 && !slice_eq(theirs.etag, e->etag))
		return false;
	if (theirs.modified_at_s != INT64_MIN &&
	    theirs.modified_at_s != e->modified_at_s)
		return false;
	return head->status == e->status && has_length(head, body_bytes);
}

/* The fields that tell how the stored bytes are to be read: a 304 came without
 * bytes and must not change their meaning (3.2, on integrity). */
static bool
describes_content(const struct http_field *f)
{
	switch (f->id) {
	case FIELD_CONTENT_ENCODING:
	case FIELD_CONTENT_RANGE:
	case FIELD_ETAG:
		return true;
	case FIELD_OTHER:
		return slice_ieq(f->name, SLICE("Content-MD5")) ||
		    slice_ieq(f->name, SLICE("Content-Digest"));
	default:
		return false;
	}
}

/* 3.2; Age is not stored, but tells how old the 304 was. */
static bool
is_updated(const struct stored_field *sf, const struct http_field *f)
{
	return f->id == FIELD_AGE ||
	    (stored_field_keeps(sf, f) && !describes_content(f));
}

enum lr
validate_merge(const struct http_msg *not_modified, const struct entry *e,
    struct http_msg *out)
{
	struct stored_field sf;
	enum lr rc;

	if ((rc = entry_message(e, out->arena, out)) != LR_OK)
		return rc;
	/* An answer without Date is dated by its arrival, not by the old one.
	 */
	http_msg_remove(out, FIELD_DATE);
	/* What Cache-Control says of fields is for all of the merged head. */
	stored_field_init(&sf, not_modified, NULL, NULL);
	for (size_t i = 0; i < not_modified->n_fields; i++) {
		const struct http_field *f = &not_modified->fields[i];

		if (is_updated(&sf, f))
			http_msg_remove_name(out, f->name);
	}
	for (size_t i = 0; i < not_modified->n_fields; i++) {
		const struct http_field *f = &not_modified->fields[i];

		if (is_updated(&sf, f) &&
		    (rc = http_msg_add(out, f->name, f->value)) != LR_OK)
			return rc;
	}
	return LR_OK;
}
