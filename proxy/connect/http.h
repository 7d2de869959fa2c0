/* proxy/connect/http.h: the HTTP/1.1 connector.
 *
 * Takes a pooled connection or makes one; a reused connection that turns
 * out dead before the first byte of an answer is replaced once by a new
 * one, when the request is idempotent and none of its body was taken.
 * Deadlines: the backend's connect_timeout_ms, then timeout_ms from the last
 * byte in either direction.  Source: RFC 9112. */
#ifndef PROXY_CONNECT_HTTP_H
#define PROXY_CONNECT_HTTP_H

#include "proxy/connect/connector.h"

extern const struct connector HTTP_CONNECTOR;

#endif
