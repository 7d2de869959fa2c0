/* tests/support/temp_damage.c: damages closed stores through LMDB */
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
