/* proxy/cache/partial.h: responses of which only parts are stored.
 *
 * A 206 is stored as what a 200 would have been, with the bytes it brings;
 * parts of one representation are joined when they share a strong
 * validator.  Source: RFC 9110 14 and 15.3.7, RFC 9111 3.3 and 3.4.  Pure. */
#ifndef PROXY_CACHE_PARTIAL_H
#define PROXY_CACHE_PARTIAL_H

#include "proxy/cache/entry.h"
#include "store/extents.h"

struct partial { /* what a 206 brings */
	uint64_t first, n_bytes, total_bytes;
	uint64_t tag; /* of the strong validator; 0: not to be joined */
};

/* Reads a 206.  body_bytes: the content's length as its framing says,
 * UINT64_MAX when that does not say.  LR_NOTFOUND: nothing that could be
 * stored: several parts, an unknown complete length, or content that is not
 * what Content-Range says. */
enum lr partial_read(const struct http_msg *resp, uint64_t body_bytes,
    int64_t now_s, struct partial *out);

/* The 206 as the 200 that it is a part of: without Content-Range, with
 * another status.  out is initialised and borrows from resp.  LR_NOMEM. */
enum lr partial_whole(const struct http_msg *resp, struct http_msg *out);

/* A number that two responses share when their bodies are alike byte by
 * byte: of the strong entity tag, or else of a strong Last-Modified.  0:
 * there is no strong validator (RFC 9110 8.8). */
uint64_t partial_tag(const struct validators *v);
/* That of what is stored; 0 also for a part that is to stay alone. */
uint64_t partial_tag_of(const struct entry *e);

enum partial_cover {
	PARTIAL_COVERS, /* all that the request wants is there (or it wants
			 * nothing that could be missing: 416) */
	PARTIAL_GAP,	/* some is there, some is not */
	PARTIAL_LACKS	/* nothing of use is there, or nobody can tell */
};

/* Can a sparse object of that much answer the GET or HEAD?  gap: with
 * PARTIAL_GAP, the first stretch that is missing of what is wanted.
 * RFC 9111 3.3: what is incomplete answers only ranges within it. */
enum partial_cover partial_covers(const struct http_msg *req,
    const struct entry *e, uint64_t total_bytes, const struct extents *ex,
    int64_t now_s, struct extent *gap);

/* Makes req ask for these bytes alone, and for them only while the stored
 * response is still the current one: Range and If-Range (RFC 9110 13.1.5;
 * none without a strong validator), no other conditions.  LR_NOMEM. */
enum lr partial_ask(struct http_msg *req, const struct entry *e,
    struct extent gap, uint64_t total_bytes);

/* Does the request ask for one range of bytes, whatever its bounds? */
bool partial_wants_one(const struct http_msg *req);

#endif
