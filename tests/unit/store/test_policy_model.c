/* tests/unit/store/test_policy_model.c: the policy beside a slow and obvious
 * one, and beside itself after a restart */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/policy.h"

/* Ids are their own places in the table of ghosts: as long as there are
 * fewer of them than places, none pushes out another. */
#define IDS 512
#define ROOM_BYTES 140000
#define TURNS 60000

struct model_object {
	bool there, ghost;
	uint64_t bytes, since;
	unsigned frequency, hits, ghost_frequency;
};

struct model {
	struct model_object objects[IDS + 1];
	uint64_t clock;
};

static uint64_t random_state;

static uint64_t
random_below(uint64_t n)
{
	uint64_t x = random_state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31) % n;
}

static uint64_t
hash_no(uint32_t id)
{
	return (uint64_t)id << 36 | id;
}

static unsigned
at_most_15(unsigned f)
{
	return f < 15 ? f : 15;
}

/* The largest k with 2^k <= 16 f^2 2^32 / bytes, f being 1/4 at least. */
static unsigned
model_class(uint64_t bytes, unsigned frequency)
{
	uint64_t square = 16 * frequency * frequency;
	unsigned k = 0;

	if (square == 0)
		square = 1;
	while (((square << 32) / bytes) >> (k + 1) > 0)
		k++;
	return k;
}

/* 92,682 is 65,536 times the root of two. */
static uint64_t
model_worth(uint64_t bytes, unsigned frequency)
{
	unsigned k = model_class(bytes, frequency) + 1;
	uint64_t worth = k % 2 == 0 ? 65536 : 92682;

	while (k >= 2) {
		worth *= 2;
		k -= 2;
	}
	return worth;
}

static uint64_t
model_due(const struct model_object *o)
{
	return o->since + model_worth(o->bytes, o->frequency);
}

static void
model_queue(struct model *m, struct model_object *o)
{
	o->since = ++m->clock;
}

/* Is a before b?  In one class by when they came, else by when they are due. */
static bool
is_before(const struct model_object *a, const struct model_object *b)
{
	unsigned ka = model_class(a->bytes, a->frequency);
	unsigned kb = model_class(b->bytes, b->frequency);

	if (ka == kb)
		return a->since < b->since;
	if (model_due(a) != model_due(b))
		return model_due(a) < model_due(b);
	return ka < kb;
}

static uint32_t
model_victim(struct model *m)
{
	uint32_t best;

	for (;;) {
		best = 0;
		for (uint32_t id = 1; id <= IDS; id++)
			if (m->objects[id].there &&
			    (best == 0 ||
				is_before(&m->objects[id], &m->objects[best])))
				best = id;
		struct model_object *o = &m->objects[best];
		if (best == 0 || o->hits == 0)
			return best;
		if (m->clock < model_due(o))
			m->clock = model_due(o);
		o->frequency = at_most_15(o->frequency + o->hits);
		o->hits = 0;
		model_queue(m, o);
	}
}

static void
model_go(struct model_object *o, unsigned ghost_frequency)
{
	o->there = false;
	o->ghost = true;
	o->ghost_frequency = ghost_frequency;
}

static bool
model_admits(struct model *m, uint32_t victim, uint32_t id, uint64_t bytes,
    unsigned frequency)
{
	uint64_t worth = model_worth(bytes, frequency);

	if (model_due(&m->objects[victim]) <= m->clock + worth)
		return true;
	m->clock += worth;
	m->objects[id].ghost = true;
	m->objects[id].ghost_frequency = frequency;
	return false;
}

struct both {
	struct policy *p;
	struct model m;
	uint64_t used_bytes;
	unsigned evicted, refused, returned;
};

static void
evict_both(struct both *b, uint32_t victim)
{
	struct model_object *o = &b->m.objects[victim];

	policy_evict(b->p, victim, hash_no(victim));
	if (b->m.clock < model_due(o))
		b->m.clock = model_due(o);
	model_go(o, o->frequency / 2);
	b->used_bytes -= o->bytes;
	b->evicted++;
}

