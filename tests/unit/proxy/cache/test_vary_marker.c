/* tests/unit/proxy/cache/test_vary_marker.c */
#include "proxy/cache/vary_marker.h"

#include "tests/unit/proxy/cache/made.h"

static struct slice
added(struct slice marker, const char *spec)
{
	struct slice out;

	assert_int_equal(
	    vary_marker_add(marker, slice_of(spec), &made_arena, &out), LR_OK);
	return out;
}

static void
test_a_marker_has_the_newest_first_and_once(void **state) /* RFC 9111 4.1 */
{
	struct slice m = added(slice_make(NULL, 0), "a");

	(void)state;
	assert_slice_equal(m, "a");
	m = added(m, "b,c");
	assert_slice_equal(m, "b,c\na");
	m = added(m, "d");
	assert_slice_equal(added(m, "a"), "a\nd\nb,c");
	assert_slice_equal(added(m, "d"), "d\nb,c\na");
}

static void
test_a_marker_forgets_the_oldest(void **state)
{
	struct slice m = slice_make(NULL, 0), spec;
	char name[] = "a";
	size_t n = 0;

	(void)state;
	for (; name[0] <= 'z'; name[0]++)
		m = added(m, name);
	while (vary_marker_next(&m, &spec)) {
		assert_int_equal(spec.n, 1);
		assert_int_equal(spec.p[0], 'z' - (int)n++);
	}
	assert_int_equal(n, VARY_MARKER_SPECS);
}

static struct slice
aliased(struct slice marker, uint64_t alias, uint64_t variant)
{
	struct slice out;

	assert_int_equal(
	    vary_marker_add_alias(marker, alias, variant, &made_arena, &out),
	    LR_OK);
	return out;
}

static void
test_aliases_stand_behind_the_specifications(void **state)
{
	struct slice m = aliased(SLICE("a\nb"), 1, 2), spec, rest;

	(void)state; /* RFC 9111 4.1 */
	assert_slice_equal(m, "a\nb\n=0000000000000001 0000000000000002");
	rest = m;
	assert_true(vary_marker_next(&rest, &spec));
	assert_true(vary_marker_next(&rest, &spec));
	assert_slice_equal(spec, "b");
	assert_false(vary_marker_next(&rest, &spec));
	assert_slice_equal(
	    added(m, "c"), "c\na\nb\n=0000000000000001 0000000000000002");
	assert_slice_equal(
	    added(m, "b"), "b\na\n=0000000000000001 0000000000000002");
}

static void
test_an_alias_leads_where_the_newest_says(void **state)
{
	struct slice m = aliased(SLICE("a"), UINT64_MAX, 2);
	uint64_t variant = 0;

	(void)state;
	m = aliased(m, 7, 0xfedcba9876543210);
	m = aliased(m, UINT64_MAX, 3);
	assert_slice_equal(m,
	    "a\n=ffffffffffffffff 0000000000000003\n"
	    "=0000000000000007 fedcba9876543210");
	assert_int_equal(
	    vary_marker_find_alias(m, UINT64_MAX, &variant), LR_OK);
	assert_int_equal(variant, 3);
	assert_int_equal(vary_marker_find_alias(m, 7, &variant), LR_OK);
	assert_true(variant == 0xfedcba9876543210);
	assert_int_equal(vary_marker_find_alias(m, 8, &variant), LR_NOTFOUND);
}

static void
test_the_newest_alias_is_not_written_again(void **state)
{
	struct slice m = aliased(aliased(SLICE("a"), 1, 2), 3, 4);

	(void)state;
	assert_ptr_equal(aliased(m, 3, 4).p, m.p);
	assert_ptr_not_equal(aliased(m, 1, 2).p, m.p);
	assert_ptr_not_equal(aliased(m, 3, 5).p, m.p);
}

static void
test_the_oldest_alias_is_forgotten(void **state)
{
	struct slice m = SLICE("a");
	uint64_t variant;

	(void)state;
	for (uint64_t i = 0; i <= VARY_MARKER_ALIASES; i++)
		m = aliased(m, i, i);
	assert_int_equal(vary_marker_find_alias(m, 0, &variant), LR_NOTFOUND);
	for (uint64_t i = 1; i <= VARY_MARKER_ALIASES; i++)
		assert_int_equal(vary_marker_find_alias(m, i, &variant), LR_OK);
}

static void
test_a_marker_without_aliases_is_good(void **state)
{
	uint64_t variant;

	(void)state; /* as earlier versions wrote them */
	assert_int_equal(
	    vary_marker_find_alias(SLICE("a\nb"), 1, &variant), LR_NOTFOUND);
	assert_int_equal(vary_marker_find_alias(
			     SLICE("a\n=0000000000000001 x"), 1, &variant),
	    LR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_marker_has_the_newest_first_and_once),
		cmocka_unit_test(test_a_marker_forgets_the_oldest),
		cmocka_unit_test(test_aliases_stand_behind_the_specifications),
		cmocka_unit_test(test_an_alias_leads_where_the_newest_says),
		cmocka_unit_test(test_the_newest_alias_is_not_written_again),
		cmocka_unit_test(test_the_oldest_alias_is_forgotten),
		cmocka_unit_test(test_a_marker_without_aliases_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
