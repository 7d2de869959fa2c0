/* proxy/http/chunked.h: the chunked transfer coding, decoded in place.
 *
 * Incremental over any split of the input.  Chunk extensions are read
 * over (at most 4 KiB between data); trailer fields are collected for
 * chunked_trailers.  Source: RFC 9112 section 7.1.  Pure; one thread. */
#ifndef PROXY_HTTP_CHUNKED_H
#define PROXY_HTTP_CHUNKED_H

#include "proxy/http/h1_parse.h"
#include "store/base/strbuf.h"

/* Opaque in spirit: only chunked.c looks inside. */
struct chunked {
	int state;
	uint64_t left;		/* bytes of the current chunk to come */
	size_t overhead;	/* framing bytes since the last data */
	struct strbuf trailers; /* owned raw trailer section */
	size_t trailer_limit_bytes;
};

void chunked_init(struct chunked *c, size_t trailer_limit_bytes);
void chunked_free(struct chunked *c);

/* Reads from `in`: first framing, then at most one run of data.
 * *used is what was consumed of in (data included); *data is the run, a
 * part of in, perhaps empty.
 * LR_OK: call again with the rest of in (may have given data).
 * LR_AGAIN: all of in is consumed, more is needed (may have given data).
 * LR_CLOSED: the body is complete; what follows *used is not part of it.
 * LR_INVALID, LR_TOOBIG: not chunked coding; LR_NOMEM. */
enum lr chunked_decode(
    struct chunked *c, struct slice in, size_t *used, struct slice *data);

/* After LR_CLOSED: the raw trailer section, "" when there is none;
 * field lines each ended by CRLF (for h1_parse_fields). */
struct slice chunked_trailers(const struct chunked *c);

#endif
