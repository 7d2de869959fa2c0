/* tests/unit/proxy/site/test_cache_override.c: CacheOverride and
 * CacheControlTargets as they are written */
#include "tests/support/assert_slice.h"

#include <stdio.h>
#include <stdlib.h>

#include "proxy/site/route.h"
#include "tests/support/conf_text.h"

#define SAYS(text) "2: CacheOverride: " text

/* What is said about "CacheOverride arguments", which is refused. */
static void
assert_refused(const char *arguments, const char *want)
{
	struct strbuf all = { 0 }, expected = { 0 };
	char *said;
	enum lr rc;

	strbuf_addf(&all, "Listen 80\nCacheOverride %s\n", arguments);
	strbuf_addf(&expected, "command line:%s\n", want);
	said = conf_messages(all.p, &rc);
	if (strcmp(said, expected.p) != 0)
		fail_msg(
		    "%s: it says:\n%snot:\n%s", arguments, said, expected.p);
	assert_int_equal(rc, LR_INVALID);
	free(said);
	strbuf_free(&all);
	strbuf_free(&expected);
}

static const struct override_rule *
only_rule(const struct site *s)
{
	const struct override_list *list = &site_main(s)
						->settings.cache.overrides;

	assert_int_equal(list->n, 1);
	return list->rules;
}

static void
test_every_part_is_read(void **state)
{
	struct site *s = conf_site(
	    "CacheOverride status=404,410-419,5XX type=text/*,image/svg+xml "
	    "ttl=5min grace=30 keep=1d "
	    "ignore=no-store,vary:User-Agent,Private,vary:x force");
	const struct override_rule *r = only_rule(s);

	(void)state;
	assert_int_equal(r->n_statuses, 3);
	assert_int_equal(r->statuses[0].first, 404);
	assert_int_equal(r->statuses[0].last, 404);
	assert_int_equal(r->statuses[1].first, 410);
	assert_int_equal(r->statuses[1].last, 419);
	assert_int_equal(r->statuses[2].first, 500);
	assert_int_equal(r->statuses[2].last, 599);
	assert_int_equal(r->n_types, 2);
	assert_slice(r->types[1], "image/svg+xml");
	assert_int_equal(r->ttl_s, 300);
	assert_int_equal(r->grace_s, 30);
	assert_int_equal(r->keep_s, 86400);
	assert_int_equal(r->ignore, OVERRIDE_NO_STORE | OVERRIDE_PRIVATE);
	assert_int_equal(r->n_vary, 2);
	assert_slice(r->vary[0], "User-Agent");
	assert_slice(r->vary[1], "x");
	assert_true(r->force);
	site_unref(s);
}

static void
test_what_is_not_given_is_open(void **state)
{
	struct site *s = conf_site("CacheOverride ttl=0");
	const struct override_rule *r = only_rule(s);

	(void)state;
	assert_int_equal(r->n_statuses + r->n_types + r->n_vary, 0);
	assert_int_equal(r->ttl_s, 0);
	assert_int_equal(r->grace_s, OVERRIDE_NONE);
	assert_int_equal(r->keep_s, OVERRIDE_NONE);
	assert_int_equal(r->ignore, 0);
	assert_false(r->force);
	site_unref(s);
}

static void
test_everything_ignorable_has_its_name(void **state)
{
	struct site *s = conf_site(
	    "CacheOverride ignore=no-store,private,no-cache,set-cookie,"
	    "must-revalidate,authorization,expires,pragma");

	(void)state;
	assert_int_equal(only_rule(s)->ignore, (1 << 8) - 1);
	site_unref(s);
}

static void
test_wrong_rules_are_told_with_what_would_be_right(void **state)
{
	(void)state;
	assert_refused("status=4x4 ttl=1",
	    SAYS("\"4x4\" is not a status of an answer; write status=404, "
		 "status=400-499 or status=404,5xx"));
	assert_refused("status=404, ttl=1",
	    SAYS("\"\" is not a status of an answer; write status=404, "
		 "status=400-499 or status=404,5xx"));
	assert_refused("status=206 ttl=1",
	    SAYS("answers of status 206 are never stored on their own; leave "
		 "it out"));
	assert_refused("type=text ttl=1",
	    SAYS("\"text\" is not a media type; write type=text/html or "
		 "type=text/*,image/svg+xml"));
	assert_refused("ttl=1500ms",
	    SAYS("\"1500ms\" is not a time in whole seconds, at most ten "
		 "years; write 300, 5min, 2h or 1d"));
	assert_refused("ignore=nostore",
	    SAYS("\"nostore\" cannot be ignored; did you mean no-store?"));
	assert_refused("ignore=everything",
	    SAYS("\"everything\" cannot be ignored; there are no-store, "
		 "private, no-cache, set-cookie, must-revalidate, "
		 "authorization, expires, pragma and vary:NAME"));
	assert_refused("ignore=vary:*",
	    SAYS("\"vary:*\" names no field of a request; write "
		 "ignore=vary:User-Agent"));
	assert_refused(
	    "tll=5", SAYS("unknown parameter \"tll\"; did you mean ttl?"));
	assert_refused("whatever=5",
	    SAYS("unknown parameter \"whatever\"; there are status=, type=, "
		 "ttl=, grace=, keep=, ignore= and force"));
	assert_refused("ttl=", SAYS("ttl= needs a value"));
	assert_refused("ttl", SAYS("ttl= needs a value"));
	assert_refused("ttl=1 TTL=2",
	    SAYS("ttl= is given twice; put a list behind one, or write two "
		 "rules"));
	assert_refused("status=404 force",
	    SAYS("force needs a ttl=, grace= or keep= beside it"));
}

