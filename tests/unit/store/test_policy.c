/* tests/unit/store/test_policy.c: who goes, and who does not come in */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/index.h"
#include "store/policy.h"

static struct policy *
policy_of(enum policy_kind kind)
{
	struct policy *p;

	assert_int_equal(policy_create(kind, &p), LR_OK);
	return p;
}

static uint64_t
hash_no(uint32_t i)
{
	return (uint64_t)i << 36 | i;
}

/* Comes in without a test of whether it is worth it. */
static void
add(struct policy *p, uint32_t slot, uint64_t bytes)
{
	unsigned f = policy_frequency(p, hash_no(slot), POLICY_NO_SLOT);

	assert_int_equal(policy_add(p, slot, bytes, f), LR_OK);
}

static void
hit(struct policy *p, uint32_t slot, unsigned times)
{
	while (times-- > 0)
		policy_hit(p, slot);
}

static uint32_t
evict_next(struct policy *p)
{
	uint32_t slot = policy_victim(p);

	if (slot != POLICY_NO_SLOT)
		policy_evict(p, slot, hash_no(slot));
	return slot;
}

static void
assert_evicts(struct policy *p, const uint32_t *slots)
{
	for (; *slots != POLICY_NO_SLOT; slots++)
		assert_int_equal(evict_next(p), *slots);
}

#define ASSERT_EVICTS(p, ...) \
	assert_evicts(p, (const uint32_t[]){ __VA_ARGS__, POLICY_NO_SLOT })

/* What slot would be given if it were saved now. */
static unsigned
frequency_of(const struct policy *p, uint32_t slot)
{
	return policy_use(p, slot) & POLICY_FREQUENCY_MAX;
}

static void
test_without_objects_nothing_can_go(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	assert_int_equal(policy_victim(p), POLICY_NO_SLOT);
	policy_hit(p, 7); /* none of these is known */
	policy_hit(p, UINT32_MAX);
	policy_remove(p, 7, 1);
	policy_resize(p, 7, 1);
	assert_int_equal(policy_objects(p), 0);
	policy_free(p);
	policy_free(NULL);
}

static void
test_those_alike_go_in_the_order_they_came(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	add(p, 5, 1000);
	add(p, 4, 1000);
	add(p, 70000, 1000);
	assert_int_equal(policy_objects(p), 3);
	ASSERT_EVICTS(p, 5, 4, 70000);
	assert_int_equal(policy_objects(p), 0);
	assert_int_equal(policy_victim(p), POLICY_NO_SLOT);
	policy_free(p);
}

static void
test_the_larger_goes_sooner_but_the_smaller_ages(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);
	unsigned large = 0;

	(void)state;
	add(p, 1, 1024);
	for (uint32_t slot = 2; large < 1000; slot++) {
		add(p, slot, 1 << 20);
		if (evict_next(p) == 1)
			break;
		large++;
	}
	/* worth the root of 1,024 times as much: 32 large ones */
	assert_in_range(large, 30, 34);
	policy_free(p);
}

static void
test_who_was_asked_for_is_queued_again(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	add(p, 1, 1000);
	add(p, 2, 1000);
	add(p, 3, 1000);
	hit(p, 1, 1);
	ASSERT_EVICTS(p, 2, 3);
	assert_int_equal(frequency_of(p, 1), 1);
	ASSERT_EVICTS(p, 1);
	policy_free(p);
}

static void
test_more_than_three_hits_count_as_three_each_time(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	add(p, 1, 1000);
	for (unsigned f = 3; f < 30; f += 3) {
		hit(p, 1, 1000);
		/* queued again, where it is next once more */
		assert_int_equal(policy_victim(p), 1);
		assert_int_equal(frequency_of(p, 1), f < 15 ? f : 15);
	}
	policy_free(p);
}

static void
test_frequency_outweighs_size_by_its_square(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	/* 4 by the root of 16,000 is 1 by the root of 1,000 */
	assert_int_equal(policy_add(p, 1, 16000, 6), LR_OK);
	assert_int_equal(policy_add(p, 2, 1000, 1), LR_OK);
	assert_int_equal(policy_add(p, 3, 16000, 3), LR_OK);
	ASSERT_EVICTS(p, 3, 2, 1);
	policy_free(p);
}

static void
test_a_newcomer_worth_less_is_not_admitted_at_first(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);
	unsigned refused = 0;

	(void)state;
	assert_int_equal(policy_add(p, 1, 1000, 4), LR_OK);
	assert_false(policy_admits(p, 1, hash_no(2), 1 << 20, 0));
	assert_true(policy_admits(p, 1, hash_no(2), 1000, 4));
	/* The clock moves on: nothing stays for ever. */
	for (uint32_t i = 3; !policy_admits(p, 1, hash_no(i), 1000, 0); i++)
		refused++;
	assert_in_range(refused, 10, 20); /* 4 by 1/4, less one */
	policy_free(p);
}

static void
test_who_was_not_admitted_begins_higher_the_next_time(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	assert_int_equal(policy_add(p, 1, 1000, 4), LR_OK);
	assert_int_equal(policy_frequency(p, hash_no(2), POLICY_NO_SLOT), 0);
	for (unsigned f = 0; f < 3; f++) {
		assert_false(policy_admits(p, 1, hash_no(2), 1 << 24, f));
		assert_int_equal(
		    policy_frequency(p, hash_no(2), POLICY_NO_SLOT), f + 1);
	}
	policy_free(p);
}

