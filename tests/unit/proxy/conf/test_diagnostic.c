/* tests/unit/proxy/conf/test_diagnostic.c: messages and their order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/conf/diagnostic.h"

static void
assert_written(const struct diagnostics *d, const char *want)
{
	struct strbuf out = { 0 };

	strbuf_add_cstr(&out, "");
	assert_int_equal(diagnostic_write(d, &out), LR_OK);
	assert_string_equal(out.p != NULL ? out.p : "", want);
	strbuf_free(&out);
}

static void
test_messages_come_by_file_and_line(void **state)
{
	struct arena arena = { 0 };
	struct diagnostics d = { .arena = &arena };
	struct place a = { SLICE("a.conf"), 7 }, b = { SLICE("b.conf"), 1 };

	(void)state;
	diagnostic_error(&d, a, SLICE("Listen"), "is %s", "wrong");
	diagnostic_notice(&d, b, SLICE("User"), "is odd");
	a.line = 2;
	diagnostic_warning(&d, a, SLICE(""), "hm");
	diagnostic_error(&d, a, SLICE(""), "no");
	a.line = 0;
	diagnostic_error(&d, a, SLICE(""), "unreadable");
	assert_written(&d,
	    "a.conf: unreadable\n"
	    "a.conf:2: warning: hm\n"
	    "a.conf:2: no\n"
	    "a.conf:7: Listen: is wrong\n"
	    "b.conf:1: notice: User: is odd\n");
	assert_int_equal(d.errors, 3);
	arena_free(&arena);
}

static void
test_no_message_is_no_text(void **state)
{
	struct arena arena = { 0 };
	struct diagnostics d = { .arena = &arena };

	(void)state;
	assert_written(&d, "");
	arena_free(&arena);
}

static void
test_very_many_errors_are_cut_short(void **state)
{
	struct arena arena = { 0 };
	struct diagnostics d = { .arena = &arena };
	struct place at = { SLICE("a"), 1 };
	struct strbuf out = { 0 };
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 3 * DIAGNOSTIC_ERRORS_MAX; i++)
		diagnostic_error(&d, at, SLICE("X"), "%d", i);
	assert_int_equal(diagnostic_write(&d, &out), LR_OK);
	for (size_t i = 0; i < out.n; i++)
		lines += out.p[i] == '\n';
	assert_int_equal(lines, DIAGNOSTIC_ERRORS_MAX + 1);
	assert_non_null(strstr(out.p, "too many errors"));
	assert_int_equal(d.errors, 3 * DIAGNOSTIC_ERRORS_MAX);
	strbuf_free(&out);
	arena_free(&arena);
}

static void
test_a_very_long_message_is_cut(void **state)
{
	struct arena arena = { 0 };
	struct diagnostics d = { .arena = &arena };
	struct place at = { SLICE("a"), 1 };
	struct strbuf out = { 0 };
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	diagnostic_error(&d, at, SLICE(""), "%s", text);
	assert_int_equal(diagnostic_write(&d, &out), LR_OK);
	assert_in_range(out.n, 1000, 1100);
	strbuf_free(&out);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_come_by_file_and_line),
		cmocka_unit_test(test_no_message_is_no_text),
		cmocka_unit_test(test_very_many_errors_are_cut_short),
		cmocka_unit_test(test_a_very_long_message_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
