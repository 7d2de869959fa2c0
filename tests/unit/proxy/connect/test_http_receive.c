/* tests/unit/proxy/connect/test_http_receive.c: answers, without a socket */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proxy/connect/http_receive.h"

static const struct h1_limits LIMITS = { 8190, 100, 8190 };

/* What came out, as text. */
struct transcript {
	struct strbuf events; /* "interim 103\nhead 200 5\nend\n" */
	struct strbuf body;
	enum lr rc; /* LR_OK when the end was reached */
};

static void
transcript_free(struct transcript *t)
{
	strbuf_free(&t->events);
	strbuf_free(&t->body);
}

static void
take_piece(struct transcript *t, const struct http_piece *p)
{
	switch (p->kind) {
	case HTTP_PIECE_INTERIM:
		strbuf_addf(&t->events, "interim %d\n", p->msg->status);
		break;
	case HTTP_PIECE_HEAD:
		strbuf_addf(&t->events, "head %d %s", p->msg->status,
		    p->has_body ? "body" : "nobody");
		if (p->body_bytes != UINT64_MAX)
			strbuf_addf(&t->events, " %d", (int)p->body_bytes);
		strbuf_add_char(&t->events, '\n');
		break;
	case HTTP_PIECE_BODY:
		strbuf_add_slice(&t->body, span_slice(p->span));
		break;
	case HTTP_PIECE_END:
		strbuf_addf(&t->events, "end\n");
		for (size_t i = 0; p->msg != NULL && i < p->msg->n_fields; i++)
			strbuf_addf(&t->events, "trailer %.*s=%.*s\n",
			    SLICE_ARG(p->msg->fields[i].name),
			    SLICE_ARG(p->msg->fields[i].value));
		break;
	}
}

/* Takes pieces until more is needed (false) or all is over (true). */
static bool
take_pieces(struct http_receive *r, struct transcript *t)
{
	struct http_piece p;

	do {
		t->rc = http_receive_next(r, &p);
		if (t->rc == LR_OK)
			take_piece(t, &p);
	} while (t->rc == LR_OK && p.kind != HTTP_PIECE_END);
	return t->rc != LR_AGAIN;
}

/* Puts wire in, `step` bytes at a time, and its end when all went. */
static void
feed(struct http_receive *r, struct transcript *t, struct slice wire,
    size_t step)
{
	size_t at = 0;

	while (!take_pieces(r, t) && at < wire.n) {
		size_t room, n;
		void *to;

		t->rc = http_receive_room(r, &to, &room);
		if (t->rc != LR_OK)
			return;
		assert_true(room > 0);
		n = wire.n - at < step ? wire.n - at : step;
		n = n < room ? n : room;
		memcpy(to, wire.p + at, n);
		http_receive_fill(r, n);
		at += n;
	}
	if (t->rc != LR_AGAIN)
		return;
	t->rc = http_receive_eof(r);
	if (t->rc == LR_OK)
		take_pieces(r, t);
}

struct sample {
	const char *wire;
	enum http_method method; /* HTTP_OTHER: GET */
	const char *events, *body;
	enum lr rc;
	bool reusable;
};

