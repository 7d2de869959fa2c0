/* proxy/cache/entry.c: the head blob, written and read */
#include "proxy/cache/entry.h"

#include "proxy/cache/stored_field.h"
#include "proxy/http/date.h"
#include "proxy/http/h1_parse.h"
#include "proxy/http/h1_write.h"
#include "store/base/codec.h"
#include "store/base/hash.h"

#define VERSION 1
#define SANE_S (INT64_C(1) << 45)
#define YEAR_0_S INT64_C(-62167219200)
#define YEAR_10000_S INT64_C(253402300800)
#define CHECK_SEED 0x6c61726465722e31 /* "larder.1" */

enum offset { /* the layout drawn in entry.h */
	AT_VERSION = 0,
	AT_KIND = 1,
	AT_STATUS = 2,
	AT_FLAGS = 4,
	AT_BASE = 8,
	AT_LIFETIME = 16,
	AT_RESPONSE_AT = 24,
	AT_DATE = 32,
	AT_MODIFIED_AT = 40,
	AT_BODY_BYTES = 48,
	AT_STALE_WHILE = 56,
	AT_STALE_ERROR = 60,
	AT_KEY_BYTES = 64,
	AT_VARY_BYTES = 68,
	AT_WIRE_BYTES = 72,
	AT_ETAG_OFFSET = 76,
	AT_ETAG_BYTES = 78,
	AT_CHECK = 80,
	AT_TEXT = 88 /* key, vary, wire */
};

/* ---- reading ---- */

static int64_t
get_time(const char *p)
{
	return (int64_t)codec_get_le64(p);
}

/* Small enough to be added and subtracted without a look. */
static bool
is_sane_time(int64_t s)
{
	return s > -SANE_S && s < SANE_S;
}

/* A year of four digits, as HTTP writes them. */
static bool
is_date(int64_t at_s)
{
	return at_s >= YEAR_0_S && at_s < YEAR_10000_S;
}

/* Are the facts such as entry_from_response makes? */
static bool
are_sane(const struct entry *e)
{
	bool is_status = e->status >= 100 && e->status <= 999;

	return (is_status || e->kind == ENTRY_VARY_MARKER) &&
	    is_sane_time(e->base_s) && is_sane_time(e->lifetime_s) &&
	    is_sane_time(e->response_at_s) && is_date(e->date_s) &&
	    (e->modified_at_s == INT64_MIN || is_date(e->modified_at_s));
}

static void
decode_facts(const char *p, struct entry *out)
{
	out->kind = (enum entry_kind)p[AT_KIND];
	out->status = codec_get_le16(p + AT_STATUS);
	out->flags = codec_get_le32(p + AT_FLAGS);
	out->base_s = get_time(p + AT_BASE);
	out->lifetime_s = get_time(p + AT_LIFETIME);
	out->response_at_s = get_time(p + AT_RESPONSE_AT);
	out->date_s = get_time(p + AT_DATE);
	out->modified_at_s = get_time(p + AT_MODIFIED_AT);
	out->body_bytes = codec_get_le64(p + AT_BODY_BYTES);
	out->stale_while_s = codec_get_le32(p + AT_STALE_WHILE);
	out->stale_error_s = codec_get_le32(p + AT_STALE_ERROR);
}

/* Cuts the text behind the facts into its three parts. */
static enum lr
decode_text(struct slice blob, struct entry *out)
{
	uint64_t key_n = codec_get_le32(blob.p + AT_KEY_BYTES);
	uint64_t vary_n = codec_get_le32(blob.p + AT_VARY_BYTES);
	uint64_t wire_n = codec_get_le32(blob.p + AT_WIRE_BYTES);
	size_t etag_at = codec_get_le16(blob.p + AT_ETAG_OFFSET);
	size_t etag_n = codec_get_le16(blob.p + AT_ETAG_BYTES);

	if (AT_TEXT + key_n + vary_n + wire_n != blob.n ||
	    etag_at + etag_n > wire_n)
		return LR_CORRUPT;
	out->key = slice_make(blob.p + AT_TEXT, key_n);
	out->vary = slice_make(out->key.p + key_n, vary_n);
	out->wire = slice_make(out->vary.p + vary_n, wire_n);
	out->etag = slice_make(out->wire.p + etag_at, etag_n);
	return LR_OK;
}

