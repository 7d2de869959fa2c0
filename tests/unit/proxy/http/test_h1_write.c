/* tests/unit/proxy/http/test_h1_write.c: heads to bytes */
#include "tests/support/assert_slice.h"

#include "proxy/http/h1_parse.h"
#include "proxy/http/h1_write.h"
#include "store/base/num.h"
#include "tests/support/msg.h"

static void
test_a_request_is_written_with_its_target_as_it_stands(void **state)
{
	struct http_msg *m = test_request("PUT /a%2f?b HTTP/1.0\nHost: a\n"
					  "x-K: 1");
	struct strbuf out = { 0 };

	(void)state; /* RFC 9112 2.3: our own version */
	h1_write_request(&out, m);
	assert_slice(strbuf_slice(&out),
	    "PUT /a%2f?b HTTP/1.1\r\nHost: a\r\nx-K: 1\r\n\r\n");
	strbuf_free(&out);
	test_msg_free(m);
}

static void
test_a_response_keeps_the_blank_of_a_missing_reason(void **state)
{
	struct http_msg *m = test_response("HTTP/1.0 200\nX-K:");
	struct strbuf out = { 0 };

	(void)state; /* RFC 9112 4 */
	h1_write_response(&out, m);
	assert_slice(strbuf_slice(&out), "HTTP/1.1 200 \r\nX-K: \r\n\r\n");
	strbuf_free(&out);
	test_msg_free(m);
}

static void
test_an_open_response_takes_more_fields(void **state)
{
	struct http_msg *m = test_response("HTTP/1.1 404 Not Found\nX-K: 1");
	struct strbuf out = { 0 };

	(void)state;
	h1_write_response_open(&out, m);
	h1_write_field(&out, SLICE("X-J"), SLICE("2"));
	h1_write_field_u64(&out, SLICE("Age"), UINT64_MAX);
	assert_slice(strbuf_slice(&out),
	    "HTTP/1.1 404 Not Found\r\nX-K: 1\r\nX-J: 2\r\n"
	    "Age: 18446744073709551615\r\n");
	strbuf_free(&out);
	test_msg_free(m);
}

static void
test_what_is_written_parses_to_the_same(void **state)
{
	const struct h1_limits lim = { 1000, 0, 1000 };
	struct http_msg *m = test_request("OPTIONS * HTTP/1.1\nHost: a\n"
					  "X-K:  1, 2\nx-k:");
	struct http_msg *back = test_msg();
	struct h1_parser p = { 0 };
	struct strbuf out = { 0 };
	size_t used = 0;

	(void)state;
	h1_write_request(&out, m);
	assert_int_equal(
	    h1_parse_request(&p, strbuf_slice(&out), &lim, back, &used), LR_OK);
	assert_int_equal(used, out.n);
	assert_int_equal(back->method, HTTP_OPTIONS);
	assert_string_equal(test_msg_fields(back), test_msg_fields(m));
	test_msg_free(back);
	test_msg_free(m);
	strbuf_free(&out);
}

static void
test_chunk_heads_are_hexadecimal(void **state) /* RFC 9112 7.1 */
{
	static const struct {
		uint64_t n;
		const char *text;
	} CASES[] = { { 1, "1\r\n" }, { 15, "f\r\n" }, { 16, "10\r\n" },
		{ 0x1a2b, "1a2b\r\n" }, { 0xfffffff, "fffffff\r\n" },
		{ UINT64_MAX, "ffffffffffffffff\r\n" } };
	char text[H1_CHUNK_HEAD_CHARS];
	uint64_t back = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		size_t n = h1_write_chunk_head(text, CASES[i].n);

		assert_slice(slice_make(text, n), CASES[i].text);
	}
	for (uint64_t v = 1; v != 0; v <<= 1) {
		size_t n = h1_write_chunk_head(text, v);

		assert_int_equal(
		    num_parse_hex(slice_make(text, n - 2), UINT64_MAX, &back),
		    LR_OK);
		assert_int_equal(back, v);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_request_is_written_with_its_target_as_it_stands),
		cmocka_unit_test(
		    test_a_response_keeps_the_blank_of_a_missing_reason),
		cmocka_unit_test(test_an_open_response_takes_more_fields),
		cmocka_unit_test(test_what_is_written_parses_to_the_same),
		cmocka_unit_test(test_chunk_heads_are_hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
