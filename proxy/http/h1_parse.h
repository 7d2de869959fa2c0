/* proxy/http/h1_parse.h: HTTP/1.x heads from bytes, strictly.
 *
 * Incremental: feed the same growing buffer (it may move) until the head
 * is complete; the scan resumes where it stopped.  Any ambiguity of
 * framing is an error (RFC 9112 11.2): bare CR or LF, obs-fold, blanks
 * before a colon, control bytes, a body with both lengths.
 * Source: RFC 9112.  Pure; one thread. */
#ifndef PROXY_HTTP_H1_PARSE_H
#define PROXY_HTTP_H1_PARSE_H

#include "proxy/http/h1_body.h"
#include "proxy/http/message.h"

struct h1_limits {
	size_t line_bytes;  /* request or status line (LimitRequestLine) */
	size_t fields;	    /* how many (LimitRequestFields); 0: no limit */
	size_t field_bytes; /* one field line (LimitRequestFieldSize) */
};

/* A plain value; zeroed is ready. */
struct h1_parser {
	size_t scanned;	   /* bytes already looked at */
	size_t line_start; /* where the line being scanned began */
	size_t lines;	   /* complete lines seen */
	int error_status;  /* after a failure: 400, 414, 431, 501, 505 */
	const char *error; /* after a failure: why, static text */
};

/* Ready for the next message. */
void h1_parser_reset(struct h1_parser *p);

/* Parses the request head at the start of buf into *out (initialised by
 * the caller; slices into buf).  *used is the head's length.  Empty lines
 * before the request line are skipped (2.2; at most two).
 * Also checked: the target as its method allows (uri.h), and Host (3.2).
 * After LR_OK or a failure, reset the parser before it is used again.
 * LR_AGAIN: incomplete.  LR_INVALID, LR_TOOBIG: error_status and error
 * say what to answer.  LR_NOMEM. */
enum lr h1_parse_request(struct h1_parser *p, struct slice buf,
    const struct h1_limits *lim, struct http_msg *out, size_t *used);

/* Likewise for a response from a backend (error_status is then 502). */
enum lr h1_parse_response(struct h1_parser *p, struct slice buf,
    const struct h1_limits *lim, struct http_msg *out, size_t *used);

/* Field lines alone (a trailer section, or a stored head), each ended by
 * CRLF, added to out.  LR_INVALID, LR_TOOBIG, LR_NOMEM. */
enum lr h1_parse_fields(
    struct slice text, const struct h1_limits *lim, struct http_msg *out);

#endif
