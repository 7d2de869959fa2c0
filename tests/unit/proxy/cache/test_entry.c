/* tests/unit/proxy/cache/test_entry.c */
#include "proxy/cache/entry.h"

#include <stdlib.h>

#include "store/base/codec.h"
#include "tests/unit/proxy/cache/made.h"

#define KEY SLICE("http://a/b")
#define VALUES SLICE("accept-encoding:gzip\n")
#define ETAG "\"v1\""

static struct strbuf blob; /* of the test that runs */

static int
empty_blob(void **state)
{
	(void)state;
	strbuf_free(&blob);
	blob = (struct strbuf){ 0 };
	return 0;
}

static struct http_msg
page(void)
{
	return ANSWER(200, "Cache-Control: max-age=60, stale-if-error=7",
	    "Content-Type: text/css", "ETag: " ETAG, MODIFIED_BEFORE_10H,
	    DATE_NOW);
}

static struct entry
encoded_for(struct http_msg resp, const struct cache_policy *policy,
    uint64_t body_bytes)
{
	struct control_response cc = made_response_control(resp);
	struct http_msg req = GET(PLAIN);
	struct entry in, out;

	entry_from_response(
	    &req, &resp, &cc, policy, body_bytes, NOW, NOW, &in);
	strbuf_reset(&blob);
	entry_encode(&in, KEY, VALUES, &resp, &cc, policy, &blob);
	assert_false(blob.failed);
	assert_int_equal(entry_decode(strbuf_slice(&blob), &out), LR_OK);
	return out;
}

static struct entry
encoded(struct http_msg resp)
{
	struct cache_policy policy = made_policy();

	return encoded_for(resp, &policy, BODY);
}

static void
test_the_facts_survive(void **state)
{
	struct entry e = encoded(page());

	(void)state;
	assert_int_equal(e.kind, ENTRY_RESPONSE);
	assert_int_equal(e.status, 200);
	assert_int_equal(e.flags, ENTRY_HAS_ETAG | ENTRY_HAS_MODIFIED);
	assert_int_equal(e.base_s, NOW);
	assert_int_equal(e.lifetime_s, 60);
	assert_int_equal(e.response_at_s, NOW);
	assert_int_equal(e.date_s, NOW);
	assert_int_equal(e.modified_at_s, NOW - 36000);
	assert_int_equal(e.body_bytes, BODY);
	assert_int_equal(e.stale_while_s, 0);
	assert_int_equal(e.stale_error_s, 7);
	assert_slice_equal(e.key, "http://a/b");
	assert_slice_equal(e.vary, "accept-encoding:gzip\n");
	assert_slice_equal(e.etag, ETAG);
}

static void
test_times_before_1970_survive(void **state)
{
	struct entry e = encoded(ANSWER(200, "Cache-Control: max-age=60",
	    "Last-Modified: Thu, 01 Jan 1959 00:00:00 GMT"));

	(void)state;
	assert_int_equal(e.modified_at_s, -347155200);
	assert_true((e.flags & ENTRY_HAS_MODIFIED) != 0);
}

static void
test_the_head_is_ready_for_the_wire(void **state) /* RFC 9112 4 and 5 */
{
	(void)state;
	assert_slice_equal(encoded(page()).wire,
	    "HTTP/1.1 200 OK\r\n"
	    "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n"
	    "Cache-Control: max-age=60, stale-if-error=7\r\n"
	    "Content-Type: text/css\r\n"
	    "ETag: \"v1\"\r\n"
	    "Last-Modified: Sat, 21 Nov 2026 02:00:00 GMT\r\n"
	    "Content-Length: 1000\r\n");
}