static const struct sample SAMPLES[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 0,
	    "head 200 body 5\nend\n", "hello", LR_OK, true },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0,
	    "head 200 nobody 0\nend\n", "", LR_OK, true },
	/* RFC 9112 7.1: chunked, with trailers */
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\n1;x=y\r\n,\r\n6\r\n world\r\n0\r\n\r\n",
	    0, "head 200 body\nend\n", "hello, world", LR_OK, true },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "2\r\nok\r\n0\r\nX-Sum: 7\r\nX-B: c\r\n\r\n",
	    0, "head 200 body\nend\ntrailer X-Sum=7\ntrailer X-B=c\n", "ok",
	    LR_OK, true },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0,
	    "head 200 body\nend\n", "", LR_OK, true },
	/* 6.3 item 8: to the connection's end */
	{ "HTTP/1.1 200 OK\r\n\r\nas much as there is", 0,
	    "head 200 body\nend\n", "as much as there is", LR_OK, false },
	{ "HTTP/1.0 200 OK\r\n\r\n", 0, "head 200 body\nend\n", "", LR_OK,
	    false },
	/* 6.3 item 1: no body, whatever the fields say */
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP_HEAD,
	    "head 200 nobody 0\nend\n", "", LR_OK, true },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 0,
	    "head 304 nobody 0\nend\n", "", LR_OK, true },
	{ "HTTP/1.1 204 No Content\r\n\r\n", 0, "head 204 nobody 0\nend\n", "",
	    LR_OK, true },
	/* RFC 9110 15.2: any number of interim answers */
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
	  "Link: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	    0, "interim 100\ninterim 103\nhead 200 body 2\nend\n", "ok", LR_OK,
	    true },
	/* 9.3: the connection ends with the answer */
	{ "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
	  "ok",
	    0, "head 200 body 2\nend\n", "ok", LR_OK, false },
	{ "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n"
	  "\r\nok",
	    0, "head 200 body 2\nend\n", "ok", LR_OK, false },
	/* 11.2: what comes after the end is no answer to anything */
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
	    0, "head 200 body 2\nend\n", "ok", LR_OK, false },
	{ "HTTP/1.1 304 Not Modified\r\n\r\nbody", 0,
	    "head 304 nobody 0\nend\n", "", LR_OK, false },
	/* cut short */
	{ "", 0, "", "", LR_CLOSED, false },
	{ "HTTP/1.1 200 OK\r\nContent-Le", 0, "", "", LR_CLOSED, false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 0,
	    "head 200 body 5\n", "hel", LR_CLOSED, false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\n0\r\n",
	    0, "head 200 body\n", "hello", LR_CLOSED, false },
	/* malformed */
	{ "SSH-2.0-OpenSSH_9.2\r\n", 0, "", "", LR_INVALID, false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    0, "", "", LR_INVALID, false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello", 0, "", "",
	    LR_INVALID, false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 0,
	    "head 200 body\n", "", LR_INVALID, false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "0\r\nX Y: 7\r\n\r\n",
	    0, "head 200 body\n", "", LR_INVALID, false },
	{ "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 0, "", "",
	    LR_UNSUPPORTED, false },
};

static void
check_sample(const struct sample *s, size_t step)
{
	struct http_receive r = { 0 };
	struct transcript t = { 0 };

	http_receive_start(
	    &r, s->method == HTTP_OTHER ? HTTP_GET : s->method, &LIMITS);
	feed(&r, &t, slice_of(s->wire), step);
	assert_int_equal(t.rc, s->rc);
	strbuf_add_char(&t.events, '\0');
	strbuf_add_char(&t.body, '\0');
	assert_string_equal(t.events.p, s->events);
	assert_string_equal(t.body.p, s->body);
	/* Whether too much came is only known when it came along. */
	if (step > 1000 || s->reusable)
		assert_int_equal(http_receive_reusable(&r), s->reusable);
	http_receive_free(&r);
	transcript_free(&t);
}

static void
test_answers_are_understood_however_they_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(SAMPLES) / sizeof(SAMPLES[0]); i++) {
		for (size_t step = 1; step < 40; step++)
			check_sample(&SAMPLES[i], step);
		check_sample(&SAMPLES[i], 100000);
	}
}

/* ---- the block ---- */

static void
start(struct http_receive *r, const char *head)
{
	size_t room;
	void *to;

	http_receive_start(r, HTTP_GET, &LIMITS);
	assert_int_equal(http_receive_room(r, &to, &room), LR_OK);
	memcpy(to, head, strlen(head));
	http_receive_fill(r, strlen(head));
}

static struct http_piece
next(struct http_receive *r, enum http_piece_kind kind)
{
	struct http_piece p;

	assert_int_equal(http_receive_next(r, &p), LR_OK);
	assert_int_equal(p.kind, kind);
	return p;
}

/* Reads n bytes of value c and gives the piece they come out as. */
static struct http_piece
more(struct http_receive *r, int c, size_t n)
{
	struct http_piece p;
	size_t room;
	void *to;

	assert_int_equal(http_receive_next(r, &p), LR_AGAIN);
	assert_int_equal(http_receive_room(r, &to, &room), LR_OK);
	assert_true(room >= n);
	memset(to, c, n);
	http_receive_fill(r, n);
	p = next(r, HTTP_PIECE_BODY);
	assert_int_equal(p.span.len, n);
	return p;
}

static void
test_a_block_nobody_holds_is_filled_anew(void **state)
{
	struct http_receive r = { 0 };
	struct http_piece p;
	struct block *first;

	(void)state;
	start(&r, "HTTP/1.1 200 OK\r\n\r\n");
	next(&r, HTTP_PIECE_HEAD);
	first = r.block;
	for (int i = 0; i < 100; i++) {
		p = more(&r, 'a' + i % 26, 3000);
		assert_ptr_equal(p.span.block, first);
		assert_int_equal(p.span.off, 0);
	}
	http_receive_free(&r);
}

