/* store/policy.c: queues by worth, a clock, and ghosts */
#include "store/policy.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "store/base/check.h"
#include "store/ghosts.h"

#define CHUNK_BITS 14
#define CHUNK_ENTRIES (1u << CHUNK_BITS)
#define CHUNKS (1u << (32 - CHUNK_BITS)) /* every slot that there can be */
#define CLASSES 44			 /* see class_of */
#define HITS_MAX 3
#define UNSAVED 0xffu
#define USE_FREQUENCY_BITS 4

struct entry {
	uint64_t since;	       /* the clock when it was queued */
	uint32_t newer, older; /* in its queue */
	uint32_t bytes;	       /* at most UINT32_MAX */
	_Atomic uint8_t hits;  /* since it was queued; HITS_MAX is many */
	uint8_t frequency;
	uint8_t class; /* its queue, from 1 on; 0: in none */
	uint8_t saved; /* the frequency in its record, or UNSAVED */
};

_Static_assert(sizeof(struct entry) == POLICY_ENTRY_BYTES, "see policy.h");
_Static_assert(POLICY_FREQUENCY_MAX == GHOSTS_FREQUENCY_MAX, "they hold it");
_Static_assert(POLICY_GHOST_BYTES == GHOSTS_BYTES_PER_OBJECT, "see policy.h");

struct queue_ends {
	uint32_t newest, oldest;
};

struct rules {
	bool by_value;	    /* classes, admission, ghosts */
	bool second_chance; /* who was asked for is queued again */
};

static const struct rules RULES[] = {
	[POLICY_VALUE] = { .by_value = true, .second_chance = true },
	[POLICY_LRU] = { .second_chance = true },
	[POLICY_FIFO] = { 0 },
};

struct policy {
	const struct rules *rules;
	uint64_t clock;
	uint64_t objects;
	uint32_t end_slot; /* behind all that were ever added */
	uint32_t n_chunks;
	struct queue_ends classes[CLASSES + 1];
	struct ghosts ghosts;
	_Atomic(struct entry *) chunks[CHUNKS];
};

enum lr
policy_create(enum policy_kind kind, struct policy **out)
{
	/* Zeroed memory costs nothing until it is touched. */
	struct policy *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return LR_NOMEM;
	p->rules = &RULES[kind];
	*out = p;
	return LR_OK;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	for (uint32_t i = 0; i <= p->end_slot >> CHUNK_BITS; i++)
		free(atomic_load(&p->chunks[i]));
	ghosts_free(&p->ghosts);
	free(p);
}

/* ---- entries ---- */

/* NULL if it was never added, nor one near it. */
static struct entry *
entry_at(const struct policy *p, uint32_t slot)
{
	struct entry *chunk = atomic_load_explicit(
	    &p->chunks[slot >> CHUNK_BITS], memory_order_acquire);

	return chunk != NULL ? &chunk[slot & (CHUNK_ENTRIES - 1)] : NULL;
}

/* Makes room for it if there is none. */
static enum lr
entry_new(struct policy *p, uint32_t slot, struct entry **out)
{
	struct entry *e = entry_at(p, slot), *chunk;

	if (e == NULL) {
		chunk = calloc(CHUNK_ENTRIES, sizeof(*chunk));
		if (chunk == NULL)
			return LR_NOMEM;
		atomic_store_explicit(&p->chunks[slot >> CHUNK_BITS], chunk,
		    memory_order_release);
		p->n_chunks++;
		e = &chunk[slot & (CHUNK_ENTRIES - 1)];
	}
	CHECK(e->class == 0);
	if (p->end_slot <= slot)
		p->end_slot = slot + 1;
	*out = e;
	return LR_OK;
}

void
policy_hit(struct policy *p, uint32_t slot)
{
	struct entry *e = entry_at(p, slot);
	unsigned n;

	if (e == NULL)
		return;
	/* Not one step: a hit that gets lost is no harm, and a counter that
	 * is full is not written to, so that threads do not fight for it. */
	n = atomic_load_explicit(&e->hits, memory_order_relaxed);
	if (n < HITS_MAX)
		atomic_store_explicit(
		    &e->hits, (uint8_t)(n + 1), memory_order_relaxed);
}

static unsigned
hits_of(const struct entry *e)
{
	return atomic_load_explicit(&e->hits, memory_order_relaxed);
}

static unsigned
frequency_after(unsigned frequency, unsigned more)
{
	return frequency + more < POLICY_FREQUENCY_MAX ? frequency + more
						       : POLICY_FREQUENCY_MAX;
}

/* ---- worth ---- */

/* Twice the binary logarithm of frequency by the root of bytes: that of
 * frequency squared by bytes, here times 16 << 32.  So the rarest and
 * largest are in class 1, and 15 times asked for a single byte is 44. */
