/* tests/unit/proxy/http/test_h1_body.c: where bodies end (RFC 9112 6.3) */
#include "tests/support/assert_slice.h"

#include "proxy/http/h1_body.h"
#include "tests/support/msg.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
request_is(const char *text, enum h1_framing framing, uint64_t length)
{
	struct http_msg *m = test_request(text);
	struct h1_body body = { H1_BODY_CLOSE, 77 };
	int status = 0;

	if (h1_request_body(m, &body, &status) != LR_OK)
		fail_msg("refused: %s", text);
	if (body.framing != framing)
		fail_msg("framing %d: %s", (int)body.framing, text);
	assert_int_equal(body.length, length);
	assert_int_equal(status, 0);
	test_msg_free(m);
}

static void
request_is_refused(const char *text, enum lr want, int want_status)
{
	struct http_msg *m = test_request(text);
	struct h1_body body = { H1_BODY_CLOSE, 77 };
	int status = 0;

	if (h1_request_body(m, &body, &status) != want)
		fail_msg("outcome: %s", text);
	assert_int_equal(status, want_status);
	assert_int_equal(body.framing, H1_BODY_CLOSE);
	assert_int_equal(body.length, 77);
	test_msg_free(m);
}

static void
response_is(const char *text, enum http_method method, enum h1_framing framing,
    uint64_t length)
{
	struct http_msg *m = test_response(text);
	struct h1_body body = { H1_BODY_NONE, 77 };

	if (h1_response_body(m, method, &body) != LR_OK)
		fail_msg("refused: %s", text);
	if (body.framing != framing)
		fail_msg("framing %d: %s", (int)body.framing, text);
	assert_int_equal(body.length, length);
	test_msg_free(m);
}

static void
response_is_refused(const char *text, enum lr want)
{
	struct http_msg *m = test_response(text);
	struct h1_body body;

	if (h1_response_body(m, HTTP_GET, &body) != want)
		fail_msg("outcome: %s", text);
	test_msg_free(m);
}

static void
test_a_request_without_either_field_has_no_body(void **state)
{
	(void)state; /* RFC 9112 6.3, item 7 */
	request_is("GET / HTTP/1.1", H1_BODY_NONE, 0);
	request_is("POST / HTTP/1.1", H1_BODY_NONE, 0);
	request_is("POST / HTTP/1.1\nContent-Length: 0", H1_BODY_NONE, 0);
}

static void
test_content_length_is_a_plain_number(void **state) /* RFC 9110 8.6 */
{
	static const char *const BAD[] = { "", "+5", "-5", "5 5", "5.", "0x5",
		"5,", ",5", "5,5", "5, 5", "5,6", "five", "\"5\"", "5;a",
		"9223372036854775808", "99999999999999999999999" };
	char text[128];

	(void)state;
	request_is("GET / HTTP/1.1\nContent-Length: 5", H1_BODY_LENGTH, 5);
	request_is("GET / HTTP/1.1\nContent-Length: 005", H1_BODY_LENGTH, 5);
	request_is("PUT / HTTP/1.0\nContent-Length: 9223372036854775807",
	    H1_BODY_LENGTH, INT64_MAX);
	for (size_t i = 0; i < COUNT(BAD); i++) {
		strcpy(text, "POST / HTTP/1.1\nContent-Length: ");
		request_is_refused(strcat(text, BAD[i]), LR_INVALID, 400);
	}
}

static void
test_a_request_says_its_length_once(void **state) /* RFC 9112 6.3, item 5 */
{
	(void)state;
	request_is_refused("POST / HTTP/1.1\nContent-Length: 5\n"
			   "Content-Length: 6",
	    LR_INVALID, 400);
	request_is_refused("POST / HTTP/1.1\nContent-Length: 5\n"
			   "content-length: 5",
	    LR_INVALID, 400);
}

static void
test_chunked_alone_is_chunked(void **state) /* RFC 9112 6.1 */
{
	(void)state;
	request_is(
	    "POST / HTTP/1.1\nTransfer-Encoding: chunked", H1_BODY_CHUNKED, 0);
	request_is(
	    "GET / HTTP/1.1\nTransfer-Encoding: Chunked", H1_BODY_CHUNKED, 0);
}

static void
test_chunked_must_come_last_and_once(void **state) /* RFC 9112 6.1, 6.3 */
{
	static const char *const BAD[] = { "chunked, chunked", "identity",
		"chunked, identity", "gzip", "chunked, gzip", "", ",",
		"xchunked", "chunked;q=1", "\"chunked\"", "chunked chunked",
		"chunked\nTransfer-Encoding: chunked",
		"chunked\nTransfer-Encoding: gzip", "\200chunked" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		strcpy(text, "POST / HTTP/1.1\nTransfer-Encoding: ");
		request_is_refused(strcat(text, BAD[i]), LR_INVALID, 400);
	}
}

static void
test_other_codings_are_not_implemented(void **state) /* RFC 9112 6.1 */
{
	(void)state;
	request_is_refused("POST / HTTP/1.1\nTransfer-Encoding: gzip, chunked",
	    LR_UNSUPPORTED, 501);
	request_is_refused("POST / HTTP/1.1\nTransfer-Encoding: gzip\n"
			   "Transfer-Encoding: chunked",
	    LR_UNSUPPORTED, 501);
	response_is_refused("HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked",
	    LR_UNSUPPORTED);
}

