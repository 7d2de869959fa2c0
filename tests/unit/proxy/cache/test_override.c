/* tests/unit/proxy/cache/test_override.c: CacheOverride's rules at work */
#include "proxy/cache/override.h"

#include "proxy/cache/freshness.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/storable.h"
#include "proxy/cache/stored_field.h"
#include "proxy/cache/vary.h"
#include "tests/unit/proxy/cache/made.h"

#define NOTHING_GIVEN \
	.ttl_s = OVERRIDE_NONE, .grace_s = OVERRIDE_NONE, \
	.keep_s = OVERRIDE_NONE

static struct override_rule rule;  /* the only one in force */
static struct cache_policy policy; /* with it */

static int
begin(void **state)
{
	(void)state;
	rule = (struct override_rule){ NOTHING_GIVEN };
	policy = made_policy();
	policy.overrides = (struct override_list){ .rules = &rule, .n = 1 };
	return 0;
}

static struct control_response
read_control(struct http_msg resp)
{
	struct control_response cc;

	control_parse_response(&resp, &policy, &cc);
	return cc;
}

/* The rule that objects to storing, or "storable". */
static const char *
why(struct http_msg req, struct http_msg resp)
{
	struct control_request rcc = made_request_control(req);
	struct control_response cc = read_control(resp);

	return storable_decide(&req, &rcc, &resp, &cc, &policy, BODY, NOW).why;
}

/* Of a response that was asked for 5 seconds before it came. */
static struct entry
entry_of(struct http_msg resp)
{
	struct control_response cc = read_control(resp);
	struct http_msg req = GET(PLAIN);
	struct entry e;

	entry_from_response(&req, &resp, &cc, &policy, BODY, NOW - 5, NOW, &e);
	return e;
}

static int64_t
ttl_of(struct http_msg resp)
{
	struct entry e = entry_of(resp);

	return e.lifetime_s - entry_age_s(&e, NOW);
}

static const char *
detail(struct http_msg req, struct http_msg resp)
{
	struct control_response cc = read_control(resp);
	const char *text = override_detail(&req, &resp, &cc, NOW);

	return text != NULL ? text : "nothing";
}

/* ---- choosing ---- */

static bool
fits(struct http_msg resp)
{
	return override_find(&policy.overrides, &resp) == &rule;
}

static void
test_a_rule_fits_by_status(void **state)
{
	static const struct override_statuses some[] = { { 404, 404 },
		{ 500, 599 } };

	(void)state;
	assert_true(fits(ANSWER(200, PLAIN)));
	rule.statuses = some;
	rule.n_statuses = 2;
	assert_true(fits(ANSWER(404, PLAIN)));
	assert_true(fits(ANSWER(500, PLAIN)));
	assert_true(fits(ANSWER(599, PLAIN)));
	assert_false(fits(ANSWER(403, PLAIN)));
	assert_false(fits(ANSWER(499, PLAIN)));
	assert_false(fits(ANSWER(600, PLAIN)));
}

static void
test_a_rule_fits_by_media_type(void **state) /* RFC 9110 8.3.1 */
{
	static const struct slice some[] = { SLICE("text/*"),
		SLICE("image/svg+xml"), SLICE("application/*+json") };

	(void)state;
	rule.types = some;
	rule.n_types = 3;
	assert_true(fits(ANSWER(200, "Content-Type: text/html")));
	assert_true(fits(ANSWER(200, "Content-Type: TEXT/css ;charset=utf-8")));
	assert_true(fits(ANSWER(200, "Content-Type: image/SVG+xml")));
	assert_true(fits(ANSWER(200, "Content-Type: application/ld+json")));
	assert_true(fits(ANSWER(200, "Content-Type: application/x+json+json")));
	assert_false(fits(ANSWER(200, "Content-Type: application/json")));
	assert_false(fits(ANSWER(200, "Content-Type: image/svg")));
	assert_false(fits(ANSWER(200, "Content-Type: image/svg+xmlx")));
	assert_false(fits(ANSWER(200, "Content-Type: x-text/html")));
	assert_false(fits(ANSWER(200, PLAIN)));
}

