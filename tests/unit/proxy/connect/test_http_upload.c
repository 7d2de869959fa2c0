/* tests/unit/proxy/connect/test_http_upload.c: exchanges with a request
 * body */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/support/exchange_client.h"
#include "tests/support/turning.h"

#define GET CLIENT_GET
#define OK_HEAD CLIENT_OK_HEAD
#define OK CLIENT_OK
#define BIG (24ull * 1024 * 1024)

/* One exchange; what it told is expected to be this. */
static void
expect(struct client *c, const char *events, const char *body)
{
	assert_true(client_run(c));
	assert_string_equal(client_events(c), events);
	assert_string_equal(client_body(c), body);
}

static void
finish(struct client *c)
{
	const char *failure = client_close(c);

	if (failure != NULL)
		fail_msg("the server: %s", failure);
}

/* A script of one connection and one request, then `then`. */
#define ONE_ANSWER(act, answer) \
	{ SCRIPT_ACCEPT, NULL, 0 }, { SCRIPT_EXPECT, GET, 0 }, \
	{ \
		act, answer, 0 \
	}

static void
test_a_body_of_known_length_follows_the_head(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT,
		    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
		    "hellohello",
		    0 },
		{ SCRIPT_SEND, OK, 0 },
		{ SCRIPT_EXPECT, "Content-Length: 5\r\n\r\nhello", 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_LENGTH, SLICE("hello"), 10);
	expect(&c, "head 200 body\nend\n", "ok");
	client_upload(&c, H1_BODY_LENGTH, SLICE("hello"), 5);
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(c.sendables, 2);
	assert_int_equal(client_stats(&c).reuses, 1);
	finish(&c);
}

static void
test_a_body_of_unknown_length_goes_in_chunks(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT,
		    "Transfer-Encoding: chunked\r\n\r\n"
		    "c\r\nhello, world\r\n3\r\nhel\r\n0\r\n\r\n",
		    0 },
		{ SCRIPT_SEND, OK, 0 },
		{ SCRIPT_EXPECT, "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_CHUNKED, SLICE("hello, world"), 15);
	expect(&c, "head 200 body\nend\n", "ok");
	client_upload(&c, H1_BODY_CHUNKED, SLICE(""), 0);
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(client_stats(&c).reuses, 1);
	finish(&c);
}

static void
test_the_head_does_not_wait_for_a_slow_body(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "Content-Length: 5\r\n\r\n", 0 },
		{ SCRIPT_SIGNAL, NULL, 0 },
		{ SCRIPT_EXPECT, "hello", 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;
	size_t n;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_LENGTH, SLICE("hello"), 5);
	c.upload_later = true;
	client_start(&c);
	while (c.sendables == 0)
		turning_settle(c.up.loop);
	scripted_wait(c.origin);
	assert_int_equal(HTTP_CONNECTOR.send(c.ex, SLICE("hello"), &n), LR_OK);
	assert_true(client_wait(&c));
	assert_string_equal(client_events(&c), "head 200 body\nend\n");
	finish(&c);
}

static void
expect_large_upload(enum h1_framing framing, uint64_t wire_bytes)
{
	struct scripted_step steps[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "\r\n\r\n", 0 },
		{ SCRIPT_WAIT, NULL, 0 },
		{ SCRIPT_READ_BYTES, NULL, wire_bytes },
		{ SCRIPT_SEND, OK, 0 },
		{ SCRIPT_READ_END, NULL, 0 },
	};
	char *piece = malloc(1 << 20);
	struct client c;

	assert_non_null(piece);
	memset(piece, 'x', 1 << 20);
	client_open(&c, SCRIPTED(AF_INET, steps));
	client_use_method(&c, HTTP_PUT, "PUT");
	client_upload(&c, framing, slice_make(piece, 1 << 20), BIG);
	client_start(&c);
	while (c.agains == 0)
		turning_settle(c.up.loop);
	turning_settle(c.up.loop);
	assert_true(c.upload_sent < BIG); /* nothing is buffered here */
	scripted_go(c.origin);
	assert_true(client_wait(&c));
	assert_string_equal(client_events(&c), "head 200 body\nend\n");
	assert_int_equal(c.upload_sent, BIG);
	assert_int_equal(client_stats(&c).idle, 1);
	finish(&c);
	free(piece);
}

static void
test_a_slow_server_holds_the_upload_back(void **state)
{
	(void)state;
	expect_large_upload(H1_BODY_LENGTH, BIG);
}

static void
test_chunks_stay_whole_over_partial_writes(void **state)
{
	(void)state;
	/* "100000\r\n" and "\r\n" around each MiB, and the last chunk */
	expect_large_upload(H1_BODY_CHUNKED, BIG + (BIG >> 20) * 10 + 5);
}

static void
test_an_early_error_ends_the_upload(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 }, { SCRIPT_EXPECT, "\r\n\r\n", 0 },
		{ SCRIPT_SEND,
		    "HTTP/1.1 413 Content Too Large\r\n"
		    "Content-Length: 4\r\n\r\nlong",
		    0 },
		{ SCRIPT_WAIT, NULL, 0 }, /* the rest is never read */
	};
	char *piece = calloc(1, 1 << 20);
	struct client c;

	(void)state;
	assert_non_null(piece);
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST"); /* RFC 9112 9.5 */
	client_upload(&c, H1_BODY_LENGTH, slice_make(piece, 1 << 20), BIG);
	expect(&c, "head 413 body\nend\n", "long");
	assert_int_equal(client_stats(&c).idle, 0);
	scripted_go(c.origin);
	finish(&c);
	free(piece);
}

