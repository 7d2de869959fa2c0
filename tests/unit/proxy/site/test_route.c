/* tests/unit/proxy/site/test_route.c: ProxyPass, Location, CacheEnable */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "proxy/site/route.h"
#include "tests/support/conf_text.h"

struct request {
	struct site *site;
	const struct vhost *vh;
	struct arena arena;
	struct route route;
};

/* Where target ("/path?query", in normal form) goes under that text. */
static enum lr
find(struct request *r, const char *text, const char *target)
{
	struct slice raw = slice_of(target);
	struct slice path = slice_cut(raw, 0, slice_find(raw, '?'));

	*r = (struct request){ .site = conf_site(text) };
	r->vh = site_main(r->site);
	return route_find(r->vh, path, raw, &r->arena, &r->route);
}

static void
done(struct request *r)
{
	arena_free(&r->arena);
	site_unref(r->site);
}

/* want: the backend's URL and the target, with a blank between them;
 * "404": nothing is mapped. */
static void
assert_goes(const char *text, const char *target, const char *want)
{
	struct request r;
	char got[512] = "404";

	assert_int_equal(find(&r, text, target), LR_OK);
	if (r.route.backend != NULL)
		snprintf(got, sizeof(got), "%.*s %.*s",
		    SLICE_ARG(r.route.backend->url), SLICE_ARG(r.route.target));
	if (strcmp(got, want) != 0)
		fail_msg("%s goes to \"%s\", not \"%s\"", target, got, want);
	done(&r);
}

static bool
is_cached(const char *text, const char *target)
{
	struct request r;
	bool cached;

	assert_int_equal(find(&r, text, target), LR_OK);
	cached = r.route.settings->cache.enabled;
	done(&r);
	return cached;
}

/* ---- ProxyPass ---- */

static void
test_proxypass_of_the_root_sends_everything_as_it_came(void **state)
{
	const char *conf = "ProxyPass / http://b/\n";

	(void)state;
	assert_goes(conf, "/", "http://b /");
	assert_goes(conf, "/a/b?c=d", "http://b /a/b?c=d");
	assert_goes(conf, "/a%20b?%41", "http://b /a%20b?%41");
	assert_goes(conf, "/a//b", "http://b /a//b");
	assert_goes(conf, "/?", "http://b /?");
}

static void
test_the_common_case_allocates_nothing(void **state)
{
	struct request r;

	(void)state;
	assert_int_equal(
	    find(&r, "ProxyPass / http://b/\nCacheEnable disk /\n", "/a?b"),
	    LR_OK);
	assert_null(r.arena.head);
	done(&r);
	assert_int_equal(find(&r,
			     "ProxyPass / http://b/\n"
			     "<Location /a>\nCacheMaxFileSize 5\n</Location>\n"
			     "<Location /b>\nCacheDisable On\n</Location>\n"
			     "CacheEnable disk /\n",
			     "/b/c"),
	    LR_OK);
	assert_null(r.arena.head);
	done(&r);
}

static void
test_proxypass_matches_whole_segments(void **state)
{
	const char *conf = "ProxyPass /foo http://b/bar\n";

	(void)state;
	assert_goes(conf, "/foo", "http://b /bar");
	assert_goes(conf, "/foo/", "http://b /bar/");
	assert_goes(conf, "/foo/x?q", "http://b /bar/x?q");
	assert_goes(conf, "/foo?q", "http://b /bar?q");
	assert_goes(conf, "/foobar", "404");
	assert_goes(conf, "/fo", "404");
	assert_goes(conf, "/", "404");
	assert_goes(conf, "/x/foo", "404");
}

static void
test_proxypass_with_slashes_at_the_end(void **state)
{
	const char *conf = "ProxyPass /foo/ http://b/bar/\n";

	(void)state;
	assert_goes(conf, "/foo/", "http://b /bar/");
	assert_goes(conf, "/foo/x", "http://b /bar/x");
	assert_goes(conf, "/foo", "404");
	/* one without the other: as Apache, put together as they are */
	assert_goes(
	    "ProxyPass /foo/ http://b/bar\n", "/foo/x", "http://b /barx");
	assert_goes(
	    "ProxyPass /foo http://b/bar/\n", "/foo/x", "http://b /bar//x");
}

static void
test_a_url_without_a_path_never_grows_the_host_s_name(void **state)
{
	(void)state;
	assert_goes("ProxyPass / http://b\n", "/x", "http://b /x");
	assert_goes("ProxyPass / http://b\n", "/", "http://b /");
	assert_goes("ProxyPass /a/ http://b\n", "/a/x", "http://b /x");
	assert_goes("ProxyPass /a http://b\n", "/a/x", "http://b /x");
	assert_goes("ProxyPass /a http://b\n", "/a", "http://b /");
	assert_goes("ProxyPass /a http://b\n", "/a?q", "http://b /?q");
}

