/* tests/unit/proxy/cache/test_post_reuse.c */
#include "proxy/cache/post_reuse.h"

#include "tests/unit/proxy/cache/made.h"

#define HERE "Content-Location: /dir/x?y"
#define LIFETIME "Cache-Control: max-age=60"

/* As the answer to a POST to http://a:8080/dir/x?y. */
static bool
allowed_for(enum http_method method, struct http_msg resp,
    const struct cache_policy *policy, const char *key)
{
	const struct cache_key target = { slice_of(key), 7 };
	const struct key_origin origin = { SLICE("http"), SLICE("a:8080") };
	struct http_msg req = GET(PLAIN);

	req.method = method;
	return post_reuse_allowed(
	    &req, &resp, &target, &origin, policy, &made_arena, NOW);
}

static bool
allowed(struct http_msg resp)
{
	struct cache_policy policy = made_policy();

	return allowed_for(HTTP_POST, resp, &policy, "http://a:8080/dir/x?y");
}

static void
test_the_targets_own_content_with_a_lifetime_is_reused(void **state)
{
	(void)state; /* RFC 9110 9.3.3 */
	assert_true(allowed(ANSWER(200, LIFETIME, HERE)));
	assert_true(allowed(ANSWER(203, LIFETIME, HERE)));
	assert_true(allowed(ANSWER(200, "Cache-Control: s-maxage=1", HERE)));
	assert_true(allowed(ANSWER(200, DATE_NOW, EXPIRES_IN_1H, HERE)));
}

static void
test_content_location_is_resolved_and_compared_in_normal_form(void **state)
{
	static const char *const same[] = { "Content-Location: x?y",
		"Content-Location: ../dir/./%78?y",
		"Content-Location: //A:8080/dir/x?y",
		"Content-Location: HTTP://a:8080/dir/x?y" };

	(void)state; /* RFC 9110 8.7, 4.2.3 */
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_true(allowed(ANSWER(200, LIFETIME, same[i])));
}

static void
test_the_content_of_something_else_is_not(void **state) /* RFC 9110 8.7 */
{
	static const char *const other[] = { "Content-Location: /dir/x",
		"Content-Location: /dir/x?z",
		"Content-Location: http://a/dir/x?y",
		"Content-Location: https://a:8080/dir/x?y",
		"Content-Location: //b:8080/dir/x?y",
		"Content-Location:", "Content-Location: a b",
		"Location: /dir/x?y" };

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(allowed(ANSWER(200, LIFETIME, other[i])));
	assert_false(allowed(
	    ANSWER(200, LIFETIME, HERE, "Content-Location: /elsewhere")));
}

static void
test_a_guess_at_its_lifetime_is_not_enough(void **state)
{
	(void)state; /* RFC 9110 9.3.3 */
	assert_false(allowed(ANSWER(200, MODIFIED_BEFORE_10H, DATE_NOW, HERE)));
	assert_false(allowed(ANSWER(200, "Cache-Control: public", HERE)));
}

static void
test_only_a_success_with_content_is_reused(void **state)
{
	static const int statuses[] = { 201, 202, 204, 205, 206, 301, 303, 404,
		500 };

	(void)state; /* RFC 9110 9.3.3 */
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		assert_false(allowed(ANSWER(statuses[i], LIFETIME, HERE)));
}

static void
test_other_methods_are_not(void **state) /* RFC 9110 9.3.4 */
{
	static const enum http_method methods[] = { HTTP_PUT, HTTP_DELETE,
		HTTP_PATCH, HTTP_OTHER };
	struct cache_policy policy = made_policy();

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_false(
		    allowed_for(methods[i], ANSWER(200, LIFETIME, HERE),
			&policy, "http://a:8080/dir/x?y"));
}

static void
test_the_key_is_made_as_for_a_get(void **state)
{
	struct cache_policy policy = made_policy();

	(void)state;
	policy.ignore_query = true;
	assert_true(allowed_for(HTTP_POST,
	    ANSWER(200, LIFETIME, "Content-Location: /dir/x?z"), &policy,
	    "http://a:8080/dir/x"));
	policy.key_scope = SLICE("v:80");
	assert_true(allowed_for(HTTP_POST, ANSWER(200, LIFETIME, HERE), &policy,
	    "http://a:8080/dir/x\tv:80"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_targets_own_content_with_a_lifetime_is_reused),
		cmocka_unit_test(
		    test_content_location_is_resolved_and_compared_in_normal_form),
		cmocka_unit_test(test_the_content_of_something_else_is_not),
		cmocka_unit_test(test_a_guess_at_its_lifetime_is_not_enough),
		cmocka_unit_test(test_only_a_success_with_content_is_reused),
		cmocka_unit_test(test_other_methods_are_not),
		cmocka_unit_test(test_the_key_is_made_as_for_a_get),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
