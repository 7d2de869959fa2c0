/* tests/unit/store/test_restart.c: what a store is after it was closed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/codec.h"
#include "store/record.h"
#include "store/schema.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define OBJECTS 300

static int
set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));

	temp_store_init(ts, 16 * MIB);
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

static struct temp_object
object(uint64_t hash)
{
	return (struct temp_object){ .hash = hash,
		.seed = hash * 7,
		.head_bytes = 24 + hash % 500,
		.body_bytes = hash * 101 % 30000 };
}

static void
put_objects(struct temp_store *ts)
{
	struct temp_object o;
	uint64_t i;

	for (i = 1; i <= OBJECTS; i++) {
		o = object(i);
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	}
	store_flush(ts->st);
}

static void
assert_objects(struct temp_store *ts, enum lr want)
{
	uint64_t i;

	for (i = 1; i <= OBJECTS; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, i), want);
}

static void
reopen(struct temp_store *ts)
{
	temp_store_close(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
}

static struct store_stats
stats_of(struct temp_store *ts)
{
	struct store_stats stats;

	store_stats_read(ts->st, &stats);
	return stats;
}

/* Does the folder have an entry that begins so? */
static bool
has_entry(struct temp_store *ts, const char *prefix)
{
	DIR *d = opendir(ts->dir);
	struct dirent *e;
	bool found = false;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		found |= strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	closedir(d);
	return found;
}

static void
write_file(struct temp_store *ts, const char *name, off_t at, const char *bytes,
    size_t n)
{
	char path[4096];
	int fd;

	temp_store_path(ts, name, path);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

/* As if the process had died: nothing was closed. */
static void
say_unclean(struct temp_store *ts)
{
	write_file(ts, "state", 0, "running safe\n", 13);
}

static void
test_all_is_found_again(void **state)
{
	struct temp_store *ts = *state;
	struct store_stats before;
	struct store_ref old, new;
	struct temp_object o = object(1);

	put_objects(ts);
	before = stats_of(ts);
	assert_int_equal(store_find(ts->st, 1, &old), LR_OK);
	store_unpin(ts->st, &old);
	reopen(ts);
	assert_objects(ts, LR_OK);
	assert_int_equal(stats_of(ts).objects, before.objects);
	assert_int_equal(stats_of(ts).body_bytes, before.body_bytes);
	assert_int_equal(stats_of(ts).pages, before.pages);
	/* ids go on where they were */
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 1, &new), LR_OK);
	store_unpin(ts->st, &new);
	assert_true(new.id > old.id + OBJECTS - 1);
}

static void
test_ids_are_not_used_again_after_all_is_gone(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(1);
	struct store_ref old, new;

	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 1, &old), LR_OK);
	store_unpin(ts->st, &old);
	store_remove(ts->st, 1);
	reopen(ts);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(store_find(ts->st, 1, &new), LR_OK);
	store_unpin(ts->st, &new);
	assert_true(new.id > old.id);
}

static void
test_what_was_removed_or_replaced_stays_so(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o;
	uint64_t i;

	put_objects(ts);
	for (i = 1; i <= OBJECTS; i += 2)
		assert_int_equal(store_remove(ts->st, i), LR_OK);
	for (i = 2; i <= OBJECTS; i += 2) {
		o = object(i);
		o.seed = i * 11;
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	}
	reopen(ts); /* what is queued is committed first */
	for (i = 1; i <= OBJECTS; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, i),
		    i % 2 == 1 ? LR_NOTFOUND : LR_OK);
	assert_int_equal(stats_of(ts).objects, OBJECTS / 2);
}

static void
test_a_second_opener_is_told_so(void **state)
{
	struct temp_store *ts = *state;
	struct store *other = NULL;

	assert_int_equal(store_open(&ts->conf, &other), LR_BUSY);
	put_objects(ts);
	assert_objects(ts, LR_OK);
}

