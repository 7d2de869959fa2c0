#include "proxy/front/h1.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "proxy/front/service_internal.h"
#include "proxy/http/h1_write.h"
#include "store/base/check.h"

#define TRAILER_BYTES 8192
#define BODY_PIECES 520
#define OWN_PIECES 6

/* ---- the request's body ---- */

enum lr
h1_begin(struct session *s, struct request *rq)
{
	struct slice expect = http_msg_value(&rq->msg, FIELD_EXPECT);

	s->body_left = rq->body.length;
	s->body_done = rq->body.framing == H1_BODY_NONE;
	s->body_run = (struct slice){ 0 };
	s->body_read = 0;
	s->body_waited_ms = 0;
	s->expects_continue = expect.n > 0 && rq->msg.version_minor > 0 &&
	    slice_ieq(expect, SLICE("100-continue"));
	s->keep_alive = h1_keep_alive(&rq->msg);
	s->chunked_out = s->until_close = s->ended = false;
	s->chunk_left = 0;
	if (rq->body.framing != H1_BODY_CHUNKED)
		return LR_OK;
	if ((s->chunked = malloc(sizeof(*s->chunked))) == NULL)
		return LR_NOMEM;
	chunked_init(s->chunked, TRAILER_BYTES);
	return LR_OK;
}

/* The end of the connection would be taken for the body's. */
static void
end_by_reset(struct session *s)
{
	static const struct linger NONE = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(
	    conn_fd(s->conn), SOL_SOCKET, SO_LINGER, &NONE, sizeof(NONE));
}

bool
h1_end(struct session *s, bool complete)
{
	if (s->until_close && !complete)
		end_by_reset(s);
	if (s->chunked != NULL)
		chunked_free(s->chunked);
	free(s->chunked);
	s->chunked = NULL;
	/* A body nobody read stands between us and the next request. */
	return complete && s->keep_alive && s->body_done;
}

/* Nothing is done with a request's trailer fields, but they must be some. */
static enum lr
check_trailers(struct session *s)
{
	struct http_msg trailers;

	http_msg_init(&trailers, &s->rq->arena);
	return h1_parse_fields(
	    chunked_trailers(s->chunked), &s->rq->vhost->limits, &trailers);
}

/* Takes a run of body bytes out of the buffer.  LR_AGAIN: it is empty. */
static enum lr
decode(struct session *s)
{
	struct slice in = slice_make(
	    s->in.p + s->in.start, s->in.end - s->in.start);
	size_t used = in.n;
	enum lr rc = LR_OK;

	if (s->in.p == NULL || in.n == 0)
		return LR_AGAIN;
	if (s->chunked != NULL) {
		rc = chunked_decode(s->chunked, in, &used, &s->body_run);
		s->body_done = rc == LR_CLOSED;
		if (s->body_done)
			rc = check_trailers(s);
	} else {
		if (used > s->body_left)
			used = (size_t)s->body_left;
		s->body_run = slice_make(in.p, used);
		s->body_left -= used;
		s->body_done = s->body_left == 0;
	}
	s->in.start += used;
	return rc == LR_CLOSED || rc == LR_AGAIN ? LR_OK : rc;
}

static enum lr
send_continue(struct session *s)
{
	s->expects_continue = false;
	strbuf_add_cstr(&s->out, "HTTP/1.1 100 Continue\r\n\r\n");
	return h1_flush(s) == LR_RESET ? LR_RESET : LR_OK;
}

static enum lr
next_run(struct session *s)
{
	enum lr rc;

	while (s->body_run.n == 0) {
		if (s->body_done)
			return LR_CLOSED;
		rc = decode(s);
		if (rc == LR_OK)
			continue;
		if (rc != LR_AGAIN)
			return rc;
		if (s->expects_continue && send_continue(s) != LR_OK)
			return LR_RESET;
		rc = session_read(s);
		if (rc == LR_AGAIN)
			session_wait_for(s, SESSION_BODY);
		if (rc != LR_OK)
			return rc == LR_CLOSED ? LR_RESET : rc;
		s->expects_continue = false;
	}
	return LR_OK;
}

static enum lr
h1_read_body(void *stream, struct slice *data)
{
	struct session *s = stream;
	enum lr rc;

	MAGIC_CHECK(s, SESSION_MAGIC);
	rc = next_run(s);
	if (rc != LR_AGAIN)
		session_waited(s, SESSION_BODY);
	if (rc == LR_OK)
		*data = s->body_run;
	return rc;
}

