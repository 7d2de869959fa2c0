/* tests/unit/proxy/cache/test_partial.c */
#include "proxy/cache/partial.h"

#include <stdio.h>

#include "tests/unit/proxy/cache/made.h"

#define TOTAL 1000
#define STRONG "ETag: \"v1\""
#define HEAD(...) \
	made_request( \
	    HTTP_HEAD, "/a", (const char *const[]){ __VA_ARGS__, NULL })

static enum lr
read_range(const char *content_range, uint64_t body_bytes, struct partial *p)
{
	char line[100];
	struct http_msg resp;

	snprintf(line, sizeof(line), "Content-Range: %s", content_range);
	resp = ANSWER(206, line, STRONG);
	return partial_read(&resp, body_bytes, NOW, p);
}

/* ---- what a 206 brings ---- */

static void
test_a_206_brings_what_content_range_says(void **state) /* RFC 9110 15.3.7.1 */
{
	struct partial p;

	(void)state;
	assert_int_equal(read_range("bytes 100-199/1000", 100, &p), LR_OK);
	assert_int_equal(p.first, 100);
	assert_int_equal(p.n_bytes, 100);
	assert_int_equal(p.total_bytes, TOTAL);
	assert_true(p.tag != 0);
	assert_int_equal(
	    read_range("bytes 100-199/1000", UINT64_MAX, &p), LR_OK);
}

static void
test_what_does_not_say_where_it_belongs_is_no_part(
    void **state) /* RFC 9110 14.4 */
{
	static const char *const BAD[] = { "bytes 100-199/*", "bytes */1000",
		"bytes 199-100/1000", "bytes 100-1000/1000", "lines 1-2/3",
		"100-199/1000" };
	struct partial p;
	struct http_msg resp;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(read_range(BAD[i], 100, &p), LR_NOTFOUND);
	resp = ANSWER(206, "Content-Type: multipart/byteranges; boundary=x");
	assert_int_equal(partial_read(&resp, 100, NOW, &p), LR_NOTFOUND);
	resp = ANSWER(200, "Content-Range: bytes 0-99/1000");
	assert_int_equal(partial_read(&resp, 100, NOW, &p), LR_NOTFOUND);
}

static void
test_content_of_another_length_is_no_part(void **state) /* RFC 9110 14.4 */
{
	struct partial p;

	(void)state;
	assert_int_equal(read_range("bytes 100-199/1000", 99, &p), LR_NOTFOUND);
	assert_int_equal(
	    read_range("bytes 100-199/1000", 101, &p), LR_NOTFOUND);
	assert_int_equal(read_range("bytes 900-999/1000", 0, &p), LR_NOTFOUND);
}

static void
test_a_last_part_that_is_shorter_than_said_stays_alone(
    void **state) /* RFC 9110 14.4 */
{
	struct partial p;

	(void)state;
	assert_int_equal(read_range("bytes 900-999/1000", 99, &p), LR_OK);
	assert_int_equal(p.first, 900);
	assert_int_equal(p.n_bytes, 99);
	assert_int_equal(p.total_bytes, 999);
	assert_int_equal(p.tag, 0);
}

static void
test_the_whole_of_a_part_is_a_200_without_content_range(
    void **state) /* RFC 9111 3.3 */
{
	struct http_msg resp = ANSWER(
	    206, "Content-Range: bytes 0-9/1000", STRONG, "X-A: 1");
	struct http_msg whole;

	(void)state;
	assert_int_equal(partial_whole(&resp, &whole), LR_OK);
	assert_int_equal(whole.status, 200);
	assert_null(http_msg_get(&whole, FIELD_CONTENT_RANGE));
	assert_slice_equal(http_msg_value(&whole, FIELD_ETAG), "\"v1\"");
	assert_non_null(http_msg_find(&whole, SLICE("X-A")));
}

/* ---- strong validators ---- */

static uint64_t
tag_of(struct http_msg resp)
{
	struct validators v;

	condition_validators(&resp, NOW, &v);
	return partial_tag(&v);
}

