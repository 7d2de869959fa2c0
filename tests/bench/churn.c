/* tests/bench/churn.c: does a full store stay as fast as an empty one?
 *
 *   churn [STORE_MIB [TURNOVERS [value|lru|fifo]]]
 *
 * Stores objects of lognormal sizes (median 10 KiB, sigma 2) until the store
 * (8,192 MiB) has been filled TURNOVERS (5) times over, and prints for each
 * turnover objects and bytes per second and what was written for a byte.  An
 * object refused for want of room is waited for and offered again, as a client
 * would ask again; one not admitted is counted.  In the end the rate of the
 * last turnover is compared with that of the first, and the file with its
 * bound.  Not part of `make bench`: it takes minutes. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "store/base/clock.h"
#include "store/base/num.h"
#include "tests/support/temp_store.h"

#define HEAD_BYTES 300
#define MEDIAN_BYTES 10240
#define SIGMA 2.0
#define MOST_BYTES ((uint64_t)256 << 20)
#define PIECE_BYTES 65536u

struct churn {
	struct temp_store ts;
	struct block *bytes; /* what every body is made of */
	uint64_t next;	     /* hash of the next object */
	uint64_t stored_bytes, refused;
};

struct turnover {
	double seconds, objects_per_s, mib_per_s, amplification;
};

static double
uniform(void)
{
	return ((double)random() + 0.5) / ((double)RAND_MAX + 1.0);
}

/* Box and Muller's normal deviate, to the power. */
static uint64_t
next_size(void)
{
	double normal = sqrt(-2.0 * log(uniform())) *
	    cos(2.0 * 3.14159265358979 * uniform());
	double bytes = MEDIAN_BYTES * exp(SIGMA * normal);

	return bytes < 1.0	 ? 1
	    : bytes > MOST_BYTES ? MOST_BYTES
				 : (uint64_t)bytes;
}

/* What this process has given to write calls.  (What the kernel counts as
 * written to the disk goes by the pages that it caches, which may be larger
 * than those that were changed.) */
static uint64_t
written_bytes(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	char line[80];
	uint64_t n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "wchar: %" SCNu64, &n) == 1)
			break;
	}
	if (f != NULL)
		fclose(f);
	return n;
}

static void
wait_a_moment(void)
{
	struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

/* Gives the store so much as it has not committed yet at most. */
static enum lr
append_all(struct churn *c, struct fill *f, uint64_t bytes)
{
	uint64_t sent = 0;
	enum lr rc = LR_OK;

	while (sent < bytes && rc == LR_OK) {
		uint32_t n = bytes - sent < PIECE_BYTES
		    ? (uint32_t)(bytes - sent)
		    : PIECE_BYTES;

		while (sent - fill_committed(f) > 64 * PIECE_BYTES &&
		    fill_state(f) == FILL_OPEN)
			wait_a_moment();
		rc = fill_append(f, (struct span){ c->bytes, 0, n });
		sent += n;
	}
	return rc;
}

static void
store_one(struct churn *c, uint64_t bytes)
{
	char head[HEAD_BYTES] = { 0 }, url[64];
	struct store_object obj = { .hash = ++c->next * 0x9e3779b97f4a7c15u };
	struct fill *f = NULL;
	int n;

	obj.primary_hash = obj.hash;
	n = snprintf(url, sizeof(url), "www.example.com/%016" PRIx64, obj.hash);
	obj.url = slice_make(url, (size_t)n);
	for (;;) {
		enum lr rc = fill_begin(c->ts.st, &obj,
		    slice_make(head, sizeof(head)), bytes, NULL, NULL, &f);

		if (rc == LR_OK)
			rc = append_all(c, f, bytes);
		if (rc == LR_OK) {
			fill_finish(f);
			fill_free(f);
			break;
		}
		fill_free(f);
		f = NULL;
		c->refused++;
		wait_a_moment();
	}
	c->stored_bytes += bytes + sizeof(head);
}

static struct turnover
turn_over(struct churn *c)
{
	uint64_t from = c->stored_bytes, first = c->next;
	uint64_t written = written_bytes(), bytes, objects;
	int64_t start_us = clock_mono_us();
	struct turnover t;

	while (c->stored_bytes - from < c->ts.conf.size_bytes)
		store_one(c, next_size());
	store_flush(c->ts.st);
	bytes = c->stored_bytes - from;
	objects = c->next - first;
	t.seconds = (double)(clock_mono_us() - start_us) / 1e6;
	t.objects_per_s = (double)objects / t.seconds;
	t.mib_per_s = (double)bytes / t.seconds / (1 << 20);
	t.amplification = (double)(written_bytes() - written) / (double)bytes;
	return t;
}

static enum policy_kind
policy_of(const char *name)
{
	if (strcmp(name, "lru") == 0)
		return POLICY_LRU;
	return strcmp(name, "fifo") == 0 ? POLICY_FIFO : POLICY_VALUE;
}

static bool
is_within_bound(const struct churn *c)
{
	char path[4096];
	struct stat sb;

	temp_store_path(&c->ts, "data.mdb", path);
	return stat(path, &sb) == 0 &&
	    (uint64_t)sb.st_size <= c->ts.conf.size_bytes;
}

static uint64_t
argument(int argc, char **argv, int i, uint64_t preset)
{
	uint64_t v = preset;

	if (i < argc &&
	    num_parse_u64(slice_of(argv[i]), UINT32_MAX, &v) != LR_OK) {
		fprintf(stderr, "churn: not a number: %s\n", argv[i]);
		exit(EXIT_FAILURE);
	}
	return v;
}

int
main(int argc, char **argv)
{
	uint64_t mib = argument(argc, argv, 1, 8192);
	uint64_t turnovers = argument(argc, argv, 2, 5);
	struct turnover first = { 0 }, t = { 0 };
	struct churn c = { .bytes = block_create(PIECE_BYTES) };
	struct store_stats stats;
	bool bound;

	temp_store_init(&c.ts, mib << 20);
	c.ts.conf.group_wait_ms = 20;
	c.ts.conf.queue_bytes = 64u << 20;
	c.ts.conf.policy = policy_of(argc > 3 ? argv[3] : "value");
	if (c.bytes == NULL || temp_store_open(&c.ts) != LR_OK) {
		fprintf(stderr, "churn: cannot open a store\n");
		return EXIT_FAILURE;
	}
	for (uint64_t i = 0; i < turnovers; i++) {
		t = turn_over(&c);
		if (i == 0)
			first = t;
		printf("turnover %" PRIu64 ": %.1f s, %.0f objects/s, "
		       "%.0f MiB/s, %.2f bytes written for one\n",
		    i + 1, t.seconds, t.objects_per_s, t.mib_per_s,
		    t.amplification);
		fflush(stdout);
	}
	store_stats_read(c.ts.st, &stats);
	bound = is_within_bound(&c);
	printf("last turnover %.2f of the first; %" PRIu64 " evicted, %" PRIu64
	       " not admitted, %" PRIu64 " offered again; the file is %s\n",
	    t.mib_per_s / first.mib_per_s, stats.evicted, stats.not_admitted,
	    c.refused, bound ? "within its bound" : "TOO LARGE");
	temp_store_delete(&c.ts);
	block_unref(c.bytes);
	return bound ? EXIT_SUCCESS : EXIT_FAILURE;
}
