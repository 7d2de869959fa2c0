/* tests/unit/proxy/conf/test_parse.c: sections, conditions, Define */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/conf_text.h"

static void
assert_tree(const char *text, const char *want)
{
	char *got = conf_tree(text);

	assert_string_equal(got, want);
	free(got);
}

static void
test_directives_and_nested_sections_make_a_tree(void **state)
{
	(void)state;
	assert_tree("A 1\n"
		    "<VirtualHost *:80>\n"
		    "  B \"2 3\"\n"
		    "  <Location \"/x y\" >\n"
		    "    C\n"
		    "  </location>\n"
		    "</VirtualHost>\n"
		    "D\n",
	    "A [1]\n"
	    "VirtualHost [*:80]\n"
	    "  B [2 3]\n"
	    "  Location [/x y]\n"
	    "    C\n"
	    "end\n"
	    "end\n"
	    "D\n");
}

static void
test_define_counts_from_its_line_on(void **state)
{
	(void)state;
	assert_tree("Define V one\nA ${V}x\nDefine V two\nA \"${V} y\"\n",
	    "A [onex]\nA [two y]\n");
}

static void
test_ifdefine_keeps_or_drops_what_is_inside(void **state)
{
	(void)state;
	assert_tree("<IfDefine GIVEN>\nA\n</IfDefine>\n"
		    "<IfDefine !GIVEN>\nB\n</IfDefine>\n"
		    "<IfDefine OTHER>\nC\n</IfDefine>\n"
		    "<IfDefine !OTHER>\nD\n</IfDefine>\n"
		    "Define OTHER\n"
		    "<IfDefine OTHER>\nE\n</IfDefine>\n"
		    "UnDefine OTHER\n"
		    "<IfDefine OTHER>\nF\n</IfDefine>\n",
	    "A\nD\nE\n");
}

static void
test_ifmodule_asks_what_larder_does(void **state)
{
	(void)state;
	assert_tree("<IfModule mod_proxy.c>\nA\n</IfModule>\n"
		    "<IfModule !proxy_module>\nB\n</IfModule>\n"
		    "<IfModule mod_rewrite.c>\nC\n</IfModule>\n"
		    "<IfModule !mod_rewrite.c>\nD\n</IfModule>\n"
		    "<IfModule mod_ours.c>\nE\n</IfModule>\n",
	    "A\nD\n");
}

static void
test_what_is_dropped_is_not_read_but_must_nest(void **state)
{
	(void)state;
	assert_tree("<IfDefine NO>\n"
		    "Define X 1\nInclude /nowhere\nA ${UNKNOWN} \"open\n"
		    "<VirtualHost \"*>\n<IfDefine GIVEN>\nB\n</IfDefine>\n"
		    "</VirtualHost>\n"
		    "</IfDefine>\n"
		    "C\n",
	    "C\n");
	assert_tree("<IfDefine NO>\n<A>\n</IfDefine>\nC\n",
	    "C\n"
	    "command line:2: A: the section is opened here and never closed; "
	    "add </A>\n");
}

static void
test_conditions_may_stand_in_sections(void **state)
{
	(void)state;
	assert_tree("<V x>\n<IfDefine GIVEN>\nA\n<L y>\nB\n</L>\n</IfDefine>\n"
		    "C\n</V>\n",
	    "V [x]\n  A\n  L [y]\n    B\nend\n  C\nend\n");
}

static void
test_sections_that_do_not_nest_are_named(void **state)
{
	(void)state;
	assert_tree("<V x>\nA\n",
	    "V [x]\n  A\nend\n"
	    "command line:1: V: the section is opened here and never closed; "
	    "add </V>\n");
	assert_tree("A\n</V>\n",
	    "A\n"
	    "command line:2: V: closes a section that is not open; remove the "
	    "line, or add <V> above\n");
	assert_tree("<V x>\n</W>\n</V>\n",
	    "V [x]\nend\n"
	    "command line:2: W: closes a section that is not open; <V> of "
	    "line 1 is, and needs </V>\n");
	assert_tree("<V x>\n<W y>\n</V>\nA\n",
	    "V [x]\n  W [y]\nend\nend\nA\n"
	    "command line:2: W: the section is opened here and never closed; "
	    "add </W>\n");
}

