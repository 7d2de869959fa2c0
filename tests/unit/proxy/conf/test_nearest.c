/* tests/unit/proxy/conf/test_nearest.c: the name that was meant */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/conf/nearest.h"

static size_t
distance(const char *a, const char *b)
{
	return nearest_distance(slice_of(a), slice_of(b));
}

static void
test_each_kind_of_slip_counts_one(void **state)
{
	(void)state;
	assert_int_equal(distance("ProxyPass", "proxypass"), 0);
	assert_int_equal(distance("ProxyPas", "ProxyPass"), 1);
	assert_int_equal(distance("ProxyPasss", "ProxyPass"), 1);
	assert_int_equal(distance("ProxyPaas", "ProxyPass"), 1);
	assert_int_equal(distance("PorxyPass", "ProxyPass"), 1);
	assert_int_equal(distance("", "abc"), 3);
	assert_int_equal(distance("kitten", "sitting"), 3);
}

static void
test_very_long_names_are_far_from_everything(void **state)
{
	char name[65];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_true(distance(name, name) == SIZE_MAX);
	name[63] = '\0';
	assert_int_equal(distance(name, name), 0);
}

static const char *
find(const char *typed)
{
	static const char *const NAMES[] = { "Listen", "ProxyPass",
		"ProxyPassMatch", "ServerName", "User" };
	struct nearest search = { .typed = slice_of(typed) };

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		nearest_try(&search, NAMES[i]);
	return search.best;
}

static void
test_the_nearest_of_several_is_found(void **state)
{
	(void)state;
	assert_string_equal(find("Lisen"), "Listen");
	assert_string_equal(find("proxypss"), "ProxyPass");
	assert_string_equal(find("ProxyPasMatch"), "ProxyPassMatch");
	assert_string_equal(find("ServreName"), "ServerName");
}

static void
test_what_is_near_to_nothing_has_no_nearest(void **state)
{
	(void)state;
	assert_null(find("SSLEngine"));
	assert_null(find("xy"));
	assert_null(find(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_slip_counts_one),
		cmocka_unit_test(test_very_long_names_are_far_from_everything),
		cmocka_unit_test(test_the_nearest_of_several_is_found),
		cmocka_unit_test(test_what_is_near_to_nothing_has_no_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
