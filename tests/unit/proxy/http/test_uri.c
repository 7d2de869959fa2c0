/* tests/unit/proxy/http/test_uri.c: targets and URIs */
#include "tests/support/assert_slice.h"

#include <stdio.h>

#include "proxy/http/uri.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* "scheme|host|port|path|query", with "-" for no query */
static void
assert_parts(const struct uri *u, const char *want)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s|%.*s|%u|%.*s|%.*s",
	    SLICE_ARG(u->scheme), SLICE_ARG(u->host), (unsigned)u->port,
	    SLICE_ARG(u->path),
	    SLICE_ARG(u->has_query ? u->query : SLICE("-")));
	assert_string_equal(text, want);
}

static void
target_is(const char *target, enum http_method method, enum uri_form form,
    const char *want)
{
	struct uri u;

	if (uri_parse_target(slice_of(target), method, &u) != LR_OK)
		fail_msg("refused: %s", target);
	assert_int_equal(u.form, form);
	assert_parts(&u, want);
}

static void
target_is_refused(const char *target, enum http_method method)
{
	struct uri u;

	if (uri_parse_target(slice_of(target), method, &u) != LR_INVALID)
		fail_msg("accepted: %s", target);
}

static void
test_origin_form(void **state) /* RFC 9112 3.2.1 */
{
	(void)state;
	target_is("/", HTTP_GET, URI_ORIGIN, "||0|/|-");
	target_is("/a/b?c=d", HTTP_POST, URI_ORIGIN, "||0|/a/b|c=d");
	target_is("/a?", HTTP_GET, URI_ORIGIN, "||0|/a|");
	target_is("/a?b?c/d", HTTP_GET, URI_ORIGIN, "||0|/a|b?c/d");
	target_is("//a/b", HTTP_GET, URI_ORIGIN, "||0|//a/b|-");
	target_is(
	    "/a:b@c,%2F%aB|{}", HTTP_GET, URI_ORIGIN, "||0|/a:b@c,%2F%aB|{}|-");
}

static void
test_absolute_form(void **state) /* RFC 9112 3.2.2 */
{
	(void)state;
	target_is("http://a/b?c", HTTP_GET, URI_ABSOLUTE, "http|a|0|/b|c");
	target_is("HTTPS://A:8443", HTTP_GET, URI_ABSOLUTE, "HTTPS|A|8443||-");
	target_is("http://[::1]:80?q", HTTP_OPTIONS, URI_ABSOLUTE,
	    "http|[::1]|80||q");
	target_is_refused("http://", HTTP_GET);
	target_is_refused("http:///a", HTTP_GET);
	target_is_refused("http:/a", HTTP_GET);
	target_is_refused("1http://a", HTTP_GET);
	target_is_refused("ht_tp://a", HTTP_GET);
	target_is_refused("://a", HTTP_GET);
}

static void
test_authority_form_is_for_connect(void **state) /* RFC 9112 3.2.3 */
{
	(void)state;
	target_is(
	    "a.example:443", HTTP_CONNECT, URI_AUTHORITY, "|a.example|443||-");
	target_is("[::1]:443", HTTP_CONNECT, URI_AUTHORITY, "|[::1]|443||-");
	target_is_refused("a.example", HTTP_CONNECT);
	target_is_refused("a.example:", HTTP_CONNECT);
	target_is_refused("http://a:443/", HTTP_CONNECT);
	target_is_refused("/", HTTP_CONNECT);
	target_is_refused("a.example:443", HTTP_GET);
}

static void
test_asterisk_form_is_for_options(void **state) /* RFC 9112 3.2.4 */
{
	(void)state;
	target_is("*", HTTP_OPTIONS, URI_ASTERISK, "||0||-");
	target_is_refused("*", HTTP_GET);
	target_is_refused("**", HTTP_OPTIONS);
	target_is_refused("*", HTTP_CONNECT);
}