static void
test_the_first_rule_counts_and_inner_ones_come_first(void **state)
{
	static const struct override_statuses errors = { 500, 599 };
	static const struct slice html = SLICE("text/html");
	const struct override_rule inner[] = {
		{ NOTHING_GIVEN, .statuses = &errors, .n_statuses = 1 },
		{ NOTHING_GIVEN, .types = &html, .n_types = 1 },
	};
	struct override_list list = { inner, 2, &policy.overrides };
	struct http_msg both = ANSWER(500, "Content-Type: text/html");
	struct http_msg second = ANSWER(200, "Content-Type: text/html");
	struct http_msg neither = ANSWER(200, PLAIN);

	(void)state;
	assert_ptr_equal(override_find(&list, &both), &inner[0]);
	assert_ptr_equal(override_find(&list, &second), &inner[1]);
	assert_ptr_equal(override_find(&list, &neither), &rule);
	list.outer = NULL;
	assert_null(override_find(&list, &neither));
}

/* ---- ttl ---- */

static void
test_a_ttl_counts_where_the_origin_states_none(void **state)
{
	(void)state; /* RFC 9111 4.2.2 */
	rule.ttl_s = 300;
	assert_int_equal(ttl_of(ANSWER(200, PLAIN)), 300);
	assert_int_equal(ttl_of(ANSWER(200, MODIFIED_BEFORE_10H)), 300);
	assert_int_equal(
	    ttl_of(ANSWER(200, "Cache-Control: max-age=60")), 60 - 5);
	assert_int_equal(
	    ttl_of(ANSWER(200, DATE_NOW, EXPIRES_IN_1H)), 3600 - 5);
	assert_int_equal(
	    ttl_of(ANSWER(200, "CDN-Cache-Control: max-age=60")), 60 - 5);
}

static void
test_a_forced_ttl_counts_always(void **state) /* RFC 9111 4.2.1 */
{
	(void)state;
	rule.ttl_s = 300;
	rule.force = true;
	assert_int_equal(ttl_of(ANSWER(200, "Cache-Control: max-age=60")), 300);
	assert_int_equal(ttl_of(ANSWER(200, DATE_NOW, EXPIRED_BY_1H)), 300);
	assert_string_equal(
	    why(GET(PLAIN), ANSWER(200, DATE_NOW, EXPIRED_BY_1H)), "storable");
}

static void
test_a_ttl_begins_with_the_arrival(void **state) /* RFC 9111 4.2.3 */
{
	struct entry e;

	(void)state;
	rule.ttl_s = 300;
	e = entry_of(ANSWER(200, "Age: 7200"));
	assert_int_equal(entry_age_s(&e, NOW), 7205);
	assert_int_equal(ttl_of(ANSWER(200, "Age: 7200")), 300);
	assert_int_equal(ttl_of(ANSWER(200, DATE_BEFORE_1H)), 300);
}

static void
test_only_a_forced_ttl_is_not_bounded(void **state) /* CacheMaxExpire */
{
	(void)state;
	rule.ttl_s = 2 * policy.max_expire_s;
	assert_int_equal(ttl_of(ANSWER(200, PLAIN)), policy.max_expire_s);
	rule.force = true;
	assert_int_equal(ttl_of(ANSWER(200, PLAIN)), 2 * policy.max_expire_s);
}

static void
test_a_ttl_makes_any_final_status_storable(void **state) /* RFC 9111 3 */
{
	(void)state;
	assert_string_not_equal(
	    why(GET(PLAIN), ANSWER(403, PLAIN)), "storable");
	rule.ttl_s = 300;
	assert_string_equal(why(GET(PLAIN), ANSWER(403, PLAIN)), "storable");
	assert_string_equal(why(GET(PLAIN), ANSWER(502, PLAIN)), "storable");
	assert_string_equal(why(GET(PLAIN), ANSWER(206, PLAIN)), "status");
	assert_string_equal(why(GET(PLAIN), ANSWER(304, PLAIN)), "status");
}

static void
test_a_ttl_alone_lifts_no_prohibition(void **state) /* RFC 9111 5.2.2 */
{
	(void)state;
	rule.ttl_s = 300;
	rule.force = true;
	assert_string_equal(
	    why(GET(PLAIN), ANSWER(200, "Cache-Control: no-store")),
	    "no-store");
	assert_string_equal(
	    why(GET(PLAIN), ANSWER(200, "Cache-Control: private")), "private");
	assert_true(entry_of(ANSWER(200, "Cache-Control: no-cache")).flags &
	    ENTRY_NO_CACHE);
}

/* ---- grace, keep ---- */

