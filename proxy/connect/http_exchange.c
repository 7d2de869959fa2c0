/* proxy/connect/http_exchange.c: connections, deadlines and ends */
#include "proxy/connect/http_exchange.h"

#include <stdlib.h>

#define SPARE_HEAD_BYTES (16 * 1024)

static void on_task(void *ctx);
static void on_deadline(void *ctx);

/* ---- memory ---- */

static void
exchange_free(struct pool_spare *s)
{
	struct exchange *ex = (struct exchange *)(void *)((char *)s -
	    offsetof(struct exchange, spare));

	http_send_free(&ex->out);
	http_receive_free(&ex->in);
	ex->magic = 0;
	free(ex);
}

static struct exchange *
memory_new(struct pool *pool)
{
	struct pool_spare *s = pool_take_spare(pool, exchange_free);
	struct exchange *ex;

	if (s != NULL)
		return (struct exchange *)(void *)((char *)s -
		    offsetof(struct exchange, spare));
	if ((ex = calloc(1, sizeof(*ex))) == NULL)
		return NULL;
	ex->magic = EXCHANGE_MAGIC;
	ex->spare.free = exchange_free;
	return ex;
}

struct exchange *
exchange_new(struct pool *pool, const struct exchange_request *rq,
    const struct exchange_events *events, void *ctx)
{
	struct exchange *ex = memory_new(pool);

	if (ex == NULL)
		return NULL;
	ex->pool = pool;
	ex->loop = pool_loop(pool);
	ex->be = rq->backend;
	ex->events = events;
	ex->ctx = ctx;
	ex->conn = NULL;
	ex->claim = NULL;
	ex->idempotent = rq->idempotent;
	ex->has_body = rq->body == H1_BODY_CHUNKED ||
	    (rq->body == H1_BODY_LENGTH && rq->body_bytes > 0);
	ex->want_sendable = ex->has_body;
	ex->reused = ex->answered = ex->paused = false;
	ex->dropping = ex->write_failed = ex->dead = false;
	ex->depth = 0;
	ex->task = (struct task){ .fn = on_task, .ctx = ex };
	deadline_init(&ex->deadline, on_deadline, ex);
	http_receive_start(&ex->in, rq->head->method, &rq->limits);
	if (http_send_start(&ex->out, rq) == LR_OK)
		return ex;
	exchange_release(ex);
	return NULL;
}

void
exchange_release(struct exchange *ex)
{
	loop_undefer(ex->loop, &ex->task);
	deadline_free(ex->loop, &ex->deadline);
	http_receive_end(&ex->in);
	if (ex->out.head.cap > SPARE_HEAD_BYTES)
		strbuf_free(&ex->out.head);
	pool_put_spare(ex->pool, &ex->spare);
}

void
exchange_enter(struct exchange *ex)
{
	MAGIC_CHECK(ex, EXCHANGE_MAGIC);
	ex->depth++;
}

void
exchange_leave(struct exchange *ex)
{
	if (--ex->depth == 0 && ex->dead)
		exchange_release(ex);
}

/* ---- deadlines ---- */

/* Whose turn is it?  A receiver that paused, or has more of the request's
 * body to come, has time limits of its own. */
static bool
waits_for_backend(const struct exchange *ex)
{
	if (ex->conn == NULL || ex->paused)
		return false;
	return http_send_done(&ex->out) || http_send_pending(&ex->out) ||
	    ex->want_sendable || ex->dropping;
}

/* Bytes moved, or the turn changed. */
void
exchange_touch(struct exchange *ex)
{
	if (ex->dead)
		return;
	if (waits_for_backend(ex))
		deadline_set(ex->loop, &ex->deadline,
		    loop_now(ex->loop).mono_ms + ex->be->timeout_ms);
	else
		deadline_clear(&ex->deadline);
}

/* ---- the ends ---- */

static void
drop_connection(struct exchange *ex)
{
	pool_cancel(ex->claim);
	ex->claim = NULL;
	conn_close(ex->conn);
	ex->conn = NULL;
}

static enum exchange_phase
phase_of(const struct exchange *ex)
{
	if (ex->answered)
		return EXCHANGE_BODY;
	if (ex->conn == NULL || !http_send_begun(&ex->out))
		return EXCHANGE_CONNECT;
	return http_send_done(&ex->out) ? EXCHANGE_HEAD : EXCHANGE_SEND;
}

