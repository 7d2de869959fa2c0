/* tests/unit/proxy/http/test_field.c: the grammar of field values */
#include "tests/support/assert_slice.h"

#include "proxy/http/field.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
test_tchar_is_what_the_rfc_lists(void **state) /* RFC 9110 5.6.2 */
{
	const char *others = "!#$%&'*+-.^_`|~";

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool want = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') ||
		    (c != 0 && strchr(others, c) != NULL);

		assert_int_equal(field_is_tchar((unsigned char)c), want);
	}
	assert_true(field_is_token(SLICE("gzip")));
	assert_false(field_is_token(SLICE("")));
	assert_false(field_is_token(SLICE("a b")));
}

static void
test_values_hold_no_control_byte_anywhere(void **state) /* RFC 9110 5.5 */
{
	char text[40];

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool want = c == '\t' || (c >= ' ' && c != 0x7f);

		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(
			    field_is_value(slice_make(text, sizeof(text))),
			    want);
			assert_int_equal(
			    field_is_value(slice_make(text, at + 1)), want);
		}
	}
	assert_true(field_is_value(SLICE("")));
}

static void
test_list_elements_come_without_blanks(void **state) /* RFC 9110 5.6.1 */
{
	struct slice rest = SLICE(" a ,\t, b c,,d"), element;

	(void)state;
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "a");
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "b c");
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "d");
	assert_false(field_list_next(&rest, &element));
	assert_false(field_list_next(&rest, &element));
}

static void
test_commas_in_quotes_do_not_separate(void **state) /* RFC 9110 5.6.4 */
{
	struct slice rest = SLICE("a=\"x, \\\"y\", b, \"open, c"), element;

	(void)state;
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "a=\"x, \\\"y\"");
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "b");
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "\"open, c");
	assert_false(field_list_next(&rest, &element));
}

static void
test_a_backslash_at_the_end_of_an_open_quote_is_no_overrun(void **state)
{
	struct slice rest = SLICE("\"a\\"), element;

	(void)state;
	assert_true(field_list_next(&rest, &element));
	assert_slice(element, "\"a\\");
	assert_false(field_list_next(&rest, &element));
}

static void
test_empty_lists_have_no_element(void **state)
{
	static const char *const EMPTY[] = { "", " ", ",", " ,\t, ," };

	(void)state;
	for (size_t i = 0; i < COUNT(EMPTY); i++) {
		struct slice rest = slice_of(EMPTY[i]), element;

		assert_false(field_list_next(&rest, &element));
	}
}

static void
test_membership_ignores_case_but_not_length(void **state)
{
	struct slice list = SLICE("Keep-Alive, X-A");

	(void)state;
	assert_true(field_list_has(list, SLICE("keep-alive")));
	assert_true(field_list_has(list, SLICE("x-a")));
	assert_false(field_list_has(list, SLICE("x-")));
	assert_false(field_list_has(list, SLICE("alive")));
}

static void
test_parameters_come_one_by_one(void **state) /* RFC 9110 5.6.6 */
{
	struct slice rest = SLICE(" ; a=1 ;b=\"x;\\\"y\";; c;d=e rest");
	struct slice name, value;

	(void)state;
	assert_true(field_param_next(&rest, &name, &value));
	assert_slice(name, "a");
	assert_slice(value, "1");
	assert_true(field_param_next(&rest, &name, &value));
	assert_slice(name, "b");
	assert_slice(value, "\"x;\\\"y\"");
	assert_true(field_param_next(&rest, &name, &value));
	assert_slice(name, "c");
	assert_slice(value, "");
	assert_true(field_param_next(&rest, &name, &value));
	assert_slice(name, "d");
	assert_slice(value, "e");
	assert_false(field_param_next(&rest, &name, &value));
	assert_slice(rest, " rest");
}

static void
test_what_is_no_parameter_ends_them(void **state)
{
	static const char *const NONE[] = { "", " ", ";", " ; ; ", "a=b", ";=b",
		";\"a\"", "; ,a" };

	(void)state;
	for (size_t i = 0; i < COUNT(NONE); i++) {
		struct slice rest = slice_of(NONE[i]), name, value;

		assert_false(field_param_next(&rest, &name, &value));
	}
}

static void
test_unquoting(void **state) /* RFC 9110 5.6.4 */
{
	char dst[16];
	size_t n;

	(void)state;
	assert_slice(field_unquote(SLICE("token")), "token");
	assert_slice(field_unquote(SLICE("\"a b\"")), "a b");
	assert_slice(field_unquote(SLICE("\"")), "\"");
	assert_slice(field_unquote(SLICE("")), "");
	n = field_unquote_to(SLICE("\"a\\\"b\\\\\""), dst);
	assert_slice(slice_make(dst, n), "a\"b\\");
	n = field_unquote_to(SLICE("a\\b"), dst);
	assert_slice(slice_make(dst, n), "a\\b");
}

static void
test_delta_seconds_stop_at_two_to_the_31(void **state) /* RFC 9111 1.2.2 */
{
	static const char *const BAD[] = { "", "-1", "+1", "1.5", " 1", "1 ",
		"1x", "99999999999999999999999x" };
	int64_t s = -7;

	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++)
		assert_false(field_delta_seconds(slice_of(BAD[i]), &s));
	assert_int_equal(s, -7);
	assert_true(field_delta_seconds(SLICE("0"), &s));
	assert_int_equal(s, 0);
	assert_true(field_delta_seconds(SLICE("0060"), &s));
	assert_int_equal(s, 60);
	assert_true(field_delta_seconds(SLICE("2147483647"), &s));
	assert_int_equal(s, 2147483647);
	assert_true(field_delta_seconds(SLICE("2147483649"), &s));
	assert_int_equal(s, 2147483648);
	assert_true(field_delta_seconds(SLICE("999999999999999999999999"), &s));
	assert_int_equal(s, 2147483648);
}

static void
test_weights_in_thousandths(void **state) /* RFC 9110 12.4.2 */
{
	static const struct {
		const char *text;
		unsigned milli;
	} GOOD[] = { { "0", 0 }, { "1", 1000 }, { "0.", 0 }, { "1.000", 1000 },
		{ "0.5", 500 }, { "0.05", 50 }, { "0.123", 123 } };
	static const char *const BAD[] = { "", "2", "1.001", "0.1234", "-1",
		".5", "0,5", "0.5x", "1.5" };
	unsigned milli = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(GOOD); i++) {
		assert_true(field_qvalue(slice_of(GOOD[i].text), &milli));
		assert_int_equal(milli, GOOD[i].milli);
	}
	milli = 7;
	for (size_t i = 0; i < COUNT(BAD); i++)
		assert_false(field_qvalue(slice_of(BAD[i]), &milli));
	assert_int_equal(milli, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tchar_is_what_the_rfc_lists),
		cmocka_unit_test(test_values_hold_no_control_byte_anywhere),
		cmocka_unit_test(test_list_elements_come_without_blanks),
		cmocka_unit_test(test_commas_in_quotes_do_not_separate),
		cmocka_unit_test(
		    test_a_backslash_at_the_end_of_an_open_quote_is_no_overrun),
		cmocka_unit_test(test_empty_lists_have_no_element),
		cmocka_unit_test(test_membership_ignores_case_but_not_length),
		cmocka_unit_test(test_parameters_come_one_by_one),
		cmocka_unit_test(test_what_is_no_parameter_ends_them),
		cmocka_unit_test(test_unquoting),
		cmocka_unit_test(test_delta_seconds_stop_at_two_to_the_31),
		cmocka_unit_test(test_weights_in_thousandths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
