/* tests/unit/proxy/cache/test_validate.c */
#include "proxy/cache/validate.h"

#include "tests/unit/proxy/cache/made.h"

#define ETAG "ETag: \"v1\""

static void
test_both_validators_are_sent(void **state) /* RFC 9111 4.3.1 */
{
	struct entry e = made_stored(ANSWER(200, ETAG, MODIFIED_BEFORE_10H));
	struct http_msg req = GET("Accept: */*");

	(void)state;
	assert_int_equal(validate_request(&req, &e), LR_OK);
	assert_int_equal(req.n_fields, 3);
	assert_slice_equal(http_msg_value(&req, FIELD_IF_NONE_MATCH), "\"v1\"");
	assert_slice_equal(http_msg_value(&req, FIELD_IF_MODIFIED_SINCE),
	    "Sat, 21 Nov 2026 02:00:00 GMT");
}

static void
test_a_single_validator_is_sent_alone(void **state) /* RFC 9111 4.3.1 */
{
	struct entry weak = made_stored(ANSWER(200, "ETag: W/\"v1\""));
	struct entry dated;
	struct http_msg req = GET(PLAIN);

	(void)state;
	assert_int_equal(validate_request(&req, &weak), LR_OK);
	assert_slice_equal(
	    http_msg_value(&req, FIELD_IF_NONE_MATCH), "W/\"v1\"");
	assert_null(http_msg_get(&req, FIELD_IF_MODIFIED_SINCE));
	dated = made_stored(ANSWER(200, MODIFIED_BEFORE_10H));
	assert_int_equal(validate_request(&req, &dated), LR_OK);
	assert_null(http_msg_get(&req, FIELD_IF_NONE_MATCH));
	assert_non_null(http_msg_get(&req, FIELD_IF_MODIFIED_SINCE));
}

static void
test_what_is_sent_outlives_the_entry(void **state)
{
	struct entry e = made_stored(ANSWER(200, ETAG));
	struct http_msg req = GET(PLAIN);

	(void)state;
	assert_int_equal(validate_request(&req, &e), LR_OK);
	memset(made_blob.p, '#', made_blob.n);
	assert_slice_equal(http_msg_value(&req, FIELD_IF_NONE_MATCH), "\"v1\"");
}

static void
test_the_clients_own_conditions_are_replaced(void **state)
{
	struct entry e = made_stored(ANSWER(200, ETAG));
	struct http_msg req = GET("If-None-Match: \"other\"", "If-Match: *",
	    "If-Modified-Since: x", "If-Unmodified-Since: x", "If-Range: x",
	    "Range: bytes=0-1", "Accept: a");

	(void)state; /* RFC 9111 4.3.1 and 4.3.2 */
	assert_int_equal(validate_request(&req, &e), LR_OK);
	assert_int_equal(req.n_fields, 2);
	assert_slice_equal(http_msg_value(&req, FIELD_IF_NONE_MATCH), "\"v1\"");
	assert_slice_equal(http_msg_value(&req, FIELD_ACCEPT), "a");
}

static void
test_without_validator_nothing_is_asked(void **state) /* RFC 9111 4.3.1 */
{
	struct entry e = made_stored(ANSWER(200, DATE_NOW));
	struct http_msg req = GET("If-None-Match: \"other\"", "Accept: a");

	(void)state;
	assert_int_equal(validate_request(&req, &e), LR_NOTFOUND);
	assert_int_equal(req.n_fields, 1);
}

static bool
selects(struct http_msg not_modified, struct http_msg resp)
{
	struct entry e = made_stored(resp);

	return validate_selects(&not_modified, &e, NOW);
}

static void
test_a_strong_tag_selects_its_like(void **state) /* RFC 9111 4.3.3 */
{
	(void)state;
	assert_true(selects(ANSWER(304, ETAG), ANSWER(200, ETAG)));
	assert_false(selects(ANSWER(304, "ETag: \"v2\""), ANSWER(200, ETAG)));
	assert_false(selects(ANSWER(304, ETAG), ANSWER(200, "ETag: W/\"v1\"")));
	assert_false(selects(ANSWER(304, "ETag: \"v2\"", MODIFIED_BEFORE_10H),
	    ANSWER(200, ETAG, MODIFIED_BEFORE_10H)));
}

static void
test_a_weak_tag_selects_what_corresponds(void **state)
{
	(void)state; /* RFC 9111 4.3.3 */
	assert_true(selects(
	    ANSWER(304, "ETag: W/\"v1\""), ANSWER(200, "ETag: W/\"v1\"")));
	assert_true(selects(ANSWER(304, "ETag: W/\"v1\""), ANSWER(200, ETAG)));
	assert_false(selects(ANSWER(304, "ETag: W/\"v2\""), ANSWER(200, ETAG)));
}

