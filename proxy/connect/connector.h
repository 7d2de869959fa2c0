/* proxy/connect/connector.h: one request and its answer over a backend
 * protocol.
 *
 * start -> (interim)* -> head -> (body)* -> end, or failed at any point
 * (once; nothing follows it or end).  The events run on the worker's
 * thread and never inside start.  Inside an event the receiver may call
 * pause, resume, send, finish and cancel.  After end, failed or cancel the
 * exchange is gone: do not touch it. */
#ifndef PROXY_CONNECT_CONNECTOR_H
#define PROXY_CONNECT_CONNECTOR_H

#include "proxy/http/h1_parse.h"
#include "proxy/http/message.h"
#include "proxy/upstream/pool.h"
#include "store/base/block.h"

struct exchange;

enum exchange_phase {
	EXCHANGE_CONNECT, /* nothing was sent: another backend may be tried */
	EXCHANGE_SEND,	  /* the request was on its way */
	EXCHANGE_HEAD,	  /* sent, and no complete head came */
	EXCHANGE_BODY	  /* the head was handed on */
};

struct exchange_request {	       /* borrowed for the call of start only */
	const struct backend *backend; /* outlives the exchange */
	const struct http_msg *head;   /* from forward_request */
	enum h1_framing body;	       /* NONE, LENGTH or CHUNKED */
	uint64_t body_bytes;	       /* for LENGTH */
	bool idempotent;	 /* may be sent again on a fresh connection */
	struct h1_limits limits; /* for the response's head */
};

struct exchange_response {    /* borrowed for the call of the head event */
	struct http_msg *msg; /* the receiver may edit it */
	bool has_body;	      /* body events may follow before end */
	uint64_t body_bytes;  /* UINT64_MAX: not known beforehand */
};

struct exchange_events {
	/* 1xx but 100, 101; the receiver may edit it. */
	void (*interim)(void *ctx, struct http_msg *msg);
	void (*head)(void *ctx, const struct exchange_response *resp);
	/* The span's block is borrowed: take a reference to keep it.  Bytes
	 * once handed out are never overwritten while anybody holds one. */
	void (*body)(void *ctx, struct span piece);
	/* trailers: NULL when there are none. */
	void (*end)(void *ctx, const struct http_msg *trailers);
	/* why: LR_REFUSED, LR_TIMEOUT, LR_RESET, LR_CLOSED (too early),
	 * LR_RESOLVE, LR_UNREACHABLE, LR_INVALID, LR_TOOBIG (malformed answer),
	 * LR_NOMEM, … */
	void (*failed)(void *ctx, enum lr why, enum exchange_phase phase);
	/* Room for request body again, after send said LR_AGAIN; and once
	 * when the exchange is first ready for the body. */
	void (*sendable)(void *ctx);
};

struct connector {
	const char *name;
	/* LR_NOMEM, LR_INVALID. */
	enum lr (*start)(struct pool *pool, const struct exchange_request *rq,
	    const struct exchange_events *events, void *ctx,
	    struct exchange **out);
	/* Sends request body: *n of the bytes were taken (by the socket; not
	 * buffered).  LR_AGAIN: not all, wait for sendable. LR_OK: all. After
	 * an early final answer bytes are taken and dropped. */
	enum lr (*send)(struct exchange *ex, struct slice bytes, size_t *n);
	/* The request's body is complete. */
	void (*finish)(struct exchange *ex);
	/* No body events until resume (nothing more is read meanwhile). */
	void (*pause)(struct exchange *ex);
	void (*resume)(struct exchange *ex);
	/* Gives up; the connection is not used again; no event follows. */
	void (*cancel)(struct exchange *ex);
};

/* The connector for a backend's scheme; NULL when there is none. */
const struct connector *connector_for(struct slice scheme);

#endif