static void
test_a_section_line_ends_with_its_bracket(void **state)
{
	(void)state;
	assert_tree("<V x\nA\n</V\n",
	    "V [x]\n  A\nend\n"
	    "command line:1: V: the line does not end with \">\"; write <V "
	    "x>\n"
	    "command line:3: V: the line does not end with \">\"; write "
	    "</V>\n");
}

static void
test_an_open_quote_spoils_its_own_line_only(void **state)
{
	(void)state;
	assert_tree("A \"x\nB\n",
	    "B\n"
	    "command line:1: A: a quote is opened and never closed; quotes "
	    "go around whole words\n");
}

static void
test_modules_that_larder_lacks_are_noticed(void **state)
{
	(void)state;
	assert_tree("LoadModule proxy_module modules/mod_proxy.so\n"
		    "LoadModule rewrite_module modules/mod_rewrite.so\n"
		    "LoadModule ours_module x.so\n",
	    "command line:2: notice: LoadModule: larder does not do what "
	    "rewrite_module does; its directives are unknown\n"
	    "command line:3: notice: LoadModule: ours_module is not known; "
	    "larder loads no modules\n");
}

static void
test_wrong_uses_of_what_is_decided_while_reading(void **state)
{
	(void)state;
	assert_tree("Define\n",
	    "command line:1: Define: takes 1 to 2 arguments, not 0; it is "
	    "written: Define name [value]\n");
	assert_tree("Define a:b 1\n",
	    "command line:1: Define: a name may not have a colon; rename "
	    "\"a:b\"\n");
	assert_tree("<V x>\nServerRoot /x\n</V>\n",
	    "V [x]\nend\n"
	    "command line:2: ServerRoot: may not stand in a section; its "
	    "place is: server\n");
	assert_tree("<IfDefine>\nA\n</IfDefine>\n",
	    "command line:1: IfDefine: takes 1 argument, not 0; it is "
	    "written: IfDefine [!]name\n");
}

static void
test_a_file_that_cannot_be_read_is_an_error(void **state)
{
	struct arena arena = { 0 };
	struct diagnostics diag = { .arena = &arena };
	struct parse_result parsed;
	struct parse_source src = { .file = "/dev/null", .text = "A\n" };

	(void)state;
	assert_int_equal(
	    parse_configuration(&src, &arena, &diag, &parsed), LR_OK);
	assert_int_equal(diag.errors, 0);
	src.file = "/nonexistent/larder.conf";
	assert_int_equal(
	    parse_configuration(&src, &arena, &diag, &parsed), LR_OK);
	assert_int_equal(diag.errors, 1);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_directives_and_nested_sections_make_a_tree),
		cmocka_unit_test(test_define_counts_from_its_line_on),
		cmocka_unit_test(test_ifdefine_keeps_or_drops_what_is_inside),
		cmocka_unit_test(test_ifmodule_asks_what_larder_does),
		cmocka_unit_test(
		    test_what_is_dropped_is_not_read_but_must_nest),
		cmocka_unit_test(test_conditions_may_stand_in_sections),
		cmocka_unit_test(test_sections_that_do_not_nest_are_named),
		cmocka_unit_test(test_a_section_line_ends_with_its_bracket),
		cmocka_unit_test(test_an_open_quote_spoils_its_own_line_only),
		cmocka_unit_test(test_modules_that_larder_lacks_are_noticed),
		cmocka_unit_test(
		    test_wrong_uses_of_what_is_decided_while_reading),
		cmocka_unit_test(test_a_file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
