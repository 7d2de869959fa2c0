/* tests/support/temp_damage.c: damages closed stores through LMDB */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/temp_damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

#define MAP_BYTES ((size_t)64 << 20)

static void
must(int code, const char *what)
{
	if (code == 0)
		return;
	fprintf(stderr, "temp_damage: %s: %s\n", what, mdb_strerror(code));
	abort();
}

void
temp_damage_begin(struct temp_store *ts, struct temp_damage *d)
{
	temp_store_close(ts);
	must(mdb_env_create(&d->env), "create");
	must(mdb_env_set_maxdbs(d->env, SCHEMA_DBS), "maxdbs");
	must(mdb_env_set_mapsize(d->env, MAP_BYTES), "mapsize");
	must(mdb_env_open(d->env, ts->dir, 0, 0600), "open");
	must(mdb_txn_begin(d->env, NULL, 0, &d->txn), "begin");
	must(mdb_dbi_open(d->txn, "dat", 0, &d->dat), "dat");
}

enum lr
temp_damage_end(struct temp_store *ts, struct temp_damage *d)
{
	must(mdb_txn_commit(d->txn), "commit");
	mdb_env_close(d->env);
	return temp_store_open(ts);
}

void
temp_damage_flip(struct temp_damage *d, uint64_t id, uint32_t page, int at)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES], *copy;
	MDB_val key = { sizeof(bytes), bytes }, data;
	size_t n;

	schema_dat_key(bytes, id, page);
	must(mdb_get(d->txn, d->dat, &key, &data), "get");
	n = data.mv_size;
	if ((copy = malloc(n)) == NULL)
		abort();
	memcpy(copy, data.mv_data, n);
	copy[at < 0 ? n - (size_t)-at : (size_t)at % n] ^= 0x10;
	data = (MDB_val){ n, copy };
	must(mdb_put(d->txn, d->dat, &key, &data, 0), "put");
	free(copy);
}

void
temp_damage_delete(struct temp_damage *d, uint64_t id, uint32_t page)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes };

	schema_dat_key(bytes, id, page);
	must(mdb_del(d->txn, d->dat, &key, NULL), "delete");
}

/* ---- a store to damage ---- */

int
temp_damage_set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));

	temp_store_init(ts, (uint64_t)64 << 20);
	*state = ts;
	return temp_store_open(ts) == LR_OK ? 0 : -1;
}

int
temp_damage_tear_down(void **state)
{
	temp_store_delete(*state);
	free(*state);
	return 0;
}

void
temp_damage_reopen(struct temp_store *ts)
{
	temp_store_close(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
}

struct store_stats
temp_damage_stats(struct temp_store *ts)
{
	struct store_stats stats;

	store_stats_read(ts->st, &stats);
	return stats;
}

void
temp_damage_put(struct temp_store *ts, uint64_t hash, size_t head_bytes,
    uint64_t body_bytes)
{
	struct temp_object o = { .hash = hash,
		.seed = hash * 7,
		.head_bytes = head_bytes,
		.body_bytes = body_bytes };

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
}

void
temp_damage_put_part(struct temp_store *ts, uint64_t first, uint32_t n)
{
	struct store_object obj = {
		.hash = 7, .primary_hash = 7, .url = SLICE("a.b/c"), .tag = 1
	};
	struct store_part part = { first, n, TEMP_DAMAGE_TOTAL };
	struct block *b = block_create(n);
	struct fill *f = NULL;

	assert_non_null(b);
	temp_bytes(b->data, n, 9, first);
	assert_int_equal(
	    fill_begin_part(ts->st, &obj, SLICE("head"), &part, NULL, NULL, &f),
	    LR_OK);
	assert_int_equal(fill_append(f, (struct span){ b, 0, n }), LR_OK);
	fill_finish(f);
	store_flush(ts->st);
	fill_free(f);
	block_unref(b);
}

uint64_t
temp_damage_id(struct temp_store *ts, uint64_t hash)
{
	struct store_ref ref;

	assert_int_equal(store_find(ts->st, hash, &ref), LR_OK);
	store_unpin(ts->st, &ref);
	return ref.id;
}