static void
test_fields_that_stay_behind_are_not_in_it(void **state) /* RFC 9111 3.1 */
{
	static const struct slice ignored[] = { SLICE("X-Debug") };
	struct cache_policy policy = made_policy();
	struct entry e;

	(void)state;
	policy.ignore_headers = ignored; /* CacheIgnoreHeaders */
	policy.n_ignore_headers = 1;
	e = encoded_for(
	    ANSWER(200, DATE_NOW, "Connection: x-hop", "X-Hop: 1", "Age: 9",
		"Cache-Control: max-age=60, no-cache=\"x-secret\"",
		"X-Secret: 1", "x-debug: 1", "Content-Length: 77"),
	    &policy, BODY);
	assert_slice_equal(e.wire,
	    "HTTP/1.1 200 OK\r\n"
	    "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n"
	    "Cache-Control: max-age=60, no-cache=\"x-secret\"\r\n"
	    "Content-Length: 1000\r\n");
	assert_true((e.flags & ENTRY_NO_CACHE_FIELDS) != 0);
	assert_true((e.flags & ENTRY_NO_CACHE) == 0);
}

static void
test_a_response_without_date_is_dated(void **state) /* RFC 9110 6.6.1 */
{
	struct slice expected = SLICE(
	    "HTTP/1.1 200 OK\r\n"
	    "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n");

	(void)state;
	assert_true(slice_starts(encoded(ANSWER(200, PLAIN)).wire, expected));
	assert_true(
	    slice_starts(encoded(ANSWER(200, "Date: x")).wire, expected));
}

static void
test_an_old_date_is_kept_and_counts(void **state) /* RFC 9111 4.2.3 */
{
	struct entry e = encoded(ANSWER(200, DATE_BEFORE_1H));

	(void)state;
	assert_true(slice_starts(
	    e.wire, SLICE("HTTP/1.1 200 OK\r\n" DATE_BEFORE_1H "\r\n")));
	assert_int_equal(e.date_s, NOW - 3600);
	assert_int_equal(entry_age_s(&e, NOW + 5), 3605);
}

static void
test_content_length_only_where_there_may_be_one(void **state)
{
	struct cache_policy policy = made_policy();
	struct entry e;

	(void)state; /* RFC 9110 8.6 */
	e = encoded_for(ANSWER(204, DATE_NOW), &policy, 0);
	assert_slice_equal(e.wire,
	    "HTTP/1.1 204 No Content\r\n"
	    "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n");
	e = encoded_for(
	    ANSWER(200, DATE_NOW, "Content-Length: 5"), &policy, UINT64_MAX);
	assert_slice_equal(e.wire,
	    "HTTP/1.1 200 OK\r\n"
	    "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n");
	assert_true(e.body_bytes == UINT64_MAX);
}

static void
test_the_reason_phrase_is_kept(void **state) /* RFC 9112 4 */
{
	struct http_msg m = ANSWER(299, DATE_NOW);

	(void)state;
	m.reason = SLICE("Whatever");
	assert_true(
	    slice_starts(encoded(m).wire, SLICE("HTTP/1.1 299 Whatever\r\n")));
}

static uint32_t
flags_of(const char *cache_control)
{
	struct http_msg m = ANSWER(200, DATE_NOW);

	http_msg_add_id(&m, FIELD_CACHE_CONTROL, slice_of(cache_control));
	return encoded(m).flags;
}

static void
test_flags_tell_what_reuse_must_know(void **state) /* RFC 9111 5.2.2 */
{
	(void)state;
	assert_int_equal(flags_of("max-age=1"), 0);
	assert_int_equal(flags_of("must-revalidate"), ENTRY_MUST_REVALIDATE);
	assert_int_equal(flags_of("proxy-revalidate"), ENTRY_MUST_REVALIDATE);
	assert_int_equal(flags_of("s-maxage=1"), ENTRY_MUST_REVALIDATE);
	assert_int_equal(flags_of("no-cache"), ENTRY_NO_CACHE);
	assert_int_equal(flags_of("immutable"), ENTRY_IMMUTABLE);
	assert_int_equal(
	    encoded(ANSWER(200, DATE_NOW, MODIFIED_BEFORE_10H)).flags,
	    ENTRY_HAS_MODIFIED | ENTRY_HEURISTIC);
}

static void
test_an_authorized_request_is_remembered(void **state) /* RFC 9111 3.5 */
{
	struct http_msg req = GET("Authorization: x");
	struct http_msg resp = ANSWER(200, "Cache-Control: public, max-age=1");
	struct control_response cc = made_response_control(resp);
	struct cache_policy policy = made_policy();
	struct entry e;

	(void)state;
	entry_from_response(&req, &resp, &cc, &policy, BODY, NOW - 3, NOW, &e);
	assert_int_equal(e.flags, ENTRY_AUTHORIZED);
	assert_int_equal(e.base_s, NOW - 3); /* the delay counts as age */
}

