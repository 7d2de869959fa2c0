/* tests/unit/proxy/cache/test_reuse.c
 *
 * The entries have a lifetime of 100 seconds unless a test says otherwise;
 * a moment is given as the age at which the request comes. */
#include "proxy/cache/reuse.h"

#include "tests/unit/proxy/cache/made.h"

static struct verdict
judge(struct http_msg resp, struct http_msg req, int64_t age_s)
{
	struct entry e = made_entry(resp);
	struct control_request cc = made_request_control(req);
	struct cache_policy policy = made_policy();

	return reuse_decide(&e, &cc, &policy, NOW + age_s);
}

static enum reuse
reuse(struct http_msg resp, const char *request_control, int64_t age_s)
{
	struct http_msg req = GET(PLAIN);

	if (request_control != NULL)
		assert_int_equal(http_msg_add_id(&req, FIELD_CACHE_CONTROL,
				     slice_of(request_control)),
		    LR_OK);
	return judge(resp, req, age_s).reuse;
}

static bool
on_error(struct http_msg resp, struct http_msg req, bool stale_on_error,
    int status, int64_t age_s)
{
	struct entry e = made_entry(resp);
	struct control_request cc = made_request_control(req);
	struct cache_policy policy = made_policy();

	policy.stale_on_error = stale_on_error;
	return reuse_on_error(&e, &cc, &policy, status, NOW + age_s) != NULL;
}

#define FRESH_100 ANSWER(200, "Cache-Control: max-age=100", DATE_NOW)

static void
test_fresh_is_lifetime_greater_than_age(void **state) /* RFC 9111 4.2 */
{
	struct verdict v = judge(FRESH_100, GET(PLAIN), 99);

	(void)state;
	assert_int_equal(v.reuse, REUSE_FRESH);
	assert_int_equal(v.age_s, 99);
	assert_int_equal(v.ttl_s, 1);
	assert_string_equal(v.why, "fresh");
	v = judge(FRESH_100, GET(PLAIN), 100);
	assert_int_equal(v.reuse, REUSE_VALIDATE);
	assert_int_equal(v.ttl_s, 0);
	assert_string_equal(v.why, "stale");
}

static void
test_age_on_arrival_counts(void **state) /* RFC 9111 4.2.3 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=100", "Age: 60", DATE_NOW);

	(void)state;
	assert_int_equal(reuse(m, NULL, 39), REUSE_FRESH);
	assert_int_equal(reuse(m, NULL, 40), REUSE_VALIDATE);
}

static void
test_a_clock_set_back_makes_no_negative_age(void **state)
{
	(void)state;
	assert_int_equal(judge(FRESH_100, GET(PLAIN), -50).age_s, 0);
}

static void
test_no_cache_is_asked_about_every_time(void **state) /* RFC 9111 5.2.2.4 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=100, no-cache", "ETag: \"a\"");

	(void)state;
	assert_int_equal(reuse(m, NULL, 0), REUSE_VALIDATE);
	assert_int_equal(reuse(m, "max-stale", 0), REUSE_VALIDATE);
}

static void
test_no_cache_with_names_is_reused(void **state) /* RFC 9111 5.2.2.4 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=100, no-cache=\"a\"");

	(void)state;
	assert_int_equal(reuse(m, NULL, 0), REUSE_FRESH);
}

static void
test_request_no_cache_asks(void **state) /* RFC 9111 5.2.1.4 and 5.4 */
{
	(void)state;
	assert_int_equal(reuse(FRESH_100, "no-cache", 1), REUSE_VALIDATE);
	assert_int_equal(
	    judge(FRESH_100, GET("Pragma: no-cache"), 1).reuse, REUSE_VALIDATE);
}

static void
test_request_no_store_may_be_served(void **state) /* RFC 9111 5.2.1.5 */
{
	(void)state;
	assert_int_equal(reuse(FRESH_100, "no-store", 1), REUSE_FRESH);
}

static void
test_request_max_age_bounds_the_age(void **state) /* RFC 9111 5.2.1.1 */
{
	(void)state;
	assert_int_equal(reuse(FRESH_100, "max-age=10", 10), REUSE_FRESH);
	assert_int_equal(reuse(FRESH_100, "max-age=10", 11), REUSE_VALIDATE);
	assert_int_equal(reuse(FRESH_100, "max-age=0", 0), REUSE_VALIDATE);
}

