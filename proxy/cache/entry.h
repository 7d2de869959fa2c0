/* proxy/cache/entry.h: a response as it lies in the store's head blob.
 *
 * The blob keeps the facts that reuse needs as fixed little-endian
 * integers, then the key text, the Vary values, and the response head
 * ready for the wire, so that a hit formats only Age and its neighbours:
 *
 *   offset size
 *    0   1  version (1)          1  kind (enum entry_kind)
 *    2   2  status               4  4 flags
 *    8   8  base_s               16 8 lifetime_s
 *   24   8  response_at_s        32 8 date_s
 *   40   8  modified_at_s        48 8 body_bytes
 *   56   4  stale_while_s        60 4 stale_error_s
 *   64   4  key bytes            68 4 vary bytes
 *   72   4  wire bytes           76 2 etag offset in wire, 78 2 its bytes
 *   80   8  hash of all before and behind, seeded (head checksum)
 *   88      key, vary, wire
 *
 * wire: status line and fields, each line with CRLF, without the blank
 * line; fields that stored_field.h does not keep are left out,
 * Content-Length included when body_bytes is known and the status allows
 * a body, Date always there.  Pure. */
#ifndef PROXY_CACHE_ENTRY_H
#define PROXY_CACHE_ENTRY_H

#include "proxy/cache/control.h"
#include "proxy/cache/freshness.h"
#include "proxy/cache/policy.h"
#include "proxy/http/condition.h"
#include "proxy/http/message.h"
#include "store/base/strbuf.h"

enum entry_kind {
	ENTRY_RESPONSE,
	ENTRY_VARY_MARKER /* wire holds the text of vary_marker.h */
};

enum entry_flag {
	ENTRY_MUST_REVALIDATE = 1
	    << 0,		 /* must- or proxy-revalidate, s-maxage */
	ENTRY_NO_CACHE = 1 << 1, /* ask before every reuse */
	ENTRY_NO_CACHE_FIELDS = 1
	    << 2, /* no-cache="…": these fields are not in wire */
	ENTRY_IMMUTABLE = 1 << 3,
	ENTRY_HAS_ETAG = 1 << 4,
	ENTRY_HAS_MODIFIED = 1 << 5,
	ENTRY_AUTHORIZED = 1 << 6, /* the request carried Authorization */
	ENTRY_HEURISTIC = 1 << 7,
	ENTRY_SURROGATE = 1 << 8, /* by Surrogate-Control, which is not in
				   * wire */
	ENTRY_PARTIAL = 1 << 9,	  /* the body may be sparse (partial.h) */
	ENTRY_ALONE = 1 << 10	  /* and its parts are not to be joined */
};

struct entry { /* a plain value; slices point into the blob */
	enum entry_kind kind;
	int status;
	uint32_t flags;
	int64_t base_s; /* current age = now - base_s */
	int64_t lifetime_s;
	int64_t response_at_s;
	int64_t date_s;
	int64_t modified_at_s; /* INT64_MIN: none */
	uint64_t body_bytes;   /* UINT64_MAX: was not known at the start */
	uint32_t stale_while_s, stale_error_s;
	struct slice key, vary, wire, etag;
};

/* Reads a blob; allocates nothing.  LR_CORRUPT.  Checks lengths always,
 * the checksum only in entry_verify. */
enum lr entry_decode(struct slice blob, struct entry *out);
bool entry_verify(struct slice blob);

/* The facts of a response that arrived: fills out; etag points into resp,
 * key, vary and wire are left empty. */
void entry_from_response(const struct http_msg *req,
    const struct http_msg *resp, const struct control_response *cc,
    const struct cache_policy *policy, uint64_t body_bytes,
    int64_t request_at_s, int64_t response_at_s, struct entry *out);

/* Appends the blob for e with this key, these Vary values and the head of
 * resp (fields filtered as said above, by what cc says of them, and
 * CacheIgnoreHeaders).
 * out->failed says whether memory ran out. */
void entry_encode(const struct entry *e, struct slice key, struct slice vary,
    const struct http_msg *resp, const struct control_response *cc,
    const struct cache_policy *policy, struct strbuf *out);
/* The blob of a Vary marker. */
void entry_encode_marker(
    struct slice key, struct slice marker, int64_t now_s, struct strbuf *out);

/* Back to a message (fields borrow from the blob).  LR_CORRUPT, LR_NOMEM. */
enum lr entry_message(
    const struct entry *e, struct arena *arena, struct http_msg *out);

static inline int64_t
entry_age_s(const struct entry *e, int64_t now_s)
{
	return now_s > e->base_s ? now_s - e->base_s : 0;
}

/* The validators for condition_evaluate. */
void entry_validators(const struct entry *e, struct validators *out);

#endif
