/* tests/unit/proxy/http/test_condition.c: conditional requests */
#include "tests/support/assert_slice.h"

#include "proxy/http/condition.h"
#include "tests/support/msg.h"

#define NOW_S 1795222923
#define MODIFIED_S 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define MODIFIED "Sun, 06 Nov 1994 08:49:37 GMT"
#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT"
#define LATER "Sun, 06 Nov 1994 08:49:38 GMT"
#define NO_TIME INT64_MIN

static const struct validators STRONG = { { "\"a\"", 3 }, MODIFIED_S,
	MODIFIED_S + 60 };
static const struct validators WEAK = { { "W/\"a\"", 5 }, MODIFIED_S,
	MODIFIED_S };
static const struct validators NOTHING = { { "", 0 }, NO_TIME, NO_TIME };

static enum condition
evaluate(const char *head, const struct validators *v)
{
	struct http_msg *m = test_request(head);
	enum condition c = condition_evaluate(m, v, NOW_S);

	test_msg_free(m);
	return c;
}

static bool
if_range(const char *field, const struct validators *v)
{
	struct http_msg *m = test_request(field);
	bool ok = condition_if_range(m, v, NOW_S);

	test_msg_free(m);
	return ok;
}

static void
test_validators_are_read_from_a_response(void **state)
{
	struct http_msg *m = test_response(
	    "ETag: W/\"x\"\nDate: " LATER "\nLast-Modified: " MODIFIED);
	struct validators v;

	(void)state;
	condition_validators(m, NOW_S, &v);
	assert_slice(v.etag, "W/\"x\"");
	assert_int_equal(v.modified_at_s, MODIFIED_S);
	assert_int_equal(v.date_s, MODIFIED_S + 1);
	test_msg_free(m);
	m = test_response("Date: yesterday");
	condition_validators(m, NOW_S, &v);
	assert_int_equal(v.etag.n, 0);
	assert_true(v.modified_at_s == NO_TIME);
	assert_true(v.date_s == NO_TIME);
	test_msg_free(m);
}

static void
test_the_table_of_tag_comparison(void **state) /* RFC 9110 8.8.3.2 */
{
	const struct slice w1 = SLICE("W/\"1\""), w2 = SLICE("W/\"2\"");
	const struct slice s1 = SLICE("\"1\"");

	(void)state;
	assert_false(condition_etag_strong_eq(w1, w1));
	assert_true(condition_etag_weak_eq(w1, w1));
	assert_false(condition_etag_strong_eq(w1, w2));
	assert_false(condition_etag_weak_eq(w1, w2));
	assert_false(condition_etag_strong_eq(w1, s1));
	assert_true(condition_etag_weak_eq(w1, s1));
	assert_true(condition_etag_strong_eq(s1, s1));
	assert_true(condition_etag_weak_eq(s1, s1));
}

static void
test_odd_tags_equal_their_own_spelling_only(void **state)
{
	(void)state;
	assert_true(condition_etag_weak_eq(SLICE("1"), SLICE("1")));
	assert_false(condition_etag_weak_eq(SLICE("1"), SLICE("\"1\"")));
	assert_false(condition_etag_weak_eq(SLICE("W/1"), SLICE("1")));
	assert_false(condition_etag_weak_eq(SLICE("w/\"1\""), SLICE("\"1\"")));
	assert_false(condition_etag_weak_eq(SLICE(""), SLICE("")));
	assert_false(condition_etag_strong_eq(SLICE(""), SLICE("")));
}

static void
test_if_none_match_compares_weakly(void **state) /* RFC 9110 13.1.2 */
{
	(void)state;
	assert_int_equal(
	    evaluate("If-None-Match: \"a\"", &STRONG), CONDITION_NOT_MODIFIED);
	assert_int_equal(evaluate("If-None-Match: W/\"a\"", &STRONG),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("If-None-Match: \"a\"", &WEAK), CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("HEAD / HTTP/1.1\nIf-None-Match: \"a\"", &STRONG),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("If-None-Match: \"b\"", &STRONG), CONDITION_PASSED);
	assert_int_equal(
	    evaluate("If-None-Match: \"a\"", &NOTHING), CONDITION_PASSED);
	assert_int_equal(
	    evaluate("If-None-Match: ", &NOTHING), CONDITION_PASSED);
}