static void
test_the_first_proxypass_that_fits_counts(void **state)
{
	const char *conf = "ProxyPass /a/x !\n"
			   "ProxyPass /a http://a/\n"
			   "ProxyPass /a/b http://never/\n"
			   "ProxyPass / http://b/\n";

	(void)state;
	assert_goes(conf, "/a/x", "404");
	assert_goes(conf, "/a/x/y", "404");
	assert_goes(conf, "/a/xy", "http://a //xy");
	assert_goes(conf, "/a/b/c", "http://a //b/c");
	assert_goes(conf, "/c", "http://b /c");
}

static void
test_matching_is_by_what_the_path_means(void **state)
{
	const char *conf = "ProxyPass \"/a b\" !\n"
			   "ProxyPass /pub http://b/x\n";

	(void)state;
	assert_goes(conf, "/a%20b", "404");
	assert_goes(conf, "/%70ub/%20", "http://b /x/%20");
	assert_goes(conf, "//pub///c", "http://b /x///c");
	assert_goes(conf, "/pub%2Fc", "404");
}

static void
test_noquery_keeps_the_query_back(void **state)
{
	(void)state;
	assert_goes("ProxyPass / http://b/ noquery\n", "/a?b", "http://b /a");
	assert_goes("ProxyPass /a http://b/c noquery\n", "/a?b", "http://b /c");
}

static void
test_a_unix_socket_is_a_backend(void **state)
{
	(void)state;
	assert_goes("ProxyPass /a unix:/run/x.sock|http://h/b\n", "/a/c",
	    "unix:/run/x.sock|http://h /b/c");
}

static void
test_a_path_that_cannot_be_decoded_is_refused(void **state)
{
	struct request r;

	(void)state;
	assert_int_equal(
	    find(&r, "ProxyPass / http://b/\n", "/a%00"), LR_INVALID);
	done(&r);
}

/* ---- ProxyPassMatch ---- */

static void
test_captures_go_into_the_target(void **state)
{
	const char
	    *conf = "ProxyPassMatch ^/(.*\\.php)$ http://b:9000/var/$1\n"
		    "ProxyPassMatch ^/u/([^/]+)/(.*)$ http://b/$2/of/$1\n"
		    "ProxyPassMatch ^/x$ http://b/\\$1\n";

	(void)state;
	assert_goes(conf, "/a/b.php?q", "http://b:9000 /var/a/b.php?q");
	assert_goes(conf, "/u/me/x/y", "http://b /x/y/of/me");
	assert_goes(conf, "/x", "http://b /$1");
	assert_goes(conf, "/other", "404");
}

static void
test_captures_are_sent_as_they_were_received(void **state)
{
	const char *conf = "ProxyPassMatch \"^/a b/(.*)$\" http://b/$1\n";

	(void)state;
	assert_goes(conf, "/a%20b/%C3%A9%252F", "http://b /%C3%A9%252F");
}

static void
test_a_capture_cannot_change_the_host(void **state)
{
	const char *conf = "ProxyPassMatch ^(.*)$ http://b$1\n"
			   "ProxyPassMatch ^/(.*)$ http://never$1\n";

	(void)state;
	assert_goes(conf, "/x", "http://b /x");
	assert_goes("ProxyPassMatch ^/(.*)$ http://b$1\n", "/.evil/",
	    "http://b /.evil/");
}

static void
test_a_pattern_can_exclude(void **state)
{
	const char *conf = "ProxyPassMatch \\.gif$ !\nProxyPass / http://b/\n";

	(void)state;
	assert_goes(conf, "/a.gif", "404");
	assert_goes(conf, "/a.png", "http://b /a.png");
}

static void
test_a_pattern_that_cannot_be_decided_is_refused(void **state)
{
	char target[64] = "/";
	struct request r;

	(void)state;
	memset(target + 1, 'a', sizeof(target) - 2);
	target[sizeof(target) - 2] = 'b';
	assert_int_equal(find(&r,
			     "<LocationMatch ^/(a+)+$>\nCacheDisable On\n"
			     "</LocationMatch>\nProxyPass / http://b/\n",
			     target),
	    LR_INVALID);
	done(&r);
}

/* ---- sections ---- */

static void
test_proxypass_in_a_location_takes_its_path(void **state)
{
	const char *conf = "ProxyPass /app/x http://never/\n"
			   "<Location /app>\nProxyPass http://a/base\n"
			   "</Location>\n"
			   "<Location /app/static/>\nProxyPass http://s/\n"
			   "</Location>\n"
			   "<LocationMatch ^/img/(.*)>\n"
			   "ProxyPassMatch http://i/$1\n</LocationMatch>\n"
			   "<Location /app/none>\nProxyPass !\n</Location>\n";

	(void)state;
	assert_goes(conf, "/app/x", "http://a /base/x");
	assert_goes(conf, "/app", "http://a /base");
	assert_goes(conf, "/app/static/y", "http://s /y");
	assert_goes(conf, "/img/z", "http://i /z");
	assert_goes(conf, "/app/none/a", "404");
	assert_goes(conf, "/apple", "404");
}

