/* tests/unit/proxy/http/test_h1_parse.c: request heads, whole and in pieces
 *
 * Every text that a test names is parsed whole, split in two at every
 * position, and byte by byte; all must come to the same. */
#include "tests/support/assert_slice.h"

#include "tests/support/head_pieces.h"
#include "tests/support/msg.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct h1_limits LIMITS = { 200, 10, 100 };

static struct http_msg *
accept(const char *text)
{
	struct head_outcome o = head_parse_pieces(
	    h1_parse_request, &LIMITS, slice_of(text));

	if (o.rc != LR_OK)
		fail_msg("refused (%s): %s", o.parser.error, text);
	assert_int_equal(o.used, strlen(text));
	return o.msg;
}

/* All of text is refused with that status. */
static void
refuse_bytes(struct slice text, int status)
{
	struct head_outcome o = head_parse_pieces(
	    h1_parse_request, &LIMITS, text);

	if (o.rc != LR_INVALID && o.rc != LR_TOOBIG)
		fail_msg("outcome %d: %.*s", (int)o.rc, SLICE_ARG(text));
	if (o.parser.error_status != status)
		fail_msg("status %d (%s): %.*s", o.parser.error_status,
		    o.parser.error, SLICE_ARG(text));
	assert_non_null(o.parser.error);
	test_msg_free(o.msg);
}

static void
refuse_request(const char *text, int status)
{
	refuse_bytes(slice_of(text), status);
}

static void
accept_request(const char *text)
{
	test_msg_free(accept(text));
}

/* A request of HTTP/1.1 with this line among its fields */
static void
refuse_field(const char *line)
{
	char text[256] = "GET / HTTP/1.1\r\nHost: a\r\n";

	strcat(strcat(text, line), "\r\nX-Last: 1\r\n\r\n");
	refuse_request(text, 400);
}

/* ---- request lines ---- */

static void
test_a_request_head_is_taken_apart(void **state) /* RFC 9112 2.1, 3 */
{
	struct http_msg *m = accept(
	    "GET /a?b HTTP/1.1\r\nHost: a.example\r\n"
	    "ACCEPT:\t x, y \t\r\nX-Empty:\r\nx-k:1\r\n\r\n");

	(void)state;
	assert_int_equal(m->method, HTTP_GET);
	assert_slice(m->method_text, "GET");
	assert_slice(m->target, "/a?b");
	assert_int_equal(m->version_minor, 1);
	assert_int_equal(m->status, 0);
	assert_string_equal(test_msg_fields(m),
	    "Host: a.example\nACCEPT: x, y\nX-Empty: \nx-k: 1\n");
	assert_int_equal(m->fields[1].id, FIELD_ACCEPT);
	assert_int_equal(m->fields[3].id, FIELD_OTHER);
	test_msg_free(m);
}

static void
test_an_unfinished_head_asks_for_more(void **state)
{
	struct slice text = SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

	(void)state;
	for (size_t n = 0; n < text.n; n++) {
		struct head_outcome o = head_parse_pieces(
		    h1_parse_request, &LIMITS, slice_cut(text, 0, n));

		assert_int_equal(o.rc, LR_AGAIN);
		assert_null(o.parser.error);
		test_msg_free(o.msg);
	}
}

static void
test_what_follows_the_head_is_left(void **state) /* RFC 9112 9.3.2 */
{
	struct slice text = SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\n\nrubbish");
	struct head_outcome o = head_parse_pieces(
	    h1_parse_request, &LIMITS, text);

	(void)state;
	assert_int_equal(o.rc, LR_OK);
	assert_slice(slice_cut(text, o.used, text.n), "\nrubbish");
	test_msg_free(o.msg);
}

static void
test_a_parser_reset_takes_the_next_message(void **state)
{
	struct slice text = SLICE("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
				  "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n");
	struct head_outcome o = head_parse_whole(
	    h1_parse_request, &LIMITS, text);

	(void)state;
	assert_slice(o.msg->target, "/1");
	h1_parser_reset(&o.parser);
	text = slice_cut(text, o.used, text.n);
	assert_int_equal(
	    h1_parse_request(&o.parser, text, &LIMITS, o.msg, &o.used), LR_OK);
	assert_slice(o.msg->target, "/2");
	assert_string_equal(test_msg_fields(o.msg), "Host: b\n");
	test_msg_free(o.msg);
}

