/* tests/unit/proxy/conf/test_variables.c: Define and ${NAME} */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proxy/conf/variables.h"

struct fixture {
	struct arena arena;
	struct diagnostics diag;
	struct variables vars;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->diag.arena = &f->arena;
	f->vars.arena = &f->arena;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	free(f);
	return 0;
}

static void
define(struct fixture *f, const char *name, const char *value)
{
	struct slice v = slice_of(value);

	assert_int_equal(variables_define(&f->vars, slice_of(name),
			     value != NULL ? &v : NULL),
	    LR_OK);
}

static void
assert_expands(struct fixture *f, const char *text, const char *want)
{
	struct place at = { SLICE("x.conf"), 3 };
	struct slice got;

	assert_int_equal(
	    variables_expand(&f->vars, slice_of(text), &f->diag, at, &got),
	    LR_OK);
	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

static void
test_names_are_replaced_wherever_they_stand(void **state)
{
	struct fixture *f = *state;

	define(f, "A", "1");
	define(f, "B", "two");
	assert_expands(f, "${A}", "1");
	assert_expands(f, "x${A}${B}y", "x1twoy");
	assert_expands(f, "none", "none");
	assert_expands(f, "", "");
	assert_int_equal(f->diag.others, 0);
}

static void
test_a_value_is_not_looked_at_again(void **state)
{
	struct fixture *f = *state;

	define(f, "A", "${B}");
	define(f, "B", "b");
	assert_expands(f, "${A}", "${B}");
}

static void
test_the_last_define_counts_and_undefine_forgets(void **state)
{
	struct fixture *f = *state;

	define(f, "A", "1");
	define(f, "A", "2");
	assert_expands(f, "${A}", "2");
	assert_true(variables_defined(&f->vars, SLICE("A")));
	variables_undefine(&f->vars, SLICE("A"));
	assert_false(variables_defined(&f->vars, SLICE("A")));
	assert_expands(f, "${A}", "${A}");
	define(f, "A", "3");
	assert_expands(f, "${A}", "3");
}

static void
test_the_environment_comes_after_define(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(setenv("LARDER_TEST_V", "env", 1), 0);
	assert_expands(f, "${LARDER_TEST_V}", "env");
	define(f, "LARDER_TEST_V", NULL);
	assert_expands(f, "${LARDER_TEST_V}", "env");
	define(f, "LARDER_TEST_V", "def");
	assert_expands(f, "${LARDER_TEST_V}", "def");
	unsetenv("LARDER_TEST_V");
}

static void
test_an_unknown_name_stays_and_is_warned_of(void **state)
{
	struct fixture *f = *state;
	struct strbuf out = { 0 };

	assert_expands(f, "${LARDER_NONE}/x", "${LARDER_NONE}/x");
	assert_int_equal(diagnostic_write(&f->diag, &out), LR_OK);
	assert_string_equal(out.p,
	    "x.conf:3: warning: ${LARDER_NONE} is not defined; use Define, "
	    "or set it in the environment\n");
	strbuf_free(&out);
}

static void
test_what_is_no_reference_stays(void **state)
{
	struct fixture *f = *state;

	assert_expands(f, "$A $ {A} $ ${A", "$A $ {A} $ ${A");
	assert_expands(f, "${map:key}", "${map:key}");
	assert_int_equal(f->diag.others, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_names_are_replaced_wherever_they_stand, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_value_is_not_looked_at_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_the_last_define_counts_and_undefine_forgets, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_the_environment_comes_after_define, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_unknown_name_stays_and_is_warned_of, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_reference_stays, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