static void
test_after_an_early_error_the_upload_is_taken_and_dropped(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "\r\n\r\n", 0 },
		{ SCRIPT_SEND,
		    "HTTP/1.1 413 Content Too Large\r\n"
		    "Content-Length: 4\r\n\r\nlo",
		    0 },
		{ SCRIPT_WAIT, NULL, 0 }, /* and nothing is read */
		{ SCRIPT_SEND, "ng", 0 },
		{ SCRIPT_READ_END, NULL, 0 },
	};
	char *piece = calloc(1, 1 << 20);
	struct client c;

	(void)state;
	assert_non_null(piece);
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_LENGTH, slice_make(piece, 1 << 20), BIG);
	client_start(&c);
	while (c.upload_left > 0)
		turning_settle(c.up.loop);
	scripted_go(c.origin);
	assert_true(client_wait(&c));
	assert_string_equal(client_events(&c), "head 413 body\nend\n");
	assert_int_equal(client_stats(&c).idle, 0);
	finish(&c);
	free(piece);
}

/* The server answers and resets, our bytes unread; we write before we look
 * at what came. */
static void
write_after_reset(const char *answer, const char *events)
{
	const struct scripted_step steps[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "\r\n\r\n", 0 },
		{ SCRIPT_WAIT, NULL, 0 },
		{ SCRIPT_SEND, answer, 0 },
		{ SCRIPT_RESET, NULL, 0 },
		{ SCRIPT_SIGNAL, NULL, 0 },
	};
	char *piece = calloc(1, 1 << 20);
	struct client c;
	size_t n;

	assert_non_null(piece);
	client_open(&c, SCRIPTED(AF_INET, steps));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_LENGTH, slice_make(piece, 1 << 20), BIG);
	c.upload_later = true;
	client_start(&c);
	while (c.sendables == 0)
		turning_settle(c.up.loop);
	scripted_go(c.origin);
	scripted_wait(c.origin);
	HTTP_CONNECTOR.send(c.ex, slice_make(piece, 1 << 20), &n);
	assert_true(client_wait(&c));
	assert_string_equal(client_events(&c), events);
	finish(&c);
	free(piece);
}

static void
test_an_answer_before_a_reset_is_still_read(void **state)
{
	(void)state;
	write_after_reset("HTTP/1.1 413 Content Too Large\r\n"
			  "Content-Length: 4\r\n\r\nlong",
	    "head 413 body\nend\n");
}

static void
test_a_write_does_not_make_an_end_of_a_reset(void **state)
{
	(void)state;
	write_after_reset("HTTP/1.1 200 OK\r\n\r\nnot all of it",
	    "head 200 body\nfailed in body: connection broken by the peer\n");
}

static void
test_an_early_success_does_not_end_the_upload(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "\r\n\r\n", 0 },
		{ SCRIPT_SEND, OK_HEAD "o", 0 },
		{ SCRIPT_READ_BYTES, NULL, BIG },
		{ SCRIPT_SEND, "k", 0 },
	};
	char *piece = calloc(1, 1 << 20);
	struct client c;

	(void)state;
	assert_non_null(piece);
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_LENGTH, slice_make(piece, 1 << 20), BIG);
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(c.upload_sent, BIG);
	finish(&c);
	free(piece);
}

static void
test_a_put_whose_body_was_taken_is_not_sent_again(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK),
		{ SCRIPT_EXPECT, "\r\n\r\nhello", 0 },
		{ SCRIPT_CLOSE, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend\n", "ok");
	client_use_method(&c, HTTP_PUT, "PUT");
	client_upload(&c, H1_BODY_LENGTH, SLICE("hello"), 5);
	expect(&c, "failed in head: closed by the peer\n", "");
	finish(&c);
}

static void
test_a_cancelled_upload_is_silent(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_READ_END, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_POST, "POST");
	client_upload(&c, H1_BODY_LENGTH, SLICE("hello"), 5);
	c.cancel_in = "sendable";
	client_start(&c);
	assert_true(client_wait(&c));
	finish(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_put_whose_body_was_taken_is_not_sent_again),
		cmocka_unit_test(test_a_body_of_known_length_follows_the_head),
		cmocka_unit_test(test_a_body_of_unknown_length_goes_in_chunks),
		cmocka_unit_test(test_the_head_does_not_wait_for_a_slow_body),
		cmocka_unit_test(test_a_slow_server_holds_the_upload_back),
		cmocka_unit_test(test_chunks_stay_whole_over_partial_writes),
		cmocka_unit_test(test_an_early_error_ends_the_upload),
		cmocka_unit_test(
		    test_after_an_early_error_the_upload_is_taken_and_dropped),
		cmocka_unit_test(test_an_answer_before_a_reset_is_still_read),
		cmocka_unit_test(test_a_write_does_not_make_an_end_of_a_reset),
		cmocka_unit_test(test_an_early_success_does_not_end_the_upload),
		cmocka_unit_test(test_a_cancelled_upload_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
