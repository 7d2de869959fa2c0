/* tests/unit/store/base/test_arena.c: memory that is given back all at once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "store/base/arena.h"

static void
test_every_allocation_is_aligned_and_its_own(void **state)
{
	struct arena a = { 0 };
	unsigned char *p[300];

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		p[i] = arena_alloc(&a, i);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
		memset(p[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < 300; i++) {
		for (size_t j = 0; j < i; j++)
			assert_int_equal(p[i][j], i & 0xff);
	}
	arena_free(&a);
}

static void
test_a_large_piece_does_not_spoil_the_current_block(void **state)
{
	struct arena a = { 0 };
	char *before = arena_alloc(&a, 16);
	char *large = arena_alloc(&a, 100000);
	char *after = arena_alloc(&a, 16);

	(void)state;
	memset(large, 'x', 100000);
	assert_ptr_equal(after, before + 16);
	arena_free(&a);
}

static void
test_zalloc_clears_what_was_used_before(void **state)
{
	struct arena a = { 0 };
	unsigned char *p = arena_alloc(&a, 200);

	(void)state;
	memset(p, 0xff, 200);
	arena_reset(&a);
	p = arena_zalloc(&a, 200);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(p[i], 0);
	arena_free(&a);
}

static void
test_a_reset_gives_the_same_memory_again(void **state)
{
	struct arena a = { 0 };
	void *first;

	(void)state;
	arena_alloc(&a, 64);
	for (int i = 0; i < 100; i++)
		arena_alloc(&a, 1000);
	arena_alloc(&a, 1000000);
	arena_reset(&a);
	first = arena_alloc(&a, 64);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 64), first);
	arena_free(&a);
}

static void
test_a_copy_is_terminated_and_independent(void **state)
{
	struct arena a = { 0 };
	char text[] = "hello";
	struct slice s = arena_dup(&a, slice_make(text, 4));
	struct slice none = arena_dup(&a, (struct slice){ NULL, 0 });

	(void)state;
	text[0] = 'J';
	assert_int_equal(s.n, 4);
	assert_string_equal(s.p, "hell");
	assert_string_equal(none.p, "");
	arena_free(&a);
}

static void
test_the_impossible_is_refused(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 64));
	assert_null(arena_zalloc(&a, PTRDIFF_MAX));
	assert_null(arena_dup(&a, slice_make("", SIZE_MAX)).p);
	assert_non_null(arena_alloc(&a, 1));
	arena_free(&a);
}

static void
test_the_block_size_is_the_owners_choice(void **state)
{
	struct arena a = { .block_bytes = 65536 };
	char *p = arena_alloc(&a, 16);

	(void)state;
	assert_ptr_equal(arena_alloc(&a, 30000), p + 16);
	arena_free(&a);
	assert_int_equal(a.block_bytes, 65536);
	assert_non_null(arena_alloc(&a, 16));
	arena_free(&a);
}

static void
test_an_empty_one_may_be_reset_and_freed(void **state)
{
	struct arena a = { 0 };

	(void)state;
	arena_reset(&a);
	arena_free(&a);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_is_aligned_and_its_own),
		cmocka_unit_test(
		    test_a_large_piece_does_not_spoil_the_current_block),
		cmocka_unit_test(test_zalloc_clears_what_was_used_before),
		cmocka_unit_test(test_a_reset_gives_the_same_memory_again),
		cmocka_unit_test(test_a_copy_is_terminated_and_independent),
		cmocka_unit_test(test_the_impossible_is_refused),
		cmocka_unit_test(test_the_block_size_is_the_owners_choice),
		cmocka_unit_test(test_an_empty_one_may_be_reset_and_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
