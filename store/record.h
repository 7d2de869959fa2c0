/* store/record.h: what `obj` keeps about an object.
 *
 *    0 u8  version (3)          1 u8  state
 *    2 u8  coding of the body   3 u8  zero
 *    4 u32 check: hash of all other bytes
 *    8 u64 hash                16 u64 primary hash
 *   24 u64 body bytes stored   32 u64 body bytes when decoded
 *   40 i64 stored at (s)       48 i64 expires at (s)
 *   56 u32 stale (s)           60 u32 the caller's flags
 *   64 u32 head bytes          68 u16 body0 bytes
 *   70 u16 url text bytes      72 24 bytes of zero
 *   96 u64 use, see policy.h
 *  104 u64 tag                112 url text
 *
 * All little-endian.  Coding 0 means the body is stored as it came.  Of a
 * sparse object body bytes is the length of the whole.  Head and body have
 * their checks in their pages (page.h).
 * Pure; safe on any thread. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"
#include "store/schema.h"

enum record_state {
	RECORD_FILLING = 1, /* not all of the body is there */
	RECORD_COMPLETE,
	RECORD_REMOVED, /* being deleted, pages may be missing */
	RECORD_SPARSE	/* parts of the body are there: extents.h */
};

struct record {
	enum record_state state;
	uint8_t coding;
	uint32_t flags;
	uint64_t hash;
	uint64_t primary_hash;
	uint64_t body_bytes;  /* so far, while filling */
	uint64_t plain_bytes; /* of the decoded body */
	int64_t stored_at_s;
	int64_t expires_at_s;
	uint32_t stale_s;
	uint32_t head_bytes;
	uint32_t body0_bytes; /* at most STORE_PAGE_BYTES */
	uint64_t use;
	uint64_t tag;	  /* parts of one tag belong together; 0: none do */
	struct slice url; /* the url text, borrowed */
};

/* Is it an object that can be found? */
static inline bool
record_is_published(const struct record *rec)
{
	return rec->state == RECORD_COMPLETE || rec->state == RECORD_SPARSE;
}

#define RECORD_FIXED_BYTES 112
#define RECORD_MAX_BYTES (RECORD_FIXED_BYTES + SCHEMA_URL_TEXT_MAX)

/* Returns the length.  The url text must fit SCHEMA_URL_TEXT_MAX. */
size_t record_encode(
    unsigned char dst[RECORD_MAX_BYTES], const struct record *rec);
/* out->url points into src.  LR_CORRUPT; LR_VERSION: a version that this
 * code does not know. */
enum lr record_decode(struct slice src, struct record *out);

#endif
