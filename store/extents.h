/* store/extents.h: which bytes of a sparse object's body are there.
 *
 * A sorted list of stretches that neither touch nor overlap.  On disk it is
 * one row of at most a page:
 *
 *   n times: u64 first, u64 end      u64 hash of all before
 *
 * all little-endian.  A plain value; pure. */
#ifndef STORE_EXTENTS_H
#define STORE_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"

#define EXTENTS_MAX 254u /* what a page has room for */

struct extent {
	uint64_t first, end; /* bytes [first, end); never empty */
};

struct extents { /* zeroed: none */
	uint32_t n;
	struct extent v[EXTENTS_MAX];
};

/* Adds bytes [first, end).  LR_FULL: it touches none of EXTENTS_MAX others;
 * nothing was added. */
enum lr extents_add(struct extents *ex, uint64_t first, uint64_t end);
/* Are all bytes of [first, end) there? */
bool extents_cover(const struct extents *ex, uint64_t first, uint64_t end);
/* The first stretch of [first, end) that is missing; false: none is. */
bool extents_gap(
    const struct extents *ex, uint64_t first, uint64_t end, struct extent *out);
/* How many bytes are there. */
uint64_t extents_bytes(const struct extents *ex);

#define EXTENTS_ROW_MAX (EXTENTS_MAX * 16 + 8)

/* Returns the length. */
size_t extents_encode(
    unsigned char dst[EXTENTS_ROW_MAX], const struct extents *ex);
/* LR_CORRUPT: no such list, or one that reaches beyond total_bytes. */
enum lr extents_decode(
    struct slice src, uint64_t total_bytes, struct extents *out);

#endif
