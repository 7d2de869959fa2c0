/* tests/unit/proxy/cache/test_freshness.c */
#include "proxy/cache/freshness.h"

#include "tests/unit/proxy/cache/made.h"

/* The stated lifetime; -1 when there is none. */
static int64_t
stated(struct http_msg resp)
{
	struct control_response cc = made_response_control(resp);
	enum freshness_source source;
	int64_t life_s = -1;

	return freshness_explicit(&resp, &cc, NOW, &life_s, &source) == LR_OK
	    ? life_s
	    : -1;
}

static enum freshness_source
stated_by(struct http_msg resp)
{
	struct control_response cc = made_response_control(resp);
	enum freshness_source source = FRESHNESS_NONE;
	int64_t life_s;

	freshness_explicit(&resp, &cc, NOW, &life_s, &source);
	return source;
}

static int64_t
used(struct http_msg resp, const struct cache_policy *policy)
{
	struct control_response cc = made_response_control(resp);
	enum freshness_source source;

	return freshness_lifetime(&resp, &cc, policy, NOW, &source);
}

static int64_t
used_by_default(struct http_msg resp)
{
	struct cache_policy policy = made_policy();

	return used(resp, &policy);
}

static enum freshness_source
source_of(struct http_msg resp, const struct cache_policy *policy)
{
	struct control_response cc = made_response_control(resp);
	enum freshness_source source;

	freshness_lifetime(&resp, &cc, policy, NOW, &source);
	return source;
}

static int64_t
age_at_arrival(struct http_msg resp)
{
	return freshness_initial_age(&resp, NOW, NOW);
}

static void
test_s_maxage_outranks_max_age(void **state) /* RFC 9111 5.2.2.10 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=5, s-maxage=60", EXPIRES_IN_1H);

	(void)state;
	assert_int_equal(stated(m), 60);
	assert_int_equal(stated_by(m), FRESHNESS_S_MAXAGE);
}

static void
test_max_age_outranks_expires(void **state) /* RFC 9111 5.3 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: max-age=5", EXPIRES_IN_1H, DATE_NOW);

	(void)state;
	assert_int_equal(stated(m), 5);
	assert_int_equal(stated_by(m), FRESHNESS_MAX_AGE);
	assert_int_equal(
	    stated(ANSWER(200, "Cache-Control: max-age=0", EXPIRES_IN_1H)), 0);
}

static void
test_expires_counts_from_date(void **state) /* RFC 9111 4.2.1 */
{
	(void)state;
	assert_int_equal(stated(ANSWER(200, EXPIRES_IN_1H, DATE_NOW)), 3600);
	assert_int_equal(
	    stated(ANSWER(200, EXPIRES_IN_1H, DATE_BEFORE_1H)), 7200);
	assert_int_equal(
	    stated_by(ANSWER(200, EXPIRES_IN_1H, DATE_NOW)), FRESHNESS_EXPIRES);
}

static void
test_expires_without_usable_date_counts_from_arrival(void **state)
{
	(void)state;
	assert_int_equal(stated(ANSWER(200, EXPIRES_IN_1H)), 3600);
	assert_int_equal(stated(ANSWER(200, EXPIRES_IN_1H, "Date: x")), 3600);
}

static void
test_invalid_expires_is_in_the_past(void **state) /* RFC 9111 5.3 */
{
	(void)state;
	assert_int_equal(stated(ANSWER(200, "Expires: 0", DATE_NOW)), 0);
	assert_int_equal(stated(ANSWER(200, "Expires:", DATE_NOW)), 0);
	assert_int_equal(
	    stated(ANSWER(200, "Expires: soon", DATE_BEFORE_1H)), 0);
	assert_int_equal(stated(ANSWER(200, EXPIRED_BY_1H, DATE_NOW)), 0);
}

static void
test_nothing_stated_is_not_found(void **state) /* RFC 9111 4.2.1 */
{
	struct http_msg m = ANSWER(200, MODIFIED_BEFORE_10H, DATE_NOW);
	struct control_response cc = made_response_control(m);
	enum freshness_source source = FRESHNESS_DEFAULT;
	int64_t life_s = 77;

	(void)state;
	assert_int_equal(
	    freshness_explicit(&m, &cc, NOW, &life_s, &source), LR_NOTFOUND);
	assert_int_equal(life_s, 77);
	assert_int_equal(source, FRESHNESS_DEFAULT);
}

