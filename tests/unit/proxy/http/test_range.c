/* tests/unit/proxy/http/test_range.c: byte ranges (RFC 9110 14) */
#include "tests/support/assert_slice.h"

#include "proxy/http/range.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* want: "first-last,first-last,…" */
static void
ranges_are(const char *value, uint64_t size_bytes, const char *want)
{
	struct range r[RANGE_MAX];
	struct strbuf text = { 0 };
	size_t n = 0;

	if (range_parse(slice_of(value), size_bytes, r, &n) != LR_OK)
		fail_msg("ignored: %s", value);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&text, "%s%llu-%llu", i > 0 ? "," : "",
		    (unsigned long long)r[i].first,
		    (unsigned long long)r[i].last);
	assert_slice(strbuf_slice(&text), want);
	strbuf_free(&text);
}

static void
comes_to(const char *value, uint64_t size_bytes, enum lr want)
{
	struct range r[RANGE_MAX];
	size_t n = 77;

	if (range_parse(slice_of(value), size_bytes, r, &n) != want)
		fail_msg("outcome: %s", value);
	assert_int_equal(n, 77);
}

static void
test_one_range(void **state) /* RFC 9110 14.1.2 */
{
	(void)state;
	ranges_are("bytes=0-0", 100, "0-0");
	ranges_are("bytes=0-499", 1000, "0-499");
	ranges_are("Bytes=500-999", 1000, "500-999");
	ranges_are("bytes=500-", 1000, "500-999");
	ranges_are("bytes=-1", 1000, "999-999");
	ranges_are("bytes= 5-6 ", 1000, "5-6");
}

static void
test_ends_beyond_the_representation_are_cut(void **state)
{
	(void)state;
	ranges_are("bytes=500-2000", 1000, "500-999");
	ranges_are("bytes=500-1000", 1000, "500-999");
	ranges_are("bytes=-2000", 1000, "0-999");
	ranges_are("bytes=1-99999999999999999999999", 1000, "1-999");
	ranges_are("bytes=-99999999999999999999999", 1000, "0-999");
}

static void
test_several_ranges_keep_their_order(void **state)
{
	(void)state;
	ranges_are("bytes=500-600, 0-9", 1000, "500-600,0-9");
	ranges_are("bytes=0-0,,-1", 1000, "0-0,999-999");
	ranges_are("bytes=0-9,20-29,40-49", 1000, "0-9,20-29,40-49");
	/* Those that cannot be satisfied are left out. */
	ranges_are("bytes=2000-,0-9", 1000, "0-9");
}

static void
test_more_than_two_ranges_are_merged(void **state) /* RFC 9110 14.2, 17.15 */
{
	(void)state;
	ranges_are("bytes=0-9,5-14", 100, "0-9,5-14");
	ranges_are("bytes=0-9,5-14,50-59", 100, "0-14,50-59");
	ranges_are("bytes=50-59,0-9,10-19", 100, "50-59,0-19");
	ranges_are("bytes=0-9,20-29,8-21", 100, "0-29");
	ranges_are("bytes=0-,0-,0-,0-", 100, "0-99");
	ranges_are("bytes=30-39,0-9,20-29,10-19", 100, "0-39");
}

static void
test_malformed_ranges_are_ignored(void **state) /* RFC 9110 14.2 */
{
	static const char *const BAD[] = { "", "bytes", "bytes=", "bytes=,",
		"bytes", "bytes 0-1", "bytes=1", "bytes=-", "bytes=a-b",
		"bytes=1-0", "bytes=0x0-1", "bytes=0-1-2", "bytes=+0-1",
		"bytes=0 - 1", "bytes=0-1;2-3", "bytes=0-1,x", "items=0-1",
		"bytess=0-1", "bytes=--1" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++)
		comes_to(BAD[i], 1000, LR_NOTFOUND);
}

static void
test_too_many_ranges_are_ignored(void **state) /* RFC 9110 17.15 */
{
	struct strbuf text = { 0 };

	(void)state;
	strbuf_add_cstr(&text, "bytes=0-0");
	for (int i = 1; i < RANGE_MAX; i++)
		strbuf_addf(&text, ",%d-%d", 2 * i, 2 * i);
	assert_int_equal(
	    range_parse(strbuf_slice(&text), 1000,
		(struct range[RANGE_MAX]){ { 0, 0 } }, &(size_t){ 0 }),
	    LR_OK);
	strbuf_add_cstr(&text, ",500-500");
	comes_to(text.p, 1000, LR_NOTFOUND);
	strbuf_free(&text);
}

