/* tests/unit/proxy/cache/test_vary.c */
#include "proxy/cache/vary.h"

#include <stdio.h>

#include "tests/unit/proxy/cache/made.h"

static struct slice
spec_of(struct http_msg resp)
{
	struct slice spec;

	assert_true(vary_is_list(&resp));
	assert_int_equal(vary_spec(&resp, &made_arena, &spec), LR_OK);
	return spec;
}

static struct slice
values_of(struct http_msg req, const char *spec)
{
	struct slice values;

	assert_int_equal(
	    vary_values(&req, slice_of(spec), &made_arena, &values), LR_OK);
	return values;
}

static void
assert_same_variant(struct http_msg a, struct http_msg b, const char *spec)
{
	assert_true(slice_eq(values_of(a, spec), values_of(b, spec)));
}

static void
assert_other_variant(struct http_msg a, struct http_msg b, const char *spec)
{
	assert_false(slice_eq(values_of(a, spec), values_of(b, spec)));
}

static void
test_a_specification_is_sorted_and_lower_case(void **state)
{
	(void)state; /* RFC 9110 12.5.5 */
	assert_slice_equal(spec_of(ANSWER(200, "Vary: Foo, Accept, baR",
			       "Vary: foo,Accept-Encoding")),
	    "accept,accept-encoding,bar,foo");
	assert_slice_equal(spec_of(ANSWER(200, "Vary: , Foo,,")), "foo");
}

static void
test_no_vary_is_an_empty_specification(void **state)
{
	(void)state;
	assert_int_equal(spec_of(ANSWER(200, PLAIN)).n, 0);
	assert_int_equal(spec_of(ANSWER(200, "Vary:")).n, 0);
}

static void
test_star_and_non_names_are_denied(void **state) /* RFC 9111 4.1 */
{
	static const char *const bad[] = { "Vary: *", "Vary: *, *", "Vary: , *",
		"Vary: *, Foo", "Vary: Foo, *", "Vary: Foo Bar",
		"Vary: \"Foo\"", "Vary: Foo;q=1" };
	struct slice spec;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct http_msg m = ANSWER(200, "Vary: A", bad[i]);

		assert_false(vary_is_list(&m));
		assert_int_equal(vary_spec(&m, &made_arena, &spec), LR_DENIED);
	}
}

static void
test_too_many_names_are_denied(void **state)
{
	struct http_msg m = ANSWER(200, PLAIN);
	char names[64][24];

	(void)state;
	for (int i = 0; i < 64; i++) {
		snprintf(names[i], sizeof(names[i]), "X-%d", i);
		http_msg_add_id(&m, FIELD_VARY, slice_of(names[i]));
	}
	assert_false(vary_is_list(&m));
}

static void
test_values_tell_absent_from_empty(void **state) /* RFC 9111 4.1 */
{
	(void)state;
	assert_slice_equal(values_of(GET(PLAIN), "bar,foo"), "bar\nfoo\n");
	assert_slice_equal(
	    values_of(GET("Foo:", "Bar: 1"), "bar,foo"), "bar:1\nfoo:\n");
	assert_int_equal(values_of(GET("Foo: 1"), "").n, 0);
}

static void
test_a_field_that_is_not_listed_does_not_count(void **state)
{
	(void)state; /* RFC 9111 4.1 */
	assert_same_variant(
	    GET("Foo: 1", "Other: 2"), GET("Foo: 1", "Other: 3"), "foo");
	assert_other_variant(GET("Foo: 1"), GET("Foo: 2"), "foo");
	assert_other_variant(GET("Foo: 1"), GET(PLAIN), "foo");
}

static void
test_lines_are_combined(void **state) /* RFC 9111 4.1, RFC 9110 5.3 */
{
	(void)state;
	assert_same_variant(GET("Foo: 1, 2"), GET("Foo: 1", "Foo: 2"), "foo");
	assert_other_variant(GET("Foo: 1, 2"), GET("Foo: 2", "Foo: 1"), "foo");
}

