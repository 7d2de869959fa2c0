/* tests/unit/proxy/http/test_forward.c: messages on their way through */
#include "tests/support/assert_slice.h"

#include "proxy/http/forward.h"
#include "tests/support/msg.h"

static const struct forward_context CONTEXT = {
	.client_address = { "192.0.2.1", 9 },
	.client_scheme = { "https", 5 },
	.request_host = { "www.example", 11 },
	.server_name = { "srv", 3 },
	.backend_host = { "10.0.0.1:80", 11 },
	.target = { "/to", 3 },
	.via_name = { "larder", 6 },
};

static void
strips_to(const char *fields, const char *want)
{
	struct http_msg *m = test_request(fields);

	forward_strip_hop_by_hop(m);
	assert_string_equal(test_msg_fields(m), want);
	test_msg_free(m);
}

static void
forwards_to(
    const char *head, const struct forward_context *ctx, const char *want)
{
	struct http_msg *in = test_request(head), *out = test_msg();
	size_t n_before = in->n_fields;

	assert_int_equal(forward_request(in, ctx, out), LR_OK);
	assert_string_equal(test_msg_fields(out), want);
	assert_int_equal(in->n_fields, n_before);
	test_msg_free(out);
	test_msg_free(in);
}

static void
test_fields_of_the_connection_go(void **state) /* RFC 9110 7.6.1 */
{
	(void)state;
	strips_to(
	    "A: 1\nConnection: close\nKeep-Alive: x\nTE: trailers\n"
	    "Proxy-Connection: x\nTrailer: X\nTransfer-Encoding: chunked\n"
	    "Upgrade: h2c\nProxy-Authorization: x\n"
	    "Proxy-Authenticate: x\nB: 2",
	    "A: 1\nB: 2\n");
}

static void
test_fields_named_in_connection_go(void **state) /* RFC 9110 7.6.1 */
{
	(void)state;
	strips_to("X-A: 1\nConnection: x-a, keep-alive,X-B\nX-B: 2\nX-C: 3\n"
		  "Connection: ETag\nETag: e\nx-a: 4",
	    "X-C: 3\n");
	strips_to("close: 1\nX-C: 3\nConnection: x, close", "X-C: 3\n");
}

static void
test_what_connection_names_can_go_alone(void **state) /* RFC 9110 7.6.1 */
{
	struct http_msg *m = test_request(
	    "X-A: 1\nTE: x\nConnection: x-a, TE, host\nHost: a\nX-A: 2\nB: 3");

	(void)state;
	forward_strip_nominated(m);
	assert_string_equal(test_msg_fields(m),
	    "TE: x\nConnection: x-a, TE, host\nHost: a\nB: 3\n");
	test_msg_free(m);
}

static void
test_what_is_for_everybody_cannot_be_named_away(void **state)
{
	(void)state; /* RFC 9110 7.6.1: "MUST NOT send" */
	strips_to("Cache-Control: private\nHost: a\nAge: 1\n"
		  "Connection: cache-control, host, age",
	    "Cache-Control: private\nHost: a\nAge: 1\n");
}

static void
test_a_request_goes_on_with_the_backends_host(void **state)
{
	struct http_msg *in = test_request("POST /from HTTP/1.0\nX: 1\n"
					   "Host: www.example");
	struct http_msg *out = test_msg();

	(void)state;
	assert_int_equal(forward_request(in, &CONTEXT, out), LR_OK);
	assert_int_equal(out->method, HTTP_POST);
	assert_slice(out->method_text, "POST");
	assert_slice(out->target, "/to");
	assert_string_equal(
	    test_msg_fields(out), "Host: 10.0.0.1:80\nX: 1\nVia: 1.0 larder\n");
	test_msg_free(out);
	test_msg_free(in);
}

static void
test_host_is_preserved_when_asked(void **state)
{
	struct forward_context ctx = CONTEXT;

	(void)state;
	ctx.preserve_host = true;
	ctx.via_name = SLICE("");
	forwards_to(
	    "X: 1\nHost: www.example", &ctx, "Host: www.example\nX: 1\n");
	ctx.request_host = SLICE("");
	forwards_to("GET / HTTP/1.0\nX: 1", &ctx, "Host: 10.0.0.1:80\nX: 1\n");
}

static void
test_framing_and_expect_are_left_to_the_connector(void **state)
{
	struct forward_context ctx = CONTEXT;

	(void)state;
	ctx.via_name = SLICE("");
	forwards_to("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n"
		    "Expect: 100-continue\nContent-Type: t",
	    &ctx, "Host: 10.0.0.1:80\nContent-Type: t\n");
	forwards_to("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked",
	    &ctx, "Host: 10.0.0.1:80\n");
}

static void
test_forwarded_fields_are_appended_to(void **state)
{
	struct forward_context ctx = CONTEXT;

	(void)state; /* mod_proxy's ProxyAddHeaders */
	ctx.add_headers = true;
	forwards_to("X-Forwarded-For: 198.51.100.7\nX-Forwarded-For: b\n"
		    "Via: 1.0 fred, 1.1 x",
	    &ctx,
	    "Host: 10.0.0.1:80\n"
	    "X-Forwarded-For: 198.51.100.7, b, 192.0.2.1\n"
	    "X-Forwarded-Host: www.example\n"
	    "X-Forwarded-Server: srv\nX-Forwarded-Proto: https\n"
	    "Via: 1.0 fred, 1.1 x, 1.1 larder\n");
}