static void
test_a_tenth_of_the_time_since_last_modified(void **state)
{
	struct http_msg m = ANSWER(200, MODIFIED_BEFORE_10H, DATE_NOW);
	struct cache_policy policy = made_policy();

	(void)state; /* RFC 9111 4.2.2, CacheLastModifiedFactor */
	assert_int_equal(used(m, &policy), 3600);
	assert_int_equal(source_of(m, &policy), FRESHNESS_HEURISTIC);
	policy.last_modified_factor_milli = 500;
	assert_int_equal(used(m, &policy), 5 * 3600);
	policy.last_modified_factor_milli = 0;
	assert_int_equal(used(m, &policy), 0);
}

static void
test_the_heuristic_keeps_single_seconds(void **state) /* RFC 9111 4.2.2 */
{
	(void)state;
	assert_int_equal(
	    used_by_default(ANSWER(
		200, "Last-Modified: Sat, 21 Nov 2026 11:59:10 GMT", DATE_NOW)),
	    5);
}

static void
test_the_heuristic_stays_within_min_and_max_expire(void **state)
{
	struct cache_policy policy = made_policy();
	struct http_msg old = ANSWER(
	    200, "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT", DATE_NOW);

	(void)state; /* CacheMinExpire, CacheMaxExpire */
	assert_int_equal(used(old, &policy), 86400);
	policy.min_expire_s = 4000;
	assert_int_equal(
	    used(ANSWER(200, MODIFIED_BEFORE_10H, DATE_NOW), &policy), 4000);
}

static void
test_last_modified_in_the_future_gives_nothing(void **state)
{
	(void)state;
	assert_int_equal(
	    used_by_default(ANSWER(
		200, "Last-Modified: Sat, 21 Nov 2026 12:30:00 GMT", DATE_NOW)),
	    0);
}

static void
test_heuristics_are_for_some_statuses(void **state) /* RFC 9110 15.1 */
{
	static const int yes[] = { 200, 203, 204, 206, 300, 301, 308, 404, 405,
		410, 414, 501 };
	int n_yes = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(freshness_heuristic_status(yes[i]));
	for (int status = 100; status <= 999; status++)
		n_yes += freshness_heuristic_status(status);
	assert_int_equal(n_yes, sizeof(yes) / sizeof(yes[0]));
	assert_int_equal(
	    used_by_default(ANSWER(403, MODIFIED_BEFORE_10H, DATE_NOW)), 0);
	assert_int_equal(
	    used_by_default(ANSWER(404, MODIFIED_BEFORE_10H, DATE_NOW)), 3600);
}

static void
test_public_allows_heuristics_for_any_status(void **state)
{
	(void)state; /* RFC 9111 4.2.2 and 5.2.2.9 */
	assert_int_equal(used_by_default(ANSWER(599, MODIFIED_BEFORE_10H,
			     DATE_NOW, "Cache-Control: public")),
	    3600);
}

static void
test_default_expire_needs_ignore_no_last_mod(void **state)
{
	struct cache_policy policy = made_policy();
	struct http_msg m = ANSWER(200, DATE_NOW);

	(void)state; /* CacheDefaultExpire, CacheIgnoreNoLastMod */
	assert_int_equal(used(m, &policy), 0);
	assert_int_equal(source_of(m, &policy), FRESHNESS_NONE);
	policy.ignore_no_last_mod = true;
	assert_int_equal(used(m, &policy), 3600);
	assert_int_equal(source_of(m, &policy), FRESHNESS_DEFAULT);
	policy.default_expire_s = 200000; /* CacheMaxExpire does not bound it */
	assert_int_equal(used(m, &policy), 200000);
	assert_int_equal(used(ANSWER(403, DATE_NOW), &policy), 0);
}

static void
test_max_expire_bounds_what_the_origin_states(void **state)
{
	struct cache_policy policy = made_policy();
	struct http_msg m = ANSWER(200, "Cache-Control: max-age=31536000");

	(void)state; /* CacheMaxExpire */
	assert_int_equal(used(m, &policy), 86400);
	policy.max_expire_s = 60;
	assert_int_equal(used(m, &policy), 60);
	assert_int_equal(
	    used(ANSWER(200, "Cache-Control: max-age=30"), &policy), 30);
}

static void
test_max_expire_counts_from_the_arrival(void **state)
{
	struct cache_policy policy = made_policy();

	(void)state; /* CacheMaxExpire, behind another cache */
	assert_int_equal(
	    used(ANSWER(200, "Cache-Control: max-age=31536000", "Age: 200000"),
		&policy),
	    286400);
	assert_int_equal(
	    used(ANSWER(200, "Cache-Control: max-age=3600", "Age: 7200"),
		&policy),
	    3600);
}