static void
test_only_a_strong_validator_joins(void **state) /* RFC 9111 3.4 */
{
	uint64_t one = tag_of(ANSWER(200, STRONG));

	(void)state;
	assert_true(one != 0);
	assert_true(one == tag_of(ANSWER(206, STRONG, MODIFIED_BEFORE_10H)));
	assert_true(one != tag_of(ANSWER(200, "ETag: \"v2\"")));
	assert_int_equal(tag_of(ANSWER(200, "ETag: W/\"v1\"")), 0);
	assert_int_equal(tag_of(ANSWER(200, "ETag: v1")), 0);
	assert_int_equal(
	    tag_of(ANSWER(200, "ETag: W/\"v1\"", MODIFIED_BEFORE_10H)), 0);
	assert_int_equal(tag_of(ANSWER(200, PLAIN)), 0);
}

static void
test_a_date_is_strong_when_it_is_older_than_the_response(
    void **state) /* RFC 9110 8.8.2.2 */
{
	(void)state;
	assert_true(tag_of(ANSWER(200, MODIFIED_BEFORE_10H,
			"Date: Sat, 21 Nov 2026 12:00:00 GMT")) != 0);
	assert_int_equal(
	    tag_of(ANSWER(200, "Last-Modified: Sat, 21 Nov 2026 12:00:00 GMT",
		"Date: Sat, 21 Nov 2026 12:00:00 GMT")),
	    0);
}

/* ---- what is there, and what is wanted ---- */

/* Of an object of TOTAL bytes that has [100, 200) and [500, 1000). */
static enum partial_cover
covers(struct http_msg req, struct extent *gap)
{
	struct entry e = made_stored(ANSWER(200, STRONG));
	struct extents ex = { 0 };

	extents_add(&ex, 100, 200);
	extents_add(&ex, 500, TOTAL);
	return partial_covers(&req, &e, TOTAL, &ex, NOW, gap);
}

static void
test_a_range_within_is_covered(void **state) /* RFC 9111 3.3 */
{
	struct extent gap;

	(void)state;
	assert_int_equal(
	    covers(GET("Range: bytes=100-199"), &gap), PARTIAL_COVERS);
	assert_int_equal(
	    covers(GET("Range: bytes=500-"), &gap), PARTIAL_COVERS);
	assert_int_equal(
	    covers(GET("Range: bytes=-500"), &gap), PARTIAL_COVERS);
	assert_int_equal(
	    covers(GET("Range: bytes=100-150,600-601"), &gap), PARTIAL_COVERS);
	assert_int_equal(
	    covers(GET("Range: bytes=120-121", "If-Range: \"v1\""), &gap),
	    PARTIAL_COVERS);
}

static void
test_an_unsatisfiable_range_needs_no_bytes(void **state) /* RFC 9110 15.5.17 */
{
	struct extent gap;

	(void)state;
	assert_int_equal(
	    covers(GET("Range: bytes=1000-"), &gap), PARTIAL_COVERS);
}

static void
test_of_a_range_that_is_partly_there_the_gap_is_told(void **state)
{
	struct extent gap;

	(void)state;
	assert_int_equal(
	    covers(GET("Range: bytes=150-249"), &gap), PARTIAL_GAP);
	assert_int_equal(gap.first, 200);
	assert_int_equal(gap.end, 250);
	assert_int_equal(covers(GET(PLAIN), &gap), PARTIAL_GAP);
	assert_int_equal(gap.first, 0);
	assert_int_equal(gap.end, 100);
	assert_int_equal(
	    covers(GET("Range: bytes=120-121", "If-Range: \"v2\""), &gap),
	    PARTIAL_GAP); /* all is wanted */
}

static void
test_what_is_not_there_at_all_is_the_origins(void **state)
{
	struct extent gap;

	(void)state;
	assert_int_equal(
	    covers(GET("Range: bytes=200-499"), &gap), PARTIAL_LACKS);
	assert_int_equal(
	    covers(GET("Range: bytes=100-109,300-309"), &gap), PARTIAL_LACKS);
	assert_int_equal(
	    covers(GET("If-None-Match: \"v1\""), &gap), PARTIAL_LACKS);
	assert_int_equal(covers(HEAD(PLAIN), &gap), PARTIAL_LACKS);
}