static void
test_nothing_satisfiable_is_416(void **state) /* RFC 9110 15.5.17 */
{
	(void)state;
	comes_to("bytes=1000-", 1000, LR_TOOBIG);
	comes_to("bytes=1000-1001,5000-", 1000, LR_TOOBIG);
	comes_to("bytes=-0", 1000, LR_TOOBIG);
	comes_to("bytes=0-", 0, LR_TOOBIG);
	comes_to("bytes=99999999999999999999999-", 1000, LR_TOOBIG);
	/* The last bytes of nothing are all of it. */
	comes_to("bytes=-5", 0, LR_NOTFOUND);
}

static void
test_content_range_is_read(void **state) /* RFC 9110 14.4 */
{
	static const char *const BAD[] = { "", "bytes", "bytes 0-9",
		"bytes */100", "bytes 9-0/100", "bytes 0-100/100",
		"bytes 0-9/9", "bytes 0-9/x", "bytes a-9/10", "bytes -9/10",
		"bytes 0-/10", "bytes=0-9/10", "items 0-9/10", "bytes 0/9-10",
		"bytes 0-9/", "bytes 0-9/10 ", "bytes  0-9/10",
		"bytes 0-99999999999999999999/*" };
	struct range r = { 7, 7 };
	uint64_t total = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		if (range_parse_content(slice_of(BAD[i]), &r, &total) !=
		    LR_INVALID)
			fail_msg("accepted: %s", BAD[i]);
	}
	assert_int_equal(r.first, 7);
	assert_int_equal(total, 7);
	assert_int_equal(
	    range_parse_content(SLICE("bytes 0-99/1234"), &r, &total), LR_OK);
	assert_int_equal(r.first, 0);
	assert_int_equal(r.last, 99);
	assert_int_equal(total, 1234);
	assert_int_equal(
	    range_parse_content(SLICE("BYTES 5-5/*"), &r, &total), LR_OK);
	assert_int_equal(r.first, 5);
	assert_int_equal(total, UINT64_MAX);
}

static void
test_content_range_is_written(void **state)
{
	struct strbuf out = { 0 };
	struct range r = { 0, 99 };

	(void)state;
	range_write_content(&out, &r, 1234);
	assert_slice(strbuf_slice(&out), "bytes 0-99/1234");
	strbuf_reset(&out);
	range_write_content(&out, &r, UINT64_MAX);
	assert_slice(strbuf_slice(&out), "bytes 0-99/*");
	strbuf_free(&out);
}

static void
test_multipart_has_delimiters_around_its_parts(void **state)
{
	struct strbuf out = { 0 };
	struct range a = { 0, 1 }, b = { 4, 5 };

	(void)state; /* RFC 9110 14.6, RFC 2046 5.1.1 */
	range_write_part(&out, SLICE("XX"), 1, SLICE("text/plain"), &a, 9);
	strbuf_add_cstr(&out, "ab");
	range_write_part(&out, SLICE("XX"), 0, SLICE(""), &b, 9);
	strbuf_add_cstr(&out, "ef");
	range_write_end(&out, SLICE("XX"));
	assert_slice(strbuf_slice(&out),
	    "--XX\r\nContent-Type: text/plain\r\n"
	    "Content-Range: bytes 0-1/9\r\n\r\nab"
	    "\r\n--XX\r\nContent-Range: bytes 4-5/9\r\n\r\nef"
	    "\r\n--XX--\r\n");
	strbuf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_range),
		cmocka_unit_test(test_ends_beyond_the_representation_are_cut),
		cmocka_unit_test(test_several_ranges_keep_their_order),
		cmocka_unit_test(test_more_than_two_ranges_are_merged),
		cmocka_unit_test(test_malformed_ranges_are_ignored),
		cmocka_unit_test(test_too_many_ranges_are_ignored),
		cmocka_unit_test(test_nothing_satisfiable_is_416),
		cmocka_unit_test(test_content_range_is_read),
		cmocka_unit_test(test_content_range_is_written),
		cmocka_unit_test(
		    test_multipart_has_delimiters_around_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
