/* tests/unit/proxy/cache/test_stored_field.c */
#include "proxy/cache/stored_field.h"

#include "tests/unit/proxy/cache/made.h"

static struct cache_policy policy;

static bool
keeps(struct http_msg resp, const char *name)
{
	struct control_response cc = made_response_control(resp);
	struct stored_field sf;

	stored_field_init(&sf, &resp, &cc, &policy);
	return stored_field_keeps(&sf, http_msg_find(&resp, slice_of(name)));
}

static int
set_default_policy(void **state)
{
	(void)state;
	policy = made_policy();
	return 0;
}

static void
test_ordinary_fields_are_kept(void **state) /* RFC 9111 3.1 */
{
	static const char *const names[] = { "Content-Type", "Set-Cookie",
		"Cache-Control", "Vary", "Via", "Warning", "Content-Encoding",
		"X-Anything" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct http_msg m = ANSWER(200, PLAIN);

		http_msg_add(&m, slice_of(names[i]), SLICE("a"));
		assert_true(keeps(m, names[i]));
	}
}

static void
test_the_connections_own_fields_are_not(void **state) /* RFC 9110 7.6.1 */
{
	static const char *const names[] = { "Connection", "Keep-Alive",
		"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
		"Upgrade" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct http_msg m = ANSWER(200, PLAIN);

		http_msg_add(&m, slice_of(names[i]), SLICE("a"));
		assert_false(keeps(m, names[i]));
	}
}

static void
test_proxy_authentication_is_not(void **state) /* RFC 9111 3.1 */
{
	struct http_msg m = ANSWER(200, "Proxy-Authenticate: a",
	    "proxy-authentication-info: a", "Proxy-Authorization: a");

	(void)state;
	assert_false(keeps(m, "Proxy-Authenticate"));
	assert_false(keeps(m, "Proxy-Authentication-Info"));
	assert_false(keeps(m, "Proxy-Authorization"));
}

static void
test_what_connection_names_is_not(void **state) /* RFC 9111 3.1 */
{
	struct http_msg m = ANSWER(200, "Connection: close, A", "Connection: b",
	    "a: 1", "B: 2", "c: 3");

	(void)state;
	assert_false(keeps(m, "a"));
	assert_false(keeps(m, "b"));
	assert_true(keeps(m, "c"));
}

static void
test_what_no_cache_names_is_not(void **state) /* RFC 9111 5.2.2.4 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: no-cache=\"a, B\"", "A: 1", "b: 2", "c: 3");

	(void)state;
	assert_false(keeps(m, "a"));
	assert_false(keeps(m, "b"));
	assert_true(keeps(m, "c"));
}

static void
test_what_private_names_is_not(void **state) /* RFC 9111 5.2.2.7 */
{
	struct http_msg m = ANSWER(
	    200, "Cache-Control: private=\"a\"", "A: 1", "c: 3");

	(void)state;
	assert_false(keeps(m, "a"));
	assert_true(keeps(m, "c"));
	policy.store_private = true; /* CacheStorePrivate */
	assert_true(keeps(m, "a"));
}

static void
test_what_the_configuration_names_is_not(void **state)
{
	static const struct slice names[] = { SLICE("Set-Cookie"),
		SLICE("X-Debug") };
	struct http_msg m = ANSWER(
	    200, "set-cookie: a", "x-debug: b", "x-other: c");

	(void)state; /* CacheIgnoreHeaders */
	policy.ignore_headers = names;
	policy.n_ignore_headers = 2;
	assert_false(keeps(m, "Set-Cookie"));
	assert_false(keeps(m, "X-Debug"));
	assert_true(keeps(m, "X-Other"));
	assert_true(stored_field_is_ignored(&policy, SLICE("x-DEBUG")));
}

static void
test_what_larder_writes_itself_is_not(void **state)
{
	struct http_msg m = ANSWER(200, "Age: 1", "Content-Length: 1");

	(void)state; /* RFC 9111 5.1 */
	assert_false(keeps(m, "Age"));
	assert_false(keeps(m, "Content-Length"));
}

static void
test_what_caches_before_us_say_is_kept(void **state) /* RFC 9211 2 */
{
	(void)state;
	assert_true(keeps(ANSWER(200, "Cache-Status: a; hit"), "Cache-Status"));
}

#define UNDER_DEFAULT_POLICY(test) \
	cmocka_unit_test_setup(test, set_default_policy)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNDER_DEFAULT_POLICY(test_ordinary_fields_are_kept),
		UNDER_DEFAULT_POLICY(test_the_connections_own_fields_are_not),
		UNDER_DEFAULT_POLICY(test_proxy_authentication_is_not),
		UNDER_DEFAULT_POLICY(test_what_connection_names_is_not),
		UNDER_DEFAULT_POLICY(test_what_no_cache_names_is_not),
		UNDER_DEFAULT_POLICY(test_what_private_names_is_not),
		UNDER_DEFAULT_POLICY(test_what_the_configuration_names_is_not),
		UNDER_DEFAULT_POLICY(test_what_larder_writes_itself_is_not),
		UNDER_DEFAULT_POLICY(test_what_caches_before_us_say_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