enum lr
entry_decode(struct slice blob, struct entry *out)
{
	struct entry e;

	if (blob.n < AT_TEXT || blob.p[AT_VERSION] != VERSION ||
	    (blob.p[AT_KIND] != ENTRY_RESPONSE &&
		blob.p[AT_KIND] != ENTRY_VARY_MARKER))
		return LR_CORRUPT;
	decode_facts(blob.p, &e);
	if (!are_sane(&e) || decode_text(blob, &e) != LR_OK)
		return LR_CORRUPT;
	*out = e;
	return LR_OK;
}

/* Over all bytes but the checksum's own. */
static uint64_t
checksum(const char *p, size_t n)
{
	uint64_t before = hash_bytes_seeded(p, AT_CHECK, CHECK_SEED);

	return hash_bytes_seeded(p + AT_TEXT, n - AT_TEXT, before);
}

bool
entry_verify(struct slice blob)
{
	return blob.n >= AT_TEXT &&
	    codec_get_le64(blob.p + AT_CHECK) == checksum(blob.p, blob.n);
}

/* The status line's reason phrase, and where the fields begin. */
static bool
split_status_line(struct slice wire, struct slice *reason, struct slice *fields)
{
	const size_t reason_at = sizeof("HTTP/1.1 200 ") - 1;
	size_t end = slice_find(wire, '\r');

	if (end < reason_at || end + 2 > wire.n || wire.p[end + 1] != '\n')
		return false;
	*reason = slice_cut(wire, reason_at, end);
	*fields = slice_cut(wire, end + 2, wire.n);
	return true;
}

enum lr
entry_message(const struct entry *e, struct arena *arena, struct http_msg *out)
{
	const struct h1_limits unlimited = { .line_bytes = e->wire.n,
		.field_bytes = e->wire.n };
	struct slice reason, fields;
	enum lr rc;

	if (e->kind != ENTRY_RESPONSE ||
	    !split_status_line(e->wire, &reason, &fields))
		return LR_CORRUPT;
	http_msg_init(out, arena);
	out->version_minor = 1;
	out->status = e->status;
	out->reason = reason;
	rc = h1_parse_fields(fields, &unlimited, out);
	return rc == LR_OK || rc == LR_NOMEM ? rc : LR_CORRUPT;
}

void
entry_validators(const struct entry *e, struct validators *out)
{
	out->etag = e->etag;
	out->modified_at_s = e->modified_at_s;
	out->date_s = e->date_s;
}

/* ---- the facts of a response ---- */

static uint32_t
flag_if(bool condition, enum entry_flag flag)
{
	return condition ? (uint32_t)flag : 0;
}

/* s-maxage means proxy-revalidate too (RFC 9111 5.2.2.10). */
static bool
must_revalidate(const struct control_response *cc)
{
	return cc->must_revalidate || cc->proxy_revalidate ||
	    (cc->s_maxage_s != CONTROL_NONE &&
		(cc->overridden & OVERRIDE_MUST_REVALIDATE) == 0);
}

static uint32_t
flags_of_control(const struct control_response *cc)
{
	return flag_if(must_revalidate(cc), ENTRY_MUST_REVALIDATE) |
	    flag_if(cc->no_cache, ENTRY_NO_CACHE) |
	    flag_if(cc->no_cache_fields.n > 0, ENTRY_NO_CACHE_FIELDS) |
	    flag_if(cc->immutable, ENTRY_IMMUTABLE) |
	    flag_if(cc->surrogate, ENTRY_SURROGATE);
}

