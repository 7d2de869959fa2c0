/* tests/unit/store/base/test_hash.c: content hashes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/base/hash.h"

/* The store keeps hashes on disk: they must not change with a library. */
static void
test_the_hash_is_xxh3(void **state)
{
	(void)state;
	assert_true(hash_bytes("", 0) == 0x2d06800538d394c2ULL);
	assert_true(hash_bytes("larder", 6) == 0xc4b29edad156bf67ULL);
}

static void
test_a_seed_gives_independent_values(void **state)
{
	(void)state;
	assert_true(
	    hash_bytes_seeded("larder", 6, 0) == hash_bytes("larder", 6));
	assert_true(hash_bytes_seeded("larder", 6, 1) !=
	    hash_bytes_seeded("larder", 6, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hash_is_xxh3),
		cmocka_unit_test(test_a_seed_gives_independent_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
