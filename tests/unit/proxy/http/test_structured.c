/* tests/unit/proxy/http/test_structured.c: dictionaries, strictly */
#include "tests/support/assert_slice.h"

#include "proxy/http/structured.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The value of a dictionary's only member, "a=…". */
static struct structured_item
value_of(const char *text)
{
	struct slice rest = slice_of(text), key;
	struct structured_item item;

	assert_int_equal(structured_member_next(&rest, &key, &item), LR_OK);
	assert_slice(key, "a");
	assert_int_equal(
	    structured_member_next(&rest, &key, &item), LR_NOTFOUND);
	rest = slice_of(text);
	structured_member_next(&rest, &key, &item);
	return item;
}

/* How many members; -1: it is no dictionary. */
static int
members(const char *text)
{
	struct slice rest = slice_of(text), key;
	struct structured_item item;
	int n = 0;
	enum lr rc;

	while ((rc = structured_member_next(&rest, &key, &item)) == LR_OK)
		n++;
	return rc == LR_NOTFOUND ? n : -1;
}

static void
assert_number(const char *text, enum structured_type type, int64_t number)
{
	struct structured_item item = value_of(text);

	assert_int_equal(item.type, type);
	assert_true(item.number == number);
}

static void
assert_text(const char *text, enum structured_type type, const char *inside)
{
	struct structured_item item = value_of(text);

	assert_int_equal(item.type, type);
	assert_slice(item.text, inside);
}

static void
assert_none_is_right(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (members(texts[i]) != -1)
			fail_msg("%s is let through", texts[i]);
	}
}

static void
test_members_are_parted_by_commas(void **state) /* RFC 9651 4.2.2 */
{
	static const char *const wrong[] = { "a=1,", "a=1,,b", ",a", "a b",
		"a=1 ;x", "a=1;", "a= 1", "a =1", "a=", "=1", "A=1", "1=1",
		"-a", "a,B", "\ta", "a=1, \t", "a=1\r\n" };

	(void)state;
	assert_int_equal(members(""), 0);
	assert_int_equal(members("  "), 0);
	assert_int_equal(members("  a=1 ,\t b ,c=?0  "), 3);
	assert_int_equal(members("a=1,a=2"), 2);
	assert_int_equal(members("*a-b_c.d*9=1"), 1);
	assert_none_is_right(wrong, COUNT(wrong));
}

static void
test_a_key_alone_is_true(void **state) /* RFC 9651 4.2.2 */
{
	struct slice params;

	(void)state;
	assert_number("a", STRUCTURED_BOOLEAN, 1);
	assert_number("a=?1", STRUCTURED_BOOLEAN, 1);
	assert_number("a=?0", STRUCTURED_BOOLEAN, 0);
	params = value_of("a;b=1;c").params;
	assert_slice(params, ";b=1;c");
	assert_int_equal(members("a=?2"), -1);
	assert_int_equal(members("a=?"), -1);
	assert_int_equal(members("a=?true"), -1);
}

static void
test_integers_have_fifteen_digits(void **state) /* RFC 9651 3.3.1 */
{
	static const char *const wrong[] = { "a=1000000000000000", "a=-",
		"a=--1", "a=+1", "a=- 1", "a=1e3", "a=1_0" };

	(void)state;
	assert_number("a=0", STRUCTURED_INTEGER, 0);
	assert_number("a=-0", STRUCTURED_INTEGER, 0);
	assert_number("a=007", STRUCTURED_INTEGER, 7);
	assert_number("a=999999999999999", STRUCTURED_INTEGER, 999999999999999);
	assert_number(
	    "a=-999999999999999", STRUCTURED_INTEGER, -999999999999999);
	assert_none_is_right(wrong, COUNT(wrong));
}

static void
test_decimals_have_twelve_digits_and_three(void **state) /* RFC 9651 3.3.2 */
{
	static const char *const wrong[] = { "a=1.", "a=.1", "a=1.2345",
		"a=1000000000000.1", "a=1.2.3", "a=-.5" };

	(void)state;
	assert_number("a=1.5", STRUCTURED_DECIMAL, 1500);
	assert_number("a=-0.25", STRUCTURED_DECIMAL, -250);
	assert_number(
	    "a=999999999999.999", STRUCTURED_DECIMAL, 999999999999999);
	assert_none_is_right(wrong, COUNT(wrong));
}

static void
test_strings_are_printable_and_escape_two(void **state) /* RFC 9651 3.3.3 */
{
	static const char *const wrong[] = { "a=\"x", "a=\"", "a=\"\\\"",
		"a=\"\\x\"", "a=\"\t\"", "a=\"\x7f\"", "a=\"\xc3\xbc\"",
		"a='x'" };

	(void)state;
	assert_text("a=\"\"", STRUCTURED_STRING, "");
	assert_text("a=\"x, y;z\"", STRUCTURED_STRING, "x, y;z");
	assert_text("a=\"\\\"\\\\\"", STRUCTURED_STRING, "\\\"\\\\");
	assert_none_is_right(wrong, COUNT(wrong));
}