static void
test_min_expire_leaves_a_stated_lifetime_alone(void **state)
{
	struct cache_policy policy = made_policy();

	(void)state; /* CacheMinExpire */
	policy.min_expire_s = 600;
	assert_int_equal(
	    used(ANSWER(200, "Cache-Control: max-age=5"), &policy), 5);
	assert_int_equal(used(ANSWER(200, "Expires: 0"), &policy), 0);
}

static void
test_age_is_the_greater_of_apparent_and_stated(void **state)
{
	(void)state; /* RFC 9111 4.2.3 */
	assert_int_equal(age_at_arrival(ANSWER(200, DATE_NOW)), 0);
	assert_int_equal(age_at_arrival(ANSWER(200, DATE_BEFORE_1H)), 3600);
	assert_int_equal(
	    age_at_arrival(ANSWER(200, DATE_BEFORE_1H, "Age: 7200")), 7200);
	assert_int_equal(
	    age_at_arrival(ANSWER(200, DATE_BEFORE_1H, "Age: 30")), 3600);
	assert_int_equal(age_at_arrival(ANSWER(200, PLAIN)), 0);
}

static void
test_a_date_in_the_future_is_no_negative_age(void **state)
{
	struct http_msg m = ANSWER(200, "Date: Sat, 21 Nov 2026 12:30:00 GMT");

	(void)state; /* RFC 9111 4.2.3 */
	assert_int_equal(age_at_arrival(m), 0);
}

static void
test_response_delay_is_added_to_age(void **state) /* RFC 9111 4.2.3 */
{
	struct http_msg aged = ANSWER(200, DATE_NOW, "Age: 10");
	struct http_msg young = ANSWER(200, DATE_NOW);

	(void)state;
	assert_int_equal(freshness_initial_age(&aged, NOW - 7, NOW), 17);
	assert_int_equal(freshness_initial_age(&young, NOW - 7, NOW), 7);
	assert_int_equal(freshness_initial_age(&young, NOW + 7, NOW), 0);
}

static void
test_of_an_age_list_the_first_counts(void **state) /* RFC 9111 5.1 */
{
	(void)state;
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: 7200, 0")), 7200);
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: 0,7200")), 0);
	assert_int_equal(
	    age_at_arrival(ANSWER(200, "Age: 7200", "Age: 0")), 7200);
}

static void
test_an_age_that_is_no_number_is_ignored(void **state) /* RFC 9111 5.1 */
{
	(void)state;
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: abc")), 0);
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: -7200")), 0);
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: 7200.0")), 0);
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: 7200;a=b")), 0);
}

static void
test_a_huge_age_is_two_to_the_31(void **state) /* RFC 9111 1.2.2 */
{
	(void)state;
	assert_int_equal(age_at_arrival(ANSWER(200, "Age: 99999999999999999")),
	    INT64_C(1) << 31);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_s_maxage_outranks_max_age),
		cmocka_unit_test(test_max_age_outranks_expires),
		cmocka_unit_test(test_expires_counts_from_date),
		cmocka_unit_test(
		    test_expires_without_usable_date_counts_from_arrival),
		cmocka_unit_test(test_invalid_expires_is_in_the_past),
		cmocka_unit_test(test_nothing_stated_is_not_found),
		cmocka_unit_test(test_a_tenth_of_the_time_since_last_modified),
		cmocka_unit_test(test_the_heuristic_keeps_single_seconds),
		cmocka_unit_test(
		    test_the_heuristic_stays_within_min_and_max_expire),
		cmocka_unit_test(
		    test_last_modified_in_the_future_gives_nothing),
		cmocka_unit_test(test_heuristics_are_for_some_statuses),
		cmocka_unit_test(test_public_allows_heuristics_for_any_status),
		cmocka_unit_test(test_default_expire_needs_ignore_no_last_mod),
		cmocka_unit_test(test_max_expire_bounds_what_the_origin_states),
		cmocka_unit_test(test_max_expire_counts_from_the_arrival),
		cmocka_unit_test(
		    test_min_expire_leaves_a_stated_lifetime_alone),
		cmocka_unit_test(
		    test_age_is_the_greater_of_apparent_and_stated),
		cmocka_unit_test(test_a_date_in_the_future_is_no_negative_age),
		cmocka_unit_test(test_response_delay_is_added_to_age),
		cmocka_unit_test(test_of_an_age_list_the_first_counts),
		cmocka_unit_test(test_an_age_that_is_no_number_is_ignored),
		cmocka_unit_test(test_a_huge_age_is_two_to_the_31),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
