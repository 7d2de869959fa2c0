/* tests/unit/proxy/cache/test_key.c */
#include "proxy/cache/key.h"

#include "proxy/cache/key_query.h"
#include "store/base/hash.h"
#include "tests/unit/proxy/cache/made.h"

static enum lr
make(const char *scheme, const char *authority, const char *target,
    const struct cache_policy *policy, struct cache_key *out)
{
	struct uri uri;

	assert_int_equal(
	    uri_parse_target(slice_of(target), HTTP_GET, &uri), LR_OK);
	return key_make(&uri, slice_of(scheme), slice_of(authority), policy,
	    &made_arena, out);
}

static struct slice
text_of(const char *scheme, const char *authority, const char *target)
{
	struct cache_policy policy = made_policy();
	struct cache_key key;

	assert_int_equal(make(scheme, authority, target, &policy, &key), LR_OK);
	assert_int_equal(key.hash, hash_bytes(key.text.p, key.text.n));
	return key.text;
}

static void
test_a_plain_request_is_its_uri(void **state) /* RFC 9111 2 */
{
	(void)state;
	assert_slice_equal(text_of("http", "example.com", "/a/b.css"),
	    "http://example.com/a/b.css");
	assert_slice_equal(text_of("https", "example.com", "/a?b=c&d"),
	    "https://example.com/a?b=c&d");
}

static void
test_the_host_is_in_lower_case(void **state) /* RFC 9110 4.2.3 */
{
	(void)state;
	assert_slice_equal(text_of("http", "WWW.Example.COM", "/A"),
	    "http://www.example.com/A");
	assert_slice_equal(text_of("http", "EXAMPLE.com:8080", "/A"),
	    "http://example.com:8080/A");
}

static void
test_the_default_port_is_dropped(void **state) /* RFC 9110 4.2.3 */
{
	(void)state;
	assert_slice_equal(
	    text_of("http", "example.com:80", "/"), "http://example.com/");
	assert_slice_equal(
	    text_of("https", "example.com:443", "/"), "https://example.com/");
	assert_slice_equal(
	    text_of("http", "example.com:", "/"), "http://example.com/");
	assert_slice_equal(
	    text_of("http", "example.com:443", "/"), "http://example.com:443/");
	assert_slice_equal(
	    text_of("http", "127.0.0.1:8080", "/"), "http://127.0.0.1:8080/");
}

static void
test_ports_are_compared_as_numbers(void **state) /* RFC 3986 6.2.3 */
{
	(void)state;
	assert_slice_equal(
	    text_of("http", "example.com:080", "/"), "http://example.com/");
	assert_slice_equal(text_of("http", "example.com:08080", "/"),
	    "http://example.com:8080/");
}

static void
test_an_ipv6_literal_keeps_its_brackets(void **state) /* RFC 3986 3.2.2 */
{
	(void)state;
	assert_slice_equal(text_of("http", "[2001:DB8::1]:8080", "/"),
	    "http://[2001:db8::1]:8080/");
	assert_slice_equal(text_of("http", "[::1]:80", "/"), "http://[::1]/");
}

static void
test_a_bad_authority_is_refused(void **state)
{
	static const char *const bad[] = { "", ":80", "a b", "a:port",
		"a:99999", "user@a", "[::1", "a/b" };
	struct cache_policy policy = made_policy();
	struct cache_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    make("http", bad[i], "/", &policy, &key), LR_INVALID);
}

static void
test_dot_segments_are_resolved(void **state) /* RFC 3986 6.2.2.3 */
{
	(void)state;
	assert_slice_equal(text_of("http", "a", "/b/../c/./d"), "http://a/c/d");
	assert_slice_equal(text_of("http", "a", "/.."), "http://a/");
	assert_slice_equal(text_of("http", "a", "/b/."), "http://a/b/");
	assert_slice_equal(
	    text_of("http", "a", "/.well-known/x"), "http://a/.well-known/x");
	assert_slice_equal(
	    text_of("http", "a", "/b.c/d..e/f."), "http://a/b.c/d..e/f.");
}

static void
test_needless_encoding_is_resolved(void **state) /* RFC 3986 6.2.2 */
{
	(void)state;
	assert_slice_equal(
	    text_of("http", "a", "/%7euser/%41"), "http://a/~user/A");
	assert_slice_equal(text_of("http", "a", "/%2f%3a"), "http://a/%2F%3A");
	assert_slice_equal(
	    text_of("http", "a", "/?q=%7e%2f"), "http://a/?q=~%2F");
}

static void
test_an_empty_query_is_another_uri(void **state) /* RFC 3986 6.2.3 */
{
	(void)state;
	assert_slice_equal(text_of("http", "a", "/b?"), "http://a/b?");
	assert_slice_equal(text_of("http", "a", "/b"), "http://a/b");
}

static void
test_an_empty_path_is_a_slash(void **state) /* RFC 9110 4.2.3 */
{
	(void)state;
	assert_slice_equal(text_of("http", "a", "http://a"), "http://a/");
	assert_slice_equal(text_of("http", "a", "http://a?b"), "http://a/?b");
}

