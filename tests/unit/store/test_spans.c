/* tests/unit/store/test_spans.c: a queue of pieces, read page by page */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/spans.h"

static struct block *
block_with(const char *text)
{
	struct block *b = block_create((uint32_t)strlen(text));

	assert_non_null(b);
	memcpy(b->data, text, strlen(text));
	b->len = (uint32_t)strlen(text);
	return b;
}

static void
test_pieces_read_as_one_text(void **state)
{
	struct block *b = block_with("abcdefghijklmnopqrstuvwxyz");
	struct spans s = { 0 };
	char got[27] = "";
	uint32_t i;

	(void)state;
	for (i = 0; i < 26; i++) /* backwards, so that none can be joined */
		assert_int_equal(
		    spans_add(&s, (struct span){ b, 25 - i, 1 }), LR_OK);
	assert_int_equal(s.bytes, 26);
	assert_int_equal(b->refs, 27);
	spans_read(&s, got, 10);
	spans_drop_read(&s);
	assert_int_equal(b->refs, 17);
	spans_read(&s, got + 10, 16);
	assert_string_equal(got, "zyxwvutsrqponmlkjihgfedcba");
	assert_int_equal(s.bytes, 0);
	spans_clear(&s);
	assert_int_equal(b->refs, 1);
	block_unref(b);
}

static void
test_neighbours_in_a_block_become_one_span(void **state)
{
	struct block *b = block_with("abcdef");
	struct spans s = { 0 };
	char got[7] = "";

	(void)state;
	spans_add(&s, (struct span){ b, 0, 2 });
	spans_add(&s, (struct span){ b, 2, 3 });
	spans_add(&s, (struct span){ b, 5, 0 });
	assert_int_equal(s.n, 1);
	spans_read(&s, got, 5); /* all of it is read: it must not be joined */
	spans_add(&s, (struct span){ b, 5, 1 });
	spans_read(&s, got + 5, 1);
	assert_string_equal(got, "abcdef");
	spans_clear(&s);
	assert_int_equal(b->refs, 1);
	block_unref(b);
}

static void
test_spans_join_behind_what_is_left(void **state)
{
	struct block *a = block_with("0123456789");
	struct block *b = block_with("abcdefghij");
	struct spans to = { 0 }, from = { 0 };
	char got[16] = "";
	uint32_t i;

	(void)state;
	spans_add(&to, (struct span){ a, 0, 10 });
	spans_read(&to, got, 4);
	for (i = 0; i < 10; i++)
		spans_add(&from, (struct span){ b, 9 - i, 1 });
	assert_int_equal(spans_join(&to, &from), LR_OK);
	assert_int_equal(from.bytes, 0);
	assert_int_equal(to.bytes, 16);
	spans_read(&to, got, 16);
	assert_memory_equal(got, "456789jihgfedcba", 16);
	spans_clear(&to);
	spans_add(&from, (struct span){ a, 3, 2 });
	assert_int_equal(spans_join(&to, &from), LR_OK);
	assert_int_equal(to.bytes, 2);
	spans_clear(&to);
	spans_clear(&from);
	assert_int_equal(a->refs, 1);
	assert_int_equal(b->refs, 1);
	block_unref(a);
	block_unref(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_read_as_one_text),
		cmocka_unit_test(test_neighbours_in_a_block_become_one_span),
		cmocka_unit_test(test_spans_join_behind_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