static void
test_a_date_selects_its_like(void **state) /* RFC 9111 4.3.3 */
{
	struct http_msg m = ANSWER(304, MODIFIED_BEFORE_10H);

	(void)state;
	assert_true(selects(m, ANSWER(200, MODIFIED_BEFORE_10H)));
	assert_true(selects(m, ANSWER(200, ETAG, MODIFIED_BEFORE_10H)));
	assert_false(selects(
	    m, ANSWER(200, "Last-Modified: Sat, 21 Nov 2026 03:00:00 GMT")));
	assert_false(selects(m, ANSWER(200, ETAG)));
}

static void
test_no_validator_means_the_one_asked_about(void **state)
{
	(void)state; /* RFC 9111 4.3.3 */
	assert_true(selects(ANSWER(304, DATE_NOW), ANSWER(200, ETAG)));
	assert_true(selects(ANSWER(304, DATE_NOW), ANSWER(200, PLAIN)));
	assert_false(selects(ANSWER(304, ETAG), ANSWER(200, PLAIN)));
}

static bool
matches(struct http_msg head, struct http_msg resp)
{
	struct entry e = made_stored(resp);

	return validate_head_matches(&head, &e, BODY, NOW);
}

static void
test_a_head_with_the_same_validators_matches(void **state)
{
	(void)state; /* RFC 9111 4.3.5 */
	assert_true(matches(ANSWER(200, ETAG, MODIFIED_BEFORE_10H),
	    ANSWER(200, ETAG, MODIFIED_BEFORE_10H)));
	assert_true(matches(
	    ANSWER(200, "ETag: W/\"v1\""), ANSWER(200, "ETag: W/\"v1\"")));
}

static void
test_a_head_with_another_validator_does_not(void **state)
{
	(void)state; /* RFC 9111 4.3.5 */
	assert_false(matches(ANSWER(200, "ETag: \"v2\""), ANSWER(200, ETAG)));
	assert_false(matches(ANSWER(200, "ETag: W/\"v1\""), ANSWER(200, ETAG)));
	assert_false(matches(ANSWER(200, ETAG), ANSWER(200, PLAIN)));
	assert_false(
	    matches(ANSWER(200, ETAG, MODIFIED_BEFORE_10H), ANSWER(200, ETAG)));
	assert_false(matches(ANSWER(200, ETAG, MODIFIED_BEFORE_10H),
	    ANSWER(200, ETAG, "Last-Modified: Sat, 21 Nov 2026 03:00:00 GMT")));
}

static void
test_only_validators_that_a_head_has_count(void **state)
{
	struct http_msg resp = ANSWER(200, ETAG, MODIFIED_BEFORE_10H);

	(void)state; /* RFC 9111 4.3.5 */
	assert_true(matches(ANSWER(200, PLAIN), resp));
	assert_true(matches(ANSWER(200, ETAG), resp));
	assert_true(matches(ANSWER(200, MODIFIED_BEFORE_10H), resp));
}

static void
test_a_head_of_another_length_does_not_match(void **state)
{
	(void)state; /* RFC 9111 4.3.5 */
	assert_true(matches(
	    ANSWER(200, ETAG, "Content-Length: 1000"), ANSWER(200, ETAG)));
	assert_false(matches(
	    ANSWER(200, ETAG, "Content-Length: 1001"), ANSWER(200, ETAG)));
	assert_false(
	    matches(ANSWER(200, "Content-Length: 0"), ANSWER(200, PLAIN)));
	assert_false(
	    matches(ANSWER(200, "Content-Length: x"), ANSWER(200, PLAIN)));
}

static void
test_a_200_does_not_match_a_stored_404(void **state) /* RFC 9111 4.3.5 */
{
	(void)state;
	assert_false(matches(ANSWER(200, PLAIN), ANSWER(404, PLAIN)));
}

static struct http_msg
merged(struct http_msg not_modified, struct http_msg resp)
{
	struct entry e = made_stored(resp);
	struct http_msg out;

	http_msg_init(&out, &made_arena);
	assert_int_equal(validate_merge(&not_modified, &e, &out), LR_OK);
	return out;
}

