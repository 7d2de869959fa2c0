/* proxy/net/conn.h: a connected, non-blocking byte stream on one loop.
 *
 * The descriptor is registered once, edge-triggered.  The owner reads and
 * writes until LR_AGAIN and is then called when that changed.  TLS will be
 * a second implementation behind the same calls.  One thread. */
#ifndef PROXY_NET_CONN_H
#define PROXY_NET_CONN_H

#include <sys/uio.h>

#include "proxy/event/loop.h"
#include "proxy/net/address.h"

struct conn;

#define CONN_READ 1u  /* there may be bytes, or the peer's end */
#define CONN_WRITE 2u /* there may be room; told after a write fell short */
#define CONN_BROKEN \
	4u /* reset or hung up; told to an owner who left what \
	    * CONN_READ spoke of unread, for others the next \
	    * read says so (bytes from before may be left) */

typedef void conn_fn(void *ctx, unsigned what);

/* Takes fd (already non-blocking); closed on failure.  What the socket
 * has already is told in the next turn.  LR_NOMEM, LR_IO. */
enum lr conn_create(
    struct loop *loop, int take_fd, conn_fn *fn, void *ctx, struct conn **out);
/* Closes and frees; safe inside the callback.  Takes NULL. */
void conn_close(struct conn *c);
/* Sends FIN and reads over what the peer still sends, for at most a
 * second or two and 256 KiB, then closes: the peer gets to see our last
 * bytes (RFC 9112 9.6).  Frees c; the owner is not called any more. */
void conn_linger(struct conn *c);
/* Another owner (a pooled connection goes to its next user). */
void conn_set_owner(struct conn *c, conn_fn *fn, void *ctx);

/* LR_OK: *n > 0 bytes; a read that fills less than cap has drained the
 * socket, conn_readable is then false without another system call.
 * LR_AGAIN, LR_CLOSED (the peer's FIN), LR_RESET. */
enum lr conn_read(struct conn *c, void *buf, size_t cap, size_t *n);
/* Not drained since the last edge: reading is worth a try. */
bool conn_readable(const struct conn *c);
/* LR_OK: *n bytes went (perhaps not all: then wait for CONN_WRITE);
 * LR_AGAIN: none; LR_RESET. */
enum lr conn_writev(
    struct conn *c, const struct iovec *iov, int iovcnt, size_t *n);
/* Our FIN: nothing more will be written. */
void conn_shutdown(struct conn *c);

int conn_fd(const struct conn *c);

#endif