static void
test_tokens_may_hold_colons_and_slashes(void **state) /* RFC 9651 3.3.4 */
{
	(void)state;
	assert_text("a=foo/b:c*~", STRUCTURED_TOKEN, "foo/b:c*~");
	assert_text("a=*", STRUCTURED_TOKEN, "*");
	assert_int_equal(members("a=x@y"), -1);
	assert_int_equal(members("a=/x"), -1);
}

static void
test_byte_sequences_are_base64(void **state) /* RFC 9651 3.3.5 */
{
	static const char *const wrong[] = { "a=:aGVsbG8",
		"a=:aGV-:", "a=:=aGVs:", "a=:aGVsb:", "a=:aGVsbG8==:",
		"a=:aG=Vs:", "a=: aGVs:", "a=:aGVs====:" };

	(void)state;
	assert_text("a=:aGVsbG8=:", STRUCTURED_BYTES, "aGVsbG8=");
	assert_text("a=:aGVsbG8:", STRUCTURED_BYTES, "aGVsbG8");
	assert_text("a=::", STRUCTURED_BYTES, "");
	assert_none_is_right(wrong, COUNT(wrong));
}

static void
test_dates_are_whole_seconds(void **state) /* RFC 9651 3.3.7 */
{
	(void)state;
	assert_number("a=@1659578233", STRUCTURED_DATE, 1659578233);
	assert_number("a=@-1", STRUCTURED_DATE, -1);
	assert_int_equal(members("a=@1.5"), -1);
	assert_int_equal(members("a=@"), -1);
}

static void
test_display_strings_are_utf8(void **state) /* RFC 9651 3.3.8 */
{
	static const char *const wrong[] = { "a=%x", "a=%\"", "a=%\"%\"",
		"a=%\"%c3%BC\"", "a=%\"%c3\"", "a=%\"%c3x\"", "a=%\"%80\"",
		"a=%\"%c0%80\"", "a=%\"%ed%a0%80\"", "a=%\"%f4%90%80%80\"",
		"a=%\"%e0%80%80\"", "a=%\"%f8\"", "a=%\"\xc3\xbc\"" };

	(void)state;
	assert_text("a=%\"f%c3%bc\"", STRUCTURED_DISPLAY, "f%c3%bc");
	assert_text("a=%\"%f0%9f%98%80\"", STRUCTURED_DISPLAY, "%f0%9f%98%80");
	assert_none_is_right(wrong, COUNT(wrong));
}

static void
test_parameters_follow_an_item(void **state) /* RFC 9651 4.2.3.2 */
{
	struct slice rest = value_of("a=1; b=\"x\";c;  d=2").params, key;
	struct structured_item item;

	(void)state;
	assert_int_equal(structured_param_next(&rest, &key, &item), LR_OK);
	assert_slice(key, "b");
	assert_slice(item.text, "x");
	assert_int_equal(structured_param_next(&rest, &key, &item), LR_OK);
	assert_slice(key, "c");
	assert_int_equal(item.type, STRUCTURED_BOOLEAN);
	assert_int_equal(structured_param_next(&rest, &key, &item), LR_OK);
	assert_slice(key, "d");
	assert_true(item.number == 2);
	assert_int_equal(
	    structured_param_next(&rest, &key, &item), LR_NOTFOUND);
	assert_int_equal(members("a=1;b=(1)"), -1);
	assert_int_equal(members("a=1;b =2"), -1);
	assert_int_equal(members("a=1;B"), -1);
}

static void
test_an_inner_list_holds_items(void **state) /* RFC 9651 4.2.1.2 */
{
	static const char *const wrong[] = { "a=(1", "a=(1,2)", "a=(1\t2)",
		"a=((1))", "a=(\"x\"\"y\")", "a=(1))", "a=(1;)", "a=()b" };
	struct structured_item list = value_of("a=( 1;x  \"y)\" );z=9"), item;
	struct slice rest = list.text;

	(void)state;
	assert_int_equal(list.type, STRUCTURED_INNER);
	assert_slice(list.params, ";z=9");
	assert_int_equal(structured_inner_next(&rest, &item), LR_OK);
	assert_true(item.number == 1);
	assert_slice(item.params, ";x");
	assert_int_equal(structured_inner_next(&rest, &item), LR_OK);
	assert_slice(item.text, "y)");
	assert_int_equal(structured_inner_next(&rest, &item), LR_NOTFOUND);
	assert_text("a=()", STRUCTURED_INNER, "");
	assert_none_is_right(wrong, COUNT(wrong));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_are_parted_by_commas),
		cmocka_unit_test(test_a_key_alone_is_true),
		cmocka_unit_test(test_integers_have_fifteen_digits),
		cmocka_unit_test(test_decimals_have_twelve_digits_and_three),
		cmocka_unit_test(test_strings_are_printable_and_escape_two),
		cmocka_unit_test(test_tokens_may_hold_colons_and_slashes),
		cmocka_unit_test(test_byte_sequences_are_base64),
		cmocka_unit_test(test_dates_are_whole_seconds),
		cmocka_unit_test(test_display_strings_are_utf8),
		cmocka_unit_test(test_parameters_follow_an_item),
		cmocka_unit_test(test_an_inner_list_holds_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