static void
h1_consume_body(void *stream, size_t n)
{
	struct session *s = stream;

	s->body_run = slice_cut(s->body_run, n, s->body_run.n);
	s->body_read += n;
	s->rq->bytes_in += n;
}

/* ---- the response ---- */

/* One send under way: pieces of our own and of the body, in order. */
struct sending {
	struct iovec iov[BODY_PIECES + OWN_PIECES];
	int n;
	int body_first, body_end; /* which of iov are the body's */
	uint64_t body;		  /* bytes of it */
	bool ends;		  /* the end of a chunked body is among them */
	char chunk_head[H1_CHUNK_HEAD_CHARS];
};

static void
push(struct sending *sd, const void *p, size_t n)
{
	if (n == 0)
		return;
	sd->iov[sd->n].iov_base = (void *)(uintptr_t)p;
	sd->iov[sd->n].iov_len = n;
	sd->n++;
}

static void
push_slice(struct sending *sd, struct slice s)
{
	push(sd, s.p, s.n);
}

/* May the connection be used again after this response?  Not when it comes
 * before the request's end: nobody may ever read that. */
static bool
stays_open(const struct session *s, const struct response_head *h)
{
	const struct vhost *vh = s->rq->vhost;
	unsigned most = vh->max_keep_alive_requests;

	return s->keep_alive && !h->close && s->body_done &&
	    !s->service->draining && vh->keep_alive &&
	    (most == 0 || s->requests < most);
}

/* Settles framing and persistence, and gives the head's last lines. */
static struct slice
end_of_head(struct session *s, const struct response_head *h)
{
	bool old = s->rq->msg.version_minor == 0;
	bool unsized = h->has_body && !h->sized;

	s->chunked_out = unsized && !old;
	s->until_close = unsized && old;
	s->keep_alive = stays_open(s, h) && !s->until_close;
	if (s->chunked_out)
		return s->keep_alive
		    ? SLICE("Transfer-Encoding: chunked\r\n\r\n")
		    : SLICE("Transfer-Encoding: chunked\r\n"
			    "Connection: close\r\n\r\n");
	if (!s->keep_alive)
		return SLICE("Connection: close\r\n\r\n");
	return old ? SLICE("Connection: keep-alive\r\n\r\n") : SLICE("\r\n");
}

/* Body pieces, at most `most` bytes of them. */
static void
push_body(struct sending *sd, const struct outgoing *o, uint64_t most)
{
	CHECK(o->n_body <= BODY_PIECES);
	sd->body_first = sd->n;
	for (int i = 0; i < o->n_body && sd->body < most; i++) {
		size_t n = o->body[i].iov_len;

		if (n > most - sd->body)
			n = (size_t)(most - sd->body);
		push(sd, o->body[i].iov_base, n);
		sd->body += n;
	}
	sd->body_end = sd->n;
}

static uint64_t
bytes_offered(const struct outgoing *o)
{
	uint64_t n = 0;

	for (int i = 0; i < o->n_body; i++)
		n += o->body[i].iov_len;
	return n;
}

/* The body as one chunk, or as what is left of one that was begun; and
 * the message's end. */
static void
push_chunk(struct session *s, struct sending *sd, const struct outgoing *o)
{
	uint64_t offered = bytes_offered(o);

	if (s->chunk_left == 0 && offered > 0) {
		s->chunk_left = offered;
		push(sd, sd->chunk_head,
		    h1_write_chunk_head(sd->chunk_head, offered));
	}
	push_body(sd, o, s->chunk_left);
	if (sd->body > 0 && sd->body == s->chunk_left)
		push_slice(sd, SLICE("\r\n"));
	if (!o->last || sd->body < offered || s->ended)
		return;
	push_slice(sd, SLICE("0\r\n"));
	push_slice(sd, o->trailers);
	push_slice(sd, SLICE("\r\n"));
	sd->ends = true;
}

/* Divides what the socket took among the pieces.  Our own that it left
 * wait in the out buffer; those behind a body that was not taken whole
 * are made again with the rest of it. */
