/* tests/support/body_pieces.h: decodes a chunked body whole and in pieces.
 *
 * How bytes arrive must not matter.  What is found to matter ends the
 * program (CHECK), for unit tests and fuzzing alike. */
#ifndef TESTS_SUPPORT_BODY_PIECES_H
#define TESTS_SUPPORT_BODY_PIECES_H

#include "proxy/http/chunked.h"

struct body_outcome {
	enum lr rc;  /* LR_AGAIN, LR_CLOSED, or why it was refused */
	size_t used; /* bytes of the text */
	struct strbuf data, trailers;
};

struct body_outcome body_decode_whole(
    struct slice text, size_t trailer_limit_bytes);

/* Likewise; also byte by byte and split in two at every position, where
 * all must come to the same. */
struct body_outcome body_decode_pieces(
    struct slice text, size_t trailer_limit_bytes);

void body_outcome_free(struct body_outcome *o);

#endif
