/* tests/unit/store/test_index.c: finding, pinning, removing, in parallel */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "store/index.h"

#define SIZE ((uint64_t)64 << 20)
#define HASHES 50u /* few, so that threads meet */
#define TURNS 20000

static struct index *
make(void)
{
	struct index *ix = NULL;

	assert_int_equal(index_create(SIZE, &ix), LR_OK);
	return ix;
}

static enum lr
publish(struct index *ix, uint64_t hash, uint64_t id, uint32_t *slot)
{
	struct store_ref ref = { .hash = hash,
		.id = id,
		.body_bytes = id * 3,
		.body0_bytes = (uint32_t)(id % 4081) };
	enum lr rc = index_publish(ix, &ref, false);

	if (slot != NULL)
		*slot = ref.slot;
	return rc;
}

/* Deletes what is drained as the writer would; returns how many. */
static unsigned
reap(struct index *ix)
{
	unsigned n = 0;
	uint32_t slot;

	while ((slot = index_take_drained(ix)) != INDEX_NO_SLOT) {
		index_slot_free(ix, slot);
		n++;
	}
	return n;
}

static void
test_an_entry_is_found_with_what_was_published(void **state)
{
	struct index *ix = make();
	struct store_ref ref;
	uint64_t i;

	(void)state;
	for (i = 1; i <= 40000; i++)
		assert_int_equal(publish(ix, i * 1024, i, NULL), LR_OK);
	for (i = 1; i <= 40000; i++) {
		assert_int_equal(index_find(ix, i * 1024, &ref), LR_OK);
		assert_true(ref.id == i && ref.hash == i * 1024);
		assert_true(ref.body_bytes == i * 3);
		assert_int_equal(ref.body0_bytes, i % 4081);
		assert_false(index_unpin(ix, ref.slot));
	}
	assert_int_equal(index_find(ix, 1023, &ref), LR_NOTFOUND);
	assert_int_equal(index_find(ix, 0, &ref), LR_NOTFOUND);
	assert_int_equal(index_objects(ix), 40000);
	index_free(ix);
}

static void
test_a_pinned_entry_is_drained_by_its_last_pin(void **state)
{
	struct index *ix = make();
	struct store_ref ref;
	uint64_t id = 0;

	(void)state;
	publish(ix, 7, 1, NULL);
	assert_int_equal(index_find(ix, 7, &ref), LR_OK);
	index_pin(ix, ref.slot);
	assert_true(index_alive(ix, ref.slot, 1));
	assert_int_equal(index_remove(ix, 7, 2, &id), LR_NOTFOUND);
	assert_int_equal(index_remove(ix, 7, 1, &id), LR_OK);
	assert_int_equal(id, 1);
	assert_false(index_alive(ix, ref.slot, 1));
	assert_false(index_has_drained(ix));
	assert_false(index_unpin(ix, ref.slot));
	assert_true(index_unpin(ix, ref.slot));
	assert_true(index_has_drained(ix));
	assert_int_equal(index_take_drained(ix), ref.slot);
	assert_int_equal(index_slot_id(ix, ref.slot), 1);
	index_give_back(ix, ref.slot);
	assert_int_equal(reap(ix), 1);
	assert_int_equal(index_objects(ix), 0);
	assert_int_equal(index_body_bytes(ix), 0);
	index_free(ix);
}

static void
test_a_newer_entry_takes_the_place_of_the_older(void **state)
{
	struct index *ix = make();
	struct store_ref ref;
	uint32_t a, b;

	(void)state;
	publish(ix, 7, 1, &a);
	publish(ix, 7, 2, &b);
	assert_int_not_equal(a, b);
	assert_int_equal(index_find(ix, 7, &ref), LR_OK);
	assert_int_equal(ref.id, 2);
	assert_int_equal(index_take_drained(ix), a);
	index_slot_free(ix, a);
	index_unpin(ix, ref.slot);
	assert_int_equal(index_objects(ix), 1);
	publish(ix, 8, 3, &b); /* the slot is used again */
	assert_int_equal(a, b);
	index_free(ix);
}