static unsigned
class_of(const struct policy *p, unsigned frequency, uint32_t bytes)
{
	uint64_t square = frequency == 0 ? 1 : 16u * frequency * frequency;
	uint64_t ratio = (square << 32) / (bytes > 0 ? bytes : 1);

	if (!p->rules->by_value)
		return 1;
	return 64 - (unsigned)__builtin_clzll(ratio);
}

/* In the unit of the clock: a factor of two for two classes, and so much
 * for the least that counting does not matter beside it. */
static uint64_t
class_worth(unsigned class)
{
	return (uint64_t)(class % 2 == 0 ? 65536 : 92682) << class / 2;
}

static uint64_t
due(const struct entry *e)
{
	return e->since + class_worth(e->class);
}

static uint32_t
bytes_held(uint64_t bytes)
{
	return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

/* ---- queues ---- */

static void
link_newest(struct policy *p, uint32_t slot, struct entry *e)
{
	struct queue_ends *q = &p->classes[e->class];

	e->newer = POLICY_NO_SLOT;
	e->older = q->newest;
	if (q->newest != POLICY_NO_SLOT)
		entry_at(p, q->newest)->newer = slot;
	else
		q->oldest = slot;
	q->newest = slot;
}

static void
enter(struct policy *p, uint32_t slot, struct entry *e)
{
	e->class = (uint8_t)class_of(p, e->frequency, e->bytes);
	e->since = ++p->clock; /* no two alike: also an order */
	link_newest(p, slot, e);
}

static void
leave(struct policy *p, struct entry *e)
{
	struct queue_ends *q = &p->classes[e->class];

	if (e->newer != POLICY_NO_SLOT)
		entry_at(p, e->newer)->older = e->older;
	else
		q->newest = e->older;
	if (e->older != POLICY_NO_SLOT)
		entry_at(p, e->older)->newer = e->newer;
	else
		q->oldest = e->newer;
	e->class = 0;
}

/* Due first of those that came first in their queues. */
static uint32_t
first_due(const struct policy *p)
{
	uint32_t best = POLICY_NO_SLOT;
	uint64_t best_due = UINT64_MAX;

	for (unsigned class = 1; class <= CLASSES; class ++) {
		uint32_t slot = p->classes[class].oldest;
		uint64_t at;

		if (slot == POLICY_NO_SLOT)
			continue;
		at = due(entry_at(p, slot));
		if (at < best_due) {
			best = slot;
			best_due = at;
		}
	}
	return best;
}

static void
move_clock(struct policy *p, const struct entry *e)
{
	if (p->rules->by_value && p->clock < due(e))
		p->clock = due(e);
}

/* ---- coming ---- */

unsigned
policy_frequency(const struct policy *p, uint64_t hash, uint32_t before)
{
	const struct entry *e = before != POLICY_NO_SLOT ? entry_at(p, before)
							 : NULL;
	unsigned frequency;

	if (!p->rules->by_value)
		return 0;
	if (e != NULL && e->class != 0)
		return frequency_after(e->frequency, hits_of(e) + 1);
	if (!ghosts_find(&p->ghosts, hash, &frequency))
		return 0;
	return frequency_after(frequency, 1);
}

bool
policy_admits(struct policy *p, uint32_t victim, uint64_t hash, uint64_t bytes,
    unsigned frequency)
{
	uint64_t worth = class_worth(class_of(p, frequency, bytes_held(bytes)));

	if (!p->rules->by_value || due(entry_at(p, victim)) <= p->clock + worth)
		return true;
	p->clock += worth;
	ghosts_put(&p->ghosts, hash, frequency);
	return false;
}

enum lr
policy_add(struct policy *p, uint32_t slot, uint64_t bytes, unsigned frequency)
{
	struct entry *e;
	enum lr rc = entry_new(p, slot, &e);

	if (rc != LR_OK)
		return rc;
	e->bytes = bytes_held(bytes);
	e->frequency = e->saved = (uint8_t)frequency;
	atomic_store_explicit(&e->hits, 0, memory_order_relaxed);
	enter(p, slot, e);
	p->objects++;
	if (p->rules->by_value)
		ghosts_grow(&p->ghosts, p->objects);
	return LR_OK;
}

void
policy_resize(struct policy *p, uint32_t slot, uint64_t bytes)
{
	struct entry *e = entry_at(p, slot);

	if (e == NULL || e->class == 0)
		return;
	e->bytes = bytes_held(bytes);
	if (class_of(p, e->frequency, e->bytes) == e->class)
		return;
	leave(p, e);
	enter(p, slot, e);
	e->saved = UNSAVED;
}

/* ---- going ---- */

uint32_t
policy_victim(struct policy *p)
{
	struct entry *e;
	uint32_t slot;
	unsigned hits;

	while ((slot = first_due(p)) != POLICY_NO_SLOT) {
		e = entry_at(p, slot);
		hits = hits_of(e);
		if (hits == 0 || !p->rules->second_chance)
			break;
		move_clock(p, e);
		leave(p, e);
		e->frequency = (uint8_t)frequency_after(e->frequency, hits);
		e->saved = UNSAVED;
		atomic_store_explicit(&e->hits, 0, memory_order_relaxed);
		enter(p, slot, e);
	}
	return slot;
}

static void
go(struct policy *p, struct entry *e, uint64_t hash, unsigned frequency)
{
	leave(p, e);
	p->objects--;
	if (p->rules->by_value)
		ghosts_put(&p->ghosts, hash, frequency);
}

void
policy_evict(struct policy *p, uint32_t slot, uint64_t hash)
{
	struct entry *e = entry_at(p, slot);

	move_clock(p, e);
	go(p, e, hash, e->frequency / 2);
}

void
policy_remove(struct policy *p, uint32_t slot, uint64_t hash)
{
	struct entry *e = entry_at(p, slot);

	if (e != NULL && e->class != 0)
		go(p, e, hash, frequency_after(e->frequency, hits_of(e)));
}

uint64_t
policy_objects(const struct policy *p)
{
	return p->objects;
}

uint64_t
policy_memory_bytes(const struct policy *p)
{
	return (uint64_t)p->n_chunks * CHUNK_ENTRIES * sizeof(struct entry) +
	    ghosts_memory_bytes(&p->ghosts);
}

/* ---- over a restart ---- */

static uint64_t
use_of(unsigned frequency, uint64_t since)
{
	return since << USE_FREQUENCY_BITS | frequency;
}

uint64_t
policy_use(const struct policy *p, uint32_t slot)
{
	const struct entry *e = entry_at(p, slot);

	return use_of(frequency_after(e->frequency, hits_of(e)), e->since);
}

uint64_t
policy_first_use(const struct policy *p, unsigned frequency)
{
	return use_of(frequency, p->clock);
}

enum lr
policy_restore(struct policy *p, uint32_t slot, uint64_t bytes, uint64_t use)
{
	enum lr rc = policy_add(p, slot, bytes, use & POLICY_FREQUENCY_MAX);

	if (rc == LR_OK)
		entry_at(p, slot)->since = use >> USE_FREQUENCY_BITS;
	return rc;
}

/* Two lists, each from old to new along `newer`, become one. */
static uint32_t
merge(struct policy *p, uint32_t a, uint32_t b)
{
	uint32_t first = POLICY_NO_SLOT, *end = &first;

	while (a != POLICY_NO_SLOT && b != POLICY_NO_SLOT) {
		struct entry *ea = entry_at(p, a), *eb = entry_at(p, b);

		if (ea->since <= eb->since) {
			*end = a;
			end = &ea->newer;
			a = ea->newer;
		} else {
			*end = b;
			end = &eb->newer;
			b = eb->newer;
		}
	}
	*end = a != POLICY_NO_SLOT ? a : b;
	return first;
}

/* A list from old to new; in sorted[i] wait 2^i that are in order. */
static uint32_t
sort(struct policy *p, uint32_t slot)
{
	uint32_t sorted[32] = { 0 }, next, all = POLICY_NO_SLOT;
	unsigned i;

	for (; slot != POLICY_NO_SLOT; slot = next) {
		next = entry_at(p, slot)->newer;
		entry_at(p, slot)->newer = POLICY_NO_SLOT;
		for (i = 0; sorted[i] != POLICY_NO_SLOT; i++) {
			slot = merge(p, sorted[i], slot);
			sorted[i] = POLICY_NO_SLOT;
		}
		sorted[i] = slot;
	}
	for (i = 0; i < 32; i++)
		all = merge(p, sorted[i], all);
	return all;
}

/* The clock was not behind anything that it had queued. */
void
policy_restored(struct policy *p)
{
	struct entry *e;
	uint32_t slot, next;

	p->clock = 0;
	for (unsigned class = 1; class <= CLASSES; class ++) {
		slot = sort(p, p->classes[class].oldest);
		p->classes[class] = (struct queue_ends){ 0 };
		for (; slot != POLICY_NO_SLOT; slot = next) {
			e = entry_at(p, slot);
			next = e->newer;
			link_newest(p, slot, e);
			if (p->clock < e->since)
				p->clock = e->since;
		}
	}
}

uint32_t
policy_unsaved(struct policy *p, uint32_t *from, unsigned most)
{
	uint32_t slot = *from;
	const struct entry *e;

	for (; slot < p->end_slot && most > 0; slot++, most--) {
		e = entry_at(p, slot);
		if (e == NULL || e->class == 0 ||
		    frequency_after(e->frequency, hits_of(e)) == e->saved)
			continue;
		*from = slot + 1;
		return slot;
	}
	*from = slot < p->end_slot ? slot : 0;
	return POLICY_NO_SLOT;
}

void
policy_saved(struct policy *p, uint32_t slot, uint64_t use)
{
	entry_at(p, slot)->saved = use & POLICY_FREQUENCY_MAX;
}

void
policy_lost(struct policy *p, uint32_t slot)
{
	entry_at(p, slot)->saved = UNSAVED;
}
