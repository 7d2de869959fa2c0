/* proxy/net/dial.h: connecting, to the first of several addresses that
 * answers. */
#ifndef PROXY_NET_DIAL_H
#define PROXY_NET_DIAL_H

#include "proxy/event/loop.h"
#include "proxy/net/address.h"

struct dial;
/* fd is the caller's; -1 when why is not LR_OK (LR_REFUSED, LR_TIMEOUT,
 * LR_UNREACHABLE, LR_DENIED, LR_IO: of the last address tried). */
typedef void dial_fn(
    void *ctx, enum lr why, int take_fd, const struct address *peer);

/* Tries n addresses in turn, timeout_ms for all.  Never calls fn before
 * it returns.  LR_NOMEM. */
enum lr dial_start(struct loop *loop, const struct address *addresses, size_t n,
    int64_t timeout_ms, dial_fn *fn, void *ctx, struct dial **out);
/* fn is not called any more.  Takes NULL. */
void dial_cancel(struct dial *d);

#endif
