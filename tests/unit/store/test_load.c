/* tests/unit/store/test_load.c: filling the index, and how it is told */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/record.h"
#include "store/schema.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define MANY 60000u /* enough for several threads */
#define HASHES 20000u
#define LAST_ID ((uint64_t)1000000) /* more than a new store sets aside */

static int
set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));

	temp_store_init(ts, 64 * MIB);
	*state = ts;
	return temp_store_open(ts) == LR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	temp_store_delete(*state);
	free(*state);
	return 0;
}

static struct store_stats
stats_of(struct temp_store *ts)
{
	struct store_stats stats;

	store_stats_read(ts->st, &stats);
	return stats;
}

static void
put_record(MDB_txn *txn, MDB_dbi obj, uint64_t id, const struct record *rec)
{
	unsigned char bytes[RECORD_MAX_BYTES];
	MDB_val key = { sizeof(id), &id };
	MDB_val data = { record_encode(bytes, rec), bytes };

	if (rec->state == RECORD_COMPLETE && id % 1000 == 999)
		bytes[20] ^= 1; /* of the primary hash: a wrong checksum */
	assert_int_equal(mdb_put(txn, obj, &key, &data, 0), 0);
}

/* Into the closed store: the hash of id is id % HASHES, every hundredth is
 * not complete, every thousandth damaged. */
static void
put_many(struct temp_store *ts)
{
	struct record rec = { .body_bytes = 10, .plain_bytes = 10 };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi obj;
	uint64_t id;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, SCHEMA_DBS), 0);
	assert_int_equal(mdb_env_set_mapsize(env, 64 * MIB), 0);
	assert_int_equal(mdb_env_open(env, ts->dir, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, SCHEMA[SCHEMA_OBJ].name,
			     SCHEMA[SCHEMA_OBJ].flags, &obj),
	    0);
	for (id = LAST_ID - MANY + 1; id <= LAST_ID; id++) {
		rec.hash = rec.primary_hash = id % HASHES;
		rec.state = id % 100 == 0 ? RECORD_FILLING : RECORD_COMPLETE;
		put_record(txn, obj, id, &rec);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* Where HASHES is a multiple of a thousand, all ids of a hash are alike in
 * what the store is to think of them. */
static bool
is_kept(uint64_t hash)
{
	return hash % 100 != 0 && hash % 1000 != 999;
}

static void
test_of_many_with_one_hash_the_newest_is_found(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	uint64_t hash, kept = 0, newest = LAST_ID - HASHES;

	temp_store_close(ts);
	put_many(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	for (hash = 1; hash < HASHES; hash++) {
		if (!is_kept(hash)) {
			assert_int_equal(
			    store_find(ts->st, hash, &ref), LR_NOTFOUND);
			continue;
		}
		kept++;
		assert_int_equal(store_find(ts->st, hash, &ref), LR_OK);
		assert_int_equal(ref.id, newest + hash);
		assert_int_equal(ref.body_bytes, 10);
		store_unpin(ts->st, &ref);
	}
	assert_int_equal(stats_of(ts).objects, kept);
	assert_int_equal(stats_of(ts).body_bytes, kept * 10);
	assert_int_equal(stats_of(ts).loaded, kept);
	assert_true(stats_of(ts).corrupt >= MANY / 1000);
}

static void
test_ids_go_on_behind_the_last_that_was_loaded(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = { .hash = HASHES, .head_bytes = TEMP_HEAD_MIN };
	struct store_ref ref;

	temp_store_close(ts);
	put_many(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, HASHES, &ref), LR_OK);
	assert_int_equal(ref.id, LAST_ID + 1);
	store_unpin(ts->st, &ref);
}

/* ---- how it was opened ---- */

static void
write_file(struct temp_store *ts, const char *name, const char *text)
{
	char path[4096];
	int fd;

	temp_store_path(ts, name, path);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
assert_opened(struct temp_store *ts, enum store_how how, const char *why,
    uint64_t objects)
{
	struct store_opening o;

	store_opening_read(ts->st, &o);
	assert_int_equal(o.how, how);
	assert_int_equal(o.objects, objects);
	assert_true(o.took_ms >= 0 && o.took_ms < 60000);
	if (why == NULL)
		assert_null(o.why);
	else
		assert_non_null(strstr(o.why, why));
}

static void
put_one(struct temp_store *ts)
{
	struct temp_object o = { .hash = 7, .head_bytes = TEMP_HEAD_MIN };

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
}

static void
test_the_state_it_was_left_in_is_told(void **state)
{
	struct temp_store *ts = *state;

	assert_opened(ts, STORE_NEW, NULL, 0);
	put_one(ts);
	temp_store_close(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_opened(ts, STORE_CLEAN, NULL, 1);
	temp_store_close(ts);
	write_file(ts, "state", "running safe\n");
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_opened(ts, STORE_CHECKED, NULL, 1);
}

static void
test_why_it_was_begun_anew_is_told(void **state)
{
	struct temp_store *ts = *state;
	char path[4096];

	put_one(ts);
	temp_store_close(ts);
	write_file(ts, "state", "running fast of-another-boot\n");
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_opened(ts, STORE_ANEW, "CacheDurability Fast", 0);
	put_one(ts);
	temp_store_close(ts);
	temp_store_path(ts, "data.mdb", path);
	assert_int_equal(truncate(path, 8192), 0);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_opened(ts, STORE_ANEW, "cut off", 0);
	put_one(ts);
	temp_store_close(ts);
	assert_int_equal(truncate(path, 8192), 0);
	write_file(ts, "state", "running safe\n");
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_opened(ts, STORE_ANEW, "cut off", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_of_many_with_one_hash_the_newest_is_found),
		TEST(test_ids_go_on_behind_the_last_that_was_loaded),
		TEST(test_the_state_it_was_left_in_is_told),
		TEST(test_why_it_was_begun_anew_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
