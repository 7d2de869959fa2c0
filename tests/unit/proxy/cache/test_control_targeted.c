/* tests/unit/proxy/cache/test_control_targeted.c: RFC 9213 */
#include "proxy/cache/freshness.h"
#include "tests/unit/proxy/cache/made.h"

#define OURS "Larder-Cache-Control: "
#define CDN "CDN-Cache-Control: "

static bool
holds(struct http_msg resp)
{
	return made_response_control(resp).targeted;
}

static int64_t
max_age_of(struct http_msg resp)
{
	return made_response_control(resp).max_age_s;
}

static void
test_a_targeted_field_takes_the_place_of_cache_control(void **state)
{
	struct control_response r = made_response_control(ANSWER(200,
	    "Cache-Control: no-store, no-cache, private, s-maxage=1, public",
	    "Pragma: no-cache", CDN "max-age=60")); /* RFC 9213 2.2 */

	(void)state;
	assert_true(r.targeted && r.any);
	assert_false(r.no_store || r.no_cache || r.private_ || r.public_);
	assert_int_equal(r.max_age_s, 60);
	assert_int_equal(r.s_maxage_s, CONTROL_NONE);
}

static void
test_expires_does_not_count_beside_it(void **state) /* RFC 9213 2.2 */
{
	struct http_msg m = ANSWER(200, EXPIRES_IN_1H, DATE_NOW, CDN "public");
	struct control_response r = made_response_control(m);
	enum freshness_source source;
	int64_t life_s;

	(void)state;
	assert_int_equal(
	    freshness_explicit(&m, &r, NOW, &life_s, &source), LR_NOTFOUND);
	m = ANSWER(200, EXPIRES_IN_1H, DATE_NOW, CDN "public,");
	r = made_response_control(m);
	assert_int_equal(
	    freshness_explicit(&m, &r, NOW, &life_s, &source), LR_OK);
	assert_int_equal(life_s, 3600);
}

static void
test_the_first_valid_target_is_taken(void **state) /* RFC 9213 2.2 */
{
	(void)state;
	assert_int_equal(max_age_of(ANSWER(200, CDN "max-age=1",
			     OURS "max-age=2", "Cache-Control: max-age=3")),
	    2);
	assert_int_equal(max_age_of(ANSWER(200, CDN "max-age=1",
			     OURS "max-age=2,", "Cache-Control: max-age=3")),
	    1);
	assert_int_equal(max_age_of(ANSWER(
			     200, CDN "", OURS "", "Cache-Control: max-age=3")),
	    3);
	assert_int_equal(
	    max_age_of(ANSWER(200, "Other-Cache-Control: max-age=1",
		"Cache-Control: max-age=3")),
	    3);
}

static void
test_without_targets_cache_control_holds(void **state) /* RFC 9213 2.2 */
{
	struct http_msg m = ANSWER(
	    200, CDN "max-age=1", "Cache-Control: max-age=3");
	struct cache_policy policy = made_policy();
	struct control_response r;

	(void)state;
	policy.targets.n = 0; /* CacheControlTargets None */
	control_parse_response(&m, &policy, &r);
	assert_false(r.targeted || r.no_expires);
	assert_int_equal(r.max_age_s, 3);
}

static void
test_a_field_that_is_no_dictionary_is_ignored(void **state) /* 2.1 */
{
	static const char *const wrong[] = { CDN "", CDN "max-age=60,",
		CDN "max-age =60", CDN "Max-Age=60", CDN "max-age=60; ",
		CDN "no-store, max-age=\"", CDN "max-age=60 no-store" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (holds(ANSWER(200, wrong[i])))
			fail_msg("%s holds", wrong[i]);
	}
	assert_true(holds(ANSWER(200, CDN "unknown=(1 2);x")));
}

