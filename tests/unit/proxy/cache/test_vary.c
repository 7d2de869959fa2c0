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
	assert_slice_equal(
	    values_of(m, spec), "accept-encoding:gzip,br\001500\n");
}

static void
test_encodings_ignore_order_case_and_blanks(void **state)
{
	const char *spec = "accept-encoding";
	struct http_msg m = GET("Accept-Encoding: gzip, br, *;q=0");

	(void)state; /* RFC 9111 4.1, RFC 9110 8.4.1 and 12.5.3 */
	assert_same_variant(m, GET("Accept-Encoding: BR,*;q=0.0,GZip"), spec);
	assert_same_variant(m,
	    GET("Accept-Encoding: br;q=1",
		"Accept-Encoding:", "Accept-Encoding: , *;Q=0.000 ,, gzip"),
	    spec);
	assert_same_variant(m, GET("accept-ENCODING: gzip, br, *;q=0"), spec);
	assert_other_variant(m, GET("Accept-Encoding: gzip, br"), spec);
	assert_other_variant(
	    m, GET("Accept-Encoding: x-gzip, br, *;q=0"), spec);
	assert_other_variant(GET("Accept-Encoding:"), GET(PLAIN), spec);
	assert_other_variant(
	    GET("Accept-Encoding:"), GET("Accept-Encoding: identity"), spec);
}

static void
test_qualities_are_not_compared_by_rank_alone(void **state)
{
	const char *spec = "accept-encoding";

	(void)state; /* RFC 9110 12.4.2: an origin may look at the number */
	assert_other_variant(GET("Accept-Encoding: gzip, br;q=0.5"),
	    GET("Accept-Encoding: gzip, br;q=0.4"), spec);
	assert_other_variant(GET("Accept-Encoding: gzip;q=0.5"),
	    GET("Accept-Encoding: gzip"), spec);
}

static void
test_fields_of_unknown_meaning_keep_case_and_order(void **state)
{
	(void)state; /* RFC 9111 4.1 */
	assert_other_variant(GET("Foo: a, b"), GET("Foo: b, a"), "foo");
	assert_other_variant(GET("Foo: a"), GET("Foo: A"), "foo");
	assert_other_variant(
	    GET("Accept: a/b, c/d"), GET("Accept: c/d, a/b"), "accept");
	assert_other_variant(GET("Foo: a;q=1.0"), GET("Foo: a;q=1"), "foo");
	assert_same_variant(GET("FOO: a"), GET("foo: a"), "foo");
}

static void
test_empty_elements_do_not_count(void **state) /* RFC 9110 5.6.1.2 */
{
	(void)state;
	assert_same_variant(GET("Foo: , 1,, 2 ,"), GET("Foo: 1, 2"), "foo");
	assert_same_variant(
	    GET("Foo: 1", "Foo:", "Foo: 2"), GET("Foo: 1,2"), "foo");
}