static void
test_max_age_alone_wants_nothing_stale(void **state) /* RFC 9111 5.2.1.1 */
{
	struct http_msg m = ANSWER(200,
	    "Cache-Control: max-age=100, stale-while-revalidate=100", DATE_NOW);

	(void)state;
	assert_int_equal(reuse(m, "max-age=500", 120), REUSE_VALIDATE);
	assert_int_equal(
	    reuse(m, "max-age=500, max-stale=50", 120), REUSE_FRESH);
}

static void
test_immutable_is_not_asked_about_on_reload(void **state) /* RFC 8246 2 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=100, immutable", DATE_NOW);

	(void)state;
	assert_int_equal(reuse(m, "max-age=0", 50), REUSE_FRESH);
	assert_int_equal(reuse(m, "no-cache", 50), REUSE_VALIDATE);
	assert_int_equal(reuse(m, NULL, 100), REUSE_VALIDATE);
	m = ANSWER(200, "Cache-Control: immutable, max-age=100",
	    "Cache-Control: stale-while-revalidate=50", DATE_NOW);
	assert_int_equal(reuse(m, "max-age=0", 50), REUSE_FRESH);
	assert_int_equal(reuse(m, "max-age=0", 120), REUSE_VALIDATE);
}

static void
test_min_fresh_wants_time_left(void **state) /* RFC 9111 5.2.1.3 */
{
	(void)state;
	assert_int_equal(reuse(FRESH_100, "min-fresh=40", 60), REUSE_FRESH);
	assert_int_equal(reuse(FRESH_100, "min-fresh=40", 61), REUSE_VALIDATE);
	assert_int_equal(reuse(FRESH_100, "min-fresh=200", 0), REUSE_VALIDATE);
}

static void
test_max_stale_takes_what_is_stale(void **state) /* RFC 9111 5.2.1.2 */
{
	struct verdict v = judge(
	    FRESH_100, GET("Cache-Control: max-stale=20"), 120);

	(void)state;
	assert_int_equal(v.reuse, REUSE_FRESH);
	assert_int_equal(v.ttl_s, -20);
	assert_string_equal(v.why, "request max-stale");
	assert_int_equal(reuse(FRESH_100, "max-stale=20", 121), REUSE_VALIDATE);
	assert_int_equal(reuse(FRESH_100, "max-stale", 999999), REUSE_FRESH);
}

static void
test_must_revalidate_forbids_stale(void **state)
{
	static const char *const forbidding[] = { "must-revalidate",
		"proxy-revalidate", "s-maxage=100" };
	char control[100];

	(void)state; /* RFC 9111 5.2.2.2, 5.2.2.8, 5.2.2.10 and 4.2.4 */
	for (size_t i = 0; i < 3; i++) {
		struct http_msg m = ANSWER(200, PLAIN);

		strcpy(control, "max-age=100, stale-while-revalidate=100, ");
		strcat(control, forbidding[i]);
		http_msg_add_id(&m, FIELD_CACHE_CONTROL, slice_of(control));
		assert_int_equal(reuse(m, NULL, 99), REUSE_FRESH);
		assert_int_equal(reuse(m, NULL, 100), REUSE_VALIDATE);
		assert_int_equal(reuse(m, "max-stale", 100), REUSE_VALIDATE);
		assert_false(on_error(m, GET(PLAIN), true, 0, 100));
	}
}

static void
test_stale_while_revalidate_ends_with_its_window(void **state)
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=100, stale-while-revalidate=30");

	(void)state; /* RFC 5861 3 */
	assert_int_equal(reuse(m, NULL, 99), REUSE_FRESH);
	assert_int_equal(reuse(m, NULL, 100), REUSE_STALE);
	assert_int_equal(reuse(m, NULL, 129), REUSE_STALE);
	assert_int_equal(reuse(m, NULL, 130), REUSE_VALIDATE);
	assert_int_equal(reuse(m, "no-cache", 110), REUSE_VALIDATE);
}

