/* tests/unit/proxy/site/test_directives_key.c: rules of keys as configured */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proxy/cache/key.h"
#include "proxy/site/route.h"
#include "tests/support/conf_text.h"

static struct arena arena;

/* The key of http://HOST TARGET in that virtual host. */
static struct slice
key_in(const struct vhost *vh, const char *target)
{
	struct cache_key key;
	struct route route;
	struct uri uri;

	assert_int_equal(
	    uri_parse_target(slice_of(target), HTTP_GET, &uri), LR_OK);
	assert_int_equal(
	    route_find(vh, uri.path, slice_of(target), &arena, &route), LR_OK);
	assert_int_equal(key_make(&uri, SLICE("http"), SLICE("a"),
			     &route.settings->cache, &arena, &key),
	    LR_OK);
	return key.text;
}

static void
assert_key(const struct vhost *vh, const char *target, const char *want)
{
	struct slice got = key_in(vh, target);

	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

/* The virtual host of that name at port 80 of 192.0.2.1. */
static const struct vhost *
host_of(struct site *s, const char *ip, const char *name)
{
	struct address local;

	assert_int_equal(address_parse(slice_of(ip), 80, &local), LR_OK);
	return site_vhost(s, &local, slice_of(name));
}

static void
test_the_directives_of_a_section_add_up(void **state) /* CacheKeyQuery */
{
	struct site *s = conf_site("CacheKeyQuery drop utm_*\n"
				   "CacheKeyQuery Sort\n"
				   "CacheKeyQuery Drop x y\n");

	(void)state;
	assert_key(site_main(s), "/p?c&utm_a=1&b&y=1&x", "http://a/p?b&c");
	site_unref(s);
}

static void
test_a_section_s_rules_replace_those_around_it(void **state)
{
	struct site *s = conf_site(
	    "CacheKeyQuery drop x\n"
	    "<Location /sorted>\nCacheKeyQuery sort\n</Location>\n"
	    "<Location /all>\nCacheKeyQuery keep *\n</Location>\n"
	    "<Location /none>\nCacheKeyQuery ignore\n</Location>\n"
	    "<VirtualHost 192.0.2.1:80>\nServerName v\n"
	    "CacheKeyBaseURL http://v\nCacheKeyQuery drop y\n</VirtualHost>\n"
	    "<VirtualHost 192.0.2.1:80>\nServerName w\n"
	    "CacheKeyBaseURL http://w\n</VirtualHost>\n");

	(void)state; /* CacheKeyQuery */
	assert_key(site_main(s), "/?y&x&a", "http://a/?y&a\tmain server");
	assert_key(site_main(s), "/sorted?y&x&a",
	    "http://a/sorted?a&x&y\tmain server");
	assert_key(
	    site_main(s), "/all?y&x&a", "http://a/all?y&x&a\tmain server");
	assert_key(site_main(s), "/none?y&x", "http://a/none\tmain server");
	assert_key(host_of(s, "192.0.2.1", "v"), "/?y&x&a", "http://v/?x&a");
	assert_key(host_of(s, "192.0.2.1", "w"), "/?y&x&a", "http://w/?y&a");
	site_unref(s);
}

static void
test_session_identifiers_add_up_and_none_resets(void **state)
{
	struct site *s = conf_site(
	    "CacheIgnoreURLSessionIdentifiers wrong\n"
	    "CacheIgnoreURLSessionIdentifiers None\n"
	    "CacheIgnoreURLSessionIdentifiers sid jsid\n"
	    "CacheIgnoreURLSessionIdentifiers phpsid\n"
	    "<VirtualHost *:80>\nServerName v\n"
	    "CacheIgnoreURLSessionIdentifiers own\n</VirtualHost>\n"
	    "<VirtualHost *:80>\nServerName w\n</VirtualHost>\n");

	(void)state; /* CacheIgnoreURLSessionIdentifiers */
	assert_key(site_main(s), "/p;jsid=1?wrong=1&phpsid=2&sid=3",
	    "http://a/p?wrong=1\tmain server");
	assert_key(
	    host_of(s, "192.0.2.1", "v"), "/?own=1&sid=2", "http://a/?sid=2");
	assert_key(
	    host_of(s, "192.0.2.1", "w"), "/?own=1&sid=2", "http://a/?own=1");
	site_unref(s);
}

static void
test_a_base_url_is_shared_over_addresses(void **state) /* CacheKeyBaseURL */
{
	struct site *s = conf_site(
	    "<VirtualHost 192.0.2.1:80>\nServerName v\n"
	    "CacheKeyBaseURL HTTP://WWW.Example.com:80/\n</VirtualHost>\n"
	    "<VirtualHost 192.0.2.2:80>\nServerName w\n"
	    "CacheKeyBaseURL http://www.example.com\n</VirtualHost>\n"
	    "<VirtualHost 192.0.2.3:80>\nServerName x\n"
	    "CacheKeyBaseURL https://[2001:DB8::1]:8443/\n</VirtualHost>\n"
	    "<VirtualHost 192.0.2.4:80>\nServerName y\n</VirtualHost>\n");

	(void)state;
	assert_key(
	    host_of(s, "192.0.2.1", "v"), "/b?c", "http://www.example.com/b?c");
	assert_key(
	    host_of(s, "192.0.2.2", "w"), "/b?c", "http://www.example.com/b?c");
	assert_key(host_of(s, "192.0.2.3", "x"), "/b?",
	    "https://[2001:db8::1]:8443/b?");
	assert_key(
	    host_of(s, "192.0.2.4", "y"), "/b", "http://a/b\ty@192.0.2.4:80");
	site_unref(s);
}

static void
assert_said(const char *text, const char *want)
{
	char *said = conf_messages(text, NULL);

	assert_string_equal(said, want);
	free(said);
}

static void
test_mistakes_are_told(void **state)
{
	(void)state;
	assert_said("Listen 80\nCacheKeyQuery sort a\n",
	    "command line:2: CacheKeyQuery: is written "
	    "ignore|sort|keep name ...|drop name ..., not \"sort\" with "
	    "names\n");
	assert_said("Listen 80\nCacheKeyQuery drop\n",
	    "command line:2: CacheKeyQuery: is written "
	    "ignore|sort|keep name ...|drop name ..., not \"drop\" without "
	    "names\n");
	assert_said("Listen 80\nCacheKeyQuery keep a *b\n",
	    "command line:2: CacheKeyQuery: \"*b\" is not a "
	    "parameter's name; write page or utm_*\n");
	assert_said("Listen 80\nCacheKeyBaseURL www.example.com\n",
	    "command line:2: CacheKeyBaseURL: \"www.example.com\" is "
	    "not a URL; write http://www.example.com/\n");
	assert_said("Listen 80\nCacheKeyBaseURL http://a/b\n",
	    "command line:2: warning: CacheKeyBaseURL: only scheme, host and "
	    "port of \"http://a/b\" go into keys\n");
}

static int
free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_directives_of_a_section_add_up),
		cmocka_unit_test(
		    test_a_section_s_rules_replace_those_around_it),
		cmocka_unit_test(
		    test_session_identifiers_add_up_and_none_resets),
		cmocka_unit_test(test_a_base_url_is_shared_over_addresses),
		cmocka_unit_test(test_mistakes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
