/* tests/support/head_pieces.h: parses a head whole and in pieces.
 *
 * How bytes arrive must not matter.  What is found to matter ends the
 * program (CHECK), for unit tests and fuzzing alike. */
#ifndef TESTS_SUPPORT_HEAD_PIECES_H
#define TESTS_SUPPORT_HEAD_PIECES_H

#include "proxy/http/h1_parse.h"

/* h1_parse_request or h1_parse_response */
typedef enum lr head_parse_fn(struct h1_parser *p, struct slice buf,
    const struct h1_limits *lim, struct http_msg *out, size_t *used);

struct head_outcome {
	enum lr rc;
	struct h1_parser parser;
	struct http_msg *msg; /* with text of its own; for test_msg_free */
	size_t used;
};

struct head_outcome head_parse_whole(
    head_parse_fn *parse, const struct h1_limits *lim, struct slice text);

/* Likewise; also byte by byte and split in two at every position, where
 * all must come to the same. */
struct head_outcome head_parse_pieces(
    head_parse_fn *parse, const struct h1_limits *lim, struct slice text);

#endif
