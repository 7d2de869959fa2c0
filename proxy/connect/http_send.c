/* proxy/connect/http_send.c: head, framing and body bytes into a socket */
#include "proxy/connect/http_send.h"

#include <string.h>

#include "store/base/check.h"

#define CRLF SLICE("\r\n")
#define LAST_CHUNK SLICE("0\r\n\r\n")

/* What a server expects a body with (RFC 9110 8.6): without one, the
 * length says so. */
static bool
wants_length(enum http_method m)
{
	return m == HTTP_POST || m == HTTP_PUT || m == HTTP_PATCH;
}

static void
write_framing(struct strbuf *out, const struct exchange_request *rq)
{
	switch (rq->body) {
	case H1_BODY_LENGTH:
		h1_write_field_u64(
		    out, SLICE("Content-Length"), rq->body_bytes);
		break;
	case H1_BODY_CHUNKED:
		h1_write_field(
		    out, SLICE("Transfer-Encoding"), SLICE("chunked"));
		break;
	default:
		if (wants_length(rq->head->method))
			h1_write_field_u64(out, SLICE("Content-Length"), 0);
		break;
	}
	if (rq->backend->disable_reuse)
		h1_write_field(out, SLICE("Connection"), SLICE("close"));
}

enum lr
http_send_start(struct http_send *s, const struct exchange_request *rq)
{
	strbuf_reset(&s->head);
	h1_write_request(&s->head, rq->head);
	if (s->head.failed)
		return LR_NOMEM;
	s->head.n -= CRLF.n; /* the blank line comes after our fields */
	write_framing(&s->head, rq);
	strbuf_add_slice(&s->head, CRLF);
	if (s->head.failed)
		return LR_NOMEM;
	s->framing = rq->body;
	s->length = rq->body == H1_BODY_LENGTH ? rq->body_bytes : 0;
	s->finished = rq->body == H1_BODY_NONE;
	s->body_taken = 0;
	http_send_rewind(s);
	return LR_OK;
}

/* A chunked body that was finished before anything went keeps its last
 * chunk: it is made anew with the head. */
void
http_send_rewind(struct http_send *s)
{
	CHECK(s->body_taken == 0);
	s->head_sent = 0;
	s->chunk_left = 0;
	s->frame_at = s->frame_end = 0;
	if (s->finished)
		http_send_finish(s);
}

void
http_send_free(struct http_send *s)
{
	strbuf_free(&s->head);
}

/* ---- frames ---- */

static void
frame_add(struct http_send *s, struct slice text)
{
	if (s->frame_at == s->frame_end)
		s->frame_at = s->frame_end = 0;
	CHECK(s->frame_end + text.n <= sizeof(s->frame));
	memcpy(s->frame + s->frame_end, text.p, text.n);
	s->frame_end += (unsigned)text.n;
}

void
http_send_finish(struct http_send *s)
{
	s->finished = true;
	if (s->framing == H1_BODY_CHUNKED)
		frame_add(s, LAST_CHUNK);
}

static void
chunk_begin(struct http_send *s, size_t n)
{
	char head[H1_CHUNK_HEAD_CHARS];

	frame_add(s, slice_make(head, h1_write_chunk_head(head, n)));
	s->chunk_left = n;
}

/* ---- bytes ---- */

/* Puts what is kept into iov; gives how many entries. */
static int
gather_kept(struct http_send *s, struct iovec iov[2])
{
	int n = 0;

	if (s->head_sent < s->head.n)
		iov[n++] = (struct iovec){ s->head.p + s->head_sent,
			s->head.n - s->head_sent };
	if (s->frame_at < s->frame_end)
		iov[n++] = (struct iovec){ s->frame + s->frame_at,
			s->frame_end - s->frame_at };
	return n;
}

/* The socket took sent bytes: first of what is kept.  The rest is given. */
static size_t
drop_kept(struct http_send *s, size_t sent)
{
	size_t head = s->head.n - s->head_sent;
	size_t frame = s->frame_end - s->frame_at;

	if (head > sent)
		head = sent;
	s->head_sent += head;
	sent -= head;
	if (frame > sent)
		frame = sent;
	s->frame_at += (unsigned)frame;
	return sent - frame;
}

enum lr
http_send_flush(struct http_send *s, struct conn *c)
{
	struct iovec iov[2];
	size_t sent = 0;
	enum lr rc;
	int n;

	if ((n = gather_kept(s, iov)) == 0)
		return LR_OK;
	if ((rc = conn_writev(c, iov, n, &sent)) != LR_OK)
		return rc;
	drop_kept(s, sent);
	return http_send_pending(s) ? LR_AGAIN : LR_OK;
}

/* Takes n body bytes as sent. */
static void
body_went(struct http_send *s, size_t n)
{
	s->body_taken += n;
	if (s->framing != H1_BODY_CHUNKED)
		return;
	s->chunk_left -= n;
	if (n > 0 && s->chunk_left == 0)
		frame_add(s, CRLF);
}

static struct iovec
iov_of(struct slice s)
{
	return (struct iovec){ (void *)(uintptr_t)s.p, s.n }; /* only read */
}

/* One write of what is kept, the bytes, and perhaps their chunk's end. */
static enum lr
write_once(struct http_send *s, struct conn *c, struct slice bytes, size_t *n)
{
	bool ends_chunk = s->framing == H1_BODY_CHUNKED &&
	    bytes.n == s->chunk_left;
	struct iovec iov[4];
	size_t sent = 0;
	enum lr rc;
	int count;

	count = gather_kept(s, iov);
	iov[count++] = iov_of(bytes);
	if (ends_chunk)
		iov[count++] = iov_of(CRLF);
	if ((rc = conn_writev(c, iov, count, &sent)) != LR_OK)
		return rc;
	sent = drop_kept(s, sent);
	*n = sent < bytes.n ? sent : bytes.n;
	body_went(s, *n);
	drop_kept(s, sent - *n);
	return LR_OK;
}

/* The first part of bytes that one chunk takes. */
static struct slice
cut_to_chunk(struct http_send *s, struct slice bytes)
{
	if (s->framing != H1_BODY_CHUNKED)
		return bytes;
	if (s->chunk_left == 0)
		chunk_begin(s, bytes.n);
	return slice_cut(bytes, 0, s->chunk_left);
}

enum lr
http_send_body(
    struct http_send *s, struct conn *c, struct slice bytes, size_t *n)
{
	CHECK(!s->finished);
	CHECK(s->framing != H1_BODY_LENGTH ||
	    bytes.n <= s->length - s->body_taken);
	*n = 0;
	while (*n < bytes.n) {
		struct slice part = cut_to_chunk(
		    s, slice_cut(bytes, *n, bytes.n));
		size_t taken = 0;
		enum lr rc = write_once(s, c, part, &taken);

		if (rc != LR_OK)
			return rc;
		*n += taken;
		if (taken < part.n)
			return LR_AGAIN;
	}
	return LR_OK;
}

bool
http_send_begun(const struct http_send *s)
{
	return s->head_sent > 0;
}

bool
http_send_pending(const struct http_send *s)
{
	return s->head_sent < s->head.n || s->frame_at < s->frame_end;
}

bool
http_send_done(const struct http_send *s)
{
	if (http_send_pending(s))
		return false;
	if (s->framing == H1_BODY_LENGTH)
		return s->body_taken == s->length;
	return s->finished;
}
