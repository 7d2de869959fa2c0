/* proxy/upstream/pool.h: connections to backends, one pool per worker.
 *
 * Idle ones are kept by the backend's identity, newest used first; an idle
 * connection whose peer closes or speaks is dropped at once.  Runs on its
 * worker's thread only. */
#ifndef PROXY_UPSTREAM_POOL_H
#define PROXY_UPSTREAM_POOL_H

#include "proxy/net/conn.h"
#include "proxy/net/resolve.h"
#include "proxy/upstream/backend.h"

struct pool;
struct pool_claim; /* a connection being sought */

/* c is the claimer's, with its callback to be set by conn_set_owner; reused
 * says that it served before.  NULL when why is not LR_OK. */
typedef void pool_fn(void *ctx, enum lr why, struct conn *take_c, bool reused);

enum lr pool_create(struct loop *loop, struct resolver *resolver,
    struct log *log, struct pool **out);
/* Closes what is idle; no claim may be open.  Takes NULL. */
void pool_free(struct pool *p);

/* An idle connection now, or NULL: then pool_connect. */
struct conn *pool_take_idle(struct pool *p, const struct backend *be);
/* A new connection; fn is never called from this call, the claim is gone
 * when it is.  be must outlive the claim; its connect_timeout_ms covers
 * resolving and connecting.  LR_NOMEM. */
enum lr pool_connect(struct pool *p, const struct backend *be, pool_fn *fn,
    void *ctx, struct pool_claim **out);
/* fn is not called any more.  Takes NULL. */
void pool_cancel(struct pool_claim *claim);
/* Gives a connection back that is between two messages.  It is closed when
 * the backend's parameters or bytes nobody asked for say so. */
void pool_put(struct pool *p, const struct backend *be, struct conn *take_c);

/* What a connector would have to allocate anew for every exchange may be
 * left here between two: a few pieces are kept warm, others freed. */
struct pool_spare { /* embedded */
	struct pool_spare *next;
	void (*free)(struct pool_spare *s); /* also tells the kinds apart */
};
void pool_put_spare(struct pool *p, struct pool_spare *take_s);
/* One with that free function; NULL when there is none. */
struct pool_spare *pool_take_spare(
    struct pool *p, void (*kind)(struct pool_spare *s));

struct pool_stats {
	uint64_t connects, connect_failures, reuses;
	uint64_t idle; /* now */
};
void pool_stats_read(const struct pool *p, struct pool_stats *out);
struct loop *pool_loop(struct pool *p);
struct log *pool_log(struct pool *p);

#endif