static void
test_all_fields_of_a_specification_count(void **state)
{
	const char *spec = "accept-encoding,cookie,foo";
	struct http_msg m = GET("Foo: 1", "Accept-Encoding: br", "Cookie: a=b");

	(void)state; /* RFC 9111 4.1 */
	assert_slice_equal(
	    values_of(m, spec), "accept-encoding:br\ncookie:a=b\nfoo:1\n");
	assert_same_variant(m,
	    GET("Cookie: a=b", "X: y", "Accept-Encoding: BR", "Foo: 1"), spec);
	assert_other_variant(
	    m, GET("Cookie: a=b", "Accept-Encoding: br"), spec);
	assert_other_variant(
	    m, GET("Foo: 1", "Accept-Encoding: br", "Cookie: a=B"), spec);
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
test_no_text_looks_like_a_normal_form(void **state)
{
	const char *spec = "accept-encoding";
	struct slice normal = values_of(GET("Accept-Encoding: br;q=0.5"), spec);
	struct slice text = values_of(GET("Accept-Encoding: br;500"), spec);

	(void)state;
	assert_false(slice_eq(normal, text));
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

static void
assert_preferred(struct http_msg req, const char *language)
{
	struct slice got;

	assert_true(vary_preferred_language(&req, &got));
	assert_slice_equal(got, language);
}

static void
test_one_language_may_be_preferred_to_all_others(void **state)
{
	static const char *const none[] = { "en, de", "de;q=0.5, en;q=0.5", "*",
		"*, de;q=0.9", "de;q=0", "", "de;q=x", "de;level=1" };
	struct http_msg absent = GET(PLAIN);
	struct slice got;

	(void)state; /* RFC 9110 12.5.4, RFC 9111 4.1 */
	assert_preferred(GET("Accept-Language: fr;q=0.5, de;q=1.0"), "de");
	assert_preferred(GET("Accept-Language: de;q=0.1"), "de");
	assert_preferred(GET("Accept-Language: de-CH, de;q=0.9"), "de-CH");
	assert_preferred(
	    GET("Accept-Language: en;q=0.8", "accept-language: fr"), "fr");
	assert_preferred(GET("Accept-Language: *;q=0.5, de"), "de");
	assert_false(vary_preferred_language(&absent, &got));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct http_msg m = GET(PLAIN);

		http_msg_add_id(&m, FIELD_ACCEPT_LANGUAGE, slice_of(none[i]));
		assert_false(vary_preferred_language(&m, &got));
	}
}

static void
test_a_response_may_be_in_one_language(void **state) /* RFC 9110 8.5 */
{
	struct http_msg one = ANSWER(200, "Content-Language: , de-CH,");
	struct http_msg two = ANSWER(200, "Content-Language: mi, en");
	struct http_msg lines = ANSWER(
	    200, "Content-Language: mi", "Content-Language: en");
	struct http_msg none = ANSWER(200, "Content-Language:");
	struct http_msg odd = ANSWER(200, "Content-Language: a b");
	struct slice got;

	(void)state;
	assert_true(vary_single_language(&one, &got));
	assert_slice_equal(got, "de-CH");
	assert_false(vary_single_language(&two, &got));
	assert_false(vary_single_language(&lines, &got));
	assert_false(vary_single_language(&none, &got));
	assert_false(vary_single_language(&odd, &got));
}

static struct slice
in_language(const char *values, const char *language)
{
	struct slice out;

	assert_int_equal(vary_with_language(slice_of(values),
			     slice_of(language), &made_arena, &out),
	    LR_OK);
	return out;
}

static void
test_a_language_replaces_the_value_of_that_field_only(void **state)
{
	struct slice out;

	(void)state; /* RFC 9111 4.1 */
	assert_slice_equal(
	    in_language("accept:a\naccept-language:en,de;500\nfoo\n", "DE"),
	    "accept:a\naccept-language:de\nfoo\n");
	assert_slice_equal(
	    in_language("accept-language\n", "de"), "accept-language:de\n");
	assert_slice_equal(in_language("accept-language:\n", "de-ch"),
	    "accept-language:de-ch\n");
	assert_int_equal(vary_with_language(
			     SLICE("accept:accept-language\n"
				   "accept-language-2:x\nx-accept-language\n"),
			     SLICE("de"), &made_arena, &out),
	    LR_NOTFOUND);
	assert_int_equal(
	    vary_with_language(SLICE(""), SLICE("de"), &made_arena, &out),
	    LR_NOTFOUND);
}

/* A request for the resource of which this answer was stored for STORED. */
static bool
selects(struct http_msg req, struct http_msg answer, struct http_msg stored)
{
	struct slice spec = spec_of(answer), values, stored_values;

	assert_int_equal(vary_values(&req, spec, &made_arena, &values), LR_OK);
	assert_int_equal(
	    vary_values(&stored, spec, &made_arena, &stored_values), LR_OK);
	return vary_selects_language(
	    &req, values, &answer, stored_values, &made_arena);
}

static void
test_a_response_in_the_preferred_language_is_selected(void **state)
{
	struct http_msg both = GET("Accept-Language: en, de", "X-A: 1");
	struct http_msg german = ANSWER(
	    200, "Vary: Accept-Language", "Content-Language: DE");
	struct http_msg also_a = ANSWER(
	    200, "Vary: X-A, Accept-Language", "Content-Language: de");
	struct http_msg other = ANSWER(
	    200, "Vary: X-A", "Content-Language: de");
	struct http_msg mixed = ANSWER(
	    200, "Vary: Accept-Language", "Content-Language: de, en");

	(void)state; /* RFC 9111 4.1 */
	assert_true(
	    selects(GET("Accept-Language: fr;q=0.5, de"), german, both));
	assert_true(selects(GET("Accept-Language: de"), german, GET(PLAIN)));
	assert_false(selects(GET("Accept-Language: fr, de"), german, both));
	assert_false(selects(GET("Accept-Language: fr"), german, both));
	assert_false(selects(GET("Accept-Language: de-CH"), german, both));
	assert_false(selects(GET(PLAIN), german, both));
	assert_false(selects(GET("Accept-Language: de"), mixed, both));
	assert_false(selects(GET("Accept-Language: de"), also_a, both));
	assert_true(
	    selects(GET("Accept-Language: de", "X-A: 1"), also_a, both));
	assert_false(selects(GET("Accept-Language: de"), other, both));
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
		cmocka_unit_test(test_encodings_ignore_order_case_and_blanks),
		cmocka_unit_test(test_qualities_are_not_compared_by_rank_alone),
		cmocka_unit_test(
		    test_fields_of_unknown_meaning_keep_case_and_order),
		cmocka_unit_test(test_empty_elements_do_not_count),
		cmocka_unit_test(test_all_fields_of_a_specification_count),
		cmocka_unit_test(test_malformed_choices_are_compared_as_text),
		cmocka_unit_test(test_no_text_looks_like_a_normal_form),
		cmocka_unit_test(test_many_choices_are_compared_as_text),
		cmocka_unit_test(
		    test_one_language_may_be_preferred_to_all_others),
		cmocka_unit_test(test_a_response_may_be_in_one_language),
		cmocka_unit_test(
		    test_a_language_replaces_the_value_of_that_field_only),
		cmocka_unit_test(
		    test_a_response_in_the_preferred_language_is_selected),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