/* The value of CacheMaxFileSize and of ProxyPreserveHost for target. */
static void
assert_settings(
    const char *text, const char *target, uint64_t max, bool preserve)
{
	struct request r;

	assert_int_equal(find(&r, text, target), LR_OK);
	if (r.route.settings->cache.max_file_bytes != max ||
	    r.route.settings->preserve_host != preserve)
		fail_msg("%s: %d, %d", target,
		    (int)r.route.settings->cache.max_file_bytes,
		    r.route.settings->preserve_host);
	done(&r);
}

static void
test_sections_are_laid_over_each_other_in_order(void **state)
{
	const char
	    *conf = "CacheMaxFileSize 10\n"
		    "<Location />\nCacheMaxFileSize 20\n</Location>\n"
		    "<Location /a>\nProxyPreserveHost On\n</Location>\n"
		    "<Location /a/b>\nCacheMaxFileSize 30\n</Location>\n"
		    "<Location /a/b/c>\nProxyPreserveHost Off\n</Location>\n"
		    "CacheMaxFileSize 11\n";

	(void)state;
	assert_settings(conf, "/", 20, false);
	assert_settings(conf, "/a", 20, true);
	assert_settings(conf, "/a/b/x", 30, true);
	assert_settings(conf, "/a/b/c", 30, false);
	assert_settings(conf, "/ab", 20, false);
	assert_settings("CacheMaxFileSize 10\n"
			"<Location /a>\nCacheMaxFileSize 20\n</Location>\n"
			"CacheMaxFileSize 11\n",
	    "/b", 11, false);
}

static void
test_each_kind_of_section_matches_in_its_way(void **state)
{
	const char *conf =
	    "<Location \"/g*/?.txt\">\nCacheMaxFileSize 1\n</Location>\n"
	    "<LocationMatch \"\\.(gif|png)$\">\nCacheMaxFileSize 2\n"
	    "</LocationMatch>\n"
	    "<Location ~ ^/t/[0-9]+$>\nCacheMaxFileSize 3\n</Location>\n"
	    "<Location /p/>\nCacheMaxFileSize 4\n</Location>\n"
	    "<Location \"/s p\">\nCacheMaxFileSize 5\n</Location>\n";

	(void)state;
	assert_settings(conf, "/gg/a.txt", 1, false);
	assert_settings(conf, "/g/x/a.txt", 1000000, false);
	assert_settings(conf, "/x.png", 2, false);
	assert_settings(conf, "//t/12", 3, false);
	assert_settings(conf, "/t/1x", 1000000, false);
	assert_settings(conf, "/p/x", 4, false);
	assert_settings(conf, "/p", 1000000, false);
	assert_settings(conf, "/s%20p/x", 5, false);
	assert_settings(conf, "//p//x", 4, false);
}

static void
test_a_virtual_host_starts_from_the_main_server(void **state)
{
	const char
	    *conf = "<VirtualHost *>\n"
		    "ServerName v\nProxyPass /v http://v/\n"
		    "<Location /m>\nCacheMaxFileSize 3\n</Location>\n"
		    "</VirtualHost>\n"
		    "CacheMaxFileSize 2\nProxyPreserveHost On\n"
		    "ProxyPass /v http://never/\nProxyPass /m http://m/\n"
		    "<Location /m>\nCacheMaxFileSize 4\nProxyPreserveHost Off\n"
		    "</Location>\n";
	struct site *s = conf_site(conf);
	const struct listen *l;
	const struct vhost *vh;
	struct arena arena = { 0 };
	struct route r;
	size_t n;

	(void)state;
	l = site_listens(s, &n);
	vh = site_vhost(s, &l[0].at, SLICE("v"));
	assert_int_equal(
	    route_find(vh, SLICE("/v"), SLICE("/v"), &arena, &r), LR_OK);
	assert_true(slice_eq(r.backend->url, SLICE("http://v")));
	assert_int_equal(r.settings->cache.max_file_bytes, 2);
	assert_true(r.settings->preserve_host);
	assert_int_equal(
	    route_find(vh, SLICE("/m"), SLICE("/m"), &arena, &r), LR_OK);
	assert_true(slice_eq(r.backend->url, SLICE("http://m")));
	assert_int_equal(r.settings->cache.max_file_bytes, 3);
	assert_false(r.settings->preserve_host);
	arena_free(&arena);
	site_unref(s);
}

/* ---- CacheEnable, CacheDisable ---- */

