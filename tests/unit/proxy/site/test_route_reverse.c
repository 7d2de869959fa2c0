/* tests/unit/proxy/site/test_route_reverse.c: ProxyPassReverse */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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

static void
assert_reversed(
    const char *text, const char *target, const char *value, const char *want)
{
	struct request r;
	struct slice got;

	assert_int_equal(find(&r, text, target), LR_OK);
	got = route_reverse_location(
	    r.vh, &r.route, slice_of(value), SLICE("http://me.test"), &r.arena);
	if (!slice_eq(got, slice_of(want)))
		fail_msg("%s becomes \"%.*s\", not \"%s\"", value,
		    SLICE_ARG(got), want);
	done(&r);
}

static void
test_the_backend_s_url_becomes_our_path(void **state)
{
	const char *conf = "ProxyPassReverse /app/ http://b:8080/\n"
			   "ProxyPassReverse /x http://c/y\n";

	(void)state;
	assert_reversed(
	    conf, "/", "http://b:8080/l?q#f", "http://me.test/app/l?q#f");
	assert_reversed(conf, "/", "HTTP://B:8080/l", "http://me.test/app/l");
	assert_reversed(conf, "/", "http://c/y", "http://me.test/x");
	assert_reversed(conf, "/", "http://c/y/z", "http://me.test/x/z");
	assert_reversed(conf, "/", "http://c/y?q", "http://me.test/x?q");
}

static void
test_other_locations_are_left_alone(void **state)
{
	const char *conf = "ProxyPassReverse /app/ http://b:8080/\n"
			   "ProxyPassReverse /x http://c/y\n"
			   "ProxyPassReverse /z http://d\n";

	(void)state;
	assert_reversed(conf, "/", "http://other/", "http://other/");
	assert_reversed(conf, "/", "http://c/yes", "http://c/yes");
	assert_reversed(conf, "/", "http://d.evil/", "http://d.evil/");
	assert_reversed(conf, "/", "/login", "/login");
	assert_reversed(conf, "/", "", "");
}

static void
test_slashes_meet_once(void **state)
{
	(void)state;
	assert_reversed("ProxyPassReverse / http://b\n", "/", "http://b/x",
	    "http://me.test/x");
	assert_reversed("ProxyPassReverse / http://b/\n", "/", "http://b/x",
	    "http://me.test/x");
}

static void
test_a_rule_that_is_a_path_maps_paths(void **state)
{
	const char *conf = "ProxyPassReverse /app /internal\n";

	(void)state;
	assert_reversed(conf, "/", "/internal/x", "http://me.test/app/x");
	assert_reversed(
	    conf, "/", "http://any/internal/x", "http://me.test/app/x");
	assert_reversed(conf, "/", "/other", "/other");
}

static void
test_a_location_s_rule_is_for_its_requests(void **state)
{
	const char
	    *conf = "<Location /one>\nProxyPassReverse http://b\n</Location>\n"
		    "<Location /two>\nProxyPassReverse http://b/\n</Location>\n"
		    "<Location /two/x>\nCacheMaxFileSize 2\n</Location>\n";

	(void)state;
	assert_reversed(conf, "/one", "http://b/l", "http://me.test/one/l");
	assert_reversed(conf, "/two/y", "http://b/l", "http://me.test/twol");
	assert_reversed(conf, "/two/x", "http://b/l", "http://me.test/twol");
	assert_reversed(conf, "/three", "http://b/l", "http://b/l");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_backend_s_url_becomes_our_path),
		cmocka_unit_test(test_other_locations_are_left_alone),
		cmocka_unit_test(test_slashes_meet_once),
		cmocka_unit_test(test_a_rule_that_is_a_path_maps_paths),
		cmocka_unit_test(test_a_location_s_rule_is_for_its_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
