/* tests/bench/replay.c: how a policy does on a trace
 *
 *   replay TRACE.csv FRACTION [value|lru|fifo]
 *
 * TRACE.csv has lines of `time,id,bytes`; `-` is the standard input.
 * FRACTION is the cache's size in parts of the footprint, as 0.01.  The last
 * line of the output is
 *
 *   POLICY FRACTION REQUEST-MISS BYTE-MISS
 *
 * with both ratios in parts of one, as 0.5482 0.6551. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/replay.h"

static const char *const NAMES[] = {
	[POLICY_VALUE] = "value",
	[POLICY_LRU] = "lru",
	[POLICY_FIFO] = "fifo",
};

static void
stop(const char *why)
{
	fprintf(stderr,
	    "replay: %s\nusage: replay TRACE.csv FRACTION "
	    "[value|lru|fifo]\n",
	    why);
	exit(EXIT_FAILURE);
}

static enum policy_kind
kind_of(const char *name)
{
	for (unsigned i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (strcmp(name, NAMES[i]) == 0)
			return (enum policy_kind)i;
	stop("no such policy");
	return POLICY_VALUE;
}

static void
read_trace(const char *name, struct replay_trace *t)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	size_t line;

	if (in == NULL)
		stop("the trace cannot be opened");
	if (replay_read(in, t, &line) != LR_OK) {
		fprintf(
		    stderr, "replay: %s:%zu: not time,id,bytes\n", name, line);
		exit(EXIT_FAILURE);
	}
	fclose(in);
}

static double
ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

int
main(int argc, char **argv)
{
	struct replay_trace trace = { 0 };
	struct replay_result r;
	enum policy_kind kind;
	double fraction;

	if (argc < 3 || argc > 4)
		stop("two arguments or three");
	fraction = strtod(argv[2], NULL);
	if (!(fraction > 0 && fraction <= 1))
		stop("the fraction is more than 0 and at most 1");
	kind = argc > 3 ? kind_of(argv[3]) : POLICY_VALUE;
	read_trace(argv[1], &trace);
	replay_run(&trace, fraction, kind, &r);
	printf("%" PRIu64 " requests, %" PRIu64 " objects, a cache of %" PRIu64
	       " bytes; %" PRIu64 " evicted, %" PRIu64 " not admitted\n",
	    r.requests, (uint64_t)trace.last_id, r.capacity_bytes, r.evicted,
	    r.not_admitted);
	printf("%s %s %.4f %.4f\n", NAMES[kind], argv[2],
	    ratio(r.misses, r.requests), ratio(r.missed_bytes, r.bytes));
	replay_free(&trace);
	return 0;
}