static void
test_cacheenable_is_a_prefix_of_the_path(void **state)
{
	const char *conf = "CacheEnable disk /a\nCacheDisable /a/private\n";

	(void)state;
	assert_true(is_cached(conf, "/a"));
	assert_true(is_cached(conf, "/a/b"));
	assert_true(is_cached(conf, "/ab"));
	assert_false(is_cached(conf, "/b"));
	assert_false(is_cached(conf, "/a/private"));
	assert_false(is_cached(conf, "/a/private/x"));
	assert_false(is_cached(conf, "//a//%70rivate"));
	assert_false(is_cached("", "/a"));
	assert_true(is_cached("CacheEnable /\n", "/a"));
}

static void
test_a_location_can_enable_and_disable(void **state)
{
	const char *conf = "CacheEnable disk /pub\n"
			   "<Location /img>\nCacheEnable disk\n</Location>\n"
			   "<Location /css>\nCacheEnable disk /css/x\n"
			   "</Location>\n"
			   "<Location /pub/me>\nCacheDisable on\n</Location>\n"
			   "<Location /pub/me/not>\nCacheEnable disk\n"
			   "</Location>\n"
			   "<LocationMatch \\.php$>\nCacheDisable On\n"
			   "</LocationMatch>\n";

	(void)state;
	assert_true(is_cached(conf, "/img/a"));
	assert_true(is_cached(conf, "/css/xy"));
	assert_false(is_cached(conf, "/css/y"));
	assert_true(is_cached(conf, "/pub/x"));
	assert_false(is_cached(conf, "/pub/me"));
	assert_false(is_cached(conf, "/pub/me/not"));
	assert_false(is_cached(conf, "/img/a.php"));
}

static void
test_two_sections_that_match_can_be_cached(void **state)
{
	const char *conf = "CacheEnable disk /\n"
			   "<Location /a>\nCacheMaxFileSize 5\n</Location>\n"
			   "<Location /a/b>\nProxyPreserveHost On\n"
			   "</Location>\n";

	(void)state;
	assert_true(is_cached(conf, "/a/b"));
	assert_settings(conf, "/a/b", 5, true);
}

static void
test_a_url_confines_caching_to_hosts_of_that_name(void **state)
{
	static const struct {
		const char *url;
		bool cached;
	} CASES[] = {
		{ "http://www.a.test/", true },
		{ "http://WWW.A.test", true },
		{ "http://*.a.test/", true },
		{ "http://.a.test/", true },
		{ "http://", true },
		{ "http://www.a.test/x", true },
		{ "http://www.a.test/y", false },
		{ "http://b.test/", false },
		{ "https://www.a.test/", false },
		{ "http://*.b.test/", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		char conf[256];

		snprintf(conf, sizeof(conf),
		    "ServerName www.a.test\nCacheEnable disk %s\n",
		    CASES[i].url);
		if (is_cached(conf, "/x") != CASES[i].cached)
			fail_msg("%s", CASES[i].url);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_proxypass_of_the_root_sends_everything_as_it_came),
		cmocka_unit_test(test_the_common_case_allocates_nothing),
		cmocka_unit_test(test_proxypass_matches_whole_segments),
		cmocka_unit_test(test_proxypass_with_slashes_at_the_end),
		cmocka_unit_test(
		    test_a_url_without_a_path_never_grows_the_host_s_name),
		cmocka_unit_test(test_the_first_proxypass_that_fits_counts),
		cmocka_unit_test(test_matching_is_by_what_the_path_means),
		cmocka_unit_test(test_noquery_keeps_the_query_back),
		cmocka_unit_test(test_a_unix_socket_is_a_backend),
		cmocka_unit_test(test_a_path_that_cannot_be_decoded_is_refused),
		cmocka_unit_test(test_captures_go_into_the_target),
		cmocka_unit_test(test_captures_are_sent_as_they_were_received),
		cmocka_unit_test(test_a_capture_cannot_change_the_host),
		cmocka_unit_test(test_a_pattern_can_exclude),
		cmocka_unit_test(
		    test_a_pattern_that_cannot_be_decided_is_refused),
		cmocka_unit_test(test_proxypass_in_a_location_takes_its_path),
		cmocka_unit_test(
		    test_sections_are_laid_over_each_other_in_order),
		cmocka_unit_test(test_each_kind_of_section_matches_in_its_way),
		cmocka_unit_test(
		    test_a_virtual_host_starts_from_the_main_server),
		cmocka_unit_test(test_cacheenable_is_a_prefix_of_the_path),
		cmocka_unit_test(test_a_location_can_enable_and_disable),
		cmocka_unit_test(test_two_sections_that_match_can_be_cached),
		cmocka_unit_test(
		    test_a_url_confines_caching_to_hosts_of_that_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
