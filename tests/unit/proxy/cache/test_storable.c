/* tests/unit/proxy/cache/test_storable.c */
#include "proxy/cache/storable.h"

#include "proxy/cache/key_query.h"
#include "tests/unit/proxy/cache/made.h"

static struct storable
decide(struct http_msg req, struct http_msg resp,
    const struct cache_policy *policy, uint64_t body_bytes)
{
	struct control_request rcc = made_request_control(req);
	struct control_response cc = made_response_control(resp);

	return storable_decide(&req, &rcc, &resp, &cc, policy, body_bytes, NOW);
}

static struct storable
decide_plainly(struct http_msg req, struct http_msg resp)
{
	struct cache_policy policy = made_policy();

	return decide(req, resp, &policy, BODY);
}

#define MAX_AGE "Cache-Control: max-age=60"

/* The rule that objects to the answer to a plain GET, "storable" if none. */
static const char *
why(struct http_msg resp)
{
	return decide_plainly(GET(PLAIN), resp).why;
}

static void
test_explicit_freshness_is_enough(void **state) /* RFC 9111 3 */
{
	struct storable s = decide_plainly(GET(PLAIN), ANSWER(200, MAX_AGE));

	(void)state;
	assert_true(s.yes);
	assert_string_equal(s.why, "storable");
	assert_string_equal(why(ANSWER(200, EXPIRES_IN_1H)), "storable");
	assert_string_equal(
	    why(ANSWER(200, "Cache-Control: s-maxage=60")), "storable");
}

static void
test_any_final_status_with_explicit_freshness(void **state)
{
	static const int statuses[] = { 200, 203, 204, 299, 301, 302, 303, 307,
		308, 400, 404, 410, 499, 500, 502, 503, 504, 599 };

	(void)state; /* RFC 9111 3 */
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		assert_string_equal(
		    why(ANSWER(statuses[i], MAX_AGE)), "storable");
}

static void
test_answers_about_a_part_or_a_condition_are_not(void **state)
{
	static const int statuses[] = { 100, 101, 103, 206, 304, 407, 412,
		416 };

	(void)state; /* RFC 9111 3, 3.3 */
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		assert_string_equal(
		    why(ANSWER(statuses[i], MAX_AGE)), "status");
}

static void
test_only_get_is_stored(void **state) /* RFC 9111 3 */
{
	static const enum http_method methods[] = { HTTP_HEAD, HTTP_POST,
		HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct http_msg req = GET(PLAIN);

		req.method = methods[i];
		assert_string_equal(
		    decide_plainly(req, ANSWER(200, MAX_AGE)).why, "method");
	}
}

static void
test_no_store_is_not(void **state) /* RFC 9111 5.2.2.5 */
{
	struct http_msg m = ANSWER(200, "Cache-Control: no-store, max-age=60");
	struct cache_policy policy = made_policy();

	(void)state;
	assert_string_equal(why(m), "no-store");
	policy.store_no_store = true; /* CacheStoreNoStore */
	assert_true(decide(GET(PLAIN), m, &policy, BODY).yes);
}

static void
test_request_no_store_is_not(void **state) /* RFC 9111 5.2.1.5 */
{
	struct http_msg req = GET("Cache-Control: no-store");
	struct cache_policy policy = made_policy();

	(void)state;
	assert_string_equal(
	    decide_plainly(req, ANSWER(200, MAX_AGE)).why, "request no-store");
	policy.store_no_store = true; /* CacheStoreNoStore */
	assert_true(decide(req, ANSWER(200, MAX_AGE), &policy, BODY).yes);
}

static void
test_must_understand_outranks_no_store(void **state) /* RFC 9111 5.2.2.3 */
{
	const char
	    *both = "Cache-Control: no-store, must-understand, max-age=9";

	(void)state;
	assert_string_equal(why(ANSWER(200, both)), "storable");
	assert_string_equal(why(ANSWER(599, both)), "must-understand");
	assert_string_equal(
	    why(ANSWER(599, "Cache-Control: must-understand, max-age=9")),
	    "must-understand");
}

static void
test_private_is_not(void **state) /* RFC 9111 5.2.2.7 */
{
	struct http_msg m = ANSWER(200, "Cache-Control: private, max-age=60");
	struct cache_policy policy = made_policy();

	(void)state;
	assert_string_equal(why(m), "private");
	policy.store_private = true; /* CacheStorePrivate */
	assert_true(decide(GET(PLAIN), m, &policy, BODY).yes);
	assert_string_equal(
	    why(ANSWER(200, "Cache-Control: private=\"a\", max-age=60")),
	    "storable");
}

