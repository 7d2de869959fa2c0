/* proxy/connect/http_traffic.c: the answer in, the request out */
#include "proxy/connect/http_exchange.h"

#define READS_PER_TURN 8 /* then the other connections get a turn */

/* ---- the answer ---- */

static void
on_head(struct exchange *ex, const struct http_piece *piece)
{
	struct exchange_response resp = {
		.msg = piece->msg,
		.has_body = piece->has_body,
		.body_bytes = piece->body_bytes,
	};

	/* An error while the body is on its way: the server does not want
	 * the rest (RFC 9112 9.5).  After another status it may well. */
	if (!http_send_done(&ex->out))
		ex->dropping = piece->msg->status >= 400 || ex->write_failed;
	ex->answered = true;
	ex->events->head(ex->ctx, &resp);
	if (ex->dropping && ex->want_sendable && !ex->dead) {
		ex->want_sendable = false;
		ex->events->sendable(ex->ctx);
	}
}

static void
on_piece(struct exchange *ex, const struct http_piece *piece)
{
	switch (piece->kind) {
	case HTTP_PIECE_INTERIM:
		if (piece->msg->status != 100) /* we wait for none */
			ex->events->interim(ex->ctx, piece->msg);
		break;
	case HTTP_PIECE_HEAD:
		on_head(ex, piece);
		break;
	case HTTP_PIECE_BODY:
		ex->events->body(ex->ctx, piece->span);
		break;
	case HTTP_PIECE_END:
		exchange_complete(ex, piece->msg);
		break;
	}
}

/* Hands on what was read; gives whether more should be read. */
static bool
hand_on(struct exchange *ex)
{
	struct http_piece piece;
	enum lr rc;

	while (!ex->dead && !ex->paused) {
		if ((rc = http_receive_next(&ex->in, &piece)) == LR_AGAIN)
			return true;
		if (rc == LR_OK)
			on_piece(ex, &piece);
		else
			exchange_fail(ex, rc);
	}
	return false;
}

/* The peer's end, or worse.  After a failed write the system has forgotten
 * a reset: what looks like an end in order proves nothing then. */
static void
on_read_end(struct exchange *ex, enum lr why)
{
	if (why == LR_CLOSED && ex->write_failed)
		why = LR_RESET;
	if (why == LR_CLOSED)
		why = http_receive_eof(&ex->in);
	if (why != LR_OK)
		exchange_connection_failed(ex, why);
}

/* One read; gives whether another is worth it. */
static bool
read_once(struct exchange *ex)
{
	size_t room, n;
	void *to;
	enum lr rc = http_receive_room(&ex->in, &to, &room);

	if (rc != LR_OK) {
		exchange_fail(ex, rc);
		return false;
	}
	rc = conn_read(ex->conn, to, room, &n);
	if (rc == LR_AGAIN && !ex->write_failed)
		return false;
	if (rc == LR_OK) {
		http_receive_fill(&ex->in, n);
		exchange_touch(ex);
	} else {
		on_read_end(ex, rc == LR_AGAIN ? LR_RESET : rc);
	}
	return true;
}

/* While more is expected, until LR_AGAIN: a reset that came together with
 * the last bytes shows only in the read behind them, and no other edge
 * announces it. */
void
exchange_read(struct exchange *ex)
{
	for (int i = 0; hand_on(ex) && ex->conn != NULL; i++) {
		if (i == READS_PER_TURN) {
			loop_defer(ex->loop, &ex->task);
			return;
		}
		if (!read_once(ex))
			return;
	}
}

/* ---- the request ---- */

/* The socket takes nothing any more; an answer may have come before, so
 * the task reads first. */
void
exchange_write_broke(struct exchange *ex)
{
	ex->write_failed = true;
	loop_defer(ex->loop, &ex->task);
}

void
exchange_flush(struct exchange *ex)
{
	if (http_send_flush(&ex->out, ex->conn) == LR_RESET)
		exchange_write_broke(ex);
	exchange_touch(ex);
}

/* There is room: for what is kept, and then for the receiver's bytes.  The
 * head waits for the first of them, to go in one write. */
void
exchange_offer_room(struct exchange *ex)
{
	bool head_waits = ex->want_sendable && !http_send_begun(&ex->out);

	if (!head_waits)
		exchange_flush(ex);
	if (ex->want_sendable && !ex->write_failed &&
	    (head_waits || !http_send_pending(&ex->out))) {
		ex->want_sendable = false;
		ex->events->sendable(ex->ctx);
	}
	if (head_waits && !ex->dead && !ex->write_failed &&
	    !http_send_begun(&ex->out))
		exchange_flush(ex);
}
