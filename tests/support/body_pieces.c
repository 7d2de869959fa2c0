/* tests/support/body_pieces.c: decodes a chunked body whole and in pieces */
#include "tests/support/body_pieces.h"

#include <stdlib.h>

#include "store/base/check.h"

void
body_outcome_free(struct body_outcome *o)
{
	strbuf_free(&o->data);
	strbuf_free(&o->trailers);
}

/* The contract of one call. */
static void
check_call(enum lr rc, struct slice in, size_t used, struct slice data)
{
	CHECK(used <= in.n && data.n <= used);
	CHECK(data.n == 0 || data.p + data.n == in.p + used);
	CHECK(rc != LR_AGAIN || used == in.n);
	CHECK(rc != LR_OK || used < in.n);
	CHECK(rc != LR_CLOSED || data.n == 0);
}

static bool
is_refused(enum lr rc)
{
	return rc != LR_OK && rc != LR_AGAIN && rc != LR_CLOSED;
}

/* Decodes one piece as far as it goes; from a buffer of its own whose end
 * the sanitizer watches. */
static void
feed(struct chunked *c, struct slice piece, struct body_outcome *o)
{
	char *copy = malloc(piece.n > 0 ? piece.n : 1);
	struct slice in = { copy, piece.n };

	CHECK(copy != NULL);
	if (piece.n > 0)
		memcpy(copy, piece.p, piece.n);
	do {
		struct slice data = { NULL, 0 };
		size_t used = 0;

		o->rc = chunked_decode(c, in, &used, &data);
		if (is_refused(o->rc))
			break;
		check_call(o->rc, in, used, data);
		strbuf_add_slice(&o->data, data);
		o->used += used;
		in = slice_cut(in, used, in.n);
	} while (o->rc == LR_OK);
	free(copy);
}

/* Feeds the first `first` bytes, then `step` more each time. */
static struct body_outcome
decode_steps(struct slice text, size_t limit, size_t first, size_t step)
{
	struct body_outcome o = { .rc = LR_AGAIN };
	struct chunked c;
	size_t from = 0, to = first;

	chunked_init(&c, limit);
	for (; o.rc == LR_AGAIN && to < text.n; from = to, to += step)
		feed(&c, slice_cut(text, from, to), &o);
	if (o.rc == LR_AGAIN)
		feed(&c, slice_cut(text, from, text.n), &o);
	if (o.rc == LR_CLOSED)
		strbuf_add_slice(&o.trailers, chunked_trailers(&c));
	chunked_free(&c);
	return o;
}

/* How much of a refused text was decoded first is not promised. */
static void
check_same(const struct body_outcome *a, const struct body_outcome *b)
{
	CHECK(a->rc == b->rc);
	if (is_refused(a->rc))
		return;
	CHECK(a->used == b->used);
	CHECK(slice_eq(strbuf_slice(&a->data), strbuf_slice(&b->data)));
	CHECK(slice_eq(strbuf_slice(&a->trailers), strbuf_slice(&b->trailers)));
}

struct body_outcome
body_decode_whole(struct slice text, size_t trailer_limit_bytes)
{
	return decode_steps(text, trailer_limit_bytes, text.n, 1);
}

struct body_outcome
body_decode_pieces(struct slice text, size_t trailer_limit_bytes)
{
	struct body_outcome whole = body_decode_whole(
	    text, trailer_limit_bytes);
	struct body_outcome bytes = decode_steps(
	    text, trailer_limit_bytes, 0, 1);

	check_same(&whole, &bytes);
	body_outcome_free(&bytes);
	for (size_t i = 0; i < text.n; i++) {
		struct body_outcome split = decode_steps(
		    text, trailer_limit_bytes, i, text.n);

		check_same(&whole, &split);
		body_outcome_free(&split);
	}
	return whole;
}