static void
test_only_if_cached_never_asks(void **state) /* RFC 9111 5.2.1.7 */
{
	(void)state;
	assert_int_equal(reuse(FRESH_100, "only-if-cached", 1), REUSE_FRESH);
	assert_int_equal(
	    reuse(FRESH_100, "only-if-cached", 100), REUSE_UNSATISFIABLE);
	assert_int_equal(
	    reuse(FRESH_100, "only-if-cached, max-stale=5", 101), REUSE_FRESH);
}

static void
test_ignore_cache_control_serves_all_the_same(void **state)
{
	struct entry e = made_entry(FRESH_100);
	struct control_request cc = made_request_control(
	    GET("Cache-Control: no-cache, max-age=0, min-fresh=500"));
	struct cache_policy policy = made_policy();

	(void)state; /* CacheIgnoreCacheControl */
	policy.ignore_cache_control = true;
	assert_int_equal(
	    reuse_decide(&e, &cc, &policy, NOW + 50).reuse, REUSE_FRESH);
	assert_int_equal(
	    reuse_decide(&e, &cc, &policy, NOW + 100).reuse, REUSE_VALIDATE);
	e.flags |= ENTRY_NO_CACHE; /* the response's is not ignored */
	assert_int_equal(
	    reuse_decide(&e, &cc, &policy, NOW + 50).reuse, REUSE_VALIDATE);
}

static void
test_stale_on_error_serves_stale(void **state) /* CacheStaleOnError */
{
	(void)state;
	assert_true(on_error(FRESH_100, GET(PLAIN), true, 0, 5000));
	assert_true(on_error(FRESH_100, GET(PLAIN), true, 503, 5000));
	assert_true(on_error(FRESH_100, GET(PLAIN), true, 599, 5000));
	assert_false(on_error(FRESH_100, GET(PLAIN), true, 404, 5000));
	assert_false(on_error(FRESH_100, GET(PLAIN), false, 0, 100));
}

static void
test_stale_if_error_has_a_window(void **state) /* RFC 5861 4 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=100, stale-if-error=30");

	(void)state;
	assert_true(on_error(m, GET(PLAIN), false, 0, 129));
	assert_true(on_error(m, GET(PLAIN), false, 504, 129));
	assert_false(on_error(m, GET(PLAIN), false, 0, 130));
	assert_false(on_error(m, GET(PLAIN), false, 501, 110));
	assert_false(on_error(m, GET(PLAIN), false, 404, 110));
}

static void
test_who_wants_it_fresh_gets_the_error(void **state) /* CacheStaleOnError */
{
	(void)state;
	assert_false(on_error(
	    FRESH_100, GET("Cache-Control: no-cache"), true, 503, 150));
	assert_false(on_error(
	    FRESH_100, GET("Cache-Control: max-age=0"), true, 503, 150));
}

static void
test_no_cache_is_not_served_on_error(void **state) /* RFC 9111 4.2.4 */
{
	(void)state;
	assert_false(on_error(ANSWER(200, "Cache-Control: no-cache, max-age=9"),
	    GET(PLAIN), true, 0, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fresh_is_lifetime_greater_than_age),
		cmocka_unit_test(test_age_on_arrival_counts),
		cmocka_unit_test(test_a_clock_set_back_makes_no_negative_age),
		cmocka_unit_test(test_no_cache_is_asked_about_every_time),
		cmocka_unit_test(test_no_cache_with_names_is_reused),
		cmocka_unit_test(test_request_no_cache_asks),
		cmocka_unit_test(test_request_no_store_may_be_served),
		cmocka_unit_test(test_request_max_age_bounds_the_age),
		cmocka_unit_test(test_max_age_alone_wants_nothing_stale),
		cmocka_unit_test(test_immutable_is_not_asked_about_on_reload),
		cmocka_unit_test(test_min_fresh_wants_time_left),
		cmocka_unit_test(test_max_stale_takes_what_is_stale),
		cmocka_unit_test(test_must_revalidate_forbids_stale),
		cmocka_unit_test(
		    test_stale_while_revalidate_ends_with_its_window),
		cmocka_unit_test(test_only_if_cached_never_asks),
		cmocka_unit_test(test_ignore_cache_control_serves_all_the_same),
		cmocka_unit_test(test_stale_on_error_serves_stale),
		cmocka_unit_test(test_stale_if_error_has_a_window),
		cmocka_unit_test(test_who_wants_it_fresh_gets_the_error),
		cmocka_unit_test(test_no_cache_is_not_served_on_error),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