static void
test_blanks_around_commas_do_not_count(void **state) /* RFC 9111 4.1 */
{
	(void)state;
	assert_same_variant(GET("Foo: 1,2"), GET("Foo:  1 , 2 "), "foo");
	assert_other_variant(GET("Foo: 1 2"), GET("Foo: 12"), "foo");
	assert_other_variant(GET("Foo: \"1,2\""), GET("Foo: \"1, 2\""), "foo");
}

static void
test_languages_ignore_order_case_and_blanks(void **state)
{
	const char *spec = "accept-language";
	struct http_msg m = GET("Accept-Language: en, de");

	(void)state; /* RFC 9111 4.1, RFC 9110 12.5.4 */
	assert_same_variant(m, GET("Accept-Language: de, en"), spec);
	assert_same_variant(m, GET("Accept-Language: eN, De"), spec);
	assert_same_variant(m, GET("Accept-Language:  en ,   de"), spec);
	assert_same_variant(
	    m, GET("Accept-Language: de", "Accept-Language: en"), spec);
	assert_other_variant(m, GET("Accept-Language: en"), spec);
}

static void
test_quality_values_are_compared_as_numbers(void **state)
{
	const char *spec = "accept-encoding";
	struct http_msg m = GET("Accept-Encoding: gzip, br;q=0.5");

	(void)state; /* RFC 9110 12.4.2 */
	assert_same_variant(
	    m, GET("Accept-Encoding: br ; Q=0.500,gzip;q=1.0"), spec);
	assert_other_variant(m, GET("Accept-Encoding: gzip, br"), spec);
	assert_other_variant(m, GET("Accept-Encoding: gzip, br;q=0"), spec);
	assert_other_variant(m, GET("Accept-Encoding: gzip;q=0.5, br"), spec);
	assert_slice_equal(values_of(m, spec), "accept-encoding:gzip,br;500\n");
}

static void
test_malformed_choices_are_compared_as_text(void **state)
{
	const char *spec = "accept-encoding";

	(void)state;
	assert_slice_equal(
	    values_of(GET("Accept-Encoding: br;q=x, GZIP"), spec),
	    "accept-encoding:br;q=x,GZIP\n");
	assert_slice_equal(
	    values_of(GET("Accept-Encoding: br;level=1, gzip"), spec),
	    "accept-encoding:br;level=1,gzip\n");
	assert_slice_equal(
	    values_of(GET("Accept-Encoding: br;q=0.5;x=1"), spec),
	    "accept-encoding:br;q=0.5;x=1\n");
}

static void
test_many_choices_are_compared_as_text(void **state)
{
	char line[400] = "Accept-Encoding: z";
	struct slice values;

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(line, ", a");
	values = values_of(GET(line), "accept-encoding");
	assert_true(slice_starts(values, SLICE("accept-encoding:z,a,a")));
}

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
	assert_int_equal(n, VARY_SPECS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_specification_is_sorted_and_lower_case),
		cmocka_unit_test(test_no_vary_is_an_empty_specification),
		cmocka_unit_test(test_star_and_non_names_are_denied),
		cmocka_unit_test(test_too_many_names_are_denied),
		cmocka_unit_test(test_values_tell_absent_from_empty),
		cmocka_unit_test(
		    test_a_field_that_is_not_listed_does_not_count),
		cmocka_unit_test(test_lines_are_combined),
		cmocka_unit_test(test_blanks_around_commas_do_not_count),
		cmocka_unit_test(test_languages_ignore_order_case_and_blanks),
		cmocka_unit_test(test_quality_values_are_compared_as_numbers),
		cmocka_unit_test(test_malformed_choices_are_compared_as_text),
		cmocka_unit_test(test_many_choices_are_compared_as_text),
		cmocka_unit_test(test_a_marker_has_the_newest_first_and_once),
		cmocka_unit_test(test_a_marker_forgets_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