static void
test_an_etag_out_of_reach_is_no_validator(void **state)
{
	static char long_value[70000];
	struct http_msg m = ANSWER(200, DATE_NOW);
	struct entry e;

	(void)state;
	memset(long_value, 'x', sizeof(long_value));
	http_msg_add(
	    &m, SLICE("X-Long"), slice_make(long_value, sizeof(long_value)));
	http_msg_add_id(&m, FIELD_ETAG, SLICE(ETAG));
	e = encoded(m);
	assert_int_equal(e.etag.n, 0);
	assert_int_equal(e.flags & ENTRY_HAS_ETAG, 0);
	assert_true(slice_ends(
	    e.wire, SLICE("ETag: " ETAG "\r\nContent-Length: 1000\r\n")));
}

static void
test_a_blob_is_appended(void **state)
{
	struct cache_policy policy = made_policy();
	struct http_msg m = page();
	struct entry in = made_entry(m), out;

	(void)state;
	strbuf_add_cstr(&blob, "before");
	entry_encode(&in, KEY, VALUES, &m, NULL, &policy, &blob);
	assert_int_equal(
	    entry_decode(slice_cut(strbuf_slice(&blob), 6, blob.n), &out),
	    LR_OK);
	assert_true(entry_verify(slice_cut(strbuf_slice(&blob), 6, blob.n)));
	assert_slice_equal(out.etag, ETAG);
}

static void
test_a_marker_survives(void **state)
{
	struct entry e;

	(void)state;
	entry_encode_marker(KEY, SLICE("accept-encoding\naccept"), NOW, &blob);
	assert_int_equal(entry_decode(strbuf_slice(&blob), &e), LR_OK);
	assert_int_equal(e.kind, ENTRY_VARY_MARKER);
	assert_slice_equal(e.key, "http://a/b");
	assert_slice_equal(e.wire, "accept-encoding\naccept");
	assert_int_equal(e.response_at_s, NOW);
	assert_true(entry_verify(strbuf_slice(&blob)));
}

static void
test_any_flipped_bit_is_found(void **state)
{
	struct slice s;

	(void)state;
	encoded(page());
	s = strbuf_slice(&blob);
	assert_true(entry_verify(s));
	for (size_t i = 0; i < blob.n; i++) {
		blob.p[i] ^= 4;
		assert_false(entry_verify(s));
		blob.p[i] ^= 4;
	}
}

/* Decodes from memory of exactly n bytes, so that the address sanitizer
 * sees any byte too many. */
static enum lr
decode_exactly(const char *p, size_t n)
{
	char *copy = malloc(n + 1);
	struct entry e;
	enum lr rc;

	memcpy(copy + 1, p, n);
	rc = entry_decode(slice_make(copy + 1, n), &e);
	free(copy);
	return rc;
}

static void
test_a_shortened_or_longer_blob_is_corrupt(void **state)
{
	(void)state;
	encoded(page());
	for (size_t n = 0; n < blob.n; n++) {
		assert_int_equal(decode_exactly(blob.p, n), LR_CORRUPT);
		assert_false(entry_verify(slice_make(blob.p, n)));
	}
	strbuf_add_char(&blob, 'x');
	assert_int_equal(decode_exactly(blob.p, blob.n), LR_CORRUPT);
}

static void
test_impossible_facts_are_corrupt(void **state)
{
	static const struct {
		size_t offset;
		uint64_t value;
	} cases[] = {
		{ 0, 2 },		   /* version */
		{ 1, 2 },		   /* kind */
		{ 8, UINT64_MAX / 2 },	   /* base_s */
		{ 16, UINT64_C(1) << 63 }, /* lifetime_s */
		{ 64, UINT32_MAX },	   /* key bytes */
		{ 76, UINT16_MAX },	   /* etag offset */
		{ 78, UINT16_MAX },	   /* etag bytes */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		encoded(page());
		assert_int_equal(decode_exactly(blob.p, blob.n), LR_OK);
		if (cases[i].offset < 8)
			blob.p[cases[i].offset] = (char)cases[i].value;
		else if (cases[i].offset < 64)
			codec_put_le64(
			    blob.p + cases[i].offset, cases[i].value);
		else
			codec_put_le16(
			    blob.p + cases[i].offset, (uint16_t)cases[i].value);
		assert_int_equal(decode_exactly(blob.p, blob.n), LR_CORRUPT);
	}
}

