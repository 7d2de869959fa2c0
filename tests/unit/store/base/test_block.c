/* tests/unit/store/base/test_block.c: counted buffers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "store/base/block.h"

#define THREADS 4
#define TURNS 20000

static void
test_a_new_block_is_empty_with_one_reference(void **state)
{
	struct block *b = block_create(100);

	(void)state;
	assert_non_null(b);
	assert_int_equal(b->cap, 100);
	assert_int_equal(b->len, 0);
	assert_int_equal(b->refs, 1);
	memset(b->data, 'x', 100);
	block_unref(b);
	block_unref(NULL);
}

static void
test_a_span_is_a_part_of_its_block(void **state)
{
	struct block *b = block_create(8);
	struct span s = { b, 2, 3 };

	(void)state;
	memcpy(b->data, "abcdefgh", 8);
	assert_true(slice_eq(span_slice(s), SLICE("cde")));
	block_unref(b);
}

static void *
take_and_drop(void *arg)
{
	struct block *b = arg;

	for (int i = 0; i < TURNS; i++) {
		block_ref(b);
		block_unref(b);
	}
	block_unref(b);
	return NULL;
}

static void
test_the_count_holds_over_threads(void **state)
{
	struct block *b = block_create(8);
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
				     take_and_drop, block_ref(b)),
		    0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(b->refs, 1);
	block_unref(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_block_is_empty_with_one_reference),
		cmocka_unit_test(test_a_span_is_a_part_of_its_block),
		cmocka_unit_test(test_the_count_holds_over_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