/* A window in seconds; none when the directive is absent. */
static uint32_t
window_of(int64_t s)
{
	if (s < 0)
		return 0;
	return s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
}

void
entry_from_response(const struct http_msg *req, const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy,
    uint64_t body_bytes, int64_t request_at_s, int64_t response_at_s,
    struct entry *out)
{
	enum freshness_source source;
	int64_t age_s = freshness_initial_age(
	    resp, request_at_s, response_at_s);

	*out = (struct entry){
		.kind = ENTRY_RESPONSE,
		.status = resp->status,
		.base_s = response_at_s - age_s,
		.response_at_s = response_at_s,
		.date_s = http_msg_date(
		    resp, FIELD_DATE, response_at_s, response_at_s),
		.modified_at_s = http_msg_date(
		    resp, FIELD_LAST_MODIFIED, response_at_s, INT64_MIN),
		.body_bytes = body_bytes,
		.stale_while_s = window_of(cc->stale_while_revalidate_s),
		.stale_error_s = window_of(cc->stale_if_error_s),
		.etag = http_msg_value(resp, FIELD_ETAG),
	};
	out->lifetime_s = freshness_lifetime(
	    resp, cc, policy, response_at_s, &source);
	if (source == FRESHNESS_OVERRIDE) /* whatever time it took to come */
		out->lifetime_s += age_s -
		    freshness_initial_age(resp, response_at_s, response_at_s);
	out->flags = flags_of_control(cc) |
	    flag_if(out->etag.n > 0, ENTRY_HAS_ETAG) |
	    flag_if(out->modified_at_s != INT64_MIN, ENTRY_HAS_MODIFIED) |
	    flag_if(http_msg_get(req, FIELD_AUTHORIZATION) != NULL,
		ENTRY_AUTHORIZED) |
	    flag_if(
		source == FRESHNESS_HEURISTIC || source == FRESHNESS_DEFAULT,
		ENTRY_HEURISTIC);
}

/* ---- writing ---- */

/* Where the entity tag stands in the wire text. */
struct etag_place {
	size_t at, n; /* bytes */
};

static void
encode_facts(const struct entry *e, char *p)
{
	p[AT_VERSION] = VERSION;
	p[AT_KIND] = (char)e->kind;
	codec_put_le16(p + AT_STATUS, (uint16_t)e->status);
	codec_put_le32(p + AT_FLAGS, e->flags);
	codec_put_le64(p + AT_BASE, (uint64_t)e->base_s);
	codec_put_le64(p + AT_LIFETIME, (uint64_t)e->lifetime_s);
	codec_put_le64(p + AT_RESPONSE_AT, (uint64_t)e->response_at_s);
	codec_put_le64(p + AT_DATE, (uint64_t)e->date_s);
	codec_put_le64(p + AT_MODIFIED_AT, (uint64_t)e->modified_at_s);
	codec_put_le64(p + AT_BODY_BYTES, e->body_bytes);
	codec_put_le32(p + AT_STALE_WHILE, e->stale_while_s);
	codec_put_le32(p + AT_STALE_ERROR, e->stale_error_s);
}

static bool
status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* The recipient dates what came without a usable Date (RFC 9110 6.6.1). */
static void
write_date(
    struct strbuf *out, const struct http_msg *resp, const struct entry *e)
{
	char text[DATE_CHARS];
	struct slice date = http_msg_value(resp, FIELD_DATE);
	int64_t at_s;

	if (date_parse(date, e->response_at_s, &at_s) != LR_OK) {
		date_format(text, e->date_s);
		date = slice_make(text, sizeof(text));
	}
	h1_write_field(out, SLICE("Date"), date);
}

static void
write_status_line(struct strbuf *out, const struct http_msg *resp)
{
	struct http_msg line = *resp;

	line.n_fields = 0;
	if (line.reason.n == 0)
		line.reason = slice_of(http_reason(resp->status));
	h1_write_response_open(out, &line);
}

