/* proxy/http/forward.h: what a message becomes on the way through.
 * Source: RFC 9110 section 7.6, RFC 9112 section 9; the X-Forwarded
 * fields as Apache's mod_proxy_http writes them (ProxyAddHeaders).
 * Pure; one thread. */
#ifndef PROXY_HTTP_FORWARD_H
#define PROXY_HTTP_FORWARD_H

#include "proxy/http/message.h"

/* Everything is borrowed for the call; text that ends up in the result
 * must live as long as the result. */
struct forward_context {
	struct slice client_address; /* "192.0.2.1", "2001:db8::1" */
	struct slice client_scheme;  /* "http" or "https" */
	struct slice request_host;   /* Host as the client sent it */
	struct slice server_name;    /* of the virtual host */
	struct slice backend_host;   /* authority of the backend's URL */
	struct slice target;	     /* request-target for the backend */
	struct slice via_name;	     /* our pseudonym in Via; empty: no Via */
	bool preserve_host;	     /* ProxyPreserveHost */
	bool add_headers;	     /* ProxyAddHeaders */
};

/* Removes what Connection names, but for the fields that are the connection's
 * own in any case.  Of a request before it is looked at: what does not reach
 * the backend must not select a stored response either (RFC 9111 4.1). */
void forward_strip_nominated(struct http_msg *m);

/* Removes the connection's own fields: Connection and what it names,
 * Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade,
 * and Proxy-Authenticate/-Authorization as 11.7 lets a gateway.  Connection
 * cannot name away Age, Cache-Control, Content-Length, Date, Expires, Host
 * or Vary. */
void forward_strip_hop_by_hop(struct http_msg *m);

/* The request to send to the backend, in out (initialised by the caller;
 * its arena receives what is built).  Fields: hop-by-hop ones gone, Host
 * first, Content-Length and Transfer-Encoding left out (the connector adds its
 * framing), Expect left out, X-Forwarded-For/-Host/-Server/-Proto and Via
 * appended to.  LR_NOMEM. */
enum lr forward_request(const struct http_msg *in,
    const struct forward_context *ctx, struct http_msg *out);

/* Appends "1.1 via_name" to Via, with the version m came in; nothing when
 * the name is empty (RFC 9110 7.6.3).  LR_NOMEM. */
enum lr forward_append_via(struct http_msg *m, struct slice via_name);

/* The response to hand to a client: hop-by-hop fields gone, Date added
 * when missing (RFC 9110 6.6.1).  An interim one (1xx) gets no Date, and loses
 * a Content-Length, which it must not have.  In place; LR_NOMEM. */
enum lr forward_response(struct http_msg *m, int64_t now_s);

/* RFC 9110 7.6.2 for TRACE and OPTIONS.  LR_OK: forward (Max-Forwards, if any,
 * was lowered in m); LR_NOTFOUND: answer it here; LR_NOMEM. */
enum lr forward_max_forwards(struct http_msg *m);

/* Is our own pseudonym in the request's Via (a loop)? */
bool forward_is_loop(const struct http_msg *req, struct slice via_name);

#endif
