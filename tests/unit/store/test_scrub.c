/* tests/unit/store/test_scrub.c: damage that nobody reads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/codec.h"
#include "store/schema.h"
#include "tests/support/temp_damage.h"

#define MIB ((uint64_t)1 << 20)

static void
test_the_scrub_finds_what_nobody_reads(void **state)
{
	struct temp_store *ts = *state;
	uint64_t ids[20];
	struct store_ref ref;
	struct temp_damage d;

	for (uint64_t i = 0; i < 20; i++)
		temp_damage_put(ts, 100 + i, 300, i * 20000);
	temp_damage_put_part(ts, 5000, 3000);
	store_flush(ts->st);
	for (uint64_t i = 0; i < 20; i++)
		ids[i] = temp_damage_id(ts, 100 + i);
	ids[0] = temp_damage_id(ts, 7);
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, ids[0], SCHEMA_EXTENTS_PAGE, 5);
	temp_damage_flip(&d, ids[3], 0, 9); /* how long the head is */
	temp_damage_flip(&d, ids[5], 0, -1);
	temp_damage_flip(&d, ids[17], 60, 100);
	temp_damage_flip(&d, ids[18], 88, -1);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	assert_int_equal(store_scrub(ts->st), LR_OK);
	assert_int_equal(temp_damage_stats(ts).corrupt, 5);
	assert_int_equal(temp_damage_stats(ts).scrubbed, 21);
	assert_int_equal(temp_damage_stats(ts).scrub_rounds, 1);
	assert_int_equal(store_find(ts->st, 7, &ref), LR_NOTFOUND);
	for (uint64_t i = 0; i < 20; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, 100 + i),
		    i == 3 || i == 5 || i == 17 || i == 18 ? LR_NOTFOUND
							   : LR_OK);
	assert_int_equal(
	    temp_damage_stats(ts).verified, 0); /* by the scrub, all are */
}

static void
test_the_scrub_misses_no_page(void **state)
{
	struct temp_store *ts = *state;
	struct temp_damage d;
	uint64_t ids[3];

	for (uint64_t i = 0; i < 3; i++)
		temp_damage_put(ts, 1 + i, 300, 100000);
	store_flush(ts->st);
	for (uint64_t i = 0; i < 3; i++)
		ids[i] = temp_damage_id(ts, 1 + i);
	temp_damage_begin(ts, &d);
	temp_damage_delete(&d, ids[0], 7);
	temp_damage_delete(&d, ids[1], 24); /* the last */
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	assert_int_equal(store_scrub(ts->st), LR_OK);
	assert_int_equal(temp_damage_stats(ts).corrupt, 2);
	assert_int_equal(temp_check(ts->st, ts->rd, 3), LR_OK);
}

/* Flips a byte of the records of hash in the file of an open store: LMDB's map
 * shows it. */
static void
flip_record(struct temp_store *ts, uint64_t hash)
{
	unsigned char page[4096], want[16];
	char path[4096];
	unsigned n = 0;
	int fd;

	codec_put_le64(want, hash);
	codec_put_le64(want + 8, hash); /* the primary's */
	temp_store_path(ts, "data.mdb", path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	for (off_t at = 0; pread(fd, page, 4096, at) == 4096; at += 4096) {
		unsigned char *p = memmem(page, 4096, want, sizeof(want));

		if (p == NULL)
			continue;
		p[0] ^= 1;
		assert_int_equal(pwrite(fd, p, 1, at + (p - page)), 1);
		n++;
	}
	close(fd);
	assert_true(n > 0);
}

static void
test_the_scrub_drops_an_object_whose_record_is_damaged(void **state)
{
	const uint64_t hash = 0x1122334455667788;
	struct temp_store *ts = *state;
	struct store_ref ref;

	temp_damage_put(ts, 1, 300, 700);
	temp_damage_put(ts, hash, 300, 700);
	temp_damage_reopen(ts);
	flip_record(ts, hash);
	assert_int_equal(store_scrub(ts->st), LR_OK);
	assert_int_equal(temp_damage_stats(ts).corrupt, 1);
	assert_int_equal(store_find(ts->st, hash, &ref), LR_NOTFOUND);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
}

static void
test_a_scrub_on_its_own_comes_round(void **state)
{
	struct temp_store *ts = *state;
	struct store_ref ref;
	struct temp_damage d;
	uint64_t id;

	temp_damage_put(ts, 1, 300, 700);
	temp_damage_put(ts, 2, 300, 700);
	store_flush(ts->st);
	id = temp_damage_id(ts, 1);
	ts->conf.scrub_bytes_s = 64 * MIB;
	temp_damage_begin(ts, &d);
	temp_damage_flip(&d, id, 0, 500);
	assert_int_equal(temp_damage_end(ts, &d), LR_OK);
	while (temp_damage_stats(ts).scrub_rounds == 0)
		sched_yield();
	assert_int_equal(temp_damage_stats(ts).scrubbed, 2);
	assert_int_equal(store_find(ts->st, 1, &ref), LR_NOTFOUND);
	assert_int_equal(temp_check(ts->st, ts->rd, 2), LR_OK);
	assert_int_equal(temp_damage_stats(ts).verified, 0);
}

static void
test_a_slow_scrub_does_not_keep_a_store_open(void **state)
{
	struct temp_store *ts = *state;

	for (uint64_t i = 0; i < 20; i++)
		temp_damage_put(ts, 1 + i, 300, 100000);
	store_flush(ts->st);
	ts->conf.scrub_bytes_s = 1;
	temp_damage_reopen(ts);
	temp_damage_reopen(ts);
	assert_int_equal(temp_damage_stats(ts).scrub_rounds, 0);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown( \
	    f, temp_damage_set_up, temp_damage_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_the_scrub_finds_what_nobody_reads),
		TEST(test_the_scrub_misses_no_page),
		TEST(test_the_scrub_drops_an_object_whose_record_is_damaged),
		TEST(test_a_scrub_on_its_own_comes_round),
		TEST(test_a_slow_scrub_does_not_keep_a_store_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