static void
test_its_lines_are_one_field(void **state) /* RFC 9651 4.2 */
{
	struct control_response r = made_response_control(ANSWER(200,
	    CDN "max-age=60, must-revalidate", "cdn-cache-control: max-age=5"));

	(void)state;
	assert_true(r.must_revalidate);
	assert_int_equal(r.max_age_s, 5);
	assert_false(holds(ANSWER(200, CDN "max-age=60", CDN "")));
	assert_false(holds(ANSWER(200, CDN "", CDN "max-age=60")));
	assert_false(holds(ANSWER(200, CDN "max-age=60", CDN "a=\"")));
}

static void
test_of_a_key_given_twice_the_last_counts(void **state) /* RFC 9651 3.2 */
{
	(void)state;
	assert_int_equal(
	    max_age_of(ANSWER(200, CDN "max-age=5, max-age=60")), 60);
	assert_int_equal(
	    max_age_of(ANSWER(200, CDN "max-age=5, max-age=x")), CONTROL_NONE);
	assert_false(
	    made_response_control(ANSWER(200, CDN "no-store, no-store=?0"))
		.no_store);
}

static void
test_seconds_are_integers_that_are_not_negative(void **state) /* 2.1 */
{
	static const char *const wrong[] = { CDN "max-age", CDN "max-age=1.0",
		CDN "max-age=\"60\"", CDN "max-age=-1", CDN "max-age=x",
		CDN "max-age=@60", CDN "max-age=(60)" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_true(holds(ANSWER(200, wrong[i])));
		assert_int_equal(
		    max_age_of(ANSWER(200, wrong[i])), CONTROL_NONE);
	}
	assert_int_equal(max_age_of(ANSWER(200, CDN "max-age=-0")), 0);
	assert_int_equal(max_age_of(ANSWER(200, CDN "max-age=60;a=b")), 60);
	assert_int_equal(max_age_of(ANSWER(200, CDN "max-age=999999999999999")),
	    INT64_C(1) << 31);
}

static void
test_what_forbids_must_be_true_to_count(void **state) /* RFC 9213 2.1 */
{
	struct control_response yes = made_response_control(ANSWER(200,
	    CDN "no-store, no-cache=?1, private, must-revalidate, public, "
		"must-understand, immutable, proxy-revalidate, no-transform"));
	struct control_response no = made_response_control(ANSWER(200,
	    CDN "no-store=1, no-cache=?0, private=x, must-revalidate=\"a\", "
		"public=(), immutable=0, proxy-revalidate=?0"));

	(void)state;
	assert_true(yes.no_store && yes.no_cache && yes.private_ &&
	    yes.must_revalidate && yes.public_ && yes.must_understand &&
	    yes.immutable && yes.proxy_revalidate && yes.no_transform);
	assert_true(no.targeted);
	assert_false(no.no_store || no.no_cache || no.private_ ||
	    no.must_revalidate || no.public_ || no.immutable ||
	    no.proxy_revalidate);
}

static void
test_private_and_no_cache_may_name_fields(void **state) /* RFC 9213 2.1 */
{
	struct control_response r = made_response_control(
	    ANSWER(200, CDN "private=\"Set-Cookie, X-A\", no-cache=\"X-B\""));

	(void)state;
	assert_false(r.private_ || r.no_cache);
	assert_slice_equal(r.private_fields, "Set-Cookie, X-A");
	assert_slice_equal(r.no_cache_fields, "X-B");
	assert_true(
	    made_response_control(ANSWER(200, CDN "private=\"\"")).private_);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_targeted_field_takes_the_place_of_cache_control),
		cmocka_unit_test(test_expires_does_not_count_beside_it),
		cmocka_unit_test(test_the_first_valid_target_is_taken),
		cmocka_unit_test(test_without_targets_cache_control_holds),
		cmocka_unit_test(test_a_field_that_is_no_dictionary_is_ignored),
		cmocka_unit_test(test_its_lines_are_one_field),
		cmocka_unit_test(test_of_a_key_given_twice_the_last_counts),
		cmocka_unit_test(
		    test_seconds_are_integers_that_are_not_negative),
		cmocka_unit_test(test_what_forbids_must_be_true_to_count),
		cmocka_unit_test(test_private_and_no_cache_may_name_fields),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