static void
test_grace_and_keep_follow_one_another(void **state) /* RFC 5861 3, 4 */
{
	struct entry e;

	(void)state;
	rule.grace_s = 60;
	rule.keep_s = 600;
	e = entry_of(ANSWER(200, "Cache-Control: max-age=10"));
	assert_int_equal(e.stale_while_s, 60);
	assert_int_equal(e.stale_error_s, 660);
	e = entry_of(ANSWER(
	    200, "Cache-Control: stale-while-revalidate=5, stale-if-error=7"));
	assert_int_equal(e.stale_while_s, 5);
	assert_int_equal(e.stale_error_s, 7);
	rule.force = true;
	e = entry_of(ANSWER(
	    200, "Cache-Control: stale-while-revalidate=5, stale-if-error=7"));
	assert_int_equal(e.stale_while_s, 60);
	assert_int_equal(e.stale_error_s, 660);
}

static void
test_grace_does_not_lift_must_revalidate(void **state) /* RFC 9111 4.2.4 */
{
	const struct control_request wants = made_request_control(GET(PLAIN));
	struct entry e;

	(void)state;
	rule.grace_s = 60;
	e = entry_of(ANSWER(200, "Cache-Control: max-age=5, must-revalidate"));
	assert_int_equal(
	    reuse_decide(&e, &wants, &policy, NOW + 10).reuse, REUSE_VALIDATE);
	rule.ignore = OVERRIDE_MUST_REVALIDATE;
	e = entry_of(ANSWER(200, "Cache-Control: max-age=5, must-revalidate"));
	assert_int_equal(
	    reuse_decide(&e, &wants, &policy, NOW + 10).reuse, REUSE_STALE);
	e = entry_of(ANSWER(200, "Cache-Control: s-maxage=5"));
	assert_int_equal(
	    reuse_decide(&e, &wants, &policy, NOW + 10).reuse, REUSE_STALE);
}

/* ---- ignore ---- */

static void
test_ignored_directives_are_as_if_absent(void **state) /* RFC 9111 5.2.2 */
{
	struct http_msg all = ANSWER(200,
	    "Cache-Control: no-store, private, no-cache, must-revalidate, "
	    "proxy-revalidate, max-age=60");
	struct http_msg fields = ANSWER(
	    200, "Cache-Control: private=\"A\", no-cache=\"B\"");
	struct control_response r = read_control(all);

	(void)state;
	assert_true(r.no_store && r.private_ && r.no_cache &&
	    r.must_revalidate && r.proxy_revalidate);
	assert_int_equal(r.overridden, 0);
	rule.ignore = OVERRIDE_NO_STORE | OVERRIDE_PRIVATE | OVERRIDE_NO_CACHE |
	    OVERRIDE_MUST_REVALIDATE;
	r = read_control(all);
	assert_false(r.no_store || r.private_ || r.no_cache ||
	    r.must_revalidate || r.proxy_revalidate);
	assert_int_equal(r.overridden, rule.ignore);
	assert_int_equal(r.max_age_s, 60);
	r = read_control(fields);
	assert_int_equal(r.private_fields.n + r.no_cache_fields.n, 0);
	assert_true(
	    !read_control(ANSWER(200, "CDN-Cache-Control: no-store")).no_store);
}

static void
test_expires_and_pragma_can_be_ignored(void **state) /* RFC 9111 5.3, 5.4 */
{
	struct http_msg m = ANSWER(200, "Pragma: no-cache", EXPIRES_IN_1H);
	enum freshness_source source;
	struct control_response r;
	int64_t life_s;

	(void)state;
	assert_true(read_control(m).no_cache);
	rule.ignore = OVERRIDE_EXPIRES | OVERRIDE_PRAGMA;
	r = read_control(m);
	assert_false(r.no_cache);
	assert_int_equal(
	    freshness_explicit(&m, &r, NOW, &life_s, &source), LR_NOTFOUND);
	assert_int_equal(r.overridden, rule.ignore);
}

static void
test_an_ignored_cookie_is_not_stored(void **state) /* RFC 9111 7.3 */
{
	struct http_msg m = ANSWER(200, "Set-Cookie: a=b", "X-A: b");
	struct control_response cc = read_control(m);
	struct stored_field sf;

	(void)state;
	stored_field_init(&sf, &m, &cc, &policy);
	assert_true(stored_field_keeps(&sf, &m.fields[0]));
	rule.ignore = OVERRIDE_SET_COOKIE;
	cc = read_control(m);
	stored_field_init(&sf, &m, &cc, &policy);
	assert_false(stored_field_keeps(&sf, &m.fields[0]));
	assert_true(stored_field_keeps(&sf, &m.fields[1]));
}