/* Runs f in a process that then dies without closing anything. */
static void
die_after(struct temp_store *ts, void (*f)(struct temp_store *ts))
{
	int status;
	pid_t pid;

	temp_store_close(ts);
	pid = fork();
	if (pid == 0) {
		if (temp_store_open(ts) != LR_OK)
			_exit(1);
		f(ts);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(temp_store_open(ts), LR_OK);
}

static void
fill_half_of_one(struct temp_store *ts)
{
	struct store_object obj = { .hash = 5000, .primary_hash = 5000 };
	struct block *b = block_create(200000);
	struct fill *f;

	put_objects(ts);
	if (b == NULL ||
	    fill_begin(ts->st, &obj, SLICE("head"), UINT64_MAX, NULL, NULL,
		&f) != LR_OK)
		_exit(2);
	temp_bytes(b->data, 200000, 1, 0);
	fill_append(f, (struct span){ b, 0, 200000 });
	store_flush(ts->st);
	if (fill_committed(f) < 100000)
		_exit(3);
}

static void
test_a_filling_object_is_dropped_after_a_crash(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	uint64_t used;

	put_objects(ts);
	used = stats_of(ts).pages_used;
	die_after(ts, fill_half_of_one);
	assert_int_equal(store_find(ts->st, 5000, &ref), LR_NOTFOUND);
	assert_objects(ts, LR_OK);
	store_flush(ts->st);
	store_flush(ts->st);
	assert_int_equal(stats_of(ts).objects, OBJECTS);
	assert_true(stats_of(ts).pages_used < used + 30);
	assert_false(has_entry(ts, "aside."));
}

static void
test_a_store_that_lmdb_refuses_is_set_aside(void **state)
{
	struct temp_store *ts = *state;
	char junk[8192];

	put_objects(ts);
	temp_store_close(ts);
	memset(junk, 0x5a, sizeof(junk));
	write_file(ts, "data.mdb", 0, junk, sizeof(junk));
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_true(has_entry(ts, "aside."));
	assert_objects(ts, LR_NOTFOUND);
	put_objects(ts);
	assert_objects(ts, LR_OK);
}

/* Is this page of the file a leaf of dat?  LMDB's page: number 8, pad 2,
 * flags 2 (leaf: 2), lower 2, upper 2, offsets of nodes; a node: size 4,
 * flags 2, key size 2. */
static bool
is_dat_leaf(const unsigned char *page)
{
	uint16_t node = codec_get_le16(page + 16);

	return codec_get_le16(page + 10) == 2 && node < 4000 &&
	    codec_get_le16(page + node + 6) == SCHEMA_DAT_KEY_BYTES;
}

/* Damages the tree of pages, which nothing reads at the start. */
static unsigned
damage_dat(struct temp_store *ts)
{
	unsigned char page[4096];
	char path[4096], junk[4080];
	unsigned n = 0;
	off_t at;
	int fd;

	memset(junk, 0xee, sizeof(junk));
	temp_store_path(ts, "data.mdb", path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	for (at = 2 * 4096; pread(fd, page, 4096, at) == 4096; at += 4096) {
		if (!is_dat_leaf(page))
			continue;
		n++;
		assert_int_equal(
		    pwrite(fd, junk, sizeof(junk), at + 16), sizeof(junk));
	}
	close(fd);
	return n;
}

static void
test_a_damaged_tree_is_met_however_the_store_was_left(void **state)
{
	struct temp_store *ts = *state;

	put_objects(ts);
	for (int unclean = 0; unclean < 2; unclean++) {
		temp_store_close(ts);
		if (unclean != 0)
			say_unclean(ts);
		assert_true(damage_dat(ts) > 5);
		assert_int_equal(temp_store_open(ts), LR_OK);
		assert_true(has_entry(ts, "aside."));
		assert_objects(ts, LR_NOTFOUND);
		put_objects(ts);
		assert_objects(ts, LR_OK);
	}
}

static void
test_a_file_that_was_cut_off_is_set_aside(void **state)
{
	struct temp_store *ts = *state;
	char path[4096];

	put_objects(ts);
	temp_store_close(ts);
	temp_store_path(ts, "data.mdb", path);
	assert_int_equal(truncate(path, 100 * 4096), 0);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_true(has_entry(ts, "aside."));
	assert_objects(ts, LR_NOTFOUND);
	/* and cut again, with the check in the way */
	put_objects(ts);
	temp_store_close(ts);
	say_unclean(ts);
	assert_int_equal(truncate(path, 100 * 4096), 0);
	assert_int_equal(temp_store_open(ts), LR_OK);
	put_objects(ts);
	assert_objects(ts, LR_OK);
}

static void
test_an_unclean_store_without_damage_is_kept(void **state)
{
	struct temp_store *ts = *state;

	put_objects(ts);
	temp_store_close(ts);
	say_unclean(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_objects(ts, LR_OK);
	assert_false(has_entry(ts, "aside."));
}

/* ---- by LMDB alone ---- */

/* Puts one row into a database of the closed store, or deletes it. */
static void
change_row(struct temp_store *ts, enum schema_db db, MDB_val key, MDB_val *data)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, SCHEMA_DBS), 0);
	assert_int_equal(mdb_env_set_mapsize(env, 16 * MIB), 0);
	assert_int_equal(mdb_env_open(env, ts->dir, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(
	    mdb_dbi_open(txn, SCHEMA[db].name, SCHEMA[db].flags, &dbi), 0);
	if (data != NULL)
		assert_int_equal(mdb_put(txn, dbi, &key, data, 0), 0);
	else
		assert_int_equal(mdb_del(txn, dbi, &key, NULL), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void
put_row(struct temp_store *ts, enum schema_db db, MDB_val key, MDB_val data)
{
	change_row(ts, db, key, &data);
}

static void
del_row(struct temp_store *ts, enum schema_db db, MDB_val key)
{
	change_row(ts, db, key, NULL);
}

static void
test_a_newer_format_is_refused_and_left_alone(void **state)
{
	struct temp_store *ts = *state;
	MDB_val key = { 6, "format" };
	MDB_val newer = { 8, "\2\0\0\0\0\0\0\0" };
	MDB_val ours = { 8, "\1\0\0\0\0\0\0\0" };

	put_objects(ts);
	temp_store_close(ts);
	put_row(ts, SCHEMA_SYS, key, newer);
	put_row(ts, SCHEMA_URL, key, newer); /* what ours would not have */
	assert_int_equal(temp_store_open(ts), LR_VERSION);
	assert_false(has_entry(ts, "aside."));
	del_row(ts, SCHEMA_URL, key);
	put_row(ts, SCHEMA_SYS, key, ours);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_objects(ts, LR_OK);
}

static void
test_a_damaged_record_costs_its_object_only(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	unsigned char junk[RECORD_FIXED_BYTES] = { 2, 2 };

	put_objects(ts);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_OK);
	store_unpin(ts->st, &ref);
	temp_store_close(ts);
	put_row(ts, SCHEMA_OBJ, (MDB_val){ sizeof(ref.id), &ref.id },
	    (MDB_val){ sizeof(junk), junk });
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(stats_of(ts).corrupt, 1);
	assert_int_equal(stats_of(ts).objects, OBJECTS - 1);
	assert_int_equal(temp_check(ts->st, ts->rd, 7), LR_NOTFOUND);
	assert_int_equal(temp_check(ts->st, ts->rd, 8), LR_OK);
	store_flush(ts->st);
	reopen(ts);
	assert_int_equal(stats_of(ts).corrupt, 0); /* it is gone for good */
}

/* ---- settings that change ---- */

static void
test_without_syncs_a_restart_of_the_machine_empties_the_store(void **state)
{
	struct temp_store *ts = *state;

	temp_store_close(ts);
	ts->conf.fast = true;
	assert_int_equal(temp_store_open(ts), LR_OK);
	put_objects(ts);
	reopen(ts);
	assert_objects(ts, LR_OK); /* closed in order: kept */
	temp_store_close(ts);
	write_file(ts, "state", 0, "running fast of-another-boot\n", 29);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_objects(ts, LR_NOTFOUND);
	put_objects(ts);
	assert_objects(ts, LR_OK);
}

static void
fill_all(struct temp_store *ts)
{
	put_objects(ts);
}

static void
test_without_syncs_a_dead_process_loses_nothing(void **state)
{
	struct temp_store *ts = *state;

	ts->conf.fast = true;
	die_after(ts, fill_all);
	assert_objects(ts, LR_OK);
}

static void
test_a_larger_size_gives_more_pages(void **state)
{
	struct temp_store *ts = *state;
	struct stat sb;
	char path[4096];

	put_objects(ts);
	ts->conf.size_bytes = 32 * MIB;
	reopen(ts);
	assert_objects(ts, LR_OK);
	assert_int_equal(stats_of(ts).pages, 32 * MIB / 4096);
	temp_store_path(ts, "data.mdb", path);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, 32 * MIB);
	ts->conf.size_bytes = 16 * MIB; /* and back: the end is unused */
	reopen(ts);
	assert_objects(ts, LR_OK);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, 16 * MIB);
}

static void
test_a_size_below_what_is_stored_evicts(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = object(1);
	uint64_t found = 0, i;

	put_objects(ts);
	ts->conf.size_bytes = 2 * MIB;
	reopen(ts);
	for (i = 0; i < 200 && stats_of(ts).pages_used > 440; i++)
		store_flush(ts->st); /* a few objects at a time */
	assert_true(stats_of(ts).pages_used <= 440);
	for (i = 1; i <= OBJECTS; i++)
		found += temp_check(ts->st, ts->rd, i) == LR_OK;
	assert_true(found > 0 && found < OBJECTS);
	assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	store_flush(ts->st);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_all_is_found_again),
		TEST(test_ids_are_not_used_again_after_all_is_gone),
		TEST(test_what_was_removed_or_replaced_stays_so),
		TEST(test_a_second_opener_is_told_so),
		TEST(test_a_filling_object_is_dropped_after_a_crash),
		TEST(test_a_store_that_lmdb_refuses_is_set_aside),
		TEST(test_a_damaged_tree_is_met_however_the_store_was_left),
		TEST(test_a_file_that_was_cut_off_is_set_aside),
		TEST(test_an_unclean_store_without_damage_is_kept),
		TEST(test_a_newer_format_is_refused_and_left_alone),
		TEST(test_a_damaged_record_costs_its_object_only),
		TEST(
		    test_without_syncs_a_restart_of_the_machine_empties_the_store),
		TEST(test_without_syncs_a_dead_process_loses_nothing),
		TEST(test_a_larger_size_gives_more_pages),
		TEST(test_a_size_below_what_is_stored_evicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
