/* proxy/http/h1_body.h: where a message's body ends, and whether the
 * connection can be used after it.
 *
 * Source: RFC 9112 section 6 and 9.3.  Pure; safe on any thread. */
#ifndef PROXY_HTTP_H1_BODY_H
#define PROXY_HTTP_H1_BODY_H

#include "proxy/http/message.h"

enum h1_framing {
	H1_BODY_NONE,
	H1_BODY_LENGTH,	 /* Content-Length */
	H1_BODY_CHUNKED, /* Transfer-Encoding: chunked */
	H1_BODY_CLOSE	 /* to the end of the connection; responses only */
};

struct h1_body {
	enum h1_framing framing;
	uint64_t length; /* bytes, for H1_BODY_LENGTH (0 becomes NONE in a
			  * request, stays LENGTH in a response) */
};

/* How the message's body ends (RFC 9112 6.3).
 * LR_INVALID: both lengths, more than one length (in a response: unless
 * they are all the same), malformed, chunked not last or twice,
 * Transfer-Encoding in HTTP/1.0; *error_status 400 (a response's would be
 * 502); LR_UNSUPPORTED: a coding larder does not know, 501 (502). */
enum lr h1_request_body(
    const struct http_msg *req, struct h1_body *out, int *error_status);
enum lr h1_response_body(const struct http_msg *resp,
    enum http_method request_method, struct h1_body *out);

/* May the connection be used again after this message (RFC 9112 9.3)? */
bool h1_keep_alive(const struct http_msg *m);

#endif