static void
test_bytes_that_no_target_has(void **state)
{
	static const char *const BAD[] = { "", "a", "/ ", "/a b", "/\t",
		"/\x01", "/\x7f", "/\x80", "/#", "/a#b", "/%", "/%4", "/%4g",
		"/%g4", "/?%", "/a\r", "/a\n", "?a", "http://a/ ",
		"http://a/#b", "http://a?\x01" };

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++)
		target_is_refused(BAD[i], HTTP_GET);
	assert_int_equal(uri_parse_target(slice_make("/a\0b", 4), HTTP_GET,
			     &(struct uri){ .port = 0 }),
	    LR_INVALID);
}

static void
test_userinfo_is_refused(void **state) /* RFC 9110 4.2.4 */
{
	struct uri u;

	(void)state;
	assert_int_equal(uri_parse(SLICE("http://user@a/"), &u), LR_INVALID);
	assert_int_equal(uri_parse(SLICE("http://user:pw@a/"), &u), LR_INVALID);
	assert_int_equal(uri_parse(SLICE("http://@a/"), &u), LR_INVALID);
}

static void
test_uris_of_backends(void **state)
{
	struct uri u;

	(void)state;
	assert_int_equal(uri_parse(SLICE("ws://a:9/b/"), &u), LR_OK);
	assert_parts(&u, "ws|a|9|/b/|-");
	assert_int_equal(uri_parse(SLICE("ajp://127.0.0.1:8009"), &u), LR_OK);
	assert_parts(&u, "ajp|127.0.0.1|8009||-");
	assert_int_equal(uri_parse(SLICE("/a"), &u), LR_INVALID);
	assert_int_equal(uri_parse(SLICE("a"), &u), LR_INVALID);
	assert_int_equal(uri_parse(SLICE(""), &u), LR_INVALID);
}

static void
test_authorities(void **state) /* RFC 9110 7.2 */
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} GOOD[] = { { "a", "a", 0 }, { "a:", "a", 0 }, { "a:1", "a", 1 },
		{ "a:65535", "a", 65535 }, { "a:0080", "a", 80 },
		{ "[::1]", "[::1]", 0 },
		{ "[2001:DB8::1]:8", "[2001:DB8::1]", 8 },
		{ "[::ffff:1.2.3.4]:", "[::ffff:1.2.3.4]", 0 },
		{ "a%2eb", "a%2eb", 0 }, { "a_b-c.d~", "a_b-c.d~", 0 } };
	static const char *const BAD[] = { "", ":", ":80", "a:0", "a:65536",
		"a:+1", "a:-1", "a: 1", "a:1 ", " a", "a b", "a/", "a?b", "a#b",
		"u@a", "a:1:2", "::1", "[::1", "[]", "[::1]x", "[::1]x:1",
		"[::g]", "[v1.a]", "a]", "a[", "a%", "a%g0", "\xc3\xa9", "a\\b",
		"a\"b", "[fe80::1%25eth0]" };
	struct slice host;
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < COUNT(GOOD); i++) {
		if (uri_parse_authority(slice_of(GOOD[i].text), &host, &port) !=
		    LR_OK)
			fail_msg("refused: %s", GOOD[i].text);
		assert_slice(host, GOOD[i].host);
		assert_int_equal(port, GOOD[i].port);
	}
	port = 7;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		if (uri_parse_authority(slice_of(BAD[i]), &host, &port) !=
		    LR_INVALID)
			fail_msg("accepted: %s", BAD[i]);
	}
	assert_int_equal(port, 7);
}

static void
test_default_ports(void **state) /* RFC 9110 4.2, RFC 6455 3 */
{
	(void)state;
	assert_int_equal(uri_default_port(SLICE("HTTP")), 80);
	assert_int_equal(uri_default_port(SLICE("ws")), 80);
	assert_int_equal(uri_default_port(SLICE("https")), 443);
	assert_int_equal(uri_default_port(SLICE("WSS")), 443);
	assert_int_equal(uri_default_port(SLICE("ajp")), 0);
	assert_int_equal(uri_default_port(SLICE("")), 0);
}

/* ---- the normal form ---- */

