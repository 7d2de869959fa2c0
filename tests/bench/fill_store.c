/* tests/bench/fill_store.c: a store with many small objects
 *
 *   fill_store DIR MEBIBYTES OBJECTS
 *
 * Makes a store in DIR, or opens the one there, puts so many objects with a
 * head of 300 and a body of 100 bytes into it, and closes it in order.  Their
 * heads mean nothing to larder: they are there to be loaded. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/num.h"
#include "store/store.h"

#define HEAD_BYTES 300
#define BODY_BYTES 100
#define QUEUE_BYTES ((size_t)64 << 20)
#define MIB ((uint64_t)1 << 20)
#define SPREAD 0x9e3779b97f4a7c15u /* makes hashes of numbers */

/* LR_FULL: the writer is behind. */
static enum lr
put(struct store *st, uint64_t i, struct block *body)
{
	struct store_object obj = { .hash = i * SPREAD,
		.primary_hash = i * SPREAD };
	char url[64], head[HEAD_BYTES] = "head";
	struct fill *f;
	enum lr rc;
	int n = snprintf(url, sizeof(url),
	    "www.example.com/assets/%08" PRIx32 ".js",
	    (uint32_t)(i * 2654435761u));

	obj.url = slice_make(url, (size_t)n);
	rc = fill_begin(st, &obj, slice_make(head, sizeof(head)), BODY_BYTES,
	    NULL, NULL, &f);
	if (rc != LR_OK)
		return rc;
	if ((rc = fill_append(f, (struct span){ body, 0, BODY_BYTES })) ==
	    LR_OK)
		fill_finish(f);
	fill_free(f);
	return rc;
}

static enum lr
put_all(struct store *st, uint64_t n, struct block *body)
{
	struct timespec nap = { 0, 1000000 };
	struct store_stats stats;
	enum lr rc = LR_OK;
	uint64_t i;

	for (i = 1; i <= n && (rc == LR_OK || rc == LR_FULL);) {
		if ((rc = put(st, i, body)) == LR_OK)
			i++;
		else
			nanosleep(&nap, NULL);
	}
	store_flush(st);
	store_stats_read(st, &stats);
	if (rc != LR_OK || stats.objects < n)
		return LR_FULL;
	return LR_OK;
}

static uint64_t
number(const char *text)
{
	uint64_t v = 0;

	if (num_parse_u64(slice_of(text), UINT32_MAX, &v) != LR_OK)
		exit(EXIT_FAILURE);
	return v;
}

int
main(int argc, char **argv)
{
	struct store_conf conf = { .fast = true,
		.readers = 1,
		.group_wait_ms = 5,
		.queue_bytes = QUEUE_BYTES };
	struct block *body = block_create(BODY_BYTES);
	struct store *st = NULL;
	enum lr rc;

	if (argc != 4 || body == NULL)
		return EXIT_FAILURE;
	body->len = BODY_BYTES;
	memset(body->data, 'b', BODY_BYTES);
	conf.dir = argv[1];
	conf.size_bytes = number(argv[2]) * MIB;
	if ((rc = store_open(&conf, &st)) == LR_OK)
		rc = put_all(st, number(argv[3]), body);
	store_close(st);
	block_unref(body);
	if (rc != LR_OK)
		fprintf(stderr, "fill_store: %s\n", status_text(rc));
	return rc == LR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
