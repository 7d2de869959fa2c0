/* tests/unit/proxy/connect/test_http.c: exchanges with a scripted server */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/exchange_client.h"
#include "tests/support/sockets.h"
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

/* ---- plain answers ---- */

static void
test_connections_are_used_again(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK),
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_SEND, OK, 0 },
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(client_stats(&c).idle, 1);
	c.again_at_end = true; /* the third starts inside the second's end */
	expect(&c, "head 200 body\nend\nhead 200 body\nend\n", "okok");
	assert_int_equal(client_stats(&c).connects, 1);
	assert_int_equal(client_stats(&c).reuses, 2);
	finish(&c);
}

static void
test_ipv6_and_unix_sockets_are_spoken_to(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK),
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	static const int FAMILIES[] = { AF_UNIX, AF_INET6 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct client c;

		if (FAMILIES[i] == AF_INET6 && !sockets_have_ipv6())
			continue;
		client_open(&c, SCRIPTED(FAMILIES[i], STEPS));
		expect(&c, "head 200 body\nend\n", "ok");
		expect(&c, "head 200 body\nend\n", "ok");
		assert_int_equal(client_stats(&c).reuses, 1);
		finish(&c);
	}
}

static void
test_a_chunked_answer_may_come_byte_by_byte(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND_SPLIT,
		    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\nX: y\r\n\r\n"),
		{ SCRIPT_READ_END, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend 1 trailers\n", "hello, world");
	assert_int_equal(client_stats(&c).idle, 1);
	finish(&c);
}

static void
test_an_answer_may_last_to_the_end_of_the_connection(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, "HTTP/1.1 200 OK\r\n\r\nall there is"),
		{ SCRIPT_CLOSE, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend\n", "all there is");
	assert_int_equal(client_stats(&c).idle, 0);
	finish(&c);
}

static void
test_a_reset_is_no_end_of_an_answer(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, "HTTP/1.1 200 OK\r\n\r\nnot all"),
		{ SCRIPT_WAIT, NULL, 0 },
		{ SCRIPT_RESET, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	c.pause_at_body = true;
	client_start(&c);
	assert_true(client_wait(&c));
	scripted_go(c.origin);
	HTTP_CONNECTOR.resume(c.ex);
	assert_true(client_wait(&c));
	assert_string_equal(client_events(&c),
	    "head 200 body\nfailed in body: connection broken by the peer\n");
	finish(&c);
}

static void
test_interim_answers_are_handed_on_but_100(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND,
		    "HTTP/1.1 100 Continue\r\n\r\n"
		    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
		    "HTTP/1.1 102 Processing\r\n\r\n" OK),
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "interim 103\ninterim 102\nhead 200 body\nend\n", "ok");
	finish(&c);
}

static void
test_head_has_no_body_whatever_its_length(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ SCRIPT_SEND, OK_HEAD, 0 },
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_use_method(&c, HTTP_HEAD, "HEAD");
	expect(&c, "head 200 nobody\nend\n", "");
	client_use_method(&c, HTTP_GET, "GET");
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(client_stats(&c).reuses, 1);
	finish(&c);
}

static void
test_a_connection_that_is_not_clean_is_not_used_again(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND,
		    "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		    "Content-Length: 2\r\n\r\nok"),
		{ SCRIPT_WAIT, NULL, 0 },
		ONE_ANSWER(SCRIPT_SEND,
		    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
		    "Content-Length: 2\r\n\r\nok"),
		{ SCRIPT_WAIT, NULL, 0 },
		/* RFC 9112 11.2: a second answer nobody asked for */
		ONE_ANSWER(SCRIPT_SEND, OK OK),
		{ SCRIPT_WAIT, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	for (int i = 0; i < 3; i++) {
		expect(&c, "head 200 body\nend\n", "ok");
		assert_int_equal(client_stats(&c).idle, 0);
		scripted_go(c.origin);
	}
	assert_int_equal(client_stats(&c).connects, 3);
	finish(&c);
}

static void
test_reuse_may_be_switched_off(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "Host: a\r\nConnection: close\r\n\r\n", 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	c.be.disable_reuse = true;
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(client_stats(&c).idle, 0);
	finish(&c);
}

/* ---- failures ---- */

static void
expect_failure(const struct scripted_step *steps, size_t n, const char *events)
{
	struct client c;

	client_open(&c, scripted_start(AF_INET, steps, n));
	client_start(&c);
	assert_true(client_wait(&c));
	assert_string_equal(client_events(&c), events);
	assert_int_equal(client_stats(&c).idle, 0);
	finish(&c);
}

#define EXPECT_FAILURE(answer, events) \
	do { \
		static const struct scripted_step STEPS[] = { \
			ONE_ANSWER(SCRIPT_SEND, answer), \
			{ SCRIPT_CLOSE, NULL, 0 }, \
		}; \
		expect_failure( \
		    STEPS, sizeof(STEPS) / sizeof(STEPS[0]), events); \
	} while (0)

static void
test_an_answer_cut_short_is_a_failure(void **state)
{
	(void)state;
	EXPECT_FAILURE("", "failed in head: closed by the peer\n");
	EXPECT_FAILURE("HTTP/1.1 200", "failed in head: closed by the peer\n");
	EXPECT_FAILURE(
	    OK_HEAD "o", "head 200 body\nfailed in body: closed by the peer\n");
	EXPECT_FAILURE(
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
	    "head 200 body\nfailed in body: closed by the peer\n");
}

static void
test_a_malformed_answer_is_a_failure(void **state)
{
	(void)state;
	EXPECT_FAILURE(
	    "220 mail.example ESMTP\r\n\r\n", "failed in head: malformed\n");
	EXPECT_FAILURE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		       "Content-Length: 3\r\n\r\nabc",
	    "failed in head: malformed\n");
	EXPECT_FAILURE(
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
	    "head 200 body\nfailed in body: malformed\n");
	EXPECT_FAILURE("HTTP/1.1 101 Switching Protocols\r\n\r\n",
	    "failed in head: not supported\n");
}

