/* proxy/net/listener.h: sockets that accept. */
#ifndef PROXY_NET_LISTENER_H
#define PROXY_NET_LISTENER_H

#include "proxy/event/loop.h"
#include "proxy/net/address.h"
#include "store/base/log.h"

/* Opens `count` SO_REUSEPORT sockets on one address, one per worker, into
 * fds.  First makes sure that nobody else listens there (SO_REUSEPORT
 * would hide a second larder).  Port 0 asks for a free one; *bound tells
 * which.  LR_BUSY (in use), LR_DENIED (privileged), LR_UNREACHABLE
 * (address not ours), LR_IO; fds are then all closed. */
enum lr listener_open(const struct address *at, int backlog, unsigned count,
    int *fds, struct address *bound);

struct listener;
typedef void listener_fn(void *ctx, int take_fd, const struct address *peer,
    const struct address *local);

/* Accepts on fd (taken) until stopped: non-blocking, TCP_NODELAY; stops for
 * 100 ms and logs (rate-limited) when descriptors run out.  LR_NOMEM, LR_IO. */
enum lr listener_start(struct loop *loop, int take_fd, struct log *log,
    listener_fn *fn, void *ctx, struct listener **out);
/* Closes the socket.  Takes NULL. */
void listener_stop(struct listener *l);

#endif