static uint64_t
divide(struct session *s, const struct sending *sd, size_t written)
{
	size_t pending = s->out.n - s->out_sent, left = written;
	uint64_t taken = 0;
	int i = 0;

	if (pending > 0) {
		s->out_sent += left < pending ? left : pending;
		left -= left < pending ? left : pending;
		i = 1;
	}
	for (; i < sd->n; i++) {
		const struct iovec *v = &sd->iov[i];
		size_t n = left < v->iov_len ? left : v->iov_len;

		left -= n;
		if (i >= sd->body_first && i < sd->body_end)
			taken += n;
		else if (n < v->iov_len &&
		    (i < sd->body_first || taken == sd->body))
			strbuf_add(
			    &s->out, (char *)v->iov_base + n, v->iov_len - n);
	}
	if (s->chunked_out)
		s->chunk_left -= taken;
	s->ended |= sd->ends && taken == sd->body;
	if (s->out_sent == s->out.n) {
		strbuf_reset(&s->out);
		s->out_sent = 0;
	}
	return taken;
}

static enum lr
h1_send(void *stream, const struct outgoing *o, uint64_t *taken)
{
	struct session *s = stream;
	struct sending sd; /* large: only what is used is set */
	size_t written = 0;
	uint64_t body;
	enum lr rc = LR_OK;

	MAGIC_CHECK(s, SESSION_MAGIC);
	sd.n = sd.body_first = sd.body_end = 0;
	sd.body = 0;
	sd.ends = false;
	push(&sd, s->out.p + s->out_sent, s->out.n - s->out_sent);
	if (o->head != NULL) {
		push_slice(&sd, o->head->wire);
		push_slice(&sd, o->head->extra);
		push_slice(&sd, end_of_head(s, o->head));
	}
	sd.body_first = sd.body_end = sd.n;
	if (s->chunked_out)
		push_chunk(s, &sd, o);
	else
		push_body(&sd, o, UINT64_MAX);
	if (sd.n > 0)
		rc = conn_writev(s->conn, sd.iov, sd.n, &written);
	if (rc != LR_OK && rc != LR_AGAIN)
		return LR_RESET;
	body = divide(s, &sd, written);
	*taken += body;
	s->rq->bytes_out += written;
	s->rq->body_bytes_out += body;
	counter_add(s->service->env.counters, COUNTER_BYTES_OUT, written);
	if (s->out.failed)
		return LR_RESET;
	if (s->out.n == 0 && body == bytes_offered(o)) {
		session_waited(s, SESSION_WRITE);
		return LR_OK;
	}
	if (s->out.n == 0 && body == sd.body)
		session_wake(s); /* a begun chunk is done: on with the next */
	else if (written > 0 || s->wait != SESSION_WRITE)
		session_wait_for(s, SESSION_WRITE);
	return LR_AGAIN;
}

enum lr
h1_flush(struct session *s)
{
	struct iovec iov = { .iov_base = s->out.p + s->out_sent,
		.iov_len = s->out.n - s->out_sent };
	size_t written = 0;
	enum lr rc;

	if (s->out.failed)
		return LR_RESET;
	if (iov.iov_len == 0)
		return LR_OK;
	rc = conn_writev(s->conn, &iov, 1, &written);
	if (rc != LR_OK && rc != LR_AGAIN)
		return LR_RESET;
	s->out_sent += written;
	if (s->out_sent < s->out.n) {
		session_wait_for(s, SESSION_WRITE);
		return LR_AGAIN;
	}
	strbuf_reset(&s->out);
	s->out_sent = 0;
	return LR_OK;
}

static enum lr
h1_interim(void *stream, struct slice raw)
{
	struct session *s = stream;

	if (s->rq->msg.version_minor == 0)
		return LR_OK; /* RFC 9110 15.2: not to HTTP/1.0 */
	strbuf_add_slice(&s->out, raw);
	return h1_flush(s) == LR_RESET ? LR_RESET : LR_OK;
}

static void
h1_finished(void *stream, bool complete)
{
	struct session *s = stream;

	MAGIC_CHECK(s, SESSION_MAGIC);
	session_request_done(s, h1_end(s, complete), complete);
}

const struct transport H1_TRANSPORT = { .send = h1_send,
	.interim = h1_interim,
	.read_body = h1_read_body,
	.consume_body = h1_consume_body,
	.finished = h1_finished };