static void
path_becomes(const char *path, const char *want)
{
	struct arena arena = { 0 };
	struct slice out, again;

	assert_int_equal(
	    uri_normalize_path(slice_of(path), &arena, &out), LR_OK);
	assert_slice(out, want);
	/* The normal form is its own. */
	assert_int_equal(uri_normalize_path(out, &arena, &again), LR_OK);
	assert_slice(again, want);
	arena_free(&arena);
}

static void
test_dot_segments_are_resolved(void **state) /* RFC 3986 5.2.4 */
{
	(void)state;
	path_becomes("/a/b/c/./../../g", "/a/g");
	path_becomes("/..", "/");
	path_becomes("/../..", "/");
	path_becomes("/.", "/");
	path_becomes("/./", "/");
	path_becomes("/../a", "/a");
	path_becomes("/a/..", "/");
	path_becomes("/a/../", "/");
	path_becomes("/a/b/..", "/a/");
	path_becomes("/a/b/.", "/a/b/");
	path_becomes("/a//../b", "/a/b");
	path_becomes("/a/..//b", "//b");
	path_becomes("/...", "/...");
	path_becomes("/.a/..b", "/.a/..b");
	path_becomes("/a./b..", "/a./b..");
}

static void
test_an_empty_path_is_a_slash(void **state) /* RFC 9110 4.2.3 */
{
	(void)state;
	path_becomes("", "/");
}

static void
test_needless_percent_encoding_goes(void **state) /* RFC 3986 6.2.2 */
{
	(void)state;
	path_becomes("/%7Euser/%41%2d", "/~user/A-");
	path_becomes("/a%2fb%c3%a9", "/a%2Fb%C3%A9");
	path_becomes("/%20%25", "/%20%25");
	/* decoded once only, */
	path_becomes("/%2541", "/%2541");
	/* and before dots are resolved */
	path_becomes("/a/%2e%2E/b", "/b");
	path_becomes("/a/.%2e", "/");
}

static void
test_paths_in_normal_form_are_not_copied(void **state)
{
	static const char *const NORMAL[] = { "/", "/a/b.c", "/.well-known",
		"/a%2Fb", "//" };
	struct arena arena = { 0 };
	struct slice out;

	(void)state;
	for (size_t i = 0; i < COUNT(NORMAL); i++) {
		assert_int_equal(
		    uri_normalize_path(slice_of(NORMAL[i]), &arena, &out),
		    LR_OK);
		assert_ptr_equal(out.p, NORMAL[i]);
	}
	arena_free(&arena);
}

static void
test_queries_keep_their_dots_and_order(void **state)
{
	struct arena arena = { 0 };
	struct slice query = SLICE("b=/../&a=%41%2f"), out;

	(void)state;
	assert_int_equal(uri_normalize_query(query, &arena, &out), LR_OK);
	assert_slice(out, "b=/../&a=A%2F");
	query = SLICE("a=1");
	assert_int_equal(uri_normalize_query(query, &arena, &out), LR_OK);
	assert_ptr_equal(out.p, query.p);
	arena_free(&arena);
}

static void
test_decoding_for_locations_keeps_slashes_apart(void **state)
{
	struct arena arena = { 0 };
	struct slice out = { NULL, 0 };

	(void)state;
	assert_int_equal(
	    uri_decode_path(SLICE("/a%20b%2Fc%c3"), &arena, &out), LR_OK);
	assert_slice(out, "/a b%2Fc\xc3");
	assert_int_equal(uri_decode_path(SLICE("/%2541"), &arena, &out), LR_OK);
	assert_slice(out, "/%41");
	assert_int_equal(
	    uri_decode_path(SLICE("/a%00"), &arena, &out), LR_INVALID);
	arena_free(&arena);
}

/* ---- references ---- */

static void
resolves_to(const char *reference, const char *want)
{
	struct arena arena = { 0 };
	struct uri base, u;

	assert_int_equal(uri_parse(SLICE("http://a/b/c/d;p?q"), &base), LR_OK);
	if (uri_resolve(&base, slice_of(reference), &arena, &u) != LR_OK)
		fail_msg("refused: %s", reference);
	assert_parts(&u, want);
	arena_free(&arena);
}