static void
come(struct both *b, uint32_t id, uint64_t bytes)
{
	struct model_object *o = &b->m.objects[id];
	unsigned f = o->ghost ? at_most_15(o->ghost_frequency + 1) : 0;

	b->returned += o->ghost;
	assert_int_equal(
	    policy_frequency(b->p, hash_no(id), POLICY_NO_SLOT), f);
	while (b->used_bytes + bytes > ROOM_BYTES) {
		uint32_t victim = model_victim(&b->m);
		bool yes = model_admits(&b->m, victim, id, bytes, f);

		assert_int_equal(policy_victim(b->p), victim);
		assert_int_equal(
		    policy_admits(b->p, victim, hash_no(id), bytes, f), yes);
		b->refused += !yes;
		if (!yes)
			return;
		evict_both(b, victim);
	}
	assert_int_equal(policy_add(b->p, id, bytes, f), LR_OK);
	o->there = true;
	o->bytes = bytes;
	o->frequency = f;
	o->hits = 0;
	model_queue(&b->m, o);
	b->used_bytes += bytes;
}

static void
grow(struct both *b, uint32_t id, uint64_t bytes)
{
	struct model_object *o = &b->m.objects[id];
	unsigned before = model_class(o->bytes, o->frequency);

	policy_resize(b->p, id, o->bytes + bytes);
	b->used_bytes += bytes;
	o->bytes += bytes;
	if (model_class(o->bytes, o->frequency) != before)
		model_queue(&b->m, o);
}

static void
leave(struct both *b, uint32_t id)
{
	struct model_object *o = &b->m.objects[id];

	policy_remove(b->p, id, hash_no(id));
	model_go(o, at_most_15(o->frequency + o->hits));
	b->used_bytes -= o->bytes;
}

static void
turn(struct both *b)
{
	/* some far more often than others */
	uint32_t id = 1 + (uint32_t)random_below(1 + random_below(IDS));
	struct model_object *o = &b->m.objects[id];
	uint64_t what = random_below(100);

	if (!o->there) {
		come(b, id, 1 + random_below(1 << random_below(18)));
	} else if (what < 2) {
		leave(b, id);
	} else if (what < 4) {
		grow(b, id, 1 + random_below(2000));
	} else {
		policy_hit(b->p, id);
		o->hits += o->hits < 3;
	}
}

/* So many objects that the table of ghosts has a place for each id. */
static void
make_places(struct policy *p)
{
	for (uint32_t id = 1; id <= IDS; id++)
		assert_int_equal(policy_add(p, id, 1, 0), LR_OK);
	for (uint32_t id = 1; id <= IDS; id++)
		policy_remove(p, id, hash_no(id + 2 * IDS));
}

static struct both *
both_after(uint64_t turns)
{
	struct both *b = calloc(1, sizeof(*b));

	random_state = 1;
	assert_int_equal(policy_create(POLICY_VALUE, &b->p), LR_OK);
	make_places(b->p);
	while (turns-- > 0)
		turn(b);
	return b;
}

static void
test_it_does_what_the_obvious_one_does(void **state)
{
	struct both *b = both_after(TURNS);

	(void)state;
	assert_true(b->evicted > 1000);
	assert_true(b->refused > 20);
	assert_true(b->returned > 1000);
	while (policy_objects(b->p) > 0) {
		assert_int_equal(policy_victim(b->p), model_victim(&b->m));
		evict_both(b, policy_victim(b->p));
	}
	assert_int_equal(model_victim(&b->m), 0);
	policy_free(b->p);
	free(b);
}

/* A new policy with what the old one's objects have in their records, in
 * the order of slots. */
static struct policy *
restored_from(const struct both *b, enum policy_kind kind)
{
	struct policy *p;

	assert_int_equal(policy_create(kind, &p), LR_OK);
	for (uint32_t id = 1; id <= IDS; id++)
		if (b->m.objects[id].there)
			assert_int_equal(
			    policy_restore(p, id, b->m.objects[id].bytes,
				policy_use(b->p, id)),
			    LR_OK);
	policy_restored(p);
	return p;
}