void
exchange_fail(struct exchange *ex, enum lr why)
{
	enum exchange_phase phase = phase_of(ex);

	drop_connection(ex);
	ex->dead = true;
	ex->events->failed(ex->ctx, why, phase);
}

/* The connection is given back first: the receiver may start its next
 * exchange inside the event. */
void
exchange_complete(struct exchange *ex, const struct http_msg *trailers)
{
	struct conn *c = ex->conn;
	bool reusable = http_receive_reusable(&ex->in) &&
	    http_send_done(&ex->out) && !ex->dropping && !ex->write_failed;

	ex->conn = NULL;
	if (reusable)
		pool_put(ex->pool, ex->be, c);
	else
		conn_close(c);
	ex->dead = true;
	ex->events->end(ex->ctx, trailers);
}

void
exchange_cancel(struct exchange *ex)
{
	exchange_enter(ex);
	drop_connection(ex);
	ex->dead = true;
	exchange_leave(ex);
}

/* ---- connections ---- */

static void
on_conn(void *ctx, unsigned what)
{
	struct exchange *ex = ctx;

	exchange_enter(ex);
	if (what & (CONN_READ | CONN_BROKEN))
		exchange_read(ex);
	if ((what & CONN_WRITE) && !ex->dead && ex->conn != NULL)
		exchange_offer_room(ex);
	exchange_leave(ex);
}

static void
attach(struct exchange *ex, struct conn *c, bool reused)
{
	ex->conn = c;
	ex->reused = reused;
	conn_set_owner(c, on_conn, ex);
}

static void
on_connected(void *ctx, enum lr why, struct conn *take_c, bool reused)
{
	struct exchange *ex = ctx;

	exchange_enter(ex);
	ex->claim = NULL;
	if (why != LR_OK) {
		exchange_fail(ex, why);
	} else {
		attach(ex, take_c, reused);
		exchange_offer_room(ex);
	}
	exchange_leave(ex);
}

/* One on which nothing came since it was given back.  For a request that
 * must not be sent twice it is worth a system call to be sure. */
static struct conn *
take_idle(struct exchange *ex)
{
	struct conn *c;
	char byte;
	size_t n;

	while ((c = pool_take_idle(ex->pool, ex->be)) != NULL) {
		if (ex->idempotent || conn_read(c, &byte, 1, &n) == LR_AGAIN)
			return c;
		conn_close(c);
	}
	return NULL;
}

/* Without a body the head goes at once; else the receiver is asked for
 * its first bytes, which it must not be inside this call. */
enum lr
exchange_seek(struct exchange *ex)
{
	struct conn *c = take_idle(ex);

	if (c == NULL)
		return pool_connect(
		    ex->pool, ex->be, on_connected, ex, &ex->claim);
	attach(ex, c, true);
	if (ex->has_body)
		loop_defer(ex->loop, &ex->task);
	else
		exchange_flush(ex);
	return LR_OK;
}

static bool
may_retry(const struct exchange *ex)
{
	if (!ex->reused || ex->in.began || ex->out.body_taken > 0)
		return false;
	return ex->idempotent || !http_send_begun(&ex->out);
}

void
exchange_connection_failed(struct exchange *ex, enum lr why)
{
	enum lr rc;

	if (!may_retry(ex)) {
		exchange_fail(ex, why);
		return;
	}
	drop_connection(ex);
	ex->write_failed = false;
	ex->want_sendable = ex->has_body;
	http_send_rewind(&ex->out);
	exchange_touch(ex);
	rc = pool_connect(ex->pool, ex->be, on_connected, ex, &ex->claim);
	if (rc != LR_OK)
		exchange_fail(ex, rc);
}

/* ---- the loop's calls ---- */

static void
on_task(void *ctx)
{
	struct exchange *ex = ctx;

	exchange_enter(ex);
	if (ex->conn != NULL && ex->want_sendable && !ex->write_failed)
		exchange_offer_room(ex);
	if (!ex->dead)
		exchange_read(ex);
	exchange_leave(ex);
}

static void
on_deadline(void *ctx)
{
	struct exchange *ex = ctx;

	exchange_enter(ex);
	exchange_fail(ex, LR_TIMEOUT);
	exchange_leave(ex);
}