static void
test_a_drained_entry_can_be_added(void **state)
{
	struct index *ix = make();
	uint32_t slot;

	(void)state;
	assert_int_equal(index_add_drained(ix, 99), LR_OK);
	slot = index_take_drained(ix);
	assert_int_not_equal(slot, INDEX_NO_SLOT);
	assert_int_equal(index_slot_id(ix, slot), 99);
	assert_int_equal(index_objects(ix), 0);
	index_slot_free(ix, slot);
	index_free(ix);
}

/* ---- all at once ---- */

struct stage {
	struct index *ix;
	_Atomic uint64_t newest_of_steady; /* id published last for hash 1 */
	_Atomic bool over;
	_Atomic unsigned wrong;
};

/* Hashes of one shard and few buckets: 1, 65, 129, … share chains. */
static uint64_t
hash_no(unsigned i)
{
	return 1 + (uint64_t)(i % HASHES) * 64 * 1024 * 1024;
}

/* Ids tell which hash they belong to. */
static bool
belongs(const struct store_ref *ref)
{
	return hash_no((unsigned)(ref->id % HASHES)) == ref->hash &&
	    ref->body_bytes == ref->id * 3 &&
	    ref->body0_bytes == ref->id % 4081;
}

static void *
find_all(void *arg)
{
	struct stage *s = arg;
	struct store_ref ref;
	uint64_t least;
	unsigned i = 0;

	while (!atomic_load(&s->over)) {
		/* Hash 1 is replaced all the time and never missing. */
		least = atomic_load(&s->newest_of_steady);
		if (index_find(s->ix, hash_no(0), &ref) != LR_OK)
			atomic_fetch_add(&s->wrong, 1);
		else {
			if (!belongs(&ref) || ref.id < least)
				atomic_fetch_add(&s->wrong, 1);
			index_unpin(s->ix, ref.slot);
		}
		if (index_find(s->ix, hash_no(i++), &ref) == LR_OK) {
			if (!belongs(&ref))
				atomic_fetch_add(&s->wrong, 1);
			index_pin(s->ix, ref.slot);
			index_unpin(s->ix, ref.slot);
			index_unpin(s->ix, ref.slot);
		}
	}
	return NULL;
}

static void *
remove_all(void *arg)
{
	struct stage *s = arg;
	unsigned i = 0;

	while (!atomic_load(&s->over)) {
		if (++i % HASHES != 0)
			index_remove(s->ix, hash_no(i), 0, NULL);
	}
	return NULL;
}

static void
test_finders_meet_whole_entries_while_others_change_them(void **state)
{
	struct stage s = { .ix = make() };
	pthread_t threads[3];
	uint64_t i, id = HASHES;
	uint32_t slot;

	(void)state;
	publish(s.ix, hash_no(0), id, NULL);
	pthread_create(&threads[0], NULL, find_all, &s);
	pthread_create(&threads[1], NULL, find_all, &s);
	pthread_create(&threads[2], NULL, remove_all, &s);
	for (i = 1; i < TURNS; i++) {
		id = HASHES + i;
		publish(s.ix, hash_no((unsigned)(id % HASHES)), id, NULL);
		if (id % HASHES == 0)
			atomic_store(&s.newest_of_steady, id);
		if (i % 8 == 0 &&
		    (slot = index_take_drained(s.ix)) != INDEX_NO_SLOT)
			index_give_back(s.ix, slot);
		reap(s.ix);
	}
	atomic_store(&s.over, true);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(s.wrong, 0);
	for (i = 0; i < HASHES; i++)
		index_remove(s.ix, hash_no((unsigned)i), 0, NULL);
	reap(s.ix);
	assert_int_equal(index_objects(s.ix), 0);
	assert_int_equal(index_body_bytes(s.ix), 0);
	index_free(s.ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_entry_is_found_with_what_was_published),
		cmocka_unit_test(
		    test_a_pinned_entry_is_drained_by_its_last_pin),
		cmocka_unit_test(
		    test_a_newer_entry_takes_the_place_of_the_older),
		cmocka_unit_test(test_a_drained_entry_can_be_added),
		cmocka_unit_test(
		    test_finders_meet_whole_entries_while_others_change_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
