/* proxy/connect/http.c: the HTTP connector's calls */
#include "proxy/connect/http.h"

#include "proxy/connect/http_exchange.h"

static enum lr
http_start(struct pool *pool, const struct exchange_request *rq,
    const struct exchange_events *events, void *ctx, struct exchange **out)
{
	struct exchange *ex = exchange_new(pool, rq, events, ctx);
	enum lr rc;

	if (ex == NULL)
		return LR_NOMEM;
	if ((rc = exchange_seek(ex)) != LR_OK) {
		exchange_release(ex);
		return rc;
	}
	*out = ex;
	return LR_OK;
}

static enum lr
http_send(struct exchange *ex, struct slice bytes, size_t *n)
{
	enum lr rc;

	MAGIC_CHECK(ex, EXCHANGE_MAGIC);
	*n = 0;
	if (ex->dropping || ex->dead) {
		*n = bytes.n;
		return LR_OK;
	}
	if (ex->conn == NULL || ex->write_failed) {
		ex->want_sendable = true;
		return LR_AGAIN;
	}
	rc = http_send_body(&ex->out, ex->conn, bytes, n);
	if (rc == LR_RESET)
		exchange_write_broke(ex);
	if (rc != LR_OK)
		ex->want_sendable = true;
	exchange_touch(ex);
	return rc == LR_OK ? LR_OK : LR_AGAIN;
}

static void
http_finish(struct exchange *ex)
{
	MAGIC_CHECK(ex, EXCHANGE_MAGIC);
	if (ex->dead || ex->dropping)
		return;
	http_send_finish(&ex->out);
	ex->want_sendable = false;
	if (ex->conn != NULL && !ex->write_failed)
		exchange_flush(ex);
}

static void
http_pause(struct exchange *ex)
{
	MAGIC_CHECK(ex, EXCHANGE_MAGIC);
	ex->paused = true;
	exchange_touch(ex);
}

static void
http_resume(struct exchange *ex)
{
	MAGIC_CHECK(ex, EXCHANGE_MAGIC);
	if (!ex->paused || ex->dead)
		return;
	ex->paused = false;
	loop_defer(ex->loop, &ex->task);
	exchange_touch(ex);
}

static void
http_cancel(struct exchange *ex)
{
	exchange_cancel(ex);
}

const struct connector HTTP_CONNECTOR = {
	.name = "http",
	.start = http_start,
	.send = http_send,
	.finish = http_finish,
	.pause = http_pause,
	.resume = http_resume,
	.cancel = http_cancel,
};