static void
test_fields_of_the_304_replace_the_stored(void **state) /* RFC 9111 3.2 */
{
	struct http_msg m = merged(
	    ANSWER(304, DATE_NOW, ETAG, "cache-control: max-age=9", "X-A: new",
		"X-A: newer", "Set-Cookie: a=c", "Content-Type: a/b"),
	    ANSWER(200, DATE_BEFORE_1H, ETAG, "Cache-Control: max-age=1",
		"Cache-Control: public", "X-A: old", "X-B: old",
		"Set-Cookie: a=b", "Content-Type: c/d"));

	(void)state;
	assert_int_equal(m.status, 200);
	assert_int_equal(http_msg_count(&m, FIELD_CACHE_CONTROL), 1);
	assert_slice_equal(
	    http_msg_value(&m, FIELD_CACHE_CONTROL), "max-age=9");
	assert_int_equal(http_msg_count(&m, FIELD_SET_COOKIE), 1);
	assert_slice_equal(http_msg_value(&m, FIELD_SET_COOKIE), "a=c");
	assert_slice_equal(http_msg_value(&m, FIELD_CONTENT_TYPE), "a/b");
	assert_slice_equal(http_msg_find(&m, SLICE("X-A"))->value, "new");
	assert_slice_equal(http_msg_find(&m, SLICE("X-B"))->value, "old");
	assert_int_equal(http_msg_count(&m, FIELD_DATE), 1);
	assert_slice_equal(
	    http_msg_value(&m, FIELD_DATE), "Sat, 21 Nov 2026 12:00:00 GMT");
}

static void
test_what_describes_the_content_stays(void **state) /* RFC 9111 3.2 */
{
	struct http_msg m = merged(
	    ANSWER(304, "ETag: W/\"v1\"", "Content-Length: 0",
		"Content-Encoding: gzip", "Content-Range: bytes 0-1/2",
		"Content-MD5: b", "Transfer-Encoding: chunked",
		"Connection: X-Hop", "X-Hop: 1"),
	    ANSWER(200, ETAG, "Content-Encoding: br", "Content-MD5: a"));

	(void)state;
	assert_slice_equal(http_msg_value(&m, FIELD_ETAG), "\"v1\"");
	assert_slice_equal(http_msg_value(&m, FIELD_CONTENT_LENGTH), "1000");
	assert_slice_equal(http_msg_value(&m, FIELD_CONTENT_ENCODING), "br");
	assert_slice_equal(http_msg_find(&m, SLICE("Content-MD5"))->value, "a");
	assert_null(http_msg_get(&m, FIELD_CONTENT_RANGE));
	assert_null(http_msg_get(&m, FIELD_TRANSFER_ENCODING));
	assert_null(http_msg_get(&m, FIELD_CONNECTION));
	assert_null(http_msg_find(&m, SLICE("X-Hop")));
}

static void
test_the_304_makes_it_young_again(void **state) /* RFC 9111 4.3.4 */
{
	struct http_msg resp = ANSWER(
	    200, ETAG, DATE_BEFORE_1H, "Cache-Control: max-age=60");
	struct entry dated = made_entry(
	    merged(ANSWER(304, ETAG, DATE_NOW), resp));
	struct entry undated = made_entry(merged(ANSWER(304, ETAG), resp));
	struct entry aged = made_entry(
	    merged(ANSWER(304, ETAG, DATE_NOW, "Age: 20"), resp));

	(void)state;
	assert_int_equal(entry_age_s(&dated, NOW), 0);
	assert_int_equal(entry_age_s(&undated, NOW), 0);
	assert_int_equal(entry_age_s(&aged, NOW), 20);
	assert_int_equal(dated.lifetime_s, 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_validators_are_sent),
		cmocka_unit_test(test_a_single_validator_is_sent_alone),
		cmocka_unit_test(test_what_is_sent_outlives_the_entry),
		cmocka_unit_test(test_the_clients_own_conditions_are_replaced),
		cmocka_unit_test(test_without_validator_nothing_is_asked),
		cmocka_unit_test(test_a_strong_tag_selects_its_like),
		cmocka_unit_test(test_a_weak_tag_selects_what_corresponds),
		cmocka_unit_test(test_a_date_selects_its_like),
		cmocka_unit_test(test_no_validator_means_the_one_asked_about),
		cmocka_unit_test(test_a_head_with_the_same_validators_matches),
		cmocka_unit_test(test_a_head_with_another_validator_does_not),
		cmocka_unit_test(test_only_validators_that_a_head_has_count),
		cmocka_unit_test(test_a_head_of_another_length_does_not_match),
		cmocka_unit_test(test_a_200_does_not_match_a_stored_404),
		cmocka_unit_test(test_fields_of_the_304_replace_the_stored),
		cmocka_unit_test(test_what_describes_the_content_stays),
		cmocka_unit_test(test_the_304_makes_it_young_again),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