static void
test_two_empty_lines_before_a_request_are_skipped(void **state)
{
	/* RFC 9112 2.2 */
	(void)state;
	accept_request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
	accept_request("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
	refuse_request("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
}

static void
test_single_blanks_part_the_request_line(void **state) /* RFC 9112 3 */
{
	static const char *const BAD[] = { "GET  / HTTP/1.1", "GET /  HTTP/1.1",
		"GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET / HTTP/1.1 ",
		"GET / HTTP/1.1\t", " GET / HTTP/1.1", "GET / a HTTP/1.1",
		"GET /", "GET", "GET ", "GET / ", "/ HTTP/1.1", "GET HTTP/1.1",
		"GET  HTTP/1.1", "GET /\x0bHTTP/1.1", "GET / HTTP/1.1\r" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		char text[128] = "";

		strcat(strcat(text, BAD[i]), "\r\nHost: a\r\n\r\n");
		refuse_request(text, 400);
	}
}

static void
test_a_method_is_any_token(void **state) /* RFC 9112 3.1 */
{
	struct http_msg *m = accept("get!~ / HTTP/1.1\r\nHost: a\r\n\r\n");

	(void)state;
	assert_int_equal(m->method, HTTP_OTHER);
	assert_slice(m->method_text, "get!~");
	test_msg_free(m);
	refuse_request("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("G\xc3\xa9T / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
}

static void
test_forms_of_the_target_go_with_methods(void **state) /* RFC 9112 3.2 */
{
	(void)state;
	accept_request("GET http://a/b HTTP/1.1\r\nHost: c\r\n\r\n");
	accept_request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
	accept_request("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n");
	accept_request("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
	refuse_request("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("GET /%g0 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	refuse_request("GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
}

static void
test_the_version_is_spelled_exactly(void **state) /* RFC 9112 2.3 */
{
	static const char *const BAD[] = { "http/1.1", "HTTP/1.", "HTTP/1",
		"HTTP/1.1.", "HTTP/1,1", "HTTP/11", "HTTP/1.10", "HTTP/01.1",
		"HTTP /1.1", "HTTP/a.1", "HTTP/1.a", "XTTP/1.1", "1.1" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		char text[128] = "GET / ";

		strcat(strcat(text, BAD[i]), "\r\nHost: a\r\n\r\n");
		refuse_request(text, 400);
	}
}

static void
test_other_major_versions_are_not_supported(void **state)
{
	(void)state; /* RFC 9110 15.6.6 */
	refuse_request("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
	refuse_request("GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505);
	refuse_request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
}

static void
test_a_higher_minor_version_is_1_1(void **state) /* RFC 9110 2.5 */
{
	struct http_msg *m = accept("GET / HTTP/1.9\r\nHost: a\r\n\r\n");

	(void)state;
	assert_int_equal(m->version_minor, 1);
	test_msg_free(m);
	m = accept("GET / HTTP/1.0\r\n\r\n");
	assert_int_equal(m->version_minor, 0);
	test_msg_free(m);
}

static void
test_exactly_one_valid_host(void **state) /* RFC 9112 3.2 */
{
	static const char *const BAD[] = { "", "X: y\r\n",
		"Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host:\r\n",
		"Host: a b\r\n", "Host: a,b:1,2\r\n", "Host: a:x\r\n",
		"Host: a:99999\r\n", "Host: a/b\r\n", "Host: u@a\r\n",
		"Host: [::1\r\n", "Host: http://a\r\n", "Host: a:1:2\r\n",
		"Host: a%\r\n", "Host: \xc3\xa9\r\n" };
	static const char *const GOOD[] = { "a", "a.example:8080", "[::1]",
		"[2001:db8::1]:80", "127.0.0.1", "a:", "a_b", "a%20b" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		strcpy(text, "GET / HTTP/1.1\r\n");
		refuse_request(strcat(strcat(text, BAD[i]), "\r\n"), 400);
	}
	for (size_t i = 0; i < COUNT(GOOD); i++) {
		strcpy(text, "GET / HTTP/1.1\r\nHost: ");
		accept_request(strcat(strcat(text, GOOD[i]), "\r\n\r\n"));
	}
}

static void
test_http_1_0_may_leave_host_out_but_not_spoil_it(void **state)
{
	(void)state;
	accept_request("GET / HTTP/1.0\r\n\r\n");
	refuse_request("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
	refuse_request("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400);
}

/* ---- fields ---- */

static void
test_no_blank_before_the_colon(void **state) /* RFC 9112 5.1 */
{
	(void)state;
	refuse_field("X-K : 1");
	refuse_field("X-K\t: 1");
	refuse_field("X K: 1");
	refuse_field("Content-Length : 5");
}

static void
test_a_field_name_is_a_token(void **state) /* RFC 9110 5.1 */
{
	(void)state;
	refuse_field(": 1");
	refuse_field("X-K");
	refuse_field("X(K): 1");
	refuse_field("X\x7f: 1");
	refuse_field("X\xc3\xa9: 1");
	refuse_field("\"X\": 1");
	accept_request("GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~9: "
		       "1\r\n\r\n");
}

static void
test_folded_lines_are_refused(void **state) /* RFC 9112 5.2 */
{
	(void)state;
	refuse_field("X-K: 1\r\n 2");
	refuse_field("X-K: 1\r\n\t2");
	refuse_field("X-K: 1\r\n ");
	/* right behind the request line, too (2.2) */
	refuse_request("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);
}

static void
test_bare_cr_and_bare_lf_end_no_line(void **state) /* RFC 9112 2.2 */
{
	(void)state;
	refuse_field("X-K: 1\n");
	refuse_field("X-K: 1\rX-J: 2");
	refuse_field("X-K: 1\r");
	refuse_field("X-K: \r1");
	refuse_field("X-K: 1\nX-J: 2");
	refuse_request("GET / HTTP/1.1\nHost: a\r\n\r\n", 400);
	refuse_request("GET / HTTP/1.1\rHost: a\r\n\r\n", 400);
	refuse_request("GET / HTTP/1.1\r\nHost: a\r\n\n", 400);
	refuse_request("GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", 400);
	refuse_request("GET / HTTP/1.1\r\nHost: a\n\n", 400);
}

static void
test_control_bytes_in_values_are_refused(void **state) /* RFC 9110 5.5 */
{
	char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX-K: 1_2\r\n\r\n";
	char *at = strchr(text, '_');

	(void)state;
	for (int c = 0; c < 0x20; c++) {
		*at = (char)c;
		if (c != '\t')
			refuse_bytes(slice_make(text, sizeof(text) - 1), 400);
	}
	*at = 0x7f;
	refuse_request(text, 400);
	*at = '\t';
	accept_request(text);
	*at = (char)0xe9; /* obs-text */
	accept_request(text);
}

/* ---- limits ---- */

/* "GET /xxx HTTP/1.1" with a line of n bytes */
static const char *
long_request_line(char *text, size_t n)
{
	memset(text, 'x', n);
	memcpy(text, "GET /", 5);
	strcpy(text + n - 9, " HTTP/1.1\r\nHost: a\r\n\r\n");
	return text;
}

static void
test_a_request_line_over_the_limit_is_414(void **state)
{
	char text[512];

	(void)state; /* RFC 9112 3 */
	accept_request(long_request_line(text, LIMITS.line_bytes));
	refuse_request(long_request_line(text, LIMITS.line_bytes + 1), 414);
	refuse_request(long_request_line(text, LIMITS.line_bytes + 99), 414);
	/* without waiting for its end */
	text[LIMITS.line_bytes + 2] = '\0';
	refuse_request(text, 414);
}

static const char *
long_field(char *text, size_t n, const char *end)
{
	size_t head = strlen(strcpy(text, "GET / HTTP/1.1\r\nHost: a\r\n"));

	memset(text + head, 'x', n);
	memcpy(text + head, "X-K: ", 5);
	strcpy(text + head + n, end);
	return text;
}

static void
test_a_field_over_the_limit_is_431(void **state) /* RFC 6585 5 */
{
	const size_t n = LIMITS.field_bytes;
	char text[512];

	(void)state;
	accept_request(long_field(text, n, "\r\n\r\n"));
	refuse_request(long_field(text, n + 1, "\r\n\r\n"), 431);
	refuse_request(long_field(text, n + 1, "\n\r\n"), 431);
	refuse_request(long_field(text, n, "\n\r\n"), 400);
	refuse_request(long_field(text, n + 2, ""), 431);
}

static void
test_more_fields_than_the_limit_are_431(void **state)
{
	char text[512] = "GET / HTTP/1.1\r\nHost: a\r\n";

	(void)state;
	for (size_t i = 1; i < LIMITS.fields; i++)
		strcat(text, "a: b\r\n");
	strcat(text, "\r\n");
	accept_request(text);
	strcpy(text + strlen(text) - 2, "a: b\r\n\r\n");
	refuse_request(text, 431);
}

static void
test_what_cannot_become_http_is_refused_at_once(void **state)
{
	struct head_outcome o = head_parse_whole(
	    h1_parse_request, &LIMITS, SLICE("\x16\x03\x01\x02"));

	(void)state;
	assert_int_equal(o.rc, LR_INVALID);
	assert_int_equal(o.parser.error_status, 400);
	test_msg_free(o.msg);
	refuse_request("{\"a\":", 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_head_is_taken_apart),
		cmocka_unit_test(test_an_unfinished_head_asks_for_more),
		cmocka_unit_test(test_what_follows_the_head_is_left),
		cmocka_unit_test(test_a_parser_reset_takes_the_next_message),
		cmocka_unit_test(
		    test_two_empty_lines_before_a_request_are_skipped),
		cmocka_unit_test(test_single_blanks_part_the_request_line),
		cmocka_unit_test(test_a_method_is_any_token),
		cmocka_unit_test(test_forms_of_the_target_go_with_methods),
		cmocka_unit_test(test_the_version_is_spelled_exactly),
		cmocka_unit_test(test_other_major_versions_are_not_supported),
		cmocka_unit_test(test_a_higher_minor_version_is_1_1),
		cmocka_unit_test(test_exactly_one_valid_host),
		cmocka_unit_test(
		    test_http_1_0_may_leave_host_out_but_not_spoil_it),
		cmocka_unit_test(test_no_blank_before_the_colon),
		cmocka_unit_test(test_a_field_name_is_a_token),
		cmocka_unit_test(test_folded_lines_are_refused),
		cmocka_unit_test(test_bare_cr_and_bare_lf_end_no_line),
		cmocka_unit_test(test_control_bytes_in_values_are_refused),
		cmocka_unit_test(test_a_request_line_over_the_limit_is_414),
		cmocka_unit_test(test_a_field_over_the_limit_is_431),
		cmocka_unit_test(test_more_fields_than_the_limit_are_431),
		cmocka_unit_test(
		    test_what_cannot_become_http_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