static void
test_what_was_evicted_returns_with_half_its_frequency_and_one(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	assert_int_equal(policy_add(p, 1, 1000, 9), LR_OK);
	ASSERT_EVICTS(p, 1);
	assert_int_equal(policy_frequency(p, hash_no(1), POLICY_NO_SLOT), 5);
	assert_int_equal(policy_frequency(p, hash_no(2), POLICY_NO_SLOT), 0);
	policy_free(p);
}

static void
test_what_was_removed_returns_with_all_of_it(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	add(p, 2, 1000);
	assert_int_equal(policy_add(p, 1, 1000, 9), LR_OK);
	hit(p, 1, 2);
	policy_remove(p, 1, hash_no(1));
	assert_int_equal(policy_objects(p), 1);
	assert_int_equal(policy_frequency(p, hash_no(1), POLICY_NO_SLOT), 12);
	policy_remove(p, 1, hash_no(1)); /* nothing any more */
	ASSERT_EVICTS(p, 2);
	assert_int_equal(policy_victim(p), POLICY_NO_SLOT);
	policy_free(p);
}

static void
test_who_replaces_another_takes_over_its_frequency(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	assert_int_equal(policy_add(p, 1, 1000, 5), LR_OK);
	hit(p, 1, 1);
	assert_int_equal(policy_frequency(p, hash_no(1), 1), 7);
	assert_int_equal(policy_frequency(p, hash_no(9), 9), 0); /* unknown */
	policy_free(p);
}

static void
test_what_has_grown_goes_sooner(void **state)
{
	struct policy *p = policy_of(POLICY_VALUE);

	(void)state;
	add(p, 1, 1000);
	add(p, 2, 1000);
	policy_resize(p, 2, 1 << 20);
	ASSERT_EVICTS(p, 2, 1);
	policy_free(p);
}

static void
test_any_size_has_a_place(void **state)
{
	static const uint64_t SIZES[] = { 0, 1, 2, UINT32_MAX,
		(uint64_t)1 << 32, UINT64_MAX };
	struct policy *p = policy_of(POLICY_VALUE);
	uint32_t slot = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++)
		for (unsigned f = 0; f <= POLICY_FREQUENCY_MAX; f++)
			assert_int_equal(
			    policy_add(p, slot++, SIZES[i], f), LR_OK);
	for (uint32_t left = slot - 1; left > 0; left--)
		assert_int_not_equal(evict_next(p), POLICY_NO_SLOT);
	policy_free(p);
}

static void
test_lru_spares_whoever_was_asked_for_once_and_admits_all(void **state)
{
	struct policy *p = policy_of(POLICY_LRU);

	(void)state;
	add(p, 1, 1);
	add(p, 2, 1 << 30);
	add(p, 3, 1000);
	hit(p, 1, 3);
	assert_true(policy_admits(p, 2, hash_no(9), UINT64_MAX, 0));
	ASSERT_EVICTS(p, 2, 3, 1);
	add(p, 2, 1000);
	assert_int_equal(frequency_of(p, 2), 0); /* there are no ghosts */
	policy_free(p);
}

static void
test_fifo_looks_at_nothing_but_the_order(void **state)
{
	struct policy *p = policy_of(POLICY_FIFO);

	(void)state;
	add(p, 1, 1);
	add(p, 2, 1 << 30);
	hit(p, 1, 3);
	assert_true(policy_admits(p, 1, hash_no(9), UINT64_MAX, 0));
	policy_resize(p, 1, 5000);
	ASSERT_EVICTS(p, 1, 2);
	policy_free(p);
}

static void
test_an_object_takes_no_more_than_64_bytes(void **state)
{
	const uint32_t n = 1000003;
	struct policy *p = policy_of(POLICY_VALUE);
	uint64_t bytes;

	(void)state;
	for (uint32_t slot = 1; slot <= n; slot++)
		assert_int_equal(policy_add(p, slot, slot, 0), LR_OK);
	bytes = policy_memory_bytes(p) + (uint64_t)n * INDEX_ENTRY_BYTES;
	/* and what the last chunk has to spare */
	assert_true(bytes <= ((uint64_t)n + 16384) * 64);
	for (uint32_t slot = 1; slot <= n; slot++)
		assert_int_not_equal(evict_next(p), POLICY_NO_SLOT);
	assert_true(policy_memory_bytes(p) <= bytes);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test(f)
		TEST(test_without_objects_nothing_can_go),
		TEST(test_those_alike_go_in_the_order_they_came),
		TEST(test_the_larger_goes_sooner_but_the_smaller_ages),
		TEST(test_who_was_asked_for_is_queued_again),
		TEST(test_more_than_three_hits_count_as_three_each_time),
		TEST(test_frequency_outweighs_size_by_its_square),
		TEST(test_a_newcomer_worth_less_is_not_admitted_at_first),
		TEST(test_who_was_not_admitted_begins_higher_the_next_time),
		TEST(
		    test_what_was_evicted_returns_with_half_its_frequency_and_one),
		TEST(test_what_was_removed_returns_with_all_of_it),
		TEST(test_who_replaces_another_takes_over_its_frequency),
		TEST(test_what_has_grown_goes_sooner),
		TEST(test_any_size_has_a_place),
		TEST(test_lru_spares_whoever_was_asked_for_once_and_admits_all),
		TEST(test_fifo_looks_at_nothing_but_the_order),
		TEST(test_an_object_takes_no_more_than_64_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
