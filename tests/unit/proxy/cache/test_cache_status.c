/* tests/unit/proxy/cache/test_cache_status.c */
#include "proxy/cache/cache_status.h"

#include "tests/unit/proxy/cache/made.h"

static void
assert_written(struct cache_status cs, const char *expected)
{
	char dst[CACHE_STATUS_MAX];

	assert_slice_equal(
	    slice_make(dst, cache_status_write(dst, &cs)), expected);
}

static void
test_a_hit_says_so_and_how_long(void **state) /* RFC 9211 2.1 and 2.4 */
{
	(void)state;
	assert_written((struct cache_status){ .has_ttl = true, .ttl_s = 300 },
	    "larder; hit; ttl=300");
	assert_written((struct cache_status){ .has_ttl = true, .ttl_s = -7 },
	    "larder; hit; ttl=-7");
	assert_written(
	    (struct cache_status){ .has_ttl = true }, "larder; hit; ttl=0");
}

static void
test_every_reason_to_forward_has_its_token(void **state) /* RFC 9211 2.2 */
{
	static const struct {
		enum cache_status_fwd fwd;
		const char *text;
	} cases[] = {
		{ CACHE_STATUS_HIT, "larder; hit" },
		{ CACHE_STATUS_BYPASS, "larder; fwd=bypass" },
		{ CACHE_STATUS_METHOD, "larder; fwd=method" },
		{ CACHE_STATUS_URI_MISS, "larder; fwd=uri-miss" },
		{ CACHE_STATUS_VARY_MISS, "larder; fwd=vary-miss" },
		{ CACHE_STATUS_MISS, "larder; fwd=miss" },
		{ CACHE_STATUS_REQUEST, "larder; fwd=request" },
		{ CACHE_STATUS_STALE, "larder; fwd=stale" },
		{ CACHE_STATUS_PARTIAL, "larder; fwd=partial" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_written((struct cache_status){ .fwd = cases[i].fwd },
		    cases[i].text);
}

static void
test_parameters_come_in_order(void **state) /* RFC 9211 2 */
{
	(void)state;
	assert_written((struct cache_status){ .fwd = CACHE_STATUS_URI_MISS,
			   .fwd_status = 200,
			   .has_ttl = true,
			   .ttl_s = 60,
			   .stored = true,
			   .collapsed = true,
			   .detail = "private" },
	    "larder; fwd=uri-miss; fwd-status=200; ttl=60; stored; collapsed; "
	    "detail=private");
}

static void
test_a_detail_that_is_no_token_is_quoted(void **state) /* RFC 8941 3.3.3 */
{
	(void)state;
	assert_written((struct cache_status){ .detail = "request no-cache" },
	    "larder; hit; detail=\"request no-cache\"");
	assert_written((struct cache_status){ .detail = "say \"a\\b\"" },
	    "larder; hit; detail=\"say \\\"a\\\\b\\\"\"");
	assert_written((struct cache_status){ .detail = "5xx" },
	    "larder; hit; detail=\"5xx\"");
	assert_written(
	    (struct cache_status){ .detail = "" }, "larder; hit; detail=\"\"");
}

static void
test_the_longest_value_fits(void **state)
{
	char guarded[CACHE_STATUS_MAX + 8];
	char detail[400];
	struct cache_status cs = { .fwd = CACHE_STATUS_VARY_MISS,
		.fwd_status = INT32_MIN,
		.has_ttl = true,
		.ttl_s = INT64_MIN,
		.stored = true,
		.collapsed = true,
		.detail = detail };
	static const char fillings[] = { 'a', ' ', '"' };

	(void)state;
	detail[sizeof(detail) - 1] = '\0';
	for (size_t i = 0; i < sizeof(fillings); i++) {
		memset(detail, fillings[i], sizeof(detail) - 1);
		memset(guarded, '#', sizeof(guarded));
		assert_true(
		    cache_status_write(guarded, &cs) <= CACHE_STATUS_MAX);
		assert_memory_equal(guarded + CACHE_STATUS_MAX, "########", 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hit_says_so_and_how_long),
		cmocka_unit_test(test_every_reason_to_forward_has_its_token),
		cmocka_unit_test(test_parameters_come_in_order),
		cmocka_unit_test(test_a_detail_that_is_no_token_is_quoted),
		cmocka_unit_test(test_the_longest_value_fits),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
