/* tests/bench/store_bench.c: what storing and finding cost
 *
 *   store_bench [OBJECTS [BODY_BYTES]]
 *
 * Stores OBJECTS (20,000) of BODY_BYTES (10,240) through the store and
 * through a bare LMDB loop that writes the same rows in the same groups,
 * and prints objects per second, processor time per object of all threads,
 * and the ratio; the same at a steady 5,000 objects per second, where the
 * groups are as large as group_wait_ms makes them; then what a warm find
 * with a read of the head costs. */
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/base/num.h"
#include "store/record.h"
#include "store/schema.h"
#include "tests/support/temp_store.h"

#define HEAD_BYTES 300
#define GROUP 256
#define STORE_BYTES ((uint64_t)1 << 30)
#define FINDS 2000000
#define PACED_PER_MS 5
#define PACED_MS 2000

struct cost {
	double wall_us, cpu_us; /* per object */
};

static int64_t
cpu_us(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ((int64_t)ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000 +
	    ru.ru_utime.tv_usec + ru.ru_stime.tv_usec;
}

static void
must(int rc, const char *what)
{
	if (rc == 0)
		return;
	fprintf(stderr, "store_bench: %s: %d\n", what, rc);
	exit(EXIT_FAILURE);
}

static size_t
make_url(char url[64], uint64_t i)
{
	return (size_t)snprintf(url, 64,
	    "www.example.com/assets/%08" PRIx64 ".js",
	    i * 2654435761u & 0xffffffffu);
}

/* ---- the store ---- */

static void
put_one(struct store *st, uint64_t i, struct block *b, const char *head)
{
	struct store_object obj = { .hash = i * 0x9e3779b97f4a7c15u,
		.primary_hash = i * 0x9e3779b97f4a7c15u };
	struct timespec nap = { 0, 1000000 };
	char url[64];
	struct fill *f;

	obj.url = slice_make(url, make_url(url, i));
	while (fill_begin(st, &obj, slice_make(head, HEAD_BYTES), b->len, NULL,
		   NULL, &f) != LR_OK)
		nanosleep(&nap, NULL);
	while (fill_append(f, (struct span){ b, 0, b->len }) != LR_OK) {
		fill_free(f);
		nanosleep(&nap, NULL);
		put_one(st, i, b, head);
		return;
	}
	fill_finish(f);
	fill_free(f);
}

static struct cost
bench_store(struct store *st, uint64_t n, struct block *b, const char *head)
{
	int64_t wall = clock_mono_us(), cpu = cpu_us();
	uint64_t i;

	for (i = 1; i <= n; i++)
		put_one(st, i, b, head);
	store_flush(st);
	return (struct cost){ (double)(clock_mono_us() - wall) / (double)n,
		(double)(cpu_us() - cpu) / (double)n };
}

/* Small groups: what a commit costs is shared by few. */
static void
bench_paced(int64_t wait_ms, struct block *b, const char *head)
{
	struct timespec ms = { 0, 1000000 };
	struct temp_store ts;
	struct store_stats stats;
	int64_t start, cpu;
	uint64_t i = 0;

	temp_store_init(&ts, STORE_BYTES);
	ts.conf.group_wait_ms = wait_ms;
	must((int)temp_store_open(&ts), "store_open");
	cpu = cpu_us();
	for (start = clock_mono_us(); clock_mono_us() < start + PACED_MS * 1000;
	     nanosleep(&ms, NULL))
		while ((int64_t)i <
		    (clock_mono_us() - start) * PACED_PER_MS / 1000)
			put_one(ts.st, ++i, b, head);
	store_flush(ts.st);
	cpu = cpu_us() - cpu;
	store_stats_read(ts.st, &stats);
	printf("paced, group_wait_ms %" PRId64 ": %.0f objects per commit, "
	       "%.1f us of processor time each\n",
	    wait_ms, (double)i / (double)stats.commits,
	    (double)cpu / (double)i);
	temp_store_delete(&ts);
}

/* ---- bare LMDB ---- */

struct bare {
	MDB_env *env;
	MDB_dbi obj, dat, url;
};

static void
bare_open(struct bare *bare, const char *dir)
{
	MDB_txn *txn;

	must(mdb_env_create(&bare->env), "mdb_env_create");
	must(mdb_env_set_mapsize(bare->env, STORE_BYTES), "mapsize");
	must(mdb_env_set_maxdbs(bare->env, 8), "maxdbs");
	must(mdb_env_open(bare->env, dir,
		 MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMETASYNC, 0600),
	    "mdb_env_open");
	must(mdb_txn_begin(bare->env, NULL, 0, &txn), "txn");
	must(mdb_dbi_open(txn, "obj", MDB_CREATE | MDB_INTEGERKEY, &bare->obj),
	    "obj");
	must(mdb_dbi_open(txn, "dat", MDB_CREATE, &bare->dat), "dat");
	must(mdb_dbi_open(txn, "url", MDB_CREATE, &bare->url), "url");
	must(mdb_txn_commit(txn), "commit");
}

static void
bare_put(struct bare *bare, MDB_txn *txn, uint64_t id, struct block *b,
    const char *head)
{
	unsigned char dat_key[SCHEMA_DAT_KEY_BYTES];
	unsigned char url_key[SCHEMA_URL_KEY_MAX];
	unsigned char rec[RECORD_FIXED_BYTES + 40] = { 0 };
	char url[64], text[SCHEMA_URL_TEXT_MAX];
	size_t n = make_url(url, id), at = STORE_PAGE_BYTES - HEAD_BYTES;
	uint32_t page = 0;
	MDB_val key = { sizeof(dat_key), dat_key };
	MDB_val data = { STORE_PAGE_BYTES, NULL };

	schema_dat_key(dat_key, id, 0);
	must(mdb_put(txn, bare->dat, &key, &data, MDB_RESERVE | MDB_APPEND),
	    "page 0");
	memcpy(data.mv_data, head, HEAD_BYTES);
	memcpy((char *)data.mv_data + HEAD_BYTES, b->data, at);
	for (; at < b->len; at += data.mv_size) {
		data.mv_size = b->len - at < STORE_PAGE_BYTES
		    ? b->len - at
		    : STORE_PAGE_BYTES;
		schema_dat_key(dat_key, id, ++page);
		must(mdb_put(
			 txn, bare->dat, &key, &data, MDB_RESERVE | MDB_APPEND),
		    "page");
		memcpy(data.mv_data, b->data + at, data.mv_size);
	}
	key = (MDB_val){ sizeof(id), &id };
	data = (MDB_val){ sizeof(rec), rec };
	must(mdb_put(txn, bare->obj, &key, &data, MDB_APPEND), "obj");
	n = schema_url_text(text, slice_make(url, n));
	key = (MDB_val){ schema_url_key(url_key, slice_make(text, n), id),
		url_key };
	data = (MDB_val){ 0, NULL };
	must(mdb_put(txn, bare->url, &key, &data, 0), "url");
}

static struct cost
bench_bare(struct bare *bare, uint64_t n, struct block *b, const char *head)
{
	int64_t wall = clock_mono_us(), cpu = cpu_us();
	MDB_txn *txn;
	uint64_t i = 1, end;

	while (i <= n) {
		must(mdb_txn_begin(bare->env, NULL, 0, &txn), "txn");
		for (end = i + GROUP; i < end && i <= n; i++)
			bare_put(bare, txn, i, b, head);
		must(mdb_txn_commit(txn), "commit");
	}
	return (struct cost){ (double)(clock_mono_us() - wall) / (double)n,
		(double)(cpu_us() - cpu) / (double)n };
}

/* ---- finding ---- */

static void
bench_find(struct temp_store *ts, uint64_t among)
{
	struct store_ref ref;
	struct slice head, body0;
	uint64_t i, sum = 0;
	int64_t start = clock_mono_us();

	for (i = 0; i < FINDS; i++) {
		if (store_find(ts->st, (i % among + 1) * 0x9e3779b97f4a7c15u,
			&ref) == LR_OK)
			store_unpin(ts->st, &ref);
	}
	printf("find + unpin, %" PRIu64 " objects: %.0f ns\n", among,
	    (double)(clock_mono_us() - start) * 1000 / FINDS);
	start = clock_mono_us();
	for (i = 0; i < FINDS; i++) {
		if (store_find(ts->st, (i % among + 1) * 0x9e3779b97f4a7c15u,
			&ref) != LR_OK)
			continue;
		must((int)store_read_begin(ts->rd), "begin");
		must((int)store_read_head(ts->rd, &ref, &head, &body0), "head");
		sum += head.n;
		store_read_end(ts->rd);
		store_unpin(ts->st, &ref);
	}
	printf("find + begin + head + end + unpin, %" PRIu64
	       " objects: %.0f ns (%" PRIu64 ")\n",
	    among, (double)(clock_mono_us() - start) * 1000 / FINDS, sum);
}

static void
print_cost(const char *what, struct cost c)
{
	printf("%s: %.0f objects/s, %.1f us of processor time each\n", what,
	    1e6 / c.wall_us, c.cpu_us);
}

static uint64_t
argument(int argc, char **argv, int i, uint64_t otherwise)
{
	uint64_t v = otherwise;

	if (i < argc)
		num_parse_u64(slice_of(argv[i]), UINT32_MAX, &v);
	return v;
}

int
main(int argc, char **argv)
{
	uint64_t n = argument(argc, argv, 1, 20000);
	uint64_t body = argument(argc, argv, 2, 10240);
	struct block *b = block_create((uint32_t)body);
	char head[HEAD_BYTES] = "head";
	struct temp_store ts, other;
	struct bare bare;
	struct cost through, direct;

	temp_bytes(b->data, body, 1, 0);
	b->len = (uint32_t)body;
	temp_store_init(&ts, STORE_BYTES);
	ts.conf.group_wait_ms = 5;
	must((int)temp_store_open(&ts), "store_open");
	through = bench_store(ts.st, n, b, head);
	print_cost("store", through);
	temp_store_init(&other, STORE_BYTES);
	bare_open(&bare, other.dir);
	direct = bench_bare(&bare, n, b, head);
	print_cost("bare LMDB", direct);
	printf("store / bare: %.2f of the objects per second, %.2f of the "
	       "processor time\n",
	    direct.wall_us / through.wall_us, through.cpu_us / direct.cpu_us);
	bench_paced(1, b, head);
	bench_paced(5, b, head);
	bench_paced(20, b, head);
	bench_paced(50, b, head);
	bench_find(&ts, n < 100 ? n : 100);
	bench_find(&ts, n);
	mdb_env_close(bare.env);
	temp_store_delete(&other);
	temp_store_delete(&ts);
	block_unref(b);
	return EXIT_SUCCESS;
}