static void
test_statuses_are_three_digits_in_order(void **state)
{
	static const char *const wrong[] = { "199", "1xx", "0xx", "40", "4040",
		"404-", "-404", "499-400", "404-5xx", "+04", "xxx", "5x" };
	char arguments[64], want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(arguments, sizeof(arguments), "status=%s", wrong[i]);
		snprintf(want, sizeof(want),
		    SAYS("\"%s\" is not a status of an answer; write "
			 "status=404, status=400-499 or status=404,5xx"),
		    wrong[i]);
		assert_refused(arguments, want);
	}
}

/* The times of life of the rules for path, in the order they are asked. */
static void
assert_rules(const char *text, const char *path, const char *want)
{
	struct site *s = conf_site(text);
	const struct override_list *list;
	struct arena arena = { 0 };
	struct strbuf got = { 0 };
	struct route route;

	assert_int_equal(route_find(site_main(s), slice_of(path),
			     slice_of(path), &arena, &route),
	    LR_OK);
	list = &route.settings->cache.overrides;
	for (; list != NULL; list = list->outer) {
		for (size_t i = 0; i < list->n; i++)
			strbuf_addf(&got, " %d", (int)list->rules[i].ttl_s);
	}
	assert_slice(strbuf_slice(&got), want);
	strbuf_free(&got);
	arena_free(&arena);
	site_unref(s);
}

static void
test_rules_of_inner_sections_come_first(void **state)
{
	static const char text[] = "CacheOverride ttl=1\n"
				   "<Location /a>\n"
				   "CacheOverride ttl=3\n"
				   "CacheOverride ttl=4\n"
				   "</Location>\n"
				   "<Location /a/b>\n"
				   "CacheStorePrivate On\n"
				   "</Location>\n"
				   "<LocationMatch c$>\n"
				   "CacheOverride ttl=5\n"
				   "</LocationMatch>\n"
				   "CacheOverride ttl=2\n";

	(void)state;
	assert_rules(text, "/", " 1 2");
	assert_rules(text, "/a", " 3 4 1 2");
	assert_rules(text, "/a/b", " 3 4 1 2");
	assert_rules(text, "/c", " 5 1 2");
	assert_rules(text, "/a/b/c", " 5 3 4 1 2");
}

static void
test_a_virtual_hosts_rules_come_before_the_servers(void **state)
{
	struct site *s = conf_site("<VirtualHost *:8080>\n"
				   "ServerName a.test\n"
				   "CacheOverride ttl=2\n"
				   "</VirtualHost>\n"
				   "<VirtualHost *:8080>\n"
				   "ServerName b.test\n"
				   "</VirtualHost>\n"
				   "CacheOverride ttl=1\n");
	const struct override_list *own, *none;
	struct address local;

	(void)state;
	assert_int_equal(
	    address_parse(SLICE("127.0.0.1"), 8080, &local), LR_OK);
	own = &site_vhost(s, &local, SLICE("a.test"))->settings.cache.overrides;
	none = &site_vhost(s, &local, SLICE("b.test"))
		    ->settings.cache.overrides;
	assert_int_equal(own->n, 1);
	assert_int_equal(own->rules[0].ttl_s, 2);
	assert_int_equal(own->outer->rules[0].ttl_s, 1);
	assert_int_equal(none->n, 0);
	assert_int_equal(none->outer->rules[0].ttl_s, 1);
	site_unref(s);
}

/* ---- CacheControlTargets ---- */

static void
test_targets_have_a_default_and_may_be_none(void **state) /* RFC 9213 2.2 */
{
	struct site *s = conf_site("");
	const struct cache_targets *t = &site_main(s)->settings.cache.targets;

	(void)state;
	assert_int_equal(t->n, 2);
	assert_slice(t->names[0], "Larder-Cache-Control");
	assert_slice(t->names[1], "CDN-Cache-Control");
	site_unref(s);
	s = conf_site("CacheControlTargets none");
	assert_int_equal(site_main(s)->settings.cache.targets.n, 0);
	site_unref(s);
	s = conf_site("CacheControlTargets A-Control b-control");
	t = &site_main(s)->settings.cache.targets;
	assert_int_equal(t->n, 2);
	assert_slice(t->names[1], "b-control");
	site_unref(s);
}

static void
test_wrong_targets_are_told(void **state)
{
	static const char *const wrong[] = { "Cache-Control", "\"a b\"",
		"A-Control None" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct strbuf text = { 0 };
		char *said;
		enum lr rc;

		strbuf_addf(
		    &text, "Listen 80\nCacheControlTargets %s\n", wrong[i]);
		said = conf_messages(text.p, &rc);
		assert_int_equal(rc, LR_INVALID);
		assert_non_null(strstr(said,
		    "is no field that could stand for Cache-Control; write "
		    "names like CDN-Cache-Control, or None alone"));
		free(said);
		strbuf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_part_is_read),
		cmocka_unit_test(test_what_is_not_given_is_open),
		cmocka_unit_test(test_everything_ignorable_has_its_name),
		cmocka_unit_test(
		    test_wrong_rules_are_told_with_what_would_be_right),
		cmocka_unit_test(test_statuses_are_three_digits_in_order),
		cmocka_unit_test(test_rules_of_inner_sections_come_first),
		cmocka_unit_test(
		    test_a_virtual_hosts_rules_come_before_the_servers),
		cmocka_unit_test(test_targets_have_a_default_and_may_be_none),
		cmocka_unit_test(test_wrong_targets_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
