/* tests/unit/proxy/conf/test_lex.c: lines and words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/conf/lex.h"

static void
assert_text(struct slice got, const char *want)
{
	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

static void
assert_line(
    struct lex *lx, struct arena *arena, const char *want, unsigned want_number)
{
	struct slice line;
	unsigned number;

	assert_int_equal(lex_line(lx, arena, &line, &number), LR_OK);
	assert_text(line, want);
	assert_int_equal(number, want_number);
}

static void
assert_end(struct lex *lx, struct arena *arena)
{
	struct slice line;
	unsigned number;

	assert_int_equal(lex_line(lx, arena, &line, &number), LR_NOTFOUND);
}

static void
test_blank_lines_and_comments_do_not_count(void **state)
{
	struct arena arena = { 0 };
	struct lex lx;

	(void)state;
	lex_init(&lx, SLICE("\n  # one\n\tListen 80 \r\n\n#\n  B\t\n"));
	assert_line(&lx, &arena, "Listen 80", 3);
	assert_line(&lx, &arena, "B", 6);
	assert_end(&lx, &arena);
	arena_free(&arena);
}

static void
test_a_last_line_needs_no_line_feed(void **state)
{
	struct arena arena = { 0 };
	struct lex lx;

	(void)state;
	lex_init(&lx, SLICE("A\nB"));
	assert_line(&lx, &arena, "A", 1);
	assert_line(&lx, &arena, "B", 2);
	assert_end(&lx, &arena);
	arena_free(&arena);
}

static void
test_a_backslash_joins_lines_and_the_first_gives_the_number(void **state)
{
	struct arena arena = { 0 };
	struct lex lx;

	(void)state;
	lex_init(&lx, SLICE("\nA \\\n  b\\\r\nc\nD\n"));
	assert_line(&lx, &arena, "A   bc", 2);
	assert_line(&lx, &arena, "D", 5);
	assert_end(&lx, &arena);
	arena_free(&arena);
}

static void
test_a_comment_is_continued_too(void **state)
{
	struct arena arena = { 0 };
	struct lex lx;

	(void)state;
	lex_init(&lx, SLICE("# A \\\nListen 80\nB\n"));
	assert_line(&lx, &arena, "B", 3);
	assert_end(&lx, &arena);
	arena_free(&arena);
}

static void
test_a_backslash_at_the_very_end_is_dropped(void **state)
{
	struct arena arena = { 0 };
	struct lex lx;

	(void)state;
	lex_init(&lx, SLICE("A\\"));
	assert_line(&lx, &arena, "A", 1);
	assert_end(&lx, &arena);
	lex_init(&lx, SLICE("\\\n\\\n\\\n"));
	assert_end(&lx, &arena);
	arena_free(&arena);
}

static void
test_a_byte_order_mark_is_skipped(void **state)
{
	struct arena arena = { 0 };
	struct lex lx;

	(void)state;
	lex_init(&lx, SLICE("\xef\xbb\xbfListen 80\n"));
	assert_line(&lx, &arena, "Listen 80", 1);
	arena_free(&arena);
}

/* The words of line, each in brackets; "?" for a quote left open. */
static void
assert_words(const char *line, const char *want)
{
	struct arena arena = { 0 };
	struct slice rest = slice_of(line), word;
	char got[256] = "";
	size_t n = 0;
	enum lr rc;

	while ((rc = lex_word(&rest, &arena, &word)) == LR_OK) {
		assert_true(n + word.n + 3 < sizeof(got));
		got[n++] = '[';
		if (word.n > 0)
			memcpy(got + n, word.p, word.n);
		n += word.n;
		got[n++] = ']';
	}
	if (rc == LR_INVALID)
		got[n++] = '?';
	got[n] = '\0';
	assert_string_equal(got, want);
	arena_free(&arena);
}

static void
test_words_are_separated_by_blanks(void **state)
{
	(void)state;
	assert_words("", "");
	assert_words(" \t ", "");
	assert_words(" a\tb  c ", "[a][b][c]");
}

static void
test_quotes_keep_blanks_in_a_word(void **state)
{
	(void)state;
	assert_words("\"a b\" 'c  d' \"\"", "[a b][c  d][]");
	assert_words("\"it's\" 'say \"x\"'", "[it's][say \"x\"]");
	assert_words("a\"b c\"", "[a\"b][c\"]");
	assert_words("\"a\"b", "[a][b]");
}

static void
test_a_backslash_protects_quotes_in_quotes_and_itself(void **state)
{
	(void)state;
	assert_words("\"%h \\\"%r\\\"\"", "[%h \"%r\"]");
	assert_words("'it\\'s'", "[it's]");
	assert_words("\"a\\\\\"", "[a\\]");
	assert_words("a\\\\b", "[a\\b]");
}

static void
test_other_backslashes_stand_for_themselves(void **state)
{
	(void)state;
	assert_words("^/(.*\\.php)$ \"\\d+\"", "[^/(.*\\.php)$][\\d+]");
	assert_words("a\\", "[a\\]");
}

static void
test_a_quote_that_is_never_closed_is_refused(void **state)
{
	(void)state;
	assert_words("a \"b c", "[a]?");
	assert_words("'a\\'", "?");
	assert_words("\"", "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blank_lines_and_comments_do_not_count),
		cmocka_unit_test(test_a_last_line_needs_no_line_feed),
		cmocka_unit_test(
		    test_a_backslash_joins_lines_and_the_first_gives_the_number),
		cmocka_unit_test(test_a_comment_is_continued_too),
		cmocka_unit_test(test_a_backslash_at_the_very_end_is_dropped),
		cmocka_unit_test(test_a_byte_order_mark_is_skipped),
		cmocka_unit_test(test_words_are_separated_by_blanks),
		cmocka_unit_test(test_quotes_keep_blanks_in_a_word),
		cmocka_unit_test(
		    test_a_backslash_protects_quotes_in_quotes_and_itself),
		cmocka_unit_test(test_other_backslashes_stand_for_themselves),
		cmocka_unit_test(test_a_quote_that_is_never_closed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