static void
test_the_query_may_be_ignored(void **state) /* CacheIgnoreQueryString */
{
	struct cache_policy policy = made_policy();
	struct cache_key with, without;

	(void)state;
	policy.ignore_query = true;
	assert_int_equal(make("http", "a", "/b?c", &policy, &with), LR_OK);
	assert_int_equal(make("http", "a", "/b", &policy, &without), LR_OK);
	assert_slice_equal(with.text, "http://a/b");
	assert_int_equal(with.hash, without.hash);
}

static void
test_rules_apply_to_the_normal_form(void **state) /* RFC 3986 6.2.2 */
{
	const struct slice drop[] = { SLICE("utm_*") }, ids[] = { SLICE("s") };
	const struct key_query kq = { .sort = true, .drop = drop, .n_drop = 1 };
	struct cache_policy policy = made_policy();
	struct cache_key key;

	(void)state; /* CacheKeyQuery, CacheIgnoreURLSessionIdentifiers */
	policy.key_query = &kq;
	policy.session_ids = ids;
	policy.n_session_ids = 1;
	assert_int_equal(make("http", "a", "/x/../b;%73=1?%75tm_a=1&c&%62=%2f",
			     &policy, &key),
	    LR_OK);
	assert_slice_equal(key.text, "http://a/b?b=%2F&c");
	assert_int_equal(key.hash, hash_bytes(key.text.p, key.text.n));
}

static void
test_a_query_of_which_nothing_is_left_is_none(void **state)
{
	const struct slice drop[] = { SLICE("utm_*") };
	const struct key_query kq = { .drop = drop, .n_drop = 1 };
	struct cache_policy policy = made_policy();
	struct cache_key key;

	(void)state; /* CacheKeyQuery */
	policy.key_query = &kq;
	assert_int_equal(make("http", "a", "/b?utm_x=1", &policy, &key), LR_OK);
	assert_slice_equal(key.text, "http://a/b");
	assert_int_equal(make("http", "a", "/b?", &policy, &key), LR_OK);
	assert_slice_equal(key.text, "http://a/b");
}

static void
test_a_base_url_replaces_scheme_host_and_port(void **state)
{
	struct cache_policy policy = made_policy();
	struct cache_key key;

	(void)state; /* CacheKeyBaseURL */
	policy.key_base = SLICE("https://www.example.com:8443");
	assert_int_equal(make("http", "a:81", "/b?", &policy, &key), LR_OK);
	assert_slice_equal(key.text, "https://www.example.com:8443/b?");
	assert_slice_equal(key_url(key.text), "www.example.com:8443/b?");
	assert_int_equal(make("http", "a b", "/", &policy, &key), LR_INVALID);
}

static void
test_scheme_and_port_are_part_of_the_key(void **state)
{
	struct cache_policy policy = made_policy();
	struct cache_key plain, tls, port;

	(void)state;
	assert_int_equal(make("http", "a", "/", &policy, &plain), LR_OK);
	assert_int_equal(make("https", "a", "/", &policy, &tls), LR_OK);
	assert_int_equal(make("http", "a:81", "/", &policy, &port), LR_OK);
	assert_true(plain.hash != tls.hash);
	assert_true(plain.hash != port.hash);
}

static void
test_variants_differ_by_primary_and_values(void **state) /* RFC 9111 4.1 */
{
	struct slice gzip = SLICE("accept-encoding:gzip\n");
	struct slice none = SLICE("accept-encoding\n");
	uint64_t h = key_variant_hash(1, 2, gzip);

	(void)state;
	assert_true(h == key_variant_hash(1, 2, gzip));
	assert_true(h != key_variant_hash(1, 2, none));
	assert_true(h != key_variant_hash(1, 3, gzip));
	assert_true(h != key_variant_hash(2, 2, gzip));
	assert_true(h != key_variant_hash(2, 1, gzip));
}

static void
test_the_url_is_the_key_without_scheme(void **state)
{
	(void)state;
	assert_slice_equal(
	    key_url(SLICE("http://a:81/b?c://d")), "a:81/b?c://d");
	assert_slice_equal(key_url(SLICE("https://a/")), "a/");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plain_request_is_its_uri),
		cmocka_unit_test(test_the_host_is_in_lower_case),
		cmocka_unit_test(test_the_default_port_is_dropped),
		cmocka_unit_test(test_ports_are_compared_as_numbers),
		cmocka_unit_test(test_an_ipv6_literal_keeps_its_brackets),
		cmocka_unit_test(test_a_bad_authority_is_refused),
		cmocka_unit_test(test_dot_segments_are_resolved),
		cmocka_unit_test(test_needless_encoding_is_resolved),
		cmocka_unit_test(test_an_empty_query_is_another_uri),
		cmocka_unit_test(test_an_empty_path_is_a_slash),
		cmocka_unit_test(test_the_query_may_be_ignored),
		cmocka_unit_test(test_rules_apply_to_the_normal_form),
		cmocka_unit_test(test_a_query_of_which_nothing_is_left_is_none),
		cmocka_unit_test(test_a_base_url_replaces_scheme_host_and_port),
		cmocka_unit_test(test_scheme_and_port_are_part_of_the_key),
		cmocka_unit_test(test_variants_differ_by_primary_and_values),
		cmocka_unit_test(test_the_url_is_the_key_without_scheme),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
