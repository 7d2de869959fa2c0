/* tests/support/head_pieces.c: parses a head whole and in pieces */
#include "tests/support/head_pieces.h"

#include <stdlib.h>

#include "store/base/check.h"
#include "tests/support/msg.h"

struct way {
	head_parse_fn *parse;
	const struct h1_limits *lim;
	struct slice text;
};

/* Feeds the first n bytes, as a buffer of its own whose end the sanitizer
 * watches. */
static void
feed(const struct way *w, size_t n, struct head_outcome *o)
{
	char *copy = malloc(n > 0 ? n : 1);

	CHECK(copy != NULL);
	if (n > 0)
		memcpy(copy, w->text.p, n);
	o->rc = w->parse(
	    &o->parser, slice_make(copy, n), w->lim, o->msg, &o->used);
	if (o->rc == LR_OK) {
		struct http_msg borrowed = *o->msg;

		CHECK(o->used <= n);
		CHECK(http_msg_copy(&borrowed, o->msg->arena, o->msg) == LR_OK);
	}
	free(copy);
}

/* Feeds the first `first` bytes, then `step` more each time. */
static struct head_outcome
parse_steps(const struct way *w, size_t first, size_t step)
{
	struct head_outcome o = { .rc = LR_AGAIN, .msg = test_msg() };

	for (size_t n = first; o.rc == LR_AGAIN && n < w->text.n; n += step)
		feed(w, n, &o);
	if (o.rc == LR_AGAIN)
		feed(w, w->text.n, &o);
	return o;
}

static void
check_same_message(const struct http_msg *a, const struct http_msg *b)
{
	CHECK(a->version_minor == b->version_minor);
	CHECK(a->method == b->method);
	CHECK(slice_eq(a->method_text, b->method_text));
	CHECK(slice_eq(a->target, b->target));
	CHECK(a->status == b->status);
	CHECK(slice_eq(a->reason, b->reason));
	CHECK(a->n_fields == b->n_fields);
	for (size_t i = 0; i < a->n_fields; i++) {
		CHECK(a->fields[i].id == b->fields[i].id);
		CHECK(slice_eq(a->fields[i].name, b->fields[i].name));
		CHECK(slice_eq(a->fields[i].value, b->fields[i].value));
	}
}

static void
check_same(const struct head_outcome *a, const struct head_outcome *b)
{
	CHECK(a->rc == b->rc);
	CHECK(a->used == b->used);
	CHECK(a->parser.error_status == b->parser.error_status);
	CHECK(a->parser.error == b->parser.error);
	check_same_message(a->msg, b->msg);
}

struct head_outcome
head_parse_whole(
    head_parse_fn *parse, const struct h1_limits *lim, struct slice text)
{
	const struct way w = { parse, lim, text };

	return parse_steps(&w, text.n, 1);
}

struct head_outcome
head_parse_pieces(
    head_parse_fn *parse, const struct h1_limits *lim, struct slice text)
{
	const struct way w = { parse, lim, text };
	struct head_outcome whole = parse_steps(&w, text.n, 1);
	struct head_outcome bytes = parse_steps(&w, 0, 1);

	check_same(&whole, &bytes);
	test_msg_free(bytes.msg);
	for (size_t i = 0; i < text.n; i++) {
		struct head_outcome split = parse_steps(&w, i, text.n);

		check_same(&whole, &split);
		test_msg_free(split.msg);
	}
	return whole;
}
