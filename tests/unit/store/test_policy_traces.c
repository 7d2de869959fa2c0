/* tests/unit/store/test_policy_traces.c: the policies on traces
 *
 * What is asserted is how many requests, and bytes, of a thousand miss in a
 * cache of so much of the trace's footprint.  A policy may get better; more
 * than 5 in a thousand worse fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/replay.h"

#define TOLERANCE 5

struct row {
	double fraction;
	unsigned value_requests, value_bytes, lru_requests, lru_bytes;
};

static void
assert_miss(const struct replay_trace *t, double fraction,
    enum policy_kind kind, unsigned requests, unsigned bytes)
{
	struct replay_result r;

	replay_run(t, fraction, kind, &r);
	if (replay_request_miss(&r) <= requests + TOLERANCE &&
	    replay_byte_miss(&r) <= bytes + TOLERANCE)
		return;
	fail_msg("policy %d at %g: %u/%u instead of %u/%u", (int)kind, fraction,
	    replay_request_miss(&r), replay_byte_miss(&r), requests, bytes);
}

static void
assert_rows(const struct replay_trace *t, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_miss(t, rows[i].fraction, POLICY_VALUE,
		    rows[i].value_requests, rows[i].value_bytes);
		assert_miss(t, rows[i].fraction, POLICY_LRU,
		    rows[i].lru_requests, rows[i].lru_bytes);
	}
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
read_stored(const char *name, struct replay_trace *t)
{
	const char *source = getenv("SRCDIR");
	char command[4096];
	FILE *in;
	size_t line;

	snprintf(command, sizeof(command),
	    "gzip -dc '%s/tests/traces/%s.csv.gz'",
	    source != NULL ? source : ".", name);
	in = popen(command, "r");
	assert_non_null(in);
	assert_int_equal(replay_read(in, t, &line), LR_OK);
	assert_int_equal(pclose(in), 0);
	assert_int_equal(t->n, line);
}

static void
test_readers_of_1998(void **state)
{
	static const struct row ROWS[] = {
		{ 0.001, 820, 828, 876, 860 },
		{ 0.01, 716, 734, 791, 755 },
		{ 0.1, 636, 666, 702, 692 },
	};
	struct replay_trace t = { 0 };

	(void)state;
	read_stored("bu98", &t);
	assert_int_equal(t.n, 66987);
	assert_int_equal(t.last_id, 40240);
	assert_rows(&t, ROWS, COUNT(ROWS));
	replay_free(&t);
}

static void
test_a_site_of_1995(void **state)
{
	static const struct row ROWS[] = {
		{ 0.001, 465, 920, 735, 956 },
		{ 0.01, 260, 769, 474, 833 },
		{ 0.1, 113, 505, 196, 557 },
	};
	struct replay_trace t = { 0 };

	(void)state;
	read_stored("nasa0801", &t);
	assert_int_equal(t.n, 30241);
	assert_int_equal(t.last_id, 1731);
	assert_rows(&t, ROWS, COUNT(ROWS));
	replay_free(&t);
}

/* ---- made here ---- */

static uint64_t random_state;

static uint64_t
random_below(uint64_t n)
{
	uint64_t x = random_state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31) % n;
}

/* Twenty coins and a remainder: much like a lognormal, 13 KiB in the middle,
 * up to 13 MiB. */
static uint64_t
random_bytes(void)
{
	uint64_t coins = random_below(1 << 20);
	unsigned heads = (unsigned)__builtin_popcountll(coins);

	return ((uint64_t)13 << heads) + random_below((uint64_t)13 << heads);
}

/* Each doubling of the rank is as likely: about Zipf's law. */
static uint32_t
random_rank(unsigned log2_n)
{
	uint32_t first = 1u << random_below(log2_n);

	return first + (uint32_t)random_below(first);
}

/* A third are asked for once; the others by rank, and the ranks drift.  At
 * one time somebody walks through all that there is. */
static void
make_trace(struct replay_trace *t)
{
	enum { RANKS = 1 << 15, REQUESTS = 300000, WALK_AT = 180000 };
	uint32_t *ids = calloc(RANKS, sizeof(*ids));
	uint64_t *bytes = calloc(RANKS, sizeof(*bytes));
	uint32_t last_id = 0, rank;

	random_state = 4;
	for (rank = 0; rank < RANKS; rank++) {
		ids[rank] = ++last_id;
		bytes[rank] = random_bytes();
	}
	for (unsigned i = 0; i < REQUESTS; i++) {
		if (random_below(3) == 0) {
			replay_add(t, ++last_id, random_bytes());
			continue;
		}
		rank = random_rank(15);
		if (i >= WALK_AT && i < WALK_AT + RANKS)
			rank = i - WALK_AT;
		replay_add(t, ids[rank], bytes[rank]);
		if (random_below(100) == 0) {
			ids[rank] = ++last_id;
			bytes[rank] = random_bytes();
		}
	}
	free(ids);
	free(bytes);
}

static void
test_a_made_site_with_drift_and_a_crawl(void **state)
{
	static const struct row ROWS[] = {
		{ 0.001, 726, 744, 832, 799 },
		{ 0.01, 601, 610, 691, 654 },
		{ 0.1, 485, 495, 553, 525 },
	};
	struct replay_trace t = { 0 };

	(void)state;
	make_trace(&t);
	assert_rows(&t, ROWS, COUNT(ROWS));
	replay_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers_of_1998),
		cmocka_unit_test(test_a_site_of_1995),
		cmocka_unit_test(test_a_made_site_with_drift_and_a_crawl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