static void
test_bytes_that_somebody_holds_are_never_written_over(void **state)
{
	struct http_receive r = { 0 };
	struct span held[100];

	(void)state;
	start(&r, "HTTP/1.1 200 OK\r\n\r\n");
	next(&r, HTTP_PIECE_HEAD);
	for (int i = 0; i < 100; i++) {
		held[i] = more(&r, 'a' + i % 26, 3000).span;
		block_ref(held[i].block);
	}
	http_receive_free(&r);
	for (int i = 0; i < 100; i++) {
		for (uint32_t k = 0; k < held[i].len; k++)
			assert_int_equal(
			    span_slice(held[i]).p[k], 'a' + i % 26);
		block_unref(held[i].block);
	}
}

static void
test_blocks_grow_with_the_body_but_not_beyond_a_bound(void **state)
{
	struct http_receive r = { 0 };
	struct http_piece p;
	size_t room;
	void *to;

	(void)state;
	start(&r, "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
	assert_int_equal(r.block->cap, 16 * 1024);
	p = next(&r, HTTP_PIECE_HEAD);
	assert_true(p.body_bytes == 10000000000);
	assert_int_equal(http_receive_next(&r, &p), LR_AGAIN);
	assert_int_equal(http_receive_room(&r, &to, &room), LR_OK);
	assert_int_equal(room, 256 * 1024);
	http_receive_end(&r);
	assert_null(r.block); /* too big to be kept for small answers */
	start(&r, "HTTP/1.1 200 OK\r\n\r\n");
	next(&r, HTTP_PIECE_HEAD);
	for (size_t want = 16 * 1024; want <= 256 * 1024; want *= 2)
		more(&r, 'x', want);
	assert_int_equal(http_receive_next(&r, &p), LR_AGAIN);
	assert_int_equal(http_receive_room(&r, &to, &room), LR_OK);
	assert_int_equal(room, 256 * 1024);
	http_receive_free(&r);
}

static void
test_the_rest_of_a_body_leaves_room_for_a_short_read(void **state)
{
	struct http_receive r = { 0 };
	struct http_piece p;
	size_t room;
	void *to;

	(void)state;
	start(&r, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
	next(&r, HTTP_PIECE_HEAD);
	assert_int_equal(http_receive_next(&r, &p), LR_AGAIN);
	assert_int_equal(http_receive_room(&r, &to, &room), LR_OK);
	assert_int_equal(room, 100001);
	http_receive_free(&r);
}

static void
test_a_large_head_finds_room_within_its_limits(void **state)
{
	static const struct h1_limits WIDE = { 8190, 0, 1000000 };
	struct http_receive r = { 0 };
	struct transcript t = { 0 };
	struct strbuf wire = { 0 };

	(void)state;
	strbuf_add_cstr(&wire, "HTTP/1.1 200 OK\r\nX: ");
	for (int i = 0; i < 100000; i++)
		strbuf_add_cstr(&wire, "abc");
	strbuf_add_cstr(&wire, "\r\nContent-Length: 2\r\n\r\nok");
	http_receive_start(&r, HTTP_GET, &WIDE);
	feed(&r, &t, strbuf_slice(&wire), 5000);
	assert_int_equal(t.rc, LR_OK);
	transcript_free(&t);

	http_receive_end(&r);
	t = (struct transcript){ 0 };
	http_receive_start(&r, HTTP_GET, &LIMITS);
	feed(&r, &t, strbuf_slice(&wire), 5000);
	assert_int_equal(t.rc, LR_TOOBIG);
	transcript_free(&t);
	strbuf_free(&wire);
	http_receive_free(&r);
}

static void
test_a_head_without_end_is_too_big_at_last(void **state)
{
	static const struct h1_limits NONE = { SIZE_MAX, 0, SIZE_MAX };
	struct http_receive r = { 0 };
	struct transcript t = { 0 };
	char *endless = malloc(4 << 20);

	(void)state;
	assert_non_null(endless);
	memset(endless, 'x', 4 << 20);
	memcpy(endless, "HTTP/1.1 200 OK\r\nX: ", 20);
	http_receive_start(&r, HTTP_GET, &NONE);
	feed(&r, &t, slice_make(endless, 4 << 20), 65536);
	assert_int_equal(t.rc, LR_TOOBIG);
	transcript_free(&t);
	http_receive_free(&r);
	free(endless);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_answers_are_understood_however_they_are_split),
		cmocka_unit_test(test_a_block_nobody_holds_is_filled_anew),
		cmocka_unit_test(
		    test_bytes_that_somebody_holds_are_never_written_over),
		cmocka_unit_test(
		    test_blocks_grow_with_the_body_but_not_beyond_a_bound),
		cmocka_unit_test(
		    test_the_rest_of_a_body_leaves_room_for_a_short_read),
		cmocka_unit_test(
		    test_a_large_head_finds_room_within_its_limits),
		cmocka_unit_test(test_a_head_without_end_is_too_big_at_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
