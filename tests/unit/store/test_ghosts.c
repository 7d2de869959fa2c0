/* tests/unit/store/test_ghosts.c: what is remembered of what is gone */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/ghosts.h"

/* Neither the place nor the tag of i is another's below 2^28. */
static uint64_t
hash_no(uint64_t i)
{
	return i << 36 | i;
}

static void
test_nothing_is_remembered_without_objects(void **state)
{
	struct ghosts gs = { 0 };
	unsigned f = 77;

	(void)state;
	ghosts_put(&gs, hash_no(1), 5);
	assert_false(ghosts_find(&gs, hash_no(1), &f));
	assert_int_equal(f, 77);
	assert_int_equal(ghosts_memory_bytes(&gs), 0);
	ghosts_free(&gs);
}

static void
test_a_ghost_is_found_by_its_hash_alone(void **state)
{
	struct ghosts gs = { 0 };
	unsigned f;

	(void)state;
	ghosts_grow(&gs, 8);
	ghosts_put(&gs, hash_no(3), 15);
	ghosts_put(&gs, hash_no(4), 0);
	assert_true(ghosts_find(&gs, hash_no(3), &f));
	assert_int_equal(f, 15);
	assert_true(ghosts_find(&gs, hash_no(4), &f));
	assert_int_equal(f, 0);
	assert_false(ghosts_find(&gs, hash_no(5), &f));
	/* the same place, but another hash */
	assert_false(ghosts_find(&gs, hash_no(3 + 16), &f));
	ghosts_free(&gs);
}

static void
test_a_newer_ghost_takes_the_place_of_an_older_one(void **state)
{
	struct ghosts gs = { 0 };
	unsigned f;

	(void)state;
	ghosts_grow(&gs, 8);
	ghosts_put(&gs, hash_no(3), 1);
	ghosts_put(&gs, hash_no(3 + 16), 2);
	assert_false(ghosts_find(&gs, hash_no(3), &f));
	assert_true(ghosts_find(&gs, hash_no(3 + 16), &f));
	assert_int_equal(f, 2);
	ghosts_free(&gs);
}

static void
test_there_are_two_for_each_object_and_growing_loses_none(void **state)
{
	struct ghosts gs = { 0 };
	unsigned f;

	(void)state;
	ghosts_grow(&gs, 50);
	/* no two share a place, though some do with another half as far */
	for (uint64_t i = 1000; i < 1064; i++)
		ghosts_put(&gs, hash_no(i), (unsigned)(i % 15 + 1));
	for (uint64_t objects = 50; objects < 3000; objects++) {
		uint64_t found = 0;

		ghosts_grow(&gs, objects);
		assert_int_equal(ghosts_memory_bytes(&gs),
		    objects * GHOSTS_BYTES_PER_OBJECT);
		for (uint64_t i = 1000; i < 1064; i++)
			found += ghosts_find(&gs, hash_no(i), &f) &&
			    f == i % 15 + 1;
		assert_int_equal(found, 64);
	}
	/* and what is there for half as many stays as large */
	ghosts_grow(&gs, 5);
	assert_int_equal(ghosts_memory_bytes(&gs), 2999 * 8);
	ghosts_free(&gs);
}

static void
test_all_places_are_used(void **state)
{
	struct ghosts gs = { 0 };
	uint64_t found = 0;
	unsigned f;

	(void)state;
	ghosts_grow(&gs, 700); /* 1,400: between two powers of two */
	for (uint64_t i = 0; i < 1400; i++)
		ghosts_put(&gs, hash_no(i), 1);
	for (uint64_t i = 0; i < 1400; i++)
		found += ghosts_find(&gs, hash_no(i), &f);
	assert_int_equal(found, 1400);
	ghosts_free(&gs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_remembered_without_objects),
		cmocka_unit_test(test_a_ghost_is_found_by_its_hash_alone),
		cmocka_unit_test(
		    test_a_newer_ghost_takes_the_place_of_an_older_one),
		cmocka_unit_test(
		    test_there_are_two_for_each_object_and_growing_loses_none),
		cmocka_unit_test(test_all_places_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