static void
test_nobody_listening_is_a_failure_to_connect(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_SIGNAL, NULL, 0 },
	};
	struct address at;
	char url[64];
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	close(sockets_listen(AF_INET, &at));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u",
	    (unsigned)address_port(&at));
	c.be = upstream_backend(&c.up, slice_of(url));
	expect(&c, "failed in connect: connection refused\n", "");
	c.be = upstream_backend(&c.up, SLICE("http://no-such-host.invalid"));
	expect(&c, "failed in connect: name has no address\n", "");
	finish(&c);
}

static void
test_silence_ends_in_a_timeout(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_READ_END, NULL, 0 },
		ONE_ANSWER(SCRIPT_SEND, OK_HEAD "o"),
		{ SCRIPT_READ_END, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	c.be.timeout_ms = 500;
	expect(&c, "failed in head: timed out\n", "");
	expect(&c, "head 200 body\nfailed in body: timed out\n", "o");
	finish(&c);
}

static void
test_a_backend_is_not_blamed_for_a_pause(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK_HEAD "o"),
		{ SCRIPT_WAIT, NULL, 0 },
		{ SCRIPT_SEND, "k", 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	c.be.timeout_ms = 500;
	c.pause_at_body = true;
	client_start(&c);
	assert_true(client_wait(&c));
	turning_for(c.up.loop, 1000);
	assert_false(c.over);
	scripted_go(c.origin);
	HTTP_CONNECTOR.resume(c.ex);
	assert_true(client_wait(&c));
	assert_string_equal(client_body(&c), "ok");
	finish(&c);
}

/* ---- a pooled connection that turns out dead ---- */

static const struct scripted_step DEAD_THEN_WELL[] = {
	ONE_ANSWER(SCRIPT_SEND, OK),
	{ SCRIPT_EXPECT, "\r\n\r\n", 0 }, /* and no answer */
	ONE_ANSWER(SCRIPT_SEND, OK),
};

static void
test_a_dead_pooled_connection_is_replaced_once(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, DEAD_THEN_WELL));
	expect(&c, "head 200 body\nend\n", "ok");
	expect(&c, "head 200 body\nend\n", "ok");
	assert_int_equal(client_stats(&c).reuses, 1);
	assert_int_equal(client_stats(&c).connects, 2);
	finish(&c);
}

static void
test_a_fresh_connection_that_dies_is_not_replaced(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK),
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, GET, 0 },
		{ SCRIPT_CLOSE, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend\n", "ok");
	expect(&c, "failed in head: closed by the peer\n", "");
	finish(&c);
}

static void
test_a_post_is_never_sent_twice(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK),
		{ SCRIPT_EXPECT, "Content-Length: 0\r\n\r\n", 0 },
		{ SCRIPT_CLOSE, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend\n", "ok");
	client_use_method(&c, HTTP_POST, "POST"); /* RFC 9112 9.3.1 */
	expect(&c, "failed in head: closed by the peer\n", "");
	assert_int_equal(client_stats(&c).connects, 1);
	finish(&c);
}

static void
test_a_post_avoids_a_connection_that_has_ended(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND, OK),
		{ SCRIPT_WAIT, NULL, 0 },
		{ SCRIPT_CLOSE, NULL, 0 },
		{ SCRIPT_SIGNAL, NULL, 0 },
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "Content-Length: 0\r\n\r\n", 0 },
		{ SCRIPT_SEND, OK, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	expect(&c, "head 200 body\nend\n", "ok");
	scripted_go(c.origin);
	scripted_wait(c.origin); /* and the loop has not seen it */
	assert_int_equal(client_stats(&c).idle, 1);
	client_use_method(&c, HTTP_POST, "POST");
	expect(&c, "head 200 body\nend\n", "ok");
	finish(&c);
}

