/* tests/unit/proxy/cache/test_control.c */
#include "tests/unit/proxy/cache/made.h"

static struct control_response
said(const char *value)
{
	struct http_msg m = ANSWER(200, PLAIN);

	assert_int_equal(
	    http_msg_add_id(&m, FIELD_CACHE_CONTROL, slice_of(value)), LR_OK);
	return made_response_control(m);
}

static struct control_request
asked(const char *value)
{
	struct http_msg m = GET(PLAIN);

	assert_int_equal(
	    http_msg_add_id(&m, FIELD_CACHE_CONTROL, slice_of(value)), LR_OK);
	return made_request_control(m);
}

static void
test_absent_directives_are_none(void **state)
{
	struct control_response r = made_response_control(ANSWER(200, PLAIN));
	struct control_request q = made_request_control(GET(PLAIN));

	(void)state;
	assert_false(r.any);
	assert_false(r.no_store || r.no_cache || r.private_ || r.public_);
	assert_int_equal(r.max_age_s, CONTROL_NONE);
	assert_int_equal(r.s_maxage_s, CONTROL_NONE);
	assert_int_equal(r.stale_while_revalidate_s, CONTROL_NONE);
	assert_int_equal(r.stale_if_error_s, CONTROL_NONE);
	assert_false(q.no_cache || q.no_store || q.only_if_cached);
	assert_int_equal(q.max_age_s, CONTROL_NONE);
	assert_int_equal(q.min_fresh_s, CONTROL_NONE);
	assert_int_equal(q.max_stale_s, CONTROL_NONE);
}

static void
test_every_response_directive_is_read(void **state) /* RFC 9111 5.2.2 */
{
	struct control_response r = said(
	    "no-store, must-revalidate, proxy-revalidate, public, immutable, "
	    "no-transform, must-understand, no-cache, private, max-age=1, "
	    "s-maxage=2, stale-while-revalidate=3, stale-if-error=4");

	(void)state;
	assert_true(r.any && r.no_store && r.must_revalidate &&
	    r.proxy_revalidate && r.public_ && r.immutable && r.no_transform &&
	    r.must_understand && r.no_cache && r.private_);
	assert_int_equal(r.max_age_s, 1);
	assert_int_equal(r.s_maxage_s, 2);
	assert_int_equal(r.stale_while_revalidate_s, 3);
	assert_int_equal(r.stale_if_error_s, 4);
}

static void
test_every_request_directive_is_read(void **state) /* RFC 9111 5.2.1 */
{
	struct control_request q = asked(
	    "no-cache, no-store, no-transform, only-if-cached, "
	    "max-age=1, min-fresh=2, max-stale=3");

	(void)state;
	assert_true(
	    q.no_cache && q.no_store && q.no_transform && q.only_if_cached);
	assert_int_equal(q.max_age_s, 1);
	assert_int_equal(q.min_fresh_s, 2);
	assert_int_equal(q.max_stale_s, 3);
}

static void
test_directive_names_ignore_case(void **state) /* RFC 9111 5.2 */
{
	(void)state;
	assert_int_equal(said("MaX-aGe=3600").max_age_s, 3600);
	assert_true(said("No-StOrE").no_store);
}

static void
test_an_argument_may_be_quoted(void **state) /* RFC 9111 5.2 */
{
	(void)state;
	assert_int_equal(said("max-age=\"3600\"").max_age_s, 3600);
}

static void
test_a_directive_inside_a_quoted_string_is_text(void **state)
{
	(void)state;
	assert_int_equal(
	    said("extension=\"max-age=3600, no-store\", max-age=1").max_age_s,
	    1);
	assert_false(said("extension=\"a, no-store\"").no_store);
}