static void
test_with_all_bytes_there_everything_is_answered(void **state)
{
	struct entry e = made_stored(ANSWER(200, STRONG));
	struct http_msg req = HEAD(PLAIN);
	struct extents ex = { 0 };
	struct extent gap;

	(void)state;
	extents_add(&ex, 0, TOTAL);
	assert_int_equal(
	    partial_covers(&req, &e, TOTAL, &ex, NOW, &gap), PARTIAL_COVERS);
}

/* ---- asking for what is missing ---- */

static void
test_a_gap_is_asked_for_by_range_and_if_range(
    void **state) /* RFC 9110 13.1.5 */
{
	struct entry e = made_stored(ANSWER(200, STRONG));
	struct http_msg req = GET("Range: bytes=0-400", "If-Range: \"v0\"");

	(void)state;
	assert_int_equal(
	    partial_ask(&req, &e, (struct extent){ 200, 401 }, TOTAL), LR_OK);
	assert_slice_equal(http_msg_value(&req, FIELD_RANGE), "bytes=200-400");
	assert_slice_equal(http_msg_value(&req, FIELD_IF_RANGE), "\"v1\"");
	assert_int_equal(
	    partial_ask(&req, &e, (struct extent){ 200, TOTAL }, TOTAL), LR_OK);
	assert_slice_equal(http_msg_value(&req, FIELD_RANGE), "bytes=200-");
}

static void
test_a_strong_date_serves_as_if_range(void **state) /* RFC 9110 13.1.5 */
{
	struct entry e = made_stored(ANSWER(200, MODIFIED_BEFORE_10H));
	struct http_msg req = GET(PLAIN);

	(void)state;
	assert_int_equal(
	    partial_ask(&req, &e, (struct extent){ 0, 10 }, TOTAL), LR_OK);
	assert_slice_equal(http_msg_value(&req, FIELD_IF_RANGE),
	    "Sat, 21 Nov 2026 02:00:00 GMT");
}

static void
test_a_weak_validator_is_not_sent_as_if_range(
    void **state) /* RFC 9110 13.1.5 */
{
	struct entry e = made_stored(ANSWER(200, "ETag: W/\"v1\""));
	struct http_msg req = GET(PLAIN);

	(void)state;
	assert_int_equal(
	    partial_ask(&req, &e, (struct extent){ 0, 10 }, TOTAL), LR_OK);
	assert_null(http_msg_get(&req, FIELD_IF_RANGE));
}

static void
test_one_range_is_told_from_several_and_none(void **state)
{
	struct http_msg one = GET("Range: bytes=5-"), none = GET(PLAIN);
	struct http_msg two = GET("Range: bytes=0-1,3-4");
	struct http_msg head = HEAD("Range: bytes=5-");

	(void)state;
	assert_true(partial_wants_one(&one));
	assert_false(partial_wants_one(&two));
	assert_false(partial_wants_one(&none));
	assert_false(partial_wants_one(&head));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_206_brings_what_content_range_says),
		cmocka_unit_test(
		    test_what_does_not_say_where_it_belongs_is_no_part),
		cmocka_unit_test(test_content_of_another_length_is_no_part),
		cmocka_unit_test(
		    test_a_last_part_that_is_shorter_than_said_stays_alone),
		cmocka_unit_test(
		    test_the_whole_of_a_part_is_a_200_without_content_range),
		cmocka_unit_test(test_only_a_strong_validator_joins),
		cmocka_unit_test(
		    test_a_date_is_strong_when_it_is_older_than_the_response),
		cmocka_unit_test(test_a_range_within_is_covered),
		cmocka_unit_test(test_an_unsatisfiable_range_needs_no_bytes),
		cmocka_unit_test(
		    test_of_a_range_that_is_partly_there_the_gap_is_told),
		cmocka_unit_test(test_what_is_not_there_at_all_is_the_origins),
		cmocka_unit_test(
		    test_with_all_bytes_there_everything_is_answered),
		cmocka_unit_test(test_a_gap_is_asked_for_by_range_and_if_range),
		cmocka_unit_test(test_a_strong_date_serves_as_if_range),
		cmocka_unit_test(test_a_weak_validator_is_not_sent_as_if_range),
		cmocka_unit_test(test_one_range_is_told_from_several_and_none),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