static void
test_if_none_match_may_list_many(void **state)
{
	const struct validators comma = { SLICE("\"x,a\""), NO_TIME, NO_TIME };
	const struct validators slash = { SLICE("\"x\\\""), NO_TIME, NO_TIME };

	(void)state;
	assert_int_equal(
	    evaluate("If-None-Match: \"b\", W/\"c\" ,,\"a\"", &STRONG),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("If-None-Match: \"b\"\nIf-None-Match: \"a\"", &STRONG),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(evaluate("If-None-Match: \"x,a\", \"b\"", &comma),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("If-None-Match: \"x,\"a\"\"", &STRONG), CONDITION_PASSED);
	/* A backslash escapes nothing (8.8.3). */
	assert_int_equal(evaluate("If-None-Match: \"x\\\", \"b\"", &slash),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(evaluate("If-None-Match: \"open, \"a\"", &STRONG),
	    CONDITION_PASSED);
}

static void
test_an_asterisk_matches_what_is_stored(void **state)
{
	(void)state;
	assert_int_equal(
	    evaluate("If-None-Match: *", &NOTHING), CONDITION_NOT_MODIFIED);
}

static void
test_if_modified_since_compares_times(void **state) /* RFC 9110 13.1.3 */
{
	(void)state;
	assert_int_equal(evaluate("If-Modified-Since: " MODIFIED, &STRONG),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(evaluate("If-Modified-Since: " LATER, &STRONG),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("If-Modified-Since: " EARLIER, &STRONG), CONDITION_PASSED);
	assert_int_equal(
	    evaluate("If-Modified-Since: " LATER, &NOTHING), CONDITION_PASSED);
}

static void
test_date_stands_in_for_last_modified(void **state) /* RFC 9111 4.3.2 */
{
	const struct validators dated = { SLICE(""), NO_TIME, MODIFIED_S };

	(void)state;
	assert_int_equal(evaluate("If-Modified-Since: " MODIFIED, &dated),
	    CONDITION_NOT_MODIFIED);
	assert_int_equal(
	    evaluate("If-Modified-Since: " EARLIER, &dated), CONDITION_PASSED);
}

static void
test_no_single_valid_date_is_ignored(void **state) /* RFC 9110 13.1.3 */
{
	(void)state;
	assert_int_equal(
	    evaluate("If-Modified-Since: now", &STRONG), CONDITION_PASSED);
	assert_int_equal(
	    evaluate("If-Modified-Since: " LATER "\nIf-Modified-Since: " LATER,
		&STRONG),
	    CONDITION_PASSED);
}

static void
test_if_none_match_outranks_if_modified_since(void **state)
{
	(void)state; /* RFC 9110 13.2.2 */
	assert_int_equal(evaluate("If-None-Match: \"b\"\n"
				  "If-Modified-Since: " LATER,
			     &STRONG),
	    CONDITION_PASSED);
}

static void
test_what_is_the_origins_is_not_evaluated(void **state) /* RFC 9111 4.3.2 */
{
	(void)state;
	assert_int_equal(evaluate("Accept: x", &STRONG), CONDITION_NONE);
	assert_int_equal(evaluate("If-Match: \"b\"", &STRONG), CONDITION_NONE);
	assert_int_equal(
	    evaluate("If-Unmodified-Since: " EARLIER, &STRONG), CONDITION_NONE);
	assert_int_equal(
	    evaluate("POST / HTTP/1.1\nIf-None-Match: \"a\"", &STRONG),
	    CONDITION_NONE);
}

static void
test_if_range_wants_a_strong_match(void **state) /* RFC 9110 13.1.5 */
{
	(void)state;
	assert_true(if_range("Range: bytes=0-1", &NOTHING));
	assert_true(if_range("If-Range: \"a\"", &STRONG));
	assert_false(if_range("If-Range: \"b\"", &STRONG));
	assert_false(if_range("If-Range: W/\"a\"", &WEAK));
	assert_false(if_range("If-Range: \"a\"", &WEAK));
	assert_false(if_range("If-Range: \"a\"", &NOTHING));
	assert_false(if_range("If-Range: a", &STRONG));
	assert_false(if_range("If-Range: \"a\"\nIf-Range: \"a\"", &STRONG));
}

static void
test_if_range_wants_the_very_same_date(void **state) /* RFC 9110 13.1.5 */
{
	(void)state;
	assert_true(if_range("If-Range: " MODIFIED, &STRONG));
	assert_false(if_range("If-Range: " LATER, &STRONG));
	assert_false(if_range("If-Range: " EARLIER, &STRONG));
	/* modified in the second it was sent: weak (8.8.2.2) */
	assert_false(if_range("If-Range: " MODIFIED, &WEAK));
	assert_false(if_range("If-Range: " MODIFIED, &NOTHING));
	assert_false(if_range("If-Range: now", &NOTHING));
}

static void
test_presence_of_any_condition(void **state)
{
	static const char *const FIELDS[] = { "If-Match: *", "If-None-Match: *",
		"If-Modified-Since: x", "If-Unmodified-Since: x",
		"If-Range: x" };

	(void)state;
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
		struct http_msg *m = test_request(FIELDS[i]);

		assert_true(condition_present(m));
		http_msg_remove_name(m, m->fields[0].name);
		assert_false(condition_present(m));
		test_msg_free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_validators_are_read_from_a_response),
		cmocka_unit_test(test_the_table_of_tag_comparison),
		cmocka_unit_test(test_odd_tags_equal_their_own_spelling_only),
		cmocka_unit_test(test_if_none_match_compares_weakly),
		cmocka_unit_test(test_if_none_match_may_list_many),
		cmocka_unit_test(test_an_asterisk_matches_what_is_stored),
		cmocka_unit_test(test_if_modified_since_compares_times),
		cmocka_unit_test(test_date_stands_in_for_last_modified),
		cmocka_unit_test(test_no_single_valid_date_is_ignored),
		cmocka_unit_test(test_if_none_match_outranks_if_modified_since),
		cmocka_unit_test(test_what_is_the_origins_is_not_evaluated),
		cmocka_unit_test(test_if_range_wants_a_strong_match),
		cmocka_unit_test(test_if_range_wants_the_very_same_date),
		cmocka_unit_test(test_presence_of_any_condition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
