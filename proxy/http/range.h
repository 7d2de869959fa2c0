/* proxy/http/range.h: Range, Content-Range and multipart/byteranges.
 * Source: RFC 9110 section 14.  Pure; safe on any thread. */
#ifndef PROXY_HTTP_RANGE_H
#define PROXY_HTTP_RANGE_H

#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"
#include "store/base/strbuf.h"

#define RANGE_MAX 32 /* parts of one request that are honoured */

struct range {
	uint64_t first, last; /* byte offsets, both included */
};

/* Resolves a Range value against a representation of size_bytes.
 * LR_OK: *n ranges (1…RANGE_MAX) in the request's order, overlapping and
 * adjacent ones merged where they are more than two (14.2: no small-range
 * attacks).
 * LR_NOTFOUND: another unit, malformed, or too many: ignore the field.
 * LR_TOOBIG: none is satisfiable: 416. */
enum lr range_parse(struct slice value, uint64_t size_bytes,
    struct range out[RANGE_MAX], size_t *n);

/* "bytes 0-99/1234", and "bytes 0-99" "/" "*" with *total UINT64_MAX.
 * LR_INVALID (also for unsatisfied-range). */
enum lr range_parse_content(
    struct slice value, struct range *out, uint64_t *total_bytes);

/* Appends "bytes 0-99/1234". */
void range_write_content(
    struct strbuf *out, const struct range *r, uint64_t total_bytes);

/* Appends the head of one part of a multipart/byteranges body, from the
 * delimiter line to the blank line; `first` for the very first part. */
void range_write_part(struct strbuf *out, struct slice boundary, int first,
    struct slice content_type, const struct range *r, uint64_t total_bytes);
/* Appends the closing delimiter. */
void range_write_end(struct strbuf *out, struct slice boundary);

#endif
