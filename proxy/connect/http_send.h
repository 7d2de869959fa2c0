/* proxy/connect/http_send.h: a request on its way out.
 *
 *   head | frame | body bytes of the caller | frame | body … | frame
 *
 * The head and the frames (what stands between the chunks of a chunked
 * body) are kept here until the socket took them; body bytes never are.
 * One thread.  Source: RFC 9112. */
#ifndef PROXY_CONNECT_HTTP_SEND_H
#define PROXY_CONNECT_HTTP_SEND_H

#include "proxy/connect/connector.h"
#include "proxy/http/h1_write.h"
#include "store/base/strbuf.h"

/* CRLF, a chunk's head, and the last chunk with its blank line. */
#define HTTP_SEND_FRAME_CHARS (2 + H1_CHUNK_HEAD_CHARS + 5)

struct http_send { /* embedded; zeroed is empty */
	struct strbuf head;
	size_t head_sent;
	enum h1_framing framing;
	uint64_t length;     /* of a body with Content-Length */
	uint64_t body_taken; /* bytes of the body so far */
	uint64_t chunk_left; /* of the chunk whose head was made */
	bool finished;	     /* nothing comes after what is kept here */
	unsigned frame_at, frame_end;
	char frame[HTTP_SEND_FRAME_CHARS];
};

/* Writes the head with its framing fields; what s held before is gone.
 * LR_NOMEM. */
enum lr http_send_start(struct http_send *s, const struct exchange_request *rq);
/* From the head's first byte again, on another connection; nothing of the
 * body was taken. */
void http_send_rewind(struct http_send *s);
void http_send_free(struct http_send *s);

/* Sends what is kept.  LR_OK: all went; LR_AGAIN: wait for CONN_WRITE;
 * LR_RESET. */
enum lr http_send_flush(struct http_send *s, struct conn *c);
/* Sends what is kept and then body bytes; *n of them were taken.  LR_OK:
 * all; LR_AGAIN: wait for CONN_WRITE, then offer the rest; LR_RESET. */
enum lr http_send_body(
    struct http_send *s, struct conn *c, struct slice bytes, size_t *n);
/* The body is complete; flush what that adds. */
void http_send_finish(struct http_send *s);

/* Has the socket taken any byte, or everything there will be? */
bool http_send_begun(const struct http_send *s);
bool http_send_done(const struct http_send *s);
/* Is there something kept that the socket did not take? */
bool http_send_pending(const struct http_send *s);

#endif
