/* proxy/net/resolve.h: host names to addresses, off the loop.
 *
 * One per worker.  Answers are kept for a while and renewed in the
 * background while they are used; a failed renewal keeps the old answer.
 * IP literals are answered without asking anybody. */
#ifndef PROXY_NET_RESOLVE_H
#define PROXY_NET_RESOLVE_H

#include "proxy/event/offload.h"
#include "proxy/net/address.h"
#include "store/base/log.h"

#define RESOLVE_MAX 16 /* addresses kept for one name */

struct resolver;
struct resolve; /* one question under way */
/* LR_OK: n addresses, borrowed for the call; LR_RESOLVE, LR_NOMEM. */
typedef void resolve_fn(
    void *ctx, enum lr why, const struct address *addresses, size_t n);

/* keep_ms: an answer older than that is still used, but renewed; one that
 * nobody asked for in twice that time is not used before it is renewed.
 * log may be NULL.  LR_NOMEM. */
enum lr resolver_create(struct loop *loop, struct mailbox *home,
    struct offload *pool, int64_t keep_ms, struct log *log,
    struct resolver **out);
/* Questions under way are forgotten, not answered; lookups on the pool
 * end by themselves (home must live until they have).  Takes NULL. */
void resolver_free(struct resolver *r);

/* From memory: LR_OK with *n addresses (at most RESOLVE_MAX) in out, or
 * LR_AGAIN when it must be asked for. */
enum lr resolver_peek(struct resolver *r, struct slice host, uint16_t port,
    struct address *out, size_t *n);
/* fn is called later, never from this call; the question is gone then.
 * LR_NOMEM. */
enum lr resolver_ask(struct resolver *r, struct slice host, uint16_t port,
    resolve_fn *fn, void *ctx, struct resolve **out);
/* fn is not called any more.  Takes NULL. */
void resolver_cancel(struct resolve *q);

#endif