static void
test_forwarded_fields_cannot_be_named_away(void **state)
{
	struct forward_context ctx = CONTEXT;

	(void)state;
	ctx.add_headers = true;
	ctx.server_name = SLICE("");
	forwards_to("Connection: X-Forwarded-For, Via\nX-Forwarded-For: a",
	    &ctx,
	    "Host: 10.0.0.1:80\nX-Forwarded-For: 192.0.2.1\n"
	    "X-Forwarded-Host: www.example\nX-Forwarded-Proto: https\n"
	    "Via: 1.1 larder\n");
}

static void
test_a_response_without_date_gets_one(void **state) /* RFC 9110 6.6.1 */
{
	struct http_msg *m = test_response("Connection: close\nX: 1");

	(void)state;
	assert_int_equal(forward_response(m, 784111777), LR_OK);
	assert_string_equal(
	    test_msg_fields(m), "X: 1\nDate: Sun, 06 Nov 1994 08:49:37 GMT\n");
	assert_int_equal(forward_response(m, 1), LR_OK);
	assert_int_equal(m->n_fields, 2);
	test_msg_free(m);
}

static void
test_interim_responses_need_no_date(void **state)
{
	struct http_msg *m = test_response("HTTP/1.1 103 Early Hints\nX: 1");

	(void)state;
	assert_int_equal(forward_response(m, 0), LR_OK);
	assert_string_equal(test_msg_fields(m), "X: 1\n");
	test_msg_free(m);
}

static void
test_interim_responses_lose_what_is_not_for_clients(void **state)
{
	struct http_msg *m = test_response(
	    "HTTP/1.1 103 Early Hints\nConnection: X-Hop, close\nX-Hop: 1\n"
	    "Keep-Alive: x\nTransfer-Encoding: chunked\nUpgrade: x\n"
	    "Content-Length: 4\nLink: a");

	(void)state; /* RFC 9110 7.6.1, 8.6 */
	assert_int_equal(forward_response(m, 0), LR_OK);
	assert_string_equal(test_msg_fields(m), "Link: a\n");
	test_msg_free(m);
}

static enum lr
max_forwards(const char *head, const char *want)
{
	struct http_msg *m = test_request(head);
	enum lr rc = forward_max_forwards(m);

	assert_string_equal(test_msg_fields(m), want);
	test_msg_free(m);
	return rc;
}

static void
test_max_forwards_counts_down_to_here(void **state) /* RFC 9110 7.6.2 */
{
	(void)state;
	assert_int_equal(max_forwards("TRACE / HTTP/1.1\nMax-Forwards: 10",
			     "Max-Forwards: 9\n"),
	    LR_OK);
	assert_int_equal(max_forwards("OPTIONS * HTTP/1.1\nMax-Forwards: 0",
			     "Max-Forwards: 0\n"),
	    LR_NOTFOUND);
	assert_int_equal(max_forwards("OPTIONS * HTTP/1.1", ""), LR_OK);
	assert_int_equal(max_forwards("TRACE / HTTP/1.1\nMax-Forwards: x",
			     "Max-Forwards: x\n"),
	    LR_OK);
	/* ignored for others */
	assert_int_equal(max_forwards("GET / HTTP/1.1\nMax-Forwards: 0",
			     "Max-Forwards: 0\n"),
	    LR_OK);
}

static bool
is_loop(const char *fields, const char *name)
{
	struct http_msg *m = test_request(fields);
	bool loop = forward_is_loop(m, slice_of(name));

	test_msg_free(m);
	return loop;
}

static void
test_our_own_name_in_via_is_a_loop(void **state) /* RFC 9110 7.6.3 */
{
	(void)state;
	assert_true(is_loop("Via: 1.1 larder", "larder"));
	assert_true(is_loop("Via: 1.0 fred, 1.1 Larder (x)", "larder"));
	assert_true(is_loop("Via: 1.0 fred\nVia: HTTP/1.1 larder", "larder"));
	assert_false(is_loop("Via: 1.1 larder2, 1.1 x-larder", "larder"));
	assert_false(is_loop("Via: 1.1 a (larder)", "larder"));
	assert_false(is_loop("X: 1.1 larder", "larder"));
	assert_false(is_loop("Via: 1.1", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_of_the_connection_go),
		cmocka_unit_test(test_fields_named_in_connection_go),
		cmocka_unit_test(test_what_connection_names_can_go_alone),
		cmocka_unit_test(
		    test_what_is_for_everybody_cannot_be_named_away),
		cmocka_unit_test(test_a_request_goes_on_with_the_backends_host),
		cmocka_unit_test(test_host_is_preserved_when_asked),
		cmocka_unit_test(
		    test_framing_and_expect_are_left_to_the_connector),
		cmocka_unit_test(test_forwarded_fields_are_appended_to),
		cmocka_unit_test(test_forwarded_fields_cannot_be_named_away),
		cmocka_unit_test(test_a_response_without_date_gets_one),
		cmocka_unit_test(test_interim_responses_need_no_date),
		cmocka_unit_test(
		    test_interim_responses_lose_what_is_not_for_clients),
		cmocka_unit_test(test_max_forwards_counts_down_to_here),
		cmocka_unit_test(test_our_own_name_in_via_is_a_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
