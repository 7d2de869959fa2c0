/* tests/unit/proxy/cache/test_invalidate.c */
#include "proxy/cache/invalidate.h"

#include "proxy/cache/key_query.h"
#include "tests/unit/proxy/cache/made.h"

static struct cache_key keys[INVALIDATE_MAX];

/* How many keys go when this answers a request for http://a:8080/dir/x. */
static size_t
gone(enum http_method method, struct http_msg resp)
{
	const struct cache_key target = { SLICE("http://a:8080/dir/x?y"), 7 };
	const struct key_origin origin = { SLICE("http"), SLICE("A:8080") };
	struct cache_policy policy = made_policy();
	struct http_msg req = GET(PLAIN);
	size_t n = 99;

	req.method = method;
	assert_int_equal(invalidate_keys(&req, &resp, &target, &origin, &policy,
			     &made_arena, keys, &n),
	    LR_OK);
	return n;
}

static void
test_an_unsafe_method_invalidates_its_target(void **state)
{
	static const enum http_method methods[] = { HTTP_POST, HTTP_PUT,
		HTTP_DELETE, HTTP_PATCH, HTTP_OTHER };

	(void)state; /* RFC 9111 4.4 */
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		assert_int_equal(gone(methods[i], ANSWER(204, PLAIN)), 1);
		assert_slice_equal(keys[0].text, "http://a:8080/dir/x?y");
		assert_int_equal(keys[0].hash, 7);
	}
	assert_int_equal(gone(HTTP_POST, ANSWER(303, PLAIN)), 1);
}

static void
test_a_safe_method_does_not(void **state) /* RFC 9110 9.2.1 */
{
	static const enum http_method methods[] = { HTTP_GET, HTTP_HEAD,
		HTTP_OPTIONS, HTTP_TRACE };

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_int_equal(
		    gone(methods[i], ANSWER(200, "Location: /b")), 0);
}

static void
test_a_failure_does_not(void **state) /* RFC 9111 4.4 */
{
	(void)state;
	assert_int_equal(gone(HTTP_POST, ANSWER(400, "Location: /b")), 0);
	assert_int_equal(gone(HTTP_POST, ANSWER(500, PLAIN)), 0);
}

static void
test_location_and_content_location_go_too(void **state)
{
	(void)state; /* RFC 9111 4.4 */
	assert_int_equal(gone(HTTP_POST,
			     ANSWER(201, "Location: http://A:8080/b/../c?d#e",
				 "Content-Location: z")),
	    3);
	assert_slice_equal(keys[1].text, "http://a:8080/c?d");
	assert_slice_equal(keys[2].text, "http://a:8080/dir/z");
	assert_true(keys[1].hash != keys[2].hash);
}

static void
test_the_same_key_is_given_once(void **state)
{
	(void)state;
	assert_int_equal(
	    gone(HTTP_POST,
		ANSWER(200, "Location: /dir/x?y", "Content-Location: x?y")),
	    1);
}

static void
test_another_origin_is_left_alone(void **state) /* RFC 9111 4.4 */
{
	static const char *const elsewhere[] = { "Location: http://b:8080/c",
		"Location: http://a/c", "Location: https://a:8080/c",
		"Location: //b/c" };

	(void)state;
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		assert_int_equal(gone(HTTP_POST, ANSWER(201, elsewhere[i])), 1);
}

static void
test_what_is_no_uri_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(gone(HTTP_POST, ANSWER(201, "Location: a b")), 1);
	assert_int_equal(gone(HTTP_POST, ANSWER(201, "Location: /%zz")), 1);
	assert_int_equal(
	    gone(HTTP_POST, ANSWER(201, "Location: mailto:x@y")), 1);
	assert_int_equal(gone(HTTP_POST, ANSWER(201, "Location:")), 1);
}

static void
test_keys_of_another_base_are_found_by_the_request_s_origin(void **state)
{
	const struct cache_key target = { SLICE("https://base/dir/x"), 7 };
	const struct key_origin origin = { SLICE("http"), SLICE("a:8080") };
	struct http_msg req = GET(PLAIN);
	struct http_msg resp = ANSWER(201, "Location: http://a:8080/b",
	    "Content-Location: https://base/c");
	struct cache_policy policy = made_policy();
	size_t n = 0;

	(void)state; /* CacheKeyBaseURL, RFC 9111 4.4 */
	req.method = HTTP_POST;
	policy.key_base = SLICE("https://base");
	assert_int_equal(invalidate_keys(&req, &resp, &target, &origin, &policy,
			     &made_arena, keys, &n),
	    LR_OK);
	assert_int_equal(n, 2);
	assert_slice_equal(keys[1].text, "https://base/b");
}

static void
test_keys_have_the_rules_of_the_policy(void **state) /* CacheKeyQuery */
{
	const struct key_query kq = { .sort = true };
	const struct cache_key target = { SLICE("http://a/dir/x?a&b"), 7 };
	const struct key_origin origin = { SLICE("http"), SLICE("a") };
	struct http_msg req = GET(PLAIN);
	struct http_msg resp = ANSWER(
	    200, "Location: x?b&a", "Content-Location: ?z&y");
	struct cache_policy policy = made_policy();
	size_t n = 0;

	(void)state; /* RFC 9111 4.4 */
	req.method = HTTP_POST;
	policy.key_query = &kq;
	assert_int_equal(invalidate_keys(&req, &resp, &target, &origin, &policy,
			     &made_arena, keys, &n),
	    LR_OK);
	assert_int_equal(n, 2);
	assert_slice_equal(keys[1].text, "http://a/dir/x?y&z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_unsafe_method_invalidates_its_target),
		cmocka_unit_test(test_a_safe_method_does_not),
		cmocka_unit_test(test_a_failure_does_not),
		cmocka_unit_test(test_location_and_content_location_go_too),
		cmocka_unit_test(test_the_same_key_is_given_once),
		cmocka_unit_test(test_another_origin_is_left_alone),
		cmocka_unit_test(test_what_is_no_uri_is_left_alone),
		cmocka_unit_test(
		    test_keys_of_another_base_are_found_by_the_request_s_origin),
		cmocka_unit_test(test_keys_have_the_rules_of_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
