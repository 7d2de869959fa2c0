/* proxy/connect/http_exchange.h: one exchange, for the files of the HTTP
 * connector alone.
 *
 *   start ─ idle connection? ── yes ─────────────┐
 *             └ no ─ pool_connect ───────────────┤
 *                        ^                       v
 *                        └── once, when ── request out, answer in
 *                            reused and                 │
 *                            dead              complete │ fail
 *
 * http_exchange.c holds its life, http_traffic.c moves its bytes, http.c is
 * what the outside sees.  One thread. */
#ifndef PROXY_CONNECT_HTTP_EXCHANGE_H
#define PROXY_CONNECT_HTTP_EXCHANGE_H

#include "proxy/connect/http_receive.h"
#include "proxy/connect/http_send.h"
#include "store/base/check.h"

#define EXCHANGE_MAGIC MAGIC('E', 'X', 'C', 'H')

struct exchange {
	uint32_t magic;
	struct pool_spare spare;
	struct pool *pool;
	struct loop *loop;
	const struct backend *be;
	const struct exchange_events *events;
	void *ctx;

	struct conn *conn;	  /* NULL while it is sought */
	struct pool_claim *claim; /* not NULL then */
	bool reused;		  /* conn served before */
	bool idempotent;
	bool has_body; /* the request */

	bool answered;	    /* the head event went out */
	bool paused;	    /* by the receiver */
	bool want_sendable; /* the receiver waits for that event */
	bool dropping;	    /* request body is taken and forgotten */
	bool write_failed;  /* read what is there, then it is over */

	unsigned depth; /* of enter */
	bool dead;	/* the last event went out, or cancelled */
	struct task task;
	struct deadline deadline;
	struct http_send out;
	struct http_receive in;
};

/* One that is ready to start; NULL when out of memory. */
struct exchange *exchange_new(struct pool *pool,
    const struct exchange_request *rq, const struct exchange_events *events,
    void *ctx);
/* Gives the memory of one back that never started. */
void exchange_release(struct exchange *ex);

/* Every way in from outside is between these two: the receiver of an event
 * may cancel, and the memory goes in the outermost leave only. */
void exchange_enter(struct exchange *ex);
void exchange_leave(struct exchange *ex);

/* Looks for a connection, an idle one first.  LR_NOMEM. */
enum lr exchange_seek(struct exchange *ex);
/* Bytes moved, or it is another's turn: the deadline starts anew. */
void exchange_touch(struct exchange *ex);

/* The ends; each tells the receiver, after which only leave is left. */
void exchange_complete(struct exchange *ex, const struct http_msg *trailers);
void exchange_fail(struct exchange *ex, enum lr why);
void exchange_cancel(struct exchange *ex);
/* The connection is of no use any more: another one, or the end. */
void exchange_connection_failed(struct exchange *ex, enum lr why);

/* ---- http_traffic.c ---- */

/* Reads and hands on while there is something and the receiver wants it. */
void exchange_read(struct exchange *ex);
/* There may be room: for what is kept, then for the receiver's bytes. */
void exchange_offer_room(struct exchange *ex);
/* Sends what is kept. */
void exchange_flush(struct exchange *ex);
/* The socket takes nothing any more. */
void exchange_write_broke(struct exchange *ex);

#endif
