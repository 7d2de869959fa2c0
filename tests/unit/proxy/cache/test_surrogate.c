/* tests/unit/proxy/cache/test_surrogate.c: W3C Edge Architecture */
#include "proxy/cache/surrogate.h"

#include "tests/unit/proxy/cache/made.h"

#define FIELD "Surrogate-Control: "

static const struct slice TARGETS[] = { SLICE("CDN-Cache-Control"),
	SLICE("surrogate-control") };

static struct cache_policy
surrogate_policy(void)
{
	struct cache_policy policy = made_policy();

	policy.targets = (struct cache_targets){ TARGETS, 2 };
	return policy;
}

static struct control_response
said(struct http_msg resp)
{
	struct cache_policy policy = surrogate_policy();
	struct control_response cc;

	control_parse_response(&resp, &policy, &cc);
	return cc;
}

static void
test_max_age_and_no_store_hold_for_all_surrogates(void **state)
{
	struct control_response r = said(ANSWER(200,
	    "Cache-Control: no-store, max-age=1", FIELD "foo, MaX-aGe=60"));

	(void)state;
	assert_true(r.targeted && r.surrogate && r.no_expires);
	assert_false(r.no_store);
	assert_int_equal(r.max_age_s, 60);
	assert_true(said(ANSWER(200, FIELD "max-age=60, no-store")).no_store);
	assert_int_equal(
	    said(ANSWER(200, FIELD "max-age=99999999999")).max_age_s,
	    INT64_C(1) << 31);
}

static void
test_what_follows_a_plus_is_a_window_for_stale_content(void **state)
{
	struct control_response r = said(ANSWER(200, FIELD "max-age=60+7"));

	(void)state;
	assert_int_equal(r.max_age_s, 60);
	assert_int_equal(r.stale_while_revalidate_s, 7);
	assert_int_equal(r.stale_if_error_s, 7);
	r = said(ANSWER(200, FIELD "max-age=60"));
	assert_int_equal(r.stale_while_revalidate_s, CONTROL_NONE);
	assert_int_equal(r.stale_if_error_s, CONTROL_NONE);
}

static void
test_a_directive_for_another_is_none(void **state)
{
	(void)state;
	assert_false(said(ANSWER(200, FIELD "max-age=60;other")).targeted);
	assert_false(said(ANSWER(200, FIELD "no-store;other")).targeted);
	assert_int_equal(
	    said(ANSWER(200, FIELD "max-age=60;other, max-age=5")).max_age_s,
	    5);
	assert_int_equal(
	    said(ANSWER(200, FIELD "max-age=60; Larder, max-age=5")).max_age_s,
	    60);
	assert_false(
	    said(ANSWER(200, FIELD "no-store, max-age=5;larder")).no_store);
}

static void
test_without_anything_about_caching_other_fields_hold(void **state)
{
	static const char *const idle[] = { FIELD "content=\"ESI/1.0\"",
		FIELD "content=\"a, max-age=9;larder\"", FIELD "max-age =9",
		FIELD "max-age= 9", FIELD "max-age=9+", FIELD "max-age=+9",
		FIELD "max-age", FIELD "max-age=\"9\"", FIELD "no-store=1",
		FIELD "" };

	(void)state;
	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
		struct control_response r = said(
		    ANSWER(200, idle[i], "Cache-Control: max-age=3"));

		if (r.targeted || r.surrogate || r.max_age_s != 3)
			fail_msg("%s holds", idle[i]);
	}
}

static void
test_it_is_no_target_unless_the_list_names_it(void **state)
{
	struct http_msg m = ANSWER(200, FIELD "max-age=60");
	struct cache_policy plain = made_policy();
	struct http_msg req = GET(PLAIN);

	(void)state;
	assert_false(made_response_control(m).targeted);
	surrogate_hide(&m, &plain);
	assert_non_null(http_msg_find(&m, SLICE("Surrogate-Control")));
	assert_int_equal(surrogate_announce(&req, &plain), LR_OK);
	assert_null(http_msg_find(&req, SLICE("Surrogate-Capability")));
}

static void
test_the_list_goes_by_order_here_too(void **state) /* RFC 9213 2.2 */
{
	struct control_response r = said(
	    ANSWER(200, FIELD "max-age=60", "CDN-Cache-Control: max-age=5"));

	(void)state;
	assert_false(r.surrogate);
	assert_int_equal(r.max_age_s, 5);
}

static void
test_we_say_what_we_can_behind_others(void **state)
{
	struct http_msg req = GET(
	    "Surrogate-Capability: abc=\"Surrogate/1.0\"");
	struct cache_policy policy = surrogate_policy();
	struct slice all;

	(void)state;
	assert_int_equal(surrogate_announce(&req, &policy), LR_OK);
	assert_int_equal(
	    http_msg_combined(&req, SLICE("Surrogate-Capability"), &all),
	    LR_OK);
	assert_slice_equal(
	    all, "abc=\"Surrogate/1.0\", larder=\"Surrogate/1.0\"");
}

static void
test_its_effect_outlives_a_304_that_is_silent(void **state) /* RFC 9111 3.2 */
{
	struct http_msg first = ANSWER(200, FIELD "max-age=60+7", DATE_NOW);
	struct http_msg silent = ANSWER(200, "Cache-Control: max-age=1");
	struct http_msg other = ANSWER(200, FIELD "max-age=9");
	struct cache_policy policy = surrogate_policy();
	struct control_response cc = said(first);
	struct http_msg req = GET(PLAIN);
	struct entry e;

	(void)state;
	entry_from_response(&req, &first, &cc, &policy, BODY, NOW, NOW, &e);
	assert_int_equal(surrogate_restore(&e, &policy, &silent), LR_OK);
	cc = said(silent);
	assert_true(cc.surrogate);
	assert_int_equal(cc.max_age_s, 60);
	assert_int_equal(cc.stale_while_revalidate_s, 7);
	assert_int_equal(surrogate_restore(&e, &policy, &other), LR_OK);
	assert_int_equal(said(other).max_age_s, 9);
	surrogate_hide(&silent, &policy);
	assert_null(http_msg_find(&silent, SLICE("Surrogate-Control")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_max_age_and_no_store_hold_for_all_surrogates),
		cmocka_unit_test(
		    test_what_follows_a_plus_is_a_window_for_stale_content),
		cmocka_unit_test(test_a_directive_for_another_is_none),
		cmocka_unit_test(
		    test_without_anything_about_caching_other_fields_hold),
		cmocka_unit_test(test_it_is_no_target_unless_the_list_names_it),
		cmocka_unit_test(test_the_list_goes_by_order_here_too),
		cmocka_unit_test(test_we_say_what_we_can_behind_others),
		cmocka_unit_test(test_its_effect_outlives_a_304_that_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
