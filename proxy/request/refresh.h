/* proxy/request/refresh.h: a fetch without a client.
 * Source: RFC 5861 section 3. */
#ifndef PROXY_REQUEST_REFRESH_H
#define PROXY_REQUEST_REFRESH_H

#include "proxy/request/request.h"

/* Validates rq's pinned, stale object in the background, once per key:
 * nothing happens when somebody fetches it already, or when memory is
 * short (the next request tries again). */
void refresh_start(struct request *rq);

#endif
