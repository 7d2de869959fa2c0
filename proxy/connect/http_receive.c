/* proxy/connect/http_receive.c: from bytes to the pieces of an answer */
#include "proxy/connect/http_receive.h"

#include "store/base/check.h"

#define BLOCK_BYTES (16u * 1024)      /* the first, and enough for most */
#define BLOCK_MAX_BYTES (256u * 1024) /* for bodies */
#define HEAD_MAX_BYTES (1024u * 1024)
#define ROOM_BYTES 4096u /* a smaller tail is not worth a read */
#define TRAILER_BYTES (16 * 1024)
#define SPARE_BYTES (64u * 1024) /* kept between two answers */

/* ---- the block ---- */

static uint32_t
unread(const struct http_receive *r)
{
	return r->block == NULL ? 0 : r->block->len - r->at;
}

/* The count is read with acquire: who gave its reference up on another
 * thread has read our bytes before we write over them. */
static bool
is_ours(const struct block *b)
{
	return atomic_load_explicit(&b->refs, memory_order_acquire) == 1;
}

/* How much of the block's end makes a read worthwhile: for a body that is
 * nearly over, one byte more than its rest, so that a short read shows the
 * socket drained. */
static uint32_t
enough_room(const struct http_receive *r)
{
	if (r->state == HTTP_IN_BODY && r->body.framing == H1_BODY_LENGTH &&
	    r->body.length < ROOM_BYTES)
		return (uint32_t)r->body.length + 1;
	return ROOM_BYTES;
}

/* The size a new block should have. */
static uint32_t
wanted_bytes(const struct http_receive *r)
{
	uint64_t want = BLOCK_BYTES;

	if (r->state == HTTP_IN_HEAD && unread(r) >= BLOCK_BYTES / 2)
		want = (uint64_t)unread(r) * 2;
	if (r->state == HTTP_IN_BODY && r->block != NULL)
		want = (uint64_t)r->block->cap * (r->filled ? 2 : 1);
	if (r->state == HTTP_IN_BODY && r->body.framing == H1_BODY_LENGTH)
		want = r->body.length + 1;
	if (r->state == HTTP_IN_BODY && want > BLOCK_MAX_BYTES)
		want = BLOCK_MAX_BYTES;
	return want < BLOCK_BYTES ? BLOCK_BYTES : (uint32_t)want;
}

static enum lr
replace_block(struct http_receive *r, uint32_t cap)
{
	uint32_t kept = unread(r);
	struct block *b;

	if (kept >= HEAD_MAX_BYTES)
		return LR_TOOBIG;
	if ((b = block_create(cap)) == NULL)
		return LR_NOMEM;
	if (kept > 0)
		memcpy(b->data, r->block->data + r->at, kept);
	b->len = kept;
	block_unref(r->block);
	r->block = b;
	r->at = 0;
	return LR_OK;
}

enum lr
http_receive_room(struct http_receive *r, void **to, size_t *room)
{
	uint32_t want = wanted_bytes(r);
	struct block *b = r->block;
	enum lr rc;

	if (b != NULL && unread(r) == 0 && is_ours(b)) {
		b->len = r->at = 0;
		if (b->cap < want && (rc = replace_block(r, want)) != LR_OK)
			return rc;
	} else if (b == NULL || b->cap - b->len < enough_room(r)) {
		if ((rc = replace_block(r, want)) != LR_OK)
			return rc;
	}
	*to = r->block->data + r->block->len;
	*room = r->block->cap - r->block->len;
	return LR_OK;
}

void
http_receive_fill(struct http_receive *r, size_t n)
{
	r->filled = n == r->block->cap - r->block->len;
	r->block->len += (uint32_t)n;
	r->began = true;
}

static struct slice
waiting(const struct http_receive *r)
{
	if (r->block == NULL)
		return slice_make(NULL, 0);
	return slice_make(r->block->data + r->at, unread(r));
}

/* ---- the head ---- */

static enum lr
body_begin(struct http_receive *r, struct http_piece *out)
{
	enum lr rc = h1_response_body(&r->msg, r->method, &r->body);

	if (rc != LR_OK)
		return rc;
	r->keep_alive = r->msg.version_minor > 0 && h1_keep_alive(&r->msg) &&
	    r->body.framing != H1_BODY_CLOSE;
	if (r->body.framing == H1_BODY_CHUNKED)
		chunked_init(&r->chunked, TRAILER_BYTES);
	out->has_body = r->body.framing != H1_BODY_NONE;
	out->body_bytes = UINT64_MAX;
	if (r->body.framing == H1_BODY_NONE)
		out->body_bytes = 0;
	if (r->body.framing == H1_BODY_LENGTH) {
		out->body_bytes = r->body.length;
		out->has_body = r->body.length > 0;
	}
	r->state = out->has_body ? HTTP_IN_BODY : HTTP_IN_END;
	return LR_OK;
}

