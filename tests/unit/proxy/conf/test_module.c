/* tests/unit/proxy/conf/test_module.c: names of Apache modules */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/conf/module.h"

static enum module_kind
kind(const char *name)
{
	return module_find(slice_of(name));
}

static void
test_a_module_is_found_by_each_of_its_names(void **state)
{
	(void)state;
	assert_int_equal(kind("mod_proxy.c"), MODULE_COVERED);
	assert_int_equal(kind("mod_proxy"), MODULE_COVERED);
	assert_int_equal(kind("proxy_module"), MODULE_COVERED);
	assert_int_equal(kind("Proxy_Module"), MODULE_COVERED);
	assert_int_equal(kind("cache_disk_module"), MODULE_COVERED);
	assert_int_equal(kind("core.c"), MODULE_COVERED);
	assert_int_equal(kind("http_core.c"), MODULE_COVERED);
}

static void
test_a_module_whose_directives_are_unknown_is_not_covered(void **state)
{
	(void)state;
	assert_int_equal(kind("mod_rewrite.c"), MODULE_MISSING);
	assert_int_equal(kind("ssl_module"), MODULE_MISSING);
	assert_int_equal(kind("mod_proxy_balancer.c"), MODULE_MISSING);
}

static void
test_other_names_are_unknown(void **state)
{
	(void)state;
	assert_int_equal(kind(""), MODULE_UNKNOWN);
	assert_int_equal(kind("mod_"), MODULE_UNKNOWN);
	assert_int_equal(kind("_module"), MODULE_UNKNOWN);
	assert_int_equal(kind("mod_ours.c"), MODULE_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_module_is_found_by_each_of_its_names),
		cmocka_unit_test(
		    test_a_module_whose_directives_are_unknown_is_not_covered),
		cmocka_unit_test(test_other_names_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