static void
test_references_resolve_as_in_the_rfc(void **state) /* RFC 3986 5.4 */
{
	(void)state;
	resolves_to("g", "http|a|0|/b/c/g|-");
	resolves_to("./g", "http|a|0|/b/c/g|-");
	resolves_to("g/", "http|a|0|/b/c/g/|-");
	resolves_to("/g", "http|a|0|/g|-");
	resolves_to("//g", "http|g|0||-");
	resolves_to("//g:8/h?i", "http|g|8|/h|i");
	resolves_to("?y", "http|a|0|/b/c/d;p|y");
	resolves_to("g?y", "http|a|0|/b/c/g|y");
	resolves_to("#s", "http|a|0|/b/c/d;p|q");
	resolves_to("g#s", "http|a|0|/b/c/g|-");
	resolves_to("g?y#s", "http|a|0|/b/c/g|y");
	resolves_to(";x", "http|a|0|/b/c/;x|-");
	resolves_to("", "http|a|0|/b/c/d;p|q");
	resolves_to(".", "http|a|0|/b/c/|-");
	resolves_to("..", "http|a|0|/b/|-");
	resolves_to("../g", "http|a|0|/b/g|-");
	resolves_to("../..", "http|a|0|/|-");
	resolves_to("../../../g", "http|a|0|/g|-");
	resolves_to("/./g", "http|a|0|/g|-");
	resolves_to("g.", "http|a|0|/b/c/g.|-");
	resolves_to("..g", "http|a|0|/b/c/..g|-");
	resolves_to("g;x=1/../y", "http|a|0|/b/c/y|-");
	resolves_to("g?y/../x", "http|a|0|/b/c/g|y/../x");
	resolves_to("https://h/i/../j", "https|h|0|/j|-");
}

static void
test_references_that_are_none(void **state)
{
	static const char *const BAD[] = { "g h", "http:g", "mailto:a@b",
		"//u@g", "//", "/%zz", "javascript:alert(1)" };
	struct arena arena = { 0 };
	struct uri base, u;

	(void)state;
	assert_int_equal(uri_parse(SLICE("http://a/b"), &base), LR_OK);
	for (size_t i = 0; i < COUNT(BAD); i++) {
		if (uri_resolve(&base, slice_of(BAD[i]), &arena, &u) !=
		    LR_INVALID)
			fail_msg("accepted: %s", BAD[i]);
	}
	arena_free(&arena);
}

static void
test_a_base_without_a_path_counts_as_root(void **state)
{
	struct arena arena = { 0 };
	struct uri base, u;

	(void)state; /* RFC 3986 5.2.3 */
	assert_int_equal(uri_parse(SLICE("http://a"), &base), LR_OK);
	assert_int_equal(uri_resolve(&base, SLICE("g"), &arena, &u), LR_OK);
	assert_parts(&u, "http|a|0|/g|-");
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origin_form),
		cmocka_unit_test(test_absolute_form),
		cmocka_unit_test(test_authority_form_is_for_connect),
		cmocka_unit_test(test_asterisk_form_is_for_options),
		cmocka_unit_test(test_bytes_that_no_target_has),
		cmocka_unit_test(test_userinfo_is_refused),
		cmocka_unit_test(test_uris_of_backends),
		cmocka_unit_test(test_authorities),
		cmocka_unit_test(test_default_ports),
		cmocka_unit_test(test_dot_segments_are_resolved),
		cmocka_unit_test(test_an_empty_path_is_a_slash),
		cmocka_unit_test(test_needless_percent_encoding_goes),
		cmocka_unit_test(test_paths_in_normal_form_are_not_copied),
		cmocka_unit_test(test_queries_keep_their_dots_and_order),
		cmocka_unit_test(
		    test_decoding_for_locations_keeps_slashes_apart),
		cmocka_unit_test(test_references_resolve_as_in_the_rfc),
		cmocka_unit_test(test_references_that_are_none),
		cmocka_unit_test(test_a_base_without_a_path_counts_as_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
