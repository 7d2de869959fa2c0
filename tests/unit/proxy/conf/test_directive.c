/* tests/unit/proxy/conf/test_directive.c: checks and values of one use */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proxy/conf/directive.h"
#include "proxy/conf/reference.h"

static const struct directive ROW = {
	.name = "Wait",
	.syntax = "seconds",
	.help = "How long; -1 is \"never\".",
	.preset = "5",
	.contexts = DIRECTIVE_SERVER | DIRECTIVE_LOCATION,
	.least_args = 1,
	.most_args = 2,
	.unit_ms = 1000,
	.least = 500,
	.most = 90500,
};

struct fixture {
	struct arena arena;
	struct diagnostics diag;
	struct node node;
	struct slice args[4];
	struct directive_use use;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->diag.arena = &f->arena;
	f->node = (struct node){
		.at = { SLICE("x"), 1 }, .name = SLICE("wait"), .args = f->args
	};
	f->use = (struct directive_use){
		.row = &ROW, .node = &f->node, .diag = &f->diag
	};
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
assert_said(struct fixture *f, const char *want)
{
	struct strbuf out = { 0 };

	assert_int_equal(diagnostic_write(&f->diag, &out), LR_OK);
	assert_string_equal(out.p != NULL ? out.p : "", want);
	strbuf_free(&out);
	f->diag.messages.n = 0;
}

static void
test_a_row_is_found_by_name_whatever_its_letter_case(void **state)
{
	const struct directive_table tables[] = { { NULL, 0 }, { &ROW, 1 } };

	(void)state;
	assert_ptr_equal(directive_find(tables, 2, SLICE("WAIT")), &ROW);
	assert_null(directive_find(tables, 2, SLICE("Wai")));
	assert_null(directive_find(tables, 1, SLICE("Wait")));
}

static void
test_the_number_of_arguments_is_checked(void **state)
{
	struct fixture *f = *state;

	f->node.n_args = 2;
	assert_int_equal(directive_check_args(&ROW, &f->node, &f->diag), LR_OK);
	f->node.n_args = 0;
	assert_int_equal(
	    directive_check_args(&ROW, &f->node, &f->diag), LR_INVALID);
	assert_said(f,
	    "x:1: wait: takes 1 to 2 arguments, not 0; it is written: Wait "
	    "seconds\n");
	f->node.n_args = 3;
	f->args[2] = SLICE("#why");
	assert_int_equal(
	    directive_check_args(&ROW, &f->node, &f->diag), LR_INVALID);
	assert_said(f,
	    "x:1: wait: takes 1 to 2 arguments, not 3; a comment needs a line "
	    "of its own: Wait seconds\n");
}

static void
test_the_context_is_checked(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(directive_check_context(
			     &ROW, &f->node, DIRECTIVE_LOCATION, &f->diag),
	    LR_OK);
	assert_int_equal(
	    directive_check_context(&ROW, &f->node, DIRECTIVE_VHOST, &f->diag),
	    LR_INVALID);
	assert_said(f,
	    "x:1: wait: may not stand here (virtual host); its place is: "
	    "server, location\n");
}

static void
test_a_flag_is_on_or_off(void **state)
{
	struct fixture *f = *state;
	bool v = false;

	assert_int_equal(directive_read_flag(&f->use, SLICE("oN"), &v), LR_OK);
	assert_true(v);
	assert_int_equal(directive_read_flag(&f->use, SLICE("off"), &v), LR_OK);
	assert_false(v);
	assert_int_equal(
	    directive_read_flag(&f->use, SLICE("yes"), &v), LR_INVALID);
	assert_said(f, "x:1: wait: is On or Off, not \"yes\"; Wait seconds\n");
}

static void
test_a_number_is_within_its_bounds(void **state)
{
	struct fixture *f = *state;
	uint64_t v = 7;

	assert_int_equal(
	    directive_read_number(&f->use, SLICE("500"), &v), LR_OK);
	assert_int_equal(v, 500);
	assert_int_equal(
	    directive_read_number(&f->use, SLICE("499"), &v), LR_INVALID);
	assert_int_equal(
	    directive_read_number(&f->use, SLICE("90501"), &v), LR_INVALID);
	assert_int_equal(
	    directive_read_number(&f->use, SLICE("-1"), &v), LR_INVALID);
	assert_int_equal(v, 500);
	assert_said(f,
	    "x:1: wait: 499 is out of bounds; it must be from 500 to 90500\n"
	    "x:1: wait: 90501 is out of bounds; it must be from 500 to 90500\n"
	    "x:1: wait: \"-1\" is not a number; Wait seconds\n");
}

static void
test_a_size_may_have_a_unit(void **state)
{
	struct fixture *f = *state;
	uint64_t v = 0;

	assert_int_equal(directive_read_bytes(&f->use, SLICE("2k"), &v), LR_OK);
	assert_int_equal(v, 2048);
	assert_int_equal(
	    directive_read_bytes(&f->use, SLICE("1M"), &v), LR_INVALID);
	assert_int_equal(
	    directive_read_bytes(&f->use, SLICE("2x"), &v), LR_INVALID);
	assert_said(f,
	    "x:1: wait: 1M is out of bounds; it must be from 500 to 90500\n"
	    "x:1: wait: \"2x\" is not a size; a number of bytes, or one with "
	    "K, M, G or T behind it\n");
}

static void
test_a_duration_counts_in_the_row_s_unit_or_its_own(void **state)
{
	struct fixture *f = *state;
	int64_t ms = 0;

	assert_int_equal(
	    directive_read_duration(&f->use, SLICE("2"), &ms), LR_OK);
	assert_int_equal(ms, 2000);
	assert_int_equal(
	    directive_read_duration(&f->use, SLICE("500ms"), &ms), LR_OK);
	assert_int_equal(ms, 500);
	assert_int_equal(
	    directive_read_duration(&f->use, SLICE("1h"), &ms), LR_INVALID);
	assert_int_equal(
	    directive_read_duration(&f->use, SLICE("0"), &ms), LR_INVALID);
	assert_int_equal(
	    directive_read_duration(&f->use, SLICE("soon"), &ms), LR_INVALID);
	assert_said(f,
	    "x:1: wait: 1h is out of bounds; it must be from 500ms to "
	    "90500ms\n"
	    "x:1: wait: 0 is out of bounds; it must be from 500ms to 90500ms\n"
	    "x:1: wait: \"soon\" is not a duration; a number of seconds, or "
	    "one with ms, s, min, h or d behind it\n");
}

static void
assert_reference(
    void (*write)(const struct directive *, struct strbuf *), const char *want)
{
	struct strbuf out = { 0 };

	write(&ROW, &out);
	assert_string_equal(out.p, want);
	strbuf_free(&out);
}

static void
test_the_documents_say_what_the_row_says(void **state)
{
	(void)state;
	assert_reference(reference_text,
	    "Wait seconds\n"
	    "\tHow long; -1 is \"never\".\n"
	    "\tcontext: server, location\n"
	    "\tdefault: 5\n\n");
	assert_reference(reference_markdown,
	    "### Wait\n\n"
	    "    Wait seconds\n\n"
	    "How long; -1 is \"never\".\n\n"
	    "- Context: server, location\n"
	    "- Default: `5`\n\n");
	assert_reference(reference_mdoc,
	    ".It Sy Wait No \"seconds\"\n"
	    "How long; \\-1 is \\(dqnever\\(dq.\n"
	    ".br\n"
	    "Context: server, location.\n"
	    "Default: 5.\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_row_is_found_by_name_whatever_its_letter_case),
		TEST(test_the_number_of_arguments_is_checked),
		TEST(test_the_context_is_checked),
		TEST(test_a_flag_is_on_or_off),
		TEST(test_a_number_is_within_its_bounds),
		TEST(test_a_size_may_have_a_unit),
		TEST(test_a_duration_counts_in_the_row_s_unit_or_its_own),
		TEST(test_the_documents_say_what_the_row_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