static void
test_order_and_frequency_are_the_same_after_a_restart(void **state)
{
	struct both *b = both_after(TURNS / 4);
	struct policy *p;
	unsigned n = 0;

	(void)state;
	/* Hits become frequency when they are saved: have none. */
	while (policy_victim(b->p) != POLICY_NO_SLOT) {
		bool some = false;

		for (uint32_t id = 1; id <= IDS; id++)
			some |= b->m.objects[id].there &&
			    b->m.objects[id].hits > 0;
		if (!some)
			break;
		evict_both(b, model_victim(&b->m));
	}
	p = restored_from(b, POLICY_VALUE);
	for (uint32_t id = 1; id <= IDS; id++)
		if (b->m.objects[id].there)
			assert_true(policy_use(p, id) == policy_use(b->p, id));
	for (; policy_objects(p) > 0; n++) {
		uint32_t victim = policy_victim(p);

		assert_int_equal(victim, policy_victim(b->p));
		policy_evict(p, victim, hash_no(victim));
		policy_evict(b->p, victim, hash_no(victim));
	}
	assert_true(n > 20);
	assert_int_equal(policy_victim(b->p), POLICY_NO_SLOT);
	policy_free(p);
	policy_free(b->p);
	free(b);
}

static void
test_those_of_one_queue_keep_their_order_too(void **state)
{
	struct policy *p, *q;

	(void)state;
	assert_int_equal(policy_create(POLICY_LRU, &p), LR_OK);
	assert_int_equal(policy_create(POLICY_LRU, &q), LR_OK);
	for (uint32_t slot = 1000; slot > 0; slot--)
		assert_int_equal(policy_add(p, slot, 1, 0), LR_OK);
	for (uint32_t slot = 3; slot <= 1000; slot += 3)
		policy_hit(p, slot);
	/* all others go, then every second of these */
	for (unsigned i = 0; i < 667; i++)
		policy_evict(p, policy_victim(p), 0);
	for (uint32_t slot = 6; slot <= 1000; slot += 6)
		policy_hit(p, slot);
	for (unsigned i = 0; i < 167; i++)
		policy_evict(p, policy_victim(p), 0);
	assert_int_equal(policy_objects(p), 166);
	for (uint32_t slot = 6; slot <= 1000; slot += 6)
		assert_int_equal(
		    policy_restore(q, slot, 1, policy_use(p, slot)), LR_OK);
	policy_restored(q);
	/* a newcomer is the last */
	assert_int_equal(policy_add(q, 2000, 1, 0), LR_OK);
	assert_int_equal(policy_add(p, 2000, 1, 0), LR_OK);
	while (policy_objects(p) > 0) {
		uint32_t victim = policy_victim(p);

		assert_int_equal(policy_victim(q), victim);
		policy_evict(p, victim, 0);
		policy_evict(q, victim, 0);
	}
	assert_int_equal(policy_victim(q), POLICY_NO_SLOT);
	policy_free(p);
	policy_free(q);
}

/* Slots whose use is to be saved, and says that it is. */
static unsigned
save_all(struct policy *p, unsigned most)
{
	uint32_t from = 1, slot;
	unsigned n = 0;

	do {
		slot = policy_unsaved(p, &from, most);
		if (slot == POLICY_NO_SLOT)
			continue;
		policy_saved(p, slot, policy_use(p, slot));
		n++;
	} while (from != 0);
	return n;
}

static void
test_only_what_has_changed_is_to_be_saved(void **state)
{
	struct policy *p;

	(void)state;
	assert_int_equal(policy_create(POLICY_VALUE, &p), LR_OK);
	assert_int_equal(save_all(p, 10), 0);
	for (uint32_t slot = 1; slot <= 40000; slot += 3)
		assert_int_equal(policy_add(p, slot, 1000, 2), LR_OK);
	assert_int_equal(save_all(p, 1000), 0); /* it is in their records */
	policy_hit(p, 1);
	policy_hit(p, 4);
	policy_hit(p, 39997);
	assert_int_equal(save_all(p, 10), 3);
	assert_int_equal(save_all(p, 1000), 0);
	policy_lost(p, 4);
	assert_int_equal(save_all(p, 1000), 1);
	/* 1 and 4 are queued again, for which 7 is the next to go */
	assert_int_equal(policy_victim(p), 7);
	assert_int_equal(save_all(p, 1000), 2);
	policy_resize(p, 7, 1 << 20);
	assert_int_equal(save_all(p, 1000), 1);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_does_what_the_obvious_one_does),
		cmocka_unit_test(
		    test_order_and_frequency_are_the_same_after_a_restart),
		cmocka_unit_test(test_those_of_one_queue_keep_their_order_too),
		cmocka_unit_test(test_only_what_has_changed_is_to_be_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