static void
test_malformed_seconds_are_zero(void **state) /* RFC 9111 4.2.1 */
{
	static const char *const values[] = { "max-age=-3600", "max-age=a3600",
		"max-age=3600a", "max-age=3600.0", "max-age='3600'",
		"max-age=", "max-age", "max-age =3600", "max-age= 3600",
		"max-age:3600", "max-age=\"36\\00\"", "max-age=\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(said(values[i]).max_age_s, 0);
}

static void
test_leading_zeros_do_not_matter(void **state) /* RFC 9111 1.2.2 */
{
	(void)state;
	assert_int_equal(said("max-age=003600").max_age_s, 3600);
}

static void
test_huge_seconds_become_two_to_the_31(void **state) /* RFC 9111 1.2.2 */
{
	const int64_t most = INT64_C(1) << 31;

	(void)state;
	assert_int_equal(said("max-age=2147483647").max_age_s, most - 1);
	assert_int_equal(said("max-age=2147483648").max_age_s, most);
	assert_int_equal(said("max-age=2147483649").max_age_s, most);
	assert_int_equal(
	    said("max-age=99999999999999999999999").max_age_s, most);
}

static void
test_of_two_values_the_smaller_holds(void **state) /* RFC 9111 4.2.1 */
{
	struct control_response lines = made_response_control(ANSWER(
	    200, "Cache-Control: max-age=1", "Cache-Control: max-age=1800"));

	(void)state;
	assert_int_equal(said("max-age=1800, max-age=1").max_age_s, 1);
	assert_int_equal(said("max-age=1, max-age=1800").max_age_s, 1);
	assert_int_equal(said("max-age=1800, max-age=x").max_age_s, 0);
	assert_int_equal(lines.max_age_s, 1);
}

static void
test_no_cache_with_names_is_about_these(void **state) /* RFC 9111 5.2.2.4 */
{
	struct control_response r = said("no-cache=\"a, b\", max-age=5");

	(void)state;
	assert_false(r.no_cache);
	assert_slice_equal(r.no_cache_fields, "a, b");
	assert_int_equal(r.max_age_s, 5);
	assert_slice_equal(said("no-cache=a").no_cache_fields, "a");
}

static void
test_private_with_names_is_about_these(void **state) /* RFC 9111 5.2.2.7 */
{
	struct control_response r = said("private=\"Set-Cookie\"");

	(void)state;
	assert_false(r.private_);
	assert_slice_equal(r.private_fields, "Set-Cookie");
}

static void
test_names_that_are_none_or_twice_mean_all(void **state)
{
	(void)state;
	assert_true(said("no-cache=\"\"").no_cache);
	assert_true(said("no-cache=").no_cache);
	assert_true(said("private=\" \"").private_);
	assert_true(said("private=\"a\", private=\"b\"").private_);
	assert_true(said("no-cache=\"a\", no-cache").no_cache);
	assert_true(said("private=\"set-cookie").private_);
	assert_true(said("private=\"a b\"").private_);
	assert_true(said("private; a").private_);
	assert_true(said("no-cache =\"a\"").no_cache);
	assert_false(said("private=\"a, b\"").private_);
}

static void
test_what_forbids_counts_with_any_argument(void **state)
{
	(void)state;
	assert_true(said("no-store=1").no_store);
	assert_true(said("no-store; x").no_store);
	assert_true(said("must-revalidate=\"a\"").must_revalidate);
	assert_true(asked("no-cache=x").no_cache);
}

static void
test_what_permits_must_be_spelt_right(void **state)
{
	(void)state;
	assert_false(said("public=1").public_);
	assert_false(said("must-understand=1").must_understand);
	assert_int_equal(asked("max-stale=x").max_stale_s, 0);
	assert_int_equal(
	    said("stale-while-revalidate=x").stale_while_revalidate_s, 0);
}

static void
test_immutable_ignores_its_argument(void **state) /* RFC 8246 2 */
{
	(void)state;
	assert_true(said("immutable=1").immutable);
}

static void
test_max_stale_without_value_is_any(void **state) /* RFC 9111 5.2.1.2 */
{
	(void)state;
	assert_int_equal(asked("max-stale").max_stale_s, INT64_MAX);
	assert_int_equal(asked("max-stale, max-stale=9").max_stale_s, 9);
}

static void
test_the_strictest_of_two_demands_holds(void **state)
{
	(void)state;
	assert_int_equal(asked("max-age=9, max-age=3").max_age_s, 3);
	assert_int_equal(asked("max-age=nonsense").max_age_s, 0);
	assert_int_equal(asked("min-fresh=3, min-fresh=9").min_fresh_s, 9);
	assert_int_equal(asked("min-fresh=x").min_fresh_s, CONTROL_NONE);
}

static void
test_pragma_counts_without_cache_control(void **state) /* RFC 9111 5.4 */
{
	(void)state;
	assert_true(made_request_control(GET("Pragma: No-Cache")).no_cache);
	assert_true(made_request_control(GET("Pragma: x, no-cache")).no_cache);
	assert_false(made_request_control(GET("Pragma: unknown")).no_cache);
	assert_false(made_request_control(
	    GET("Pragma: no-cache", "Cache-Control: max-age=5"))
			 .no_cache);
}

static void
test_a_response_pragma_forbids_only_alone(void **state)
{
	(void)state;
	assert_true(
	    made_response_control(ANSWER(200, "Pragma: no-cache")).no_cache);
	assert_false(made_response_control(
	    ANSWER(200, "Pragma: no-cache", "Cache-Control: max-age=5"))
			 .no_cache);
}

static void
test_unknown_directives_and_empty_elements_are_skipped(void **state)
{
	(void)state; /* RFC 9111 5.2.3 */
	assert_int_equal(
	    said(",, foobar, x=\"y, z\" ,max-age=3600 ,").max_age_s, 3600);
	assert_true(said("").any);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent_directives_are_none),
		cmocka_unit_test(test_every_response_directive_is_read),
		cmocka_unit_test(test_every_request_directive_is_read),
		cmocka_unit_test(test_directive_names_ignore_case),
		cmocka_unit_test(test_an_argument_may_be_quoted),
		cmocka_unit_test(
		    test_a_directive_inside_a_quoted_string_is_text),
		cmocka_unit_test(test_malformed_seconds_are_zero),
		cmocka_unit_test(test_leading_zeros_do_not_matter),
		cmocka_unit_test(test_huge_seconds_become_two_to_the_31),
		cmocka_unit_test(test_of_two_values_the_smaller_holds),
		cmocka_unit_test(test_no_cache_with_names_is_about_these),
		cmocka_unit_test(test_private_with_names_is_about_these),
		cmocka_unit_test(test_names_that_are_none_or_twice_mean_all),
		cmocka_unit_test(test_what_forbids_counts_with_any_argument),
		cmocka_unit_test(test_what_permits_must_be_spelt_right),
		cmocka_unit_test(test_immutable_ignores_its_argument),
		cmocka_unit_test(test_max_stale_without_value_is_any),
		cmocka_unit_test(test_the_strictest_of_two_demands_holds),
		cmocka_unit_test(test_pragma_counts_without_cache_control),
		cmocka_unit_test(test_a_response_pragma_forbids_only_alone),
		cmocka_unit_test(
		    test_unknown_directives_and_empty_elements_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
