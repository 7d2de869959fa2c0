/* tests/unit/proxy/cache/test_x_cache.c */
#include "proxy/cache/x_cache.h"

#include "tests/unit/proxy/cache/made.h"
#include <stdio.h>

static void
assert_written(struct x_cache x, const char *expected)
{
	char dst[512];
	size_t n;

	x.host = SLICE("h.test");
	n = x_cache_write(dst, &x);
	assert_in_range(n, 0, x_cache_room(&x));
	assert_slice_equal(slice_make(dst, n), expected);
}

/* Both fields: the word, and what stands between the quotes. */
static void
assert_said(struct cache_status cs, const char *result, const char *word,
    const char *detail)
{
	char expected[512];

	snprintf(expected, sizeof(expected),
	    "X-Cache: %s from h.test\r\n"
	    "X-Cache-Detail: \"%s\" from h.test\r\n",
	    word, detail);
	assert_written((struct x_cache){ .with_word = true,
			   .with_detail = true,
			   .status = &cs,
			   .result = result },
	    expected);
}

static void
test_a_hit_is_a_hit(void **state) /* CacheHeader, CacheDetailHeader */
{
	(void)state;
	assert_said((struct cache_status){ .has_ttl = true }, "hit", "HIT",
	    "cache hit");
	assert_said((struct cache_status){ .detail = "stale-while-revalidate" },
	    "stale", "HIT", "cache hit: stale-while-revalidate");
}

static void
test_a_miss_says_whether_it_is_kept(void **state)
{
	const struct cache_status kept = { .fwd = CACHE_STATUS_URI_MISS,
		.stored = true,
		.detail = "request no-cache" };
	const struct cache_status not_kept = { .fwd = CACHE_STATUS_URI_MISS,
		.detail = "no-store" };
	const struct cache_status unknown = { .fwd = CACHE_STATUS_STALE };

	(void)state;
	assert_said(kept, "miss", "MISS", "cache miss: attempting entity save");
	assert_said(not_kept, "collapsed", "MISS", "cache miss: no-store");
	assert_said(unknown, "miss", "MISS",
	    "cache miss: cache unwilling to store response");
}

static void
test_a_304_of_the_backend_is_revalidate(void **state)
{
	const struct cache_status cs = {
		.fwd = CACHE_STATUS_STALE, .fwd_status = 304, .stored = true
	};

	(void)state;
	assert_said(cs, "revalidated", "REVALIDATE",
	    "conditional cache hit: entity refreshed");
}

static void
test_what_is_served_on_an_error_is_a_hit(void **state)
{
	const struct cache_status answered = { .fwd = CACHE_STATUS_STALE,
		.fwd_status = 500,
		.detail = "stale-if-error" };
	const struct cache_status silent = { .fwd = CACHE_STATUS_STALE,
		.detail = "stale-if-error" };

	(void)state;
	assert_said(answered, "stale", "HIT",
	    "cache hit: 500 status; stale content returned");
	assert_said(
	    silent, "stale", "HIT", "cache hit: stale content returned");
}

static void
test_each_field_comes_alone_too(void **state)
{
	const struct cache_status cs = { .has_ttl = true };

	(void)state;
	assert_written(
	    (struct x_cache){
		.with_word = true, .status = &cs, .result = "hit" },
	    "X-Cache: HIT from h.test\r\n");
	assert_written(
	    (struct x_cache){
		.with_detail = true, .status = &cs, .result = "hit" },
	    "X-Cache-Detail: \"cache hit\" from h.test\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hit_is_a_hit),
		cmocka_unit_test(test_a_miss_says_whether_it_is_kept),
		cmocka_unit_test(test_a_304_of_the_backend_is_revalidate),
		cmocka_unit_test(test_what_is_served_on_an_error_is_a_hit),
		cmocka_unit_test(test_each_field_comes_alone_too),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