static void
test_both_lengths_are_an_attack(void **state) /* RFC 9112 6.1, 11.2 */
{
	(void)state;
	request_is_refused("POST / HTTP/1.1\nTransfer-Encoding: chunked\n"
			   "Content-Length: 5",
	    LR_INVALID, 400);
	request_is_refused("POST / HTTP/1.1\nContent-Length: 0\n"
			   "Transfer-Encoding: chunked",
	    LR_INVALID, 400);
	response_is_refused("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n"
			    "Content-Length: 5",
	    LR_INVALID);
}

static void
test_http_1_0_knows_no_transfer_encoding(void **state) /* RFC 9112 6.1 */
{
	(void)state;
	request_is_refused(
	    "POST / HTTP/1.0\nTransfer-Encoding: chunked", LR_INVALID, 400);
	response_is_refused(
	    "HTTP/1.0 200 OK\nTransfer-Encoding: chunked", LR_INVALID);
}

static void
test_some_responses_never_have_a_body(void **state)
{
	/* RFC 9112 6.3, items 1 and 2 */
	(void)state;
	response_is(
	    "HTTP/1.1 200 OK\nContent-Length: 5", HTTP_HEAD, H1_BODY_NONE, 0);
	response_is("HTTP/1.1 304 Not Modified\nContent-Length: 5", HTTP_GET,
	    H1_BODY_NONE, 0);
	response_is("HTTP/1.1 204 No Content", HTTP_GET, H1_BODY_NONE, 0);
	response_is("HTTP/1.1 103 Early Hints", HTTP_GET, H1_BODY_NONE, 0);
	response_is("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", HTTP_CONNECT,
	    H1_BODY_NONE, 0);
	response_is("HTTP/1.1 403 No\nContent-Length: 5", HTTP_CONNECT,
	    H1_BODY_LENGTH, 5);
}

static void
test_other_responses_end_by_their_framing(void **state)
{
	(void)state; /* RFC 9112 6.3, items 4 to 8 */
	response_is(
	    "HTTP/1.1 200 OK\nContent-Length: 5", HTTP_GET, H1_BODY_LENGTH, 5);
	response_is(
	    "HTTP/1.1 200 OK\nContent-Length: 0", HTTP_GET, H1_BODY_LENGTH, 0);
	response_is("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", HTTP_GET,
	    H1_BODY_CHUNKED, 0);
	response_is("HTTP/1.1 200 OK", HTTP_GET, H1_BODY_CLOSE, 0);
}

static void
test_a_response_may_repeat_the_same_length(void **state)
{
	(void)state; /* RFC 9112 6.3, item 5 */
	response_is("HTTP/1.1 200 OK\nContent-Length: 5, 5", HTTP_GET,
	    H1_BODY_LENGTH, 5);
	response_is("HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 5",
	    HTTP_GET, H1_BODY_LENGTH, 5);
	response_is_refused(
	    "HTTP/1.1 200 OK\nContent-Length: 5, 6", LR_INVALID);
	response_is_refused("HTTP/1.1 200 OK\nContent-Length: 5\n"
			    "Content-Length: 6",
	    LR_INVALID);
	response_is_refused("HTTP/1.1 200 OK\nContent-Length: 5,", LR_INVALID);
}

static bool
keeps_alive(const char *text)
{
	struct http_msg *m = test_request(text);
	bool keep = h1_keep_alive(m);

	test_msg_free(m);
	return keep;
}

static void
test_connections_persist_as_the_version_and_connection_say(void **state)
{
	(void)state; /* RFC 9112 9.3 */
	assert_true(keeps_alive("GET / HTTP/1.1"));
	assert_true(keeps_alive("GET / HTTP/1.1\nConnection: x, keep-alive"));
	assert_false(keeps_alive("GET / HTTP/1.1\nConnection: CLOSE"));
	assert_false(keeps_alive("GET / HTTP/1.1\nConnection: x, close"));
	assert_false(keeps_alive("GET / HTTP/1.1\nConnection: x\n"
				 "Connection: close"));
	assert_false(keeps_alive("GET / HTTP/1.0"));
	assert_true(keeps_alive("GET / HTTP/1.0\nConnection: Keep-Alive"));
	assert_false(
	    keeps_alive("GET / HTTP/1.0\nConnection: keep-alive, close"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_request_without_either_field_has_no_body),
		cmocka_unit_test(test_content_length_is_a_plain_number),
		cmocka_unit_test(test_a_request_says_its_length_once),
		cmocka_unit_test(test_chunked_alone_is_chunked),
		cmocka_unit_test(test_chunked_must_come_last_and_once),
		cmocka_unit_test(test_other_codings_are_not_implemented),
		cmocka_unit_test(test_both_lengths_are_an_attack),
		cmocka_unit_test(test_http_1_0_knows_no_transfer_encoding),
		cmocka_unit_test(test_some_responses_never_have_a_body),
		cmocka_unit_test(test_other_responses_end_by_their_framing),
		cmocka_unit_test(test_a_response_may_repeat_the_same_length),
		cmocka_unit_test(
		    test_connections_persist_as_the_version_and_connection_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
