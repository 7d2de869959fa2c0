/* tests/unit/proxy/cache/test_policy.c */
#include "tests/unit/proxy/cache/made.h"

static void
test_defaults_are_those_of_apache(void **state) /* mod_cache, mod_cache_disk */
{
	struct cache_policy p;

	(void)state;
	cache_policy_init(&p);
	assert_false(p.enabled);
	assert_true(p.lock);
	assert_int_equal(p.lock_max_age_s, 5);
	assert_int_equal(p.min_file_bytes, 0);
	assert_int_equal(p.max_file_bytes, 1000000);
	assert_int_equal(p.default_expire_s, 3600);
	assert_int_equal(p.min_expire_s, 0);
	assert_int_equal(p.max_expire_s, 86400);
	assert_int_equal(p.last_modified_factor_milli, 100);
	assert_true(p.stale_on_error);
	assert_false(p.ignore_cache_control || p.ignore_no_last_mod ||
	    p.ignore_query || p.store_expired || p.store_no_store ||
	    p.store_private);
	assert_int_equal(p.n_ignore_headers, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_those_of_apache),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