static void
test_authorization_needs_consent(void **state) /* RFC 9111 3.5 */
{
	static const struct {
		const char *control, *why;
	} cases[] = {
		{ "Cache-Control: max-age=60", "authorization" },
		{ "Cache-Control: max-age=60, proxy-revalidate",
		    "authorization" },
		{ "Cache-Control: max-age=60, public", "storable" },
		{ "Cache-Control: max-age=60, must-revalidate", "storable" },
		{ "Cache-Control: s-maxage=60", "storable" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(decide_plainly(GET("Authorization: x"),
					ANSWER(200, cases[i].control))
					.why,
		    cases[i].why);
}

static void
test_vary_star_is_not(void **state) /* RFC 9111 4.1 */
{
	(void)state;
	assert_string_equal(why(ANSWER(200, MAX_AGE, "Vary: *")), "vary");
	assert_string_equal(why(ANSWER(200, MAX_AGE, "Vary: Foo, *")), "vary");
	assert_string_equal(
	    why(ANSWER(200, MAX_AGE, "Vary: Foo", "Vary: , *")), "vary");
	assert_string_equal(why(ANSWER(200, MAX_AGE, "Vary: Foo")), "storable");
}

static void
test_without_freshness_the_status_must_allow_it(void **state)
{
	(void)state; /* RFC 9111 3 and 4.2.2 */
	assert_string_equal(why(ANSWER(200, MODIFIED_BEFORE_10H)), "storable");
	assert_string_equal(
	    why(ANSWER(403, MODIFIED_BEFORE_10H)), "status without freshness");
	assert_string_equal(
	    why(ANSWER(403, MODIFIED_BEFORE_10H, "Cache-Control: public")),
	    "storable");
}

static void
test_neither_freshness_nor_validator_is_not(void **state)
{
	struct cache_policy policy = made_policy();
	struct http_msg m = ANSWER(200, DATE_NOW);

	(void)state; /* CacheIgnoreNoLastMod */
	assert_string_equal(why(m), "no freshness and no validator");
	assert_string_equal(why(ANSWER(200, "Last-Modified: x")),
	    "no freshness and no validator");
	assert_string_equal(why(ANSWER(200, "ETag: \"a\"")), "storable");
	policy.ignore_no_last_mod = true;
	assert_true(decide(GET(PLAIN), m, &policy, BODY).yes);
	policy.default_expire_s = 0; /* CacheDefaultExpire */
	assert_string_equal(
	    decide(GET(PLAIN), m, &policy, BODY).why, "expired");
}

static const struct slice B[] = { SLICE("b") };
static const struct key_query DROP_B = { .drop = B, .n_drop = 1 };

static void
test_a_query_needs_an_expiry(void **state) /* CacheIgnoreQueryString */
{
	struct cache_policy policy = made_policy();
	struct http_msg req = GET(PLAIN);

	(void)state;
	req.target = SLICE("/a?b=c");
	assert_string_equal(
	    decide_plainly(req, ANSWER(200, MODIFIED_BEFORE_10H)).why,
	    "query without expiry");
	assert_true(decide_plainly(req, ANSWER(200, MAX_AGE)).yes);
	policy.ignore_query = true;
	assert_true(
	    decide(req, ANSWER(200, MODIFIED_BEFORE_10H), &policy, BODY).yes);
	policy.ignore_query = false;
	policy.key_query = &DROP_B; /* CacheKeyQuery */
	assert_true(
	    decide(req, ANSWER(200, MODIFIED_BEFORE_10H), &policy, BODY).yes);
	req.target = SLICE("/a?b=c&d");
	assert_false(
	    decide(req, ANSWER(200, MODIFIED_BEFORE_10H), &policy, BODY).yes);
}

static void
test_set_cookie_keeps_nothing_from_being_stored(void **state)
{
	(void)state; /* RFC 9111 7.3 */
	assert_string_equal(
	    why(ANSWER(200, MAX_AGE, "Set-Cookie: a=b")), "storable");
	assert_string_equal(
	    why(ANSWER(200, MODIFIED_BEFORE_10H, "Set-Cookie: a=b")),
	    "storable");
}

static void
test_expired_is_not_unless_asked_for(void **state) /* CacheStoreExpired */
{
	struct http_msg by_expires = ANSWER(
	    200, EXPIRED_BY_1H, DATE_NOW, "ETag: \"a\"");
	struct http_msg by_max_age = ANSWER(200, "Cache-Control: max-age=0");
	struct cache_policy policy = made_policy();

	(void)state;
	assert_string_equal(why(by_expires), "expired");
	assert_string_equal(why(by_max_age), "expired");
	assert_string_equal(why(ANSWER(200, MAX_AGE, "Age: 60")), "expired");
	policy.store_expired = true;
	assert_true(decide(GET(PLAIN), by_expires, &policy, BODY).yes);
	assert_true(decide(GET(PLAIN), by_max_age, &policy, BODY).yes);
}

static void
test_stale_with_validator_is_kept_for_it(void **state) /* RFC 9111 4.3 */
{
	(void)state;
	assert_string_equal(
	    why(ANSWER(200, "Cache-Control: max-age=0", "ETag: \"a\"")),
	    "storable");
	assert_string_equal(
	    why(ANSWER(200, "Cache-Control: no-cache", MODIFIED_BEFORE_10H)),
	    "storable");
}

static void
test_no_cache_without_validator_is_useless(void **state)
{
	(void)state; /* RFC 9111 5.2.2.4 */
	assert_string_equal(
	    why(ANSWER(200, "Cache-Control: no-cache, max-age=60")),
	    "no-cache without validator");
}

static void
test_a_window_for_stale_makes_it_useful(void **state) /* RFC 5861 3, 4 */
{
	(void)state;
	assert_string_equal(why(ANSWER(200,
				"Cache-Control: max-age=0, "
				"stale-while-revalidate=60")),
	    "storable");
	assert_string_equal(
	    why(ANSWER(200, "Cache-Control: max-age=0, stale-if-error=60")),
	    "storable");
	assert_string_equal(
	    why(ANSWER(
		200, "Cache-Control: max-age=0, stale-if-error=60", "Age: 60")),
	    "expired");
}

static void
test_sizes_are_bounded(void **state) /* CacheMinFileSize, CacheMaxFileSize */
{
	struct cache_policy policy = made_policy();
	struct http_msg m = ANSWER(200, MAX_AGE);

	(void)state;
	policy.min_file_bytes = 10;
	policy.max_file_bytes = 20;
	assert_string_equal(decide(GET(PLAIN), m, &policy, 9).why, "too small");
	assert_true(decide(GET(PLAIN), m, &policy, 10).yes);
	assert_true(decide(GET(PLAIN), m, &policy, 20).yes);
	assert_string_equal(
	    decide(GET(PLAIN), m, &policy, 21).why, "too large");
	assert_string_equal(
	    decide(GET(PLAIN), m, &policy, 21).clause, "CacheMaxFileSize");
	assert_true(decide(GET(PLAIN), m, &policy, UINT64_MAX).yes);
}

static void
test_empty_by_nature_is_not_too_small(void **state) /* CacheMinFileSize */
{
	struct cache_policy policy = made_policy();

	(void)state;
	policy.min_file_bytes = 1;
	assert_true(decide(GET(PLAIN), ANSWER(204, MAX_AGE), &policy, 0).yes);
	assert_true(decide(GET(PLAIN), ANSWER(301, MAX_AGE), &policy, 0).yes);
	assert_string_equal(
	    decide(GET(PLAIN), ANSWER(200, MAX_AGE), &policy, 0).why,
	    "too small");
}

static void
test_requests_that_the_cache_is_asked_for(void **state) /* RFC 9111 4 */
{
	struct cache_policy policy = made_policy();
	struct http_msg req = GET(PLAIN);
	const char *reason = NULL;

	(void)state;
	assert_true(storable_request(&req, &policy, &reason));
	req.method = HTTP_HEAD;
	assert_true(storable_request(&req, &policy, &reason));
	assert_null(reason);
	req.method = HTTP_POST;
	assert_false(storable_request(&req, &policy, &reason));
	assert_string_equal(reason, "method");
	req.method = HTTP_GET;
	policy.enabled = false;
	assert_false(storable_request(&req, &policy, &reason));
	assert_string_equal(reason, "caching is off");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explicit_freshness_is_enough),
		cmocka_unit_test(test_any_final_status_with_explicit_freshness),
		cmocka_unit_test(
		    test_answers_about_a_part_or_a_condition_are_not),
		cmocka_unit_test(test_only_get_is_stored),
		cmocka_unit_test(test_no_store_is_not),
		cmocka_unit_test(test_request_no_store_is_not),
		cmocka_unit_test(test_must_understand_outranks_no_store),
		cmocka_unit_test(test_private_is_not),
		cmocka_unit_test(test_authorization_needs_consent),
		cmocka_unit_test(test_vary_star_is_not),
		cmocka_unit_test(
		    test_without_freshness_the_status_must_allow_it),
		cmocka_unit_test(test_neither_freshness_nor_validator_is_not),
		cmocka_unit_test(test_a_query_needs_an_expiry),
		cmocka_unit_test(
		    test_set_cookie_keeps_nothing_from_being_stored),
		cmocka_unit_test(test_expired_is_not_unless_asked_for),
		cmocka_unit_test(test_stale_with_validator_is_kept_for_it),
		cmocka_unit_test(test_no_cache_without_validator_is_useless),
		cmocka_unit_test(test_a_window_for_stale_makes_it_useful),
		cmocka_unit_test(test_sizes_are_bounded),
		cmocka_unit_test(test_empty_by_nature_is_not_too_small),
		cmocka_unit_test(test_requests_that_the_cache_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
