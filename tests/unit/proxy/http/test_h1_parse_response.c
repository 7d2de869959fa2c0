/* tests/unit/proxy/http/test_h1_parse_response.c: response heads, and field
 * lines alone; every response is parsed whole and in pieces */
#include "tests/support/assert_slice.h"

#include "tests/support/head_pieces.h"
#include "tests/support/msg.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct h1_limits LIMITS = { 200, 10, 100 };

static struct http_msg *
accept_response(const char *text)
{
	struct head_outcome o = head_parse_pieces(
	    h1_parse_response, &LIMITS, slice_of(text));

	if (o.rc != LR_OK)
		fail_msg("refused (%s): %s", o.parser.error, text);
	assert_int_equal(o.used, strlen(text));
	return o.msg;
}

static void
refuse_response(const char *text)
{
	struct head_outcome o = head_parse_pieces(
	    h1_parse_response, &LIMITS, slice_of(text));

	if (o.rc != LR_INVALID)
		fail_msg("outcome %d: %s", (int)o.rc, text);
	assert_int_equal(o.parser.error_status, 502);
	assert_non_null(o.parser.error);
	test_msg_free(o.msg);
}

static void
test_a_response_head_is_taken_apart(void **state) /* RFC 9112 4 */
{
	struct http_msg *m = accept_response(
	    "HTTP/1.1 404 Not  Found\r\nServer: x\r\n\r\n");

	(void)state;
	assert_int_equal(m->status, 404);
	assert_slice(m->reason, "Not  Found");
	assert_slice(http_msg_value(m, FIELD_SERVER), "x");
	test_msg_free(m);
}

static void
test_a_reason_may_be_missing_or_obs_text(void **state) /* RFC 9112 4 */
{
	struct http_msg *m = accept_response("HTTP/1.1 200 \r\n\r\n");

	(void)state;
	assert_slice(m->reason, "");
	test_msg_free(m);
	m = accept_response("HTTP/1.0 200\r\n\r\n");
	assert_slice(m->reason, "");
	assert_int_equal(m->version_minor, 0);
	test_msg_free(m);
	m = accept_response("HTTP/1.1 200 \xc3\xa9\r\n\r\n");
	assert_slice(m->reason, "\xc3\xa9");
	test_msg_free(m);
}

static void
test_malformed_status_lines_are_refused(void **state)
{
	static const char *const BAD[] = { "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK",
		"HTTP/1.1 099 x", "HTTP/1.1  200 OK", "HTTP/1.1 +20 x",
		"HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK", "HTTP/1.1 20x OK",
		"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/2.0 200 OK",
		"HTTP/2 200", "http/1.1 200 OK", "ICY 200 OK",
		"HTTP/1.1 200 O\x01K", "HTTP/1.1 200 O\rK", "<html>", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		char text[128] = "";

		refuse_response(strcat(strcat(text, BAD[i]), "\r\n\r\n"));
	}
}

static void
test_responses_are_no_laxer_about_fields(void **state)
{
	(void)state;
	refuse_response("HTTP/1.1 200 OK\r\nX : 1\r\n\r\n");
	refuse_response("HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n");
	refuse_response("HTTP/1.1 200 OK\nX: 1\n\n");
	refuse_response("\r\nHTTP/1.1 200 OK\r\n\r\n");
}

/* ---- field lines alone ---- */

static enum lr
parse_fields(const char *text)
{
	struct http_msg *m = test_msg();
	enum lr rc = h1_parse_fields(slice_of(text), &LIMITS, m);

	if (rc == LR_OK)
		assert_true(m->n_fields <= LIMITS.fields);
	test_msg_free(m);
	return rc;
}

static void
test_field_lines_alone(void **state) /* RFC 9112 7.1.2 */
{
	struct http_msg *m = test_msg();

	(void)state;
	assert_int_equal(
	    h1_parse_fields(SLICE("X-A: 1\r\nDate: d\r\n"), &LIMITS, m), LR_OK);
	assert_int_equal(
	    h1_parse_fields(SLICE("X-B: 2\r\n"), &LIMITS, m), LR_OK);
	assert_string_equal(test_msg_fields(m), "X-A: 1\nDate: d\nX-B: 2\n");
	test_msg_free(m);
	assert_int_equal(parse_fields(""), LR_OK);
	assert_int_equal(parse_fields("X-A: 1"), LR_INVALID);
	assert_int_equal(parse_fields("X-A: 1\r"), LR_INVALID);
	assert_int_equal(parse_fields("X-A: 1\n"), LR_INVALID);
	assert_int_equal(parse_fields("X-A: 1\r\n\r\n"), LR_INVALID);
	assert_int_equal(parse_fields("X-A: 1\r\n 2\r\n"), LR_INVALID);
	assert_int_equal(parse_fields("a:b\r\na:b\r\na:b\r\na:b\r\na:b\r\n"
				      "a:b\r\na:b\r\na:b\r\na:b\r\na:b\r\n"),
	    LR_OK);
	assert_int_equal(parse_fields("a:b\r\na:b\r\na:b\r\na:b\r\na:b\r\n"
				      "a:b\r\na:b\r\na:b\r\na:b\r\na:b\r\n"
				      "a:b\r\n"),
	    LR_TOOBIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_response_head_is_taken_apart),
		cmocka_unit_test(test_a_reason_may_be_missing_or_obs_text),
		cmocka_unit_test(test_malformed_status_lines_are_refused),
		cmocka_unit_test(test_responses_are_no_laxer_about_fields),
		cmocka_unit_test(test_field_lines_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