static void
test_authorization_can_be_ignored(void **state) /* RFC 9111 3.5 */
{
	struct http_msg req = GET("Authorization: Basic eA==");
	struct http_msg m = ANSWER(200, "Cache-Control: max-age=60");

	(void)state;
	assert_string_equal(why(req, m), "authorization");
	rule.ignore = OVERRIDE_AUTHORIZATION;
	assert_string_equal(why(req, m), "storable");
}

static void
test_names_are_taken_out_of_vary(void **state) /* RFC 9111 4.1 */
{
	static const struct slice names[] = { SLICE("user-agent"),
		SLICE("X-B") };
	struct http_msg m = ANSWER(
			    200, "Vary: Accept, User-Agent, X-A", "Vary: x-b"),
			out;
	struct slice spec;

	(void)state;
	assert_int_equal(override_vary(NULL, &m, &made_arena, &out), LR_OK);
	assert_int_equal(vary_spec(&out, &made_arena, &spec), LR_OK);
	assert_slice_equal(spec, "accept,user-agent,x-a,x-b");
	rule.vary = names;
	rule.n_vary = 2;
	assert_int_equal(override_vary(&rule, &m, &made_arena, &out), LR_OK);
	assert_int_equal(vary_spec(&out, &made_arena, &spec), LR_OK);
	assert_slice_equal(spec, "accept,x-a");
	m = ANSWER(200, "Vary: User-Agent, *");
	assert_int_equal(override_vary(&rule, &m, &made_arena, &out), LR_OK);
	assert_int_equal(vary_spec(&out, &made_arena, &spec), LR_DENIED);
}

/* ---- what is told ---- */

static void
test_the_detail_names_the_clause(void **state) /* RFC 9211 2.8 */
{
	struct http_msg plain = ANSWER(200, PLAIN);
	struct http_msg stated = ANSWER(
	    200, "Cache-Control: no-store, max-age=60", "Set-Cookie: a=b");
	struct http_msg authorized = GET("Authorization: Basic eA==");

	(void)state;
	assert_string_equal(detail(GET(PLAIN), stated), "nothing");
	rule.ttl_s = 300;
	assert_string_equal(detail(GET(PLAIN), stated), "nothing");
	assert_string_equal(
	    detail(GET(PLAIN), plain), "CacheOverride ttl over RFC 9111 4.2.2");
	rule.ignore = OVERRIDE_SET_COOKIE;
	assert_string_equal(detail(GET(PLAIN), stated),
	    "CacheOverride ignore=set-cookie over RFC 9111 3.1");
	rule.force = true;
	assert_string_equal(detail(GET(PLAIN), stated),
	    "CacheOverride ttl over RFC 9111 4.2.1");
	rule.ignore |= OVERRIDE_NO_STORE | OVERRIDE_AUTHORIZATION;
	assert_string_equal(detail(GET(PLAIN), stated),
	    "CacheOverride ignore=no-store over RFC 9111 5.2.2.5");
	assert_string_equal(detail(authorized, stated),
	    "CacheOverride ignore=authorization over RFC 9111 3.5");
	assert_string_equal(
	    detail(authorized, ANSWER(200, "Cache-Control: public")),
	    "CacheOverride ttl over RFC 9111 4.2.2");
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_rule_fits_by_status),
		TEST(test_a_rule_fits_by_media_type),
		TEST(test_the_first_rule_counts_and_inner_ones_come_first),
		TEST(test_a_ttl_counts_where_the_origin_states_none),
		TEST(test_a_forced_ttl_counts_always),
		TEST(test_a_ttl_begins_with_the_arrival),
		TEST(test_only_a_forced_ttl_is_not_bounded),
		TEST(test_a_ttl_makes_any_final_status_storable),
		TEST(test_a_ttl_alone_lifts_no_prohibition),
		TEST(test_grace_and_keep_follow_one_another),
		TEST(test_grace_does_not_lift_must_revalidate),
		TEST(test_ignored_directives_are_as_if_absent),
		TEST(test_expires_and_pragma_can_be_ignored),
		TEST(test_an_ignored_cookie_is_not_stored),
		TEST(test_authorization_can_be_ignored),
		TEST(test_names_are_taken_out_of_vary),
		TEST(test_the_detail_names_the_clause),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