/* Writes the fields that are kept; start is where the wire text begins. */
static void
write_fields(struct strbuf *out, size_t start, const struct stored_field *sf,
    struct etag_place *etag)
{
	const struct http_msg *resp = sf->resp;

	for (size_t i = 0; i < resp->n_fields; i++) {
		const struct http_field *f = &resp->fields[i];

		if (f->id == FIELD_DATE || !stored_field_keeps(sf, f))
			continue;
		if (f->id == FIELD_ETAG && etag->n == 0) {
			etag->at = out->n - start + f->name.n + 2;
			etag->n = f->value.n;
		}
		h1_write_field(out, f->name, f->value);
	}
}

static void
write_wire(struct strbuf *out, const struct entry *e,
    const struct stored_field *sf, struct etag_place *etag)
{
	size_t start = out->n;

	write_status_line(out, sf->resp);
	write_date(out, sf->resp, e);
	write_fields(out, start, sf, etag);
	if (e->body_bytes != UINT64_MAX && status_has_body(e->status))
		h1_write_field_u64(out, SLICE("Content-Length"), e->body_bytes);
}

/* Appends room for the facts and the text before wire; where it began. */
static size_t
open_blob(struct strbuf *out, struct slice key, struct slice vary)
{
	static const char empty[AT_TEXT];
	size_t start = out->n;

	strbuf_add(out, empty, sizeof(empty));
	strbuf_add_slice(out, key);
	strbuf_add_slice(out, vary);
	return start;
}

/* Fills in what is known when all text is there. */
static void
close_blob(struct strbuf *out, size_t start, const struct entry *e,
    struct slice key, struct slice vary, struct etag_place etag)
{
	size_t n = out->n - start;
	char *p;

	if (out->failed)
		return;
	p = out->p + start;
	encode_facts(e, p);
	codec_put_le32(p + AT_KEY_BYTES, (uint32_t)key.n);
	codec_put_le32(p + AT_VARY_BYTES, (uint32_t)vary.n);
	codec_put_le32(
	    p + AT_WIRE_BYTES, (uint32_t)(n - AT_TEXT - key.n - vary.n));
	codec_put_le16(p + AT_ETAG_OFFSET, (uint16_t)etag.at);
	codec_put_le16(p + AT_ETAG_BYTES, (uint16_t)etag.n);
	codec_put_le64(p + AT_CHECK, checksum(p, n));
}

void
entry_encode(const struct entry *e, struct slice key, struct slice vary,
    const struct http_msg *resp, const struct control_response *cc,
    const struct cache_policy *policy, struct strbuf *out)
{
	struct etag_place etag = { 0, 0 };
	struct stored_field sf;
	struct entry written = *e;
	size_t start = open_blob(out, key, vary);

	stored_field_init(&sf, resp, cc, policy);
	write_wire(out, e, &sf, &etag);
	/* A validator that was not kept, or lies too far behind for its two
	 * bytes of offset, is none. */
	if (etag.n == 0 || etag.at + etag.n > UINT16_MAX) {
		etag = (struct etag_place){ 0, 0 };
		written.flags &= ~(uint32_t)ENTRY_HAS_ETAG;
	}
	close_blob(out, start, &written, key, vary, etag);
}

void
entry_encode_marker(
    struct slice key, struct slice marker, int64_t now_s, struct strbuf *out)
{
	const struct entry e = {
		.kind = ENTRY_VARY_MARKER,
		.base_s = now_s,
		.response_at_s = now_s,
		.date_s = now_s,
		.modified_at_s = INT64_MIN,
	};
	size_t start = open_blob(out, key, slice_make(NULL, 0));

	strbuf_add_slice(out, marker);
	close_blob(out, start, &e, key, slice_make(NULL, 0),
	    (struct etag_place){ 0, 0 });
}
