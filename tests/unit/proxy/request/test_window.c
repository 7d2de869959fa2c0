#include "proxy/request/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A block of n bytes whose values count up from start. */
static struct span
piece(unsigned start, uint32_t n)
{
	struct block *b = block_create(n);

	assert_non_null(b);
	for (uint32_t i = 0; i < n; i++)
		b->data[i] = (char)(start + i);
	b->len = n;
	return (struct span){ b, 0, n };
}

static void
append(struct window *w, unsigned start, uint32_t n)
{
	struct span s = piece(start, n);

	assert_int_equal(window_append(w, s), LR_OK);
	block_unref(s.block); /* the window has its own */
}

static void
expect(const struct window *w, uint64_t offset, uint64_t end)
{
	struct span got[WINDOW_READ];
	int n;

	while (offset < end) {
		assert_int_equal(window_read(w, offset, got, &n), LR_OK);
		assert_true(n > 0);
		for (int i = 0; i < n; i++) {
			struct slice s = span_slice(got[i]);

			for (size_t k = 0; k < s.n; k++)
				assert_int_equal(s.p[k], (char)offset++);
			block_unref(got[i].block);
		}
	}
	assert_int_equal(offset, end);
}

static void
test_what_was_appended_is_read_from_any_offset(void **state)
{
	struct window w = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		append(&w, i * 7, 7);
	assert_int_equal(w.end, 700);
	for (uint64_t from = 0; from < 700; from += 13)
		expect(&w, from, 700);
	window_free(&w);
}

static void
test_dropped_bytes_are_not_found_and_the_rest_is(void **state)
{
	struct window w = { 0 };
	struct span got[WINDOW_READ];
	int n;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		append(&w, i * 10, 10);
	window_drop(&w, 55); /* whole spans only */
	assert_int_equal(w.base, 50);
	assert_int_equal(window_read(&w, 49, got, &n), LR_NOTFOUND);
	expect(&w, 50, 200);
	for (unsigned i = 20; i < 40; i++)
		append(&w, i * 10, 10);
	expect(&w, 63, 400);
	window_free(&w);
}

static void
test_reading_at_the_end_gives_nothing_yet(void **state)
{
	struct window w = { 0 };
	struct span got[WINDOW_READ];
	int n = -1;

	(void)state;
	append(&w, 0, 5);
	assert_int_equal(window_read(&w, 5, got, &n), LR_OK);
	assert_int_equal(n, 0);
	window_drop(&w, 5);
	assert_int_equal(w.base, 5);
	assert_int_equal(window_read(&w, 5, got, &n), LR_OK);
	assert_int_equal(n, 0);
	window_free(&w);
}

static void
test_a_reader_keeps_bytes_that_the_window_dropped(void **state)
{
	struct window w = { 0 };
	struct span got[WINDOW_READ];
	int n;

	(void)state;
	append(&w, 3, 4);
	assert_int_equal(window_read(&w, 1, got, &n), LR_OK);
	window_free(&w);
	assert_int_equal(n, 1);
	assert_memory_equal(span_slice(got[0]).p, "\4\5\6", 3);
	block_unref(got[0].block);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_was_appended_is_read_from_any_offset),
		cmocka_unit_test(
		    test_dropped_bytes_are_not_found_and_the_rest_is),
		cmocka_unit_test(test_reading_at_the_end_gives_nothing_yet),
		cmocka_unit_test(
		    test_a_reader_keeps_bytes_that_the_window_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
