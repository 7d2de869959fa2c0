/* tests/support/replay.c: traces through a policy */
#include "tests/support/replay.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/hash.h"
#include "store/base/num.h"

#define LINE_BYTES 4096

static void *
must_have(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

/* ---- traces ---- */

void
replay_add(struct replay_trace *t, uint32_t id, uint64_t bytes)
{
	if (t->n == t->capacity) {
		t->capacity = t->capacity > 0 ? t->capacity * 2 : 1024;
		t->requests = must_have(
		    realloc(t->requests, t->capacity * sizeof(*t->requests)));
	}
	t->requests[t->n++] = (struct replay_request){ id, bytes };
	if (t->last_id < id)
		t->last_id = id;
}

void
replay_free(struct replay_trace *t)
{
	free(t->requests);
	*t = (struct replay_trace){ 0 };
}

/* Numbers for names; two of one hash are taken for the same. */
struct names {
	uint64_t *hashes; /* 0: free */
	uint32_t *ids;
	size_t capacity; /* a power of two */
	uint32_t n;
};

static size_t
name_place(const struct names *names, uint64_t hash)
{
	size_t at = hash & (names->capacity - 1);

	while (names->hashes[at] != 0 && names->hashes[at] != hash)
		at = (at + 1) & (names->capacity - 1);
	return at;
}

static void
names_grow(struct names *names)
{
	struct names old = *names;

	names->capacity = old.capacity > 0 ? old.capacity * 2 : 1024;
	names->hashes = must_have(calloc(names->capacity, sizeof(uint64_t)));
	names->ids = must_have(calloc(names->capacity, sizeof(uint32_t)));
	for (size_t i = 0; i < old.capacity; i++) {
		size_t at;

		if (old.hashes[i] == 0)
			continue;
		at = name_place(names, old.hashes[i]);
		names->hashes[at] = old.hashes[i];
		names->ids[at] = old.ids[i];
	}
	free(old.hashes);
	free(old.ids);
}

static uint32_t
id_of(struct names *names, struct slice name)
{
	uint64_t hash = hash_bytes(name.p, name.n) | 1;
	size_t at;

	if (names->n >= names->capacity / 2)
		names_grow(names);
	at = name_place(names, hash);
	if (names->hashes[at] == 0) {
		names->hashes[at] = hash;
		names->ids[at] = ++names->n;
	}
	return names->ids[at];
}

static bool
read_line(struct slice line, struct names *names, struct replay_trace *t)
{
	size_t id_at = slice_find(line, ',') + 1;
	struct slice rest = slice_cut(line, id_at, line.n);
	size_t id_n = slice_find(rest, ',');
	uint64_t bytes;

	if (id_at > line.n || id_n == 0 || id_n >= rest.n ||
	    num_parse_u64(
		slice_cut(rest, id_n + 1, rest.n), UINT64_MAX, &bytes) != LR_OK)
		return false;
	replay_add(t, id_of(names, slice_cut(rest, 0, id_n)), bytes);
	return true;
}

enum lr
replay_read(FILE *in, struct replay_trace *t, size_t *line)
{
	struct names names = { 0 };
	char text[LINE_BYTES];
	enum lr rc = LR_OK;

	for (*line = 1; rc == LR_OK && fgets(text, sizeof(text), in); ++*line) {
		text[strcspn(text, "\r\n")] = '\0';
		if (!read_line(slice_of(text), &names, t))
			rc = LR_INVALID;
	}
	--*line;
	free(names.hashes);
	free(names.ids);
	return rc;
}

/* ---- caches ---- */

struct cache {
	struct policy *policy;
	uint64_t *bytes; /* of each object that is there, else 0 */
	uint64_t used_bytes;
	struct replay_result *result;
};

/* So that neighbours do not look alike (splitmix64's finisher). */
static uint64_t
hash_of(uint32_t id)
{
	uint64_t x = id * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static bool
make_room(struct cache *c, uint32_t id, uint64_t bytes, unsigned frequency)
{
	while (c->used_bytes + bytes > c->result->capacity_bytes) {
		uint32_t victim = policy_victim(c->policy);

		if (!policy_admits(
			c->policy, victim, hash_of(id), bytes, frequency)) {
			c->result->not_admitted++;
			return false;
		}
		policy_evict(c->policy, victim, hash_of(victim));
		c->used_bytes -= c->bytes[victim] - 1;
		c->bytes[victim] = 0;
		c->result->evicted++;
	}
	return true;
}

static void
miss(struct cache *c, uint32_t id, uint64_t bytes)
{
	uint32_t before = c->bytes[id] != 0 ? id : POLICY_NO_SLOT;
	unsigned frequency = policy_frequency(c->policy, hash_of(id), before);

	c->result->misses++;
	c->result->missed_bytes += bytes;
	if (before != POLICY_NO_SLOT) {
		policy_remove(c->policy, id, hash_of(id));
		c->used_bytes -= c->bytes[id] - 1;
		c->bytes[id] = 0;
	}
	if (bytes > c->result->capacity_bytes ||
	    !make_room(c, id, bytes, frequency))
		return;
	if (policy_add(c->policy, id, bytes, frequency) != LR_OK)
		abort();
	c->bytes[id] = bytes + 1;
	c->used_bytes += bytes;
}

/* Also lets *seen find out whether it is the first one of an object. */
static uint64_t
footprint(const struct replay_trace *t)
{
	bool *seen = must_have(calloc((size_t)t->last_id + 1, sizeof(*seen)));
	uint64_t bytes = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct replay_request *r = &t->requests[i];

		bytes += seen[r->id] ? 0 : r->bytes;
		seen[r->id] = true;
	}
	free(seen);
	return bytes;
}

void
replay_run(const struct replay_trace *t, double fraction, enum policy_kind kind,
    struct replay_result *out)
{
	struct cache c = { .result = out };

	*out = (struct replay_result){ .requests = t->n };
	out->capacity_bytes = (uint64_t)((double)footprint(t) * fraction);
	c.bytes = must_have(calloc((size_t)t->last_id + 1, sizeof(*c.bytes)));
	if (policy_create(kind, &c.policy) != LR_OK)
		abort();
	for (size_t i = 0; i < t->n; i++) {
		const struct replay_request *r = &t->requests[i];

		out->bytes += r->bytes;
		if (c.bytes[r->id] == r->bytes + 1)
			policy_hit(c.policy, r->id);
		else
			miss(&c, r->id, r->bytes);
	}
	policy_free(c.policy);
	free(c.bytes);
}

static unsigned
thousandths(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (unsigned)((double)part * 1000 / (double)whole + 0.5)
			 : 0;
}

unsigned
replay_request_miss(const struct replay_result *r)
{
	return thousandths(r->misses, r->requests);
}

unsigned
replay_byte_miss(const struct replay_result *r)
{
	return thousandths(r->missed_bytes, r->bytes);
}