static void
test_an_entry_becomes_a_message_again(void **state)
{
	struct entry e = encoded(page());
	struct http_msg m;

	(void)state;
	assert_int_equal(entry_message(&e, &made_arena, &m), LR_OK);
	assert_int_equal(m.status, 200);
	assert_slice_equal(m.reason, "OK");
	assert_int_equal(m.n_fields, 6);
	assert_slice_equal(http_msg_value(&m, FIELD_CONTENT_TYPE), "text/css");
	assert_slice_equal(http_msg_value(&m, FIELD_CONTENT_LENGTH), "1000");
	assert_slice_equal(http_msg_value(&m, FIELD_ETAG), ETAG);
}

static void
test_a_wire_that_is_no_head_is_corrupt(void **state)
{
	static const char *const wires[] = { "", "HTTP/1.1 200",
		"HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r", "HTTP/1.1 200 OK\rx",
		"HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\nA: b" };
	struct entry e = encoded(page());
	struct http_msg m;

	(void)state;
	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
		e.wire = slice_of(wires[i]);
		assert_int_equal(
		    entry_message(&e, &made_arena, &m), LR_CORRUPT);
	}
	entry_encode_marker(KEY, SLICE("a"), NOW, &blob);
	e.kind = ENTRY_VARY_MARKER;
	assert_int_equal(entry_message(&e, &made_arena, &m), LR_CORRUPT);
}

static void
test_validators_are_given(void **state) /* RFC 9110 8.8 */
{
	struct entry e = encoded(page());
	struct validators v;

	(void)state;
	entry_validators(&e, &v);
	assert_slice_equal(v.etag, ETAG);
	assert_int_equal(v.modified_at_s, NOW - 36000);
	assert_int_equal(v.date_s, NOW);
	e = encoded(ANSWER(200, DATE_NOW));
	entry_validators(&e, &v);
	assert_int_equal(v.etag.n, 0);
	assert_true(v.modified_at_s == INT64_MIN);
}

#define WITH_EMPTY_BLOB(test) \
	cmocka_unit_test_setup_teardown(test, empty_blob, empty_blob)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EMPTY_BLOB(test_the_facts_survive),
		WITH_EMPTY_BLOB(test_times_before_1970_survive),
		WITH_EMPTY_BLOB(test_the_head_is_ready_for_the_wire),
		WITH_EMPTY_BLOB(test_fields_that_stay_behind_are_not_in_it),
		WITH_EMPTY_BLOB(test_a_response_without_date_is_dated),
		WITH_EMPTY_BLOB(test_an_old_date_is_kept_and_counts),
		WITH_EMPTY_BLOB(
		    test_content_length_only_where_there_may_be_one),
		WITH_EMPTY_BLOB(test_the_reason_phrase_is_kept),
		WITH_EMPTY_BLOB(test_flags_tell_what_reuse_must_know),
		WITH_EMPTY_BLOB(test_an_authorized_request_is_remembered),
		WITH_EMPTY_BLOB(test_an_etag_out_of_reach_is_no_validator),
		WITH_EMPTY_BLOB(test_a_blob_is_appended),
		WITH_EMPTY_BLOB(test_a_marker_survives),
		WITH_EMPTY_BLOB(test_any_flipped_bit_is_found),
		WITH_EMPTY_BLOB(test_a_shortened_or_longer_blob_is_corrupt),
		WITH_EMPTY_BLOB(test_impossible_facts_are_corrupt),
		WITH_EMPTY_BLOB(test_an_entry_becomes_a_message_again),
		WITH_EMPTY_BLOB(test_a_wire_that_is_no_head_is_corrupt),
		WITH_EMPTY_BLOB(test_validators_are_given),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