/* ---- back-pressure and cancelling ---- */

static void
test_nothing_is_read_while_the_receiver_pauses(void **state)
{
	static const struct scripted_step STEPS[] = {
		ONE_ANSWER(SCRIPT_SEND,
		    "HTTP/1.1 200 OK\r\nContent-Length: 25165824\r\n\r\n"),
		{ SCRIPT_SEND_BYTES, NULL, BIG },
	};
	struct client c;
	uint64_t before;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	c.sums_only = true;
	c.pause_at_body = true;
	client_start(&c);
	for (int i = 0; i < 20; i++) {
		assert_true(client_wait(&c));
		before = c.received;
		turning_settle(c.up.loop);
		assert_int_equal(c.received, before);
		c.pause_at_body = true;
		HTTP_CONNECTOR.resume(c.ex);
	}
	assert_true(c.received < BIG / 2);
	c.pause_at_body = false;
	assert_true(client_wait(&c));
	assert_true(c.over);
	assert_int_equal(c.received, BIG);
	assert_int_equal(c.wrong_bytes, 0);
	finish(&c);
}

static void
test_an_exchange_may_be_cancelled_in_any_event(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_ACCEPT, NULL, 0 },
		{ SCRIPT_EXPECT, "\r\n\r\n", 0 },
		{ SCRIPT_SEND, "HTTP/1.1 103 Early Hints\r\n\r\n" OK, 0 },
		{ SCRIPT_READ_END, NULL, 0 },
	};
	static const char *const EVENT[] = { "interim", "head", "body", "end" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct client c;

		client_open(&c, SCRIPTED(AF_INET, STEPS));
		c.cancel_in = EVENT[i];
		client_start(&c);
		assert_true(client_wait(&c));
		turning_settle(c.up.loop);
		assert_true(
		    slice_ends(strbuf_slice(&c.events), SLICE("cancel\n")));
		finish(&c);
	}
}

static void
test_an_exchange_may_be_cancelled_at_once(void **state)
{
	static const struct scripted_step STEPS[] = {
		{ SCRIPT_SIGNAL, NULL, 0 },
	};
	struct client c;

	(void)state;
	client_open(&c, SCRIPTED(AF_INET, STEPS));
	client_start(&c);
	HTTP_CONNECTOR.cancel(c.ex);
	turning_settle(c.up.loop);
	assert_int_equal(c.events.n, 0);
	finish(&c);
}

static void
test_there_is_a_connector_for_http_alone(void **state)
{
	(void)state;
	assert_ptr_equal(connector_for(SLICE("http")), &HTTP_CONNECTOR);
	assert_ptr_equal(connector_for(SLICE("HTTP")), &HTTP_CONNECTOR);
	assert_null(connector_for(SLICE("https")));
	assert_null(connector_for(SLICE("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections_are_used_again),
		cmocka_unit_test(test_ipv6_and_unix_sockets_are_spoken_to),
		cmocka_unit_test(test_a_chunked_answer_may_come_byte_by_byte),
		cmocka_unit_test(
		    test_an_answer_may_last_to_the_end_of_the_connection),
		cmocka_unit_test(test_a_reset_is_no_end_of_an_answer),
		cmocka_unit_test(test_interim_answers_are_handed_on_but_100),
		cmocka_unit_test(test_head_has_no_body_whatever_its_length),
		cmocka_unit_test(
		    test_a_connection_that_is_not_clean_is_not_used_again),
		cmocka_unit_test(test_reuse_may_be_switched_off),
		cmocka_unit_test(test_an_answer_cut_short_is_a_failure),
		cmocka_unit_test(test_a_malformed_answer_is_a_failure),
		cmocka_unit_test(test_nobody_listening_is_a_failure_to_connect),
		cmocka_unit_test(test_silence_ends_in_a_timeout),
		cmocka_unit_test(test_a_backend_is_not_blamed_for_a_pause),
		cmocka_unit_test(
		    test_a_dead_pooled_connection_is_replaced_once),
		cmocka_unit_test(
		    test_a_fresh_connection_that_dies_is_not_replaced),
		cmocka_unit_test(test_a_post_is_never_sent_twice),
		cmocka_unit_test(
		    test_a_post_avoids_a_connection_that_has_ended),
		cmocka_unit_test(
		    test_nothing_is_read_while_the_receiver_pauses),
		cmocka_unit_test(
		    test_an_exchange_may_be_cancelled_in_any_event),
		cmocka_unit_test(test_an_exchange_may_be_cancelled_at_once),
		cmocka_unit_test(test_there_is_a_connector_for_http_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
