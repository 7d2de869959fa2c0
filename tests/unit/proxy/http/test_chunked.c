/* tests/unit/proxy/http/test_chunked.c: the chunked coding, whole and in
 * pieces (RFC 9112 7.1) */
#include "tests/support/assert_slice.h"

#include "tests/support/body_pieces.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TRAILER_LIMIT 64

static struct body_outcome
decode(struct slice text)
{
	return body_decode_pieces(text, TRAILER_LIMIT);
}

static void
decodes_to(const char *text, const char *body, const char *trailers)
{
	struct body_outcome o = decode(slice_of(text));

	if (o.rc != LR_CLOSED)
		fail_msg("outcome %d: %s", (int)o.rc, text);
	assert_int_equal(o.used, strlen(text));
	assert_slice(strbuf_slice(&o.data), body);
	assert_slice(strbuf_slice(&o.trailers), trailers);
	body_outcome_free(&o);
}

static void
comes_to(const char *text, enum lr want)
{
	struct body_outcome o = decode(slice_of(text));

	if (o.rc != want)
		fail_msg("outcome %d: %s", (int)o.rc, text);
	body_outcome_free(&o);
}

static void
test_chunks_are_joined(void **state)
{
	(void)state;
	decodes_to("0\r\n\r\n", "", "");
	decodes_to("5\r\nhello\r\n0\r\n\r\n", "hello", "");
	decodes_to(
	    "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", "hello, world", "");
	decodes_to("00A\r\n0123456789\r\n000\r\n\r\n", "0123456789", "");
	decodes_to(
	    "a\r\n\r\n0\r\n\r\nxyz\r\n0\r\n\r\n", "\r\n0\r\n\r\nxyz", "");
}

static void
test_what_follows_the_body_is_left(void **state)
{
	struct body_outcome o = decode(
	    SLICE("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1"));

	(void)state;
	assert_int_equal(o.rc, LR_CLOSED);
	assert_int_equal(o.used, 11);
	body_outcome_free(&o);
}

static void
test_an_unfinished_body_asks_for_more(void **state)
{
	struct slice text = SLICE("5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n");

	(void)state;
	for (size_t n = 0; n < text.n; n++) {
		struct body_outcome o = decode(slice_cut(text, 0, n));

		assert_int_equal(o.rc, LR_AGAIN);
		assert_int_equal(o.used, n);
		body_outcome_free(&o);
	}
}

static void
test_extensions_are_read_over(void **state) /* RFC 9112 7.1.1 */
{
	(void)state;
	decodes_to("1;a\r\nx\r\n0;b=c\r\n\r\n", "x", "");
	decodes_to("1 ; a = \"b ; c\" ;d\r\nx\r\n0\r\n\r\n", "x", "");
	decodes_to("1\t;\r\nx\r\n0\r\n\r\n", "x", "");
	comes_to("1;a\nx\r\n0\r\n\r\n", LR_INVALID);
	comes_to("1;a\rx\r\n0\r\n\r\n", LR_INVALID);
	comes_to("1;a=\"\n\"\r\nx\r\n0\r\n\r\n", LR_INVALID);
	comes_to("1;\x7f\r\nx\r\n0\r\n\r\n", LR_INVALID);
	comes_to("1;\x01\r\nx\r\n0\r\n\r\n", LR_INVALID);
}

static void
test_sizes_are_hexadecimal_digits_only(void **state)
{
	static const char *const BAD[] = { "\r\n", " 1\r\nx\r\n", "+1\r\nx\r\n",
		"-1\r\n", "0x1\r\nx\r\n", "g\r\n", ";a\r\n", "1 \r\nx\r\n",
		"1 1\r\n", "1 \r\r\nx\r\n", "1,1\r\n", "1\nx\r\n", "1\rx\r\n",
		"\n", "1.\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++)
		comes_to(BAD[i], LR_INVALID);
}

static void
test_sizes_that_would_overflow_are_refused(void **state)
{
	(void)state; /* RFC 9112 7.1: "MUST … prevent parsing errors" */
	comes_to("fffffffffffffff\r\nx", LR_AGAIN);
	comes_to("1000000000000000\r\nx", LR_TOOBIG);
	comes_to("ffffffffffffffffffffffff\r\nx", LR_TOOBIG);
	comes_to("10000000000000005\r\nhello\r\n0\r\n\r\n", LR_TOOBIG);
	comes_to("000000000000000000000001\r\nx\r\n0\r\n\r\n", LR_CLOSED);
}

static void
test_data_is_followed_by_crlf(void **state)
{
	static const char *const BAD[] = { "1\r\nxy\r\n0\r\n\r\n",
		"1\r\nx\n0\r\n\r\n", "1\r\nx\rx0\r\n\r\n", "1\r\nx0\r\n\r\n",
		"1\r\nx\r\r\n0\r\n\r\n", "1\r\nxy\n0\r\n\r\n",
		"1\r\nx\r\n\r\n0\r\n\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++)
		comes_to(BAD[i], LR_INVALID);
}

static void
test_trailers_are_collected_raw(void **state) /* RFC 9112 7.1.2 */
{
	(void)state;
	decodes_to("1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n", "x", "A: b\r\nC:\r\n");
	comes_to("0\r\nA: b\n\r\n", LR_INVALID);
	comes_to("0\r\nA: b\rC\r\n\r\n", LR_INVALID);
	comes_to("0\r\n\n", LR_INVALID);
	comes_to("0\r\n\rX", LR_INVALID);
}

static void
test_trailers_are_bounded(void **state)
{
	char text[TRAILER_LIMIT + 64] = "0\r\nA: ";
	size_t head = strlen(text);

	(void)state;
	memset(text + head, 'x', TRAILER_LIMIT - 5);
	strcpy(text + head + TRAILER_LIMIT - 5, "\r\n\r\n");
	comes_to(text, LR_CLOSED);
	strcpy(text + head + TRAILER_LIMIT - 5, "x\r\n\r\n");
	comes_to(text, LR_TOOBIG);
}

static void
test_framing_is_bounded_between_data(void **state)
{
	struct strbuf text = { 0 };
	struct body_outcome o;

	(void)state;
	/* Each chunk may have a long extension, */
	for (int i = 0; i < 3; i++) {
		strbuf_add_cstr(&text, "1;");
		for (int k = 0; k < 4000; k++)
			strbuf_add_char(&text, 'e');
		strbuf_add_cstr(&text, "\r\nx\r\n");
	}
	o = body_decode_whole(strbuf_slice(&text), TRAILER_LIMIT);
	assert_int_equal(o.rc, LR_AGAIN);
	assert_slice(strbuf_slice(&o.data), "xxx");
	body_outcome_free(&o);
	/* but not without end. */
	for (int k = 0; k < 4097; k++)
		strbuf_add_char(&text, '0');
	o = body_decode_whole(strbuf_slice(&text), TRAILER_LIMIT);
	assert_int_equal(o.rc, LR_TOOBIG);
	body_outcome_free(&o);
	strbuf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunks_are_joined),
		cmocka_unit_test(test_what_follows_the_body_is_left),
		cmocka_unit_test(test_an_unfinished_body_asks_for_more),
		cmocka_unit_test(test_extensions_are_read_over),
		cmocka_unit_test(test_sizes_are_hexadecimal_digits_only),
		cmocka_unit_test(test_sizes_that_would_overflow_are_refused),
		cmocka_unit_test(test_data_is_followed_by_crlf),
		cmocka_unit_test(test_trailers_are_collected_raw),
		cmocka_unit_test(test_trailers_are_bounded),
		cmocka_unit_test(test_framing_is_bounded_between_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
