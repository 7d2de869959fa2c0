/* tests/unit/proxy/site/test_pattern.c: regular expressions */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/site/pattern.h"

static struct pattern *
compiled(const char *text)
{
	char why[PATTERN_WHY] = "";
	struct pattern *p = NULL;

	if (pattern_compile(slice_of(text), &p, why) != LR_OK)
		fail_msg("%s", why);
	return p;
}

static void
test_groups_are_reported_by_their_offsets(void **state)
{
	struct pattern *p = compiled("^/(a+)(x)?/(b*)");
	struct pattern_match m;

	(void)state;
	assert_int_equal(pattern_groups(p), 3);
	assert_int_equal(pattern_search(p, SLICE("/aa/bbc"), &m), LR_OK);
	assert_int_equal(m.n, 4);
	assert_int_equal(m.start[0], 0);
	assert_int_equal(m.end[0], 6);
	assert_int_equal(m.start[1], 1);
	assert_int_equal(m.end[1], 3);
	assert_int_equal(m.start[2], m.end[2]);
	assert_int_equal(m.start[3], 4);
	assert_int_equal(m.end[3], 6);
	pattern_free(p);
}

static void
test_a_pattern_is_searched_for_anywhere(void **state)
{
	struct pattern *p = compiled("\\.php$");

	(void)state;
	assert_int_equal(pattern_search(p, SLICE("/a.php"), NULL), LR_OK);
	assert_int_equal(
	    pattern_search(p, SLICE("/a.phpx"), NULL), LR_NOTFOUND);
	assert_int_equal(
	    pattern_search(p, SLICE("/a.php\n"), NULL), LR_NOTFOUND);
	assert_int_equal(pattern_search(p, SLICE(""), NULL), LR_NOTFOUND);
	pattern_free(p);
}

static void
test_more_than_nine_groups_are_cut(void **state)
{
	struct pattern *p = compiled("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)");
	struct pattern_match m;

	(void)state;
	assert_int_equal(pattern_search(p, SLICE("abcdefghijk"), &m), LR_OK);
	assert_int_equal(m.n, PATTERN_GROUPS);
	assert_int_equal(m.start[9], 8);
	pattern_free(p);
}

static void
test_a_broken_pattern_says_where(void **state)
{
	char why[PATTERN_WHY] = "";
	struct pattern *p = NULL;

	(void)state;
	assert_int_equal(pattern_compile(SLICE("a(b"), &p, why), LR_INVALID);
	assert_non_null(strstr(why, "parenthesis (at character 3)"));
	assert_null(p);
	pattern_free(NULL);
}

static void
test_an_expression_that_explodes_fails_instead(void **state)
{
	struct pattern *p = compiled("^(a+)+$");
	char text[64];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 'b';
	assert_int_equal(
	    pattern_search(p, slice_make(text, sizeof(text)), NULL), LR_TOOBIG);
	pattern_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_are_reported_by_their_offsets),
		cmocka_unit_test(test_a_pattern_is_searched_for_anywhere),
		cmocka_unit_test(test_more_than_nine_groups_are_cut),
		cmocka_unit_test(test_a_broken_pattern_says_where),
		cmocka_unit_test(
		    test_an_expression_that_explodes_fails_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