static enum lr
next_head(struct http_receive *r, struct http_piece *out)
{
	size_t used = 0;
	enum lr rc;

	if (unread(r) == 0)
		return LR_AGAIN;
	http_msg_init(&r->msg, &r->arena);
	rc = h1_parse_response(
	    &r->parser, waiting(r), &r->limits, &r->msg, &used);
	if (rc != LR_OK)
		return rc;
	r->at += (uint32_t)used;
	h1_parser_reset(&r->parser);
	out->msg = &r->msg;
	if (r->msg.status == 101)
		return LR_UNSUPPORTED; /* larder did not ask for it */
	if (r->msg.status < 200) {
		out->kind = HTTP_PIECE_INTERIM;
		return LR_OK;
	}
	out->kind = HTTP_PIECE_HEAD;
	return body_begin(r, out);
}

/* ---- the body ---- */

/* The next n bytes of the block are body. */
static enum lr
hand_out(struct http_receive *r, uint32_t n, struct http_piece *out)
{
	out->kind = HTTP_PIECE_BODY;
	out->span = (struct span){ r->block, r->at, n };
	r->at += n;
	return LR_OK;
}

static enum lr
next_of_length(struct http_receive *r, struct http_piece *out)
{
	uint32_t n = unread(r);

	if (n > r->body.length)
		n = (uint32_t)r->body.length;
	r->body.length -= n;
	if (r->body.length == 0)
		r->state = HTTP_IN_END;
	return n > 0 ? hand_out(r, n, out) : LR_AGAIN;
}

static enum lr
next_of_chunked(struct http_receive *r, struct http_piece *out)
{
	struct slice data = { NULL, 0 };
	size_t used;
	enum lr rc;

	do {
		used = 0;
		rc = chunked_decode(&r->chunked, waiting(r), &used, &data);
		r->at += (uint32_t)used;
	} while (rc == LR_OK && data.n == 0);
	if (rc == LR_CLOSED)
		r->state = HTTP_IN_END;
	else if (rc != LR_OK && rc != LR_AGAIN)
		return rc;
	if (data.n == 0)
		return rc == LR_CLOSED ? http_receive_next(r, out) : rc;
	out->kind = HTTP_PIECE_BODY;
	out->span = (struct span){ r->block,
		(uint32_t)(data.p - r->block->data), (uint32_t)data.n };
	return LR_OK;
}

static enum lr
next_of_body(struct http_receive *r, struct http_piece *out)
{
	if (unread(r) == 0)
		return LR_AGAIN;
	if (r->body.framing == H1_BODY_LENGTH)
		return next_of_length(r, out);
	if (r->body.framing == H1_BODY_CHUNKED)
		return next_of_chunked(r, out);
	return hand_out(r, unread(r), out);
}

/* ---- the end ---- */

static enum lr
next_end(struct http_receive *r, struct http_piece *out)
{
	struct slice trailers = { NULL, 0 };
	enum lr rc;

	out->kind = HTTP_PIECE_END;
	out->msg = NULL;
	if (r->body.framing == H1_BODY_CHUNKED)
		trailers = chunked_trailers(&r->chunked);
	if (trailers.n > 0) {
		http_msg_init(&r->msg, &r->arena);
		rc = h1_parse_fields(trailers, &r->limits, &r->msg);
		if (rc != LR_OK)
			return rc;
		out->msg = &r->msg;
	}
	r->state = HTTP_IN_DONE;
	return LR_OK;
}

enum lr
http_receive_eof(struct http_receive *r)
{
	if (r->state != HTTP_IN_BODY || r->body.framing != H1_BODY_CLOSE)
		return LR_CLOSED;
	r->state = HTTP_IN_END;
	return LR_OK;
}

enum lr
http_receive_next(struct http_receive *r, struct http_piece *out)
{
	switch (r->state) {
	case HTTP_IN_HEAD:
		return next_head(r, out);
	case HTTP_IN_BODY:
		return next_of_body(r, out);
	case HTTP_IN_END:
		return next_end(r, out);
	case HTTP_IN_DONE:
		break;
	}
	return LR_AGAIN;
}

bool
http_receive_reusable(const struct http_receive *r)
{
	return r->state == HTTP_IN_DONE && r->keep_alive && unread(r) == 0;
}

/* ---- life ---- */

void
http_receive_start(struct http_receive *r, enum http_method method,
    const struct h1_limits *limits)
{
	if (r->block != NULL)
		r->at = r->block->len;
	r->state = HTTP_IN_HEAD;
	r->method = method;
	r->limits = *limits;
	r->began = r->filled = r->keep_alive = false;
	r->body = (struct h1_body){ H1_BODY_NONE, 0 };
	h1_parser_reset(&r->parser);
}

void
http_receive_end(struct http_receive *r)
{
	struct block *b = r->block;

	if (r->body.framing == H1_BODY_CHUNKED)
		chunked_free(&r->chunked);
	r->body.framing = H1_BODY_NONE;
	arena_reset(&r->arena);
	if (b == NULL)
		return;
	r->at = 0;
	if (is_ours(b) && b->cap <= SPARE_BYTES) {
		b->len = 0;
		return;
	}
	block_unref(b);
	r->block = NULL;
}

void
http_receive_free(struct http_receive *r)
{
	http_receive_end(r);
	block_unref(r->block);
	r->block = NULL;
	arena_free(&r->arena);
}
