/* tests/unit/store/test_meta.c: damaged meta pages, and who notices */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/meta.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define PAGE_BYTES 4096
/* in a meta page */
#define AT_VERSION 20
#define AT_PAGE_BYTES 40
#define AT_FREE_FLAGS 44
#define AT_MAIN_FLAGS 92
#define AT_LAST_PAGE 136
#define AT_TXN 144

/* A closed store with one object. */
static int
set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));
	struct temp_object o = { .hash = 1, .head_bytes = 300 };

	temp_store_init(ts, 8 * MIB);
	*state = ts;
	if (temp_store_open(ts) != LR_OK || temp_put(ts->st, &o, NULL) != LR_OK)
		return -1;
	temp_store_close(ts);
	return 0;
}

static int
tear_down(void **state)
{
	temp_store_delete(*state);
	free(*state);
	return 0;
}

/* Changes a number in one meta page, by xor. */
static void
flip(struct temp_store *ts, int page, off_t at, uint64_t bits)
{
	char path[4096];
	uint64_t v;
	int fd;

	temp_store_path(ts, "data.mdb", path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	at += page * PAGE_BYTES;
	assert_int_equal(pread(fd, &v, sizeof(v), at), sizeof(v));
	v ^= bits;
	assert_int_equal(pwrite(fd, &v, sizeof(v), at), sizeof(v));
	close(fd);
}

static void
flip_both(struct temp_store *ts, off_t at, uint64_t bits)
{
	flip(ts, 0, at, bits);
	flip(ts, 1, at, bits);
}

static bool
has_aside(struct temp_store *ts)
{
	DIR *d = opendir(ts->dir);
	struct dirent *e;
	bool found = false;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		found |= strncmp(e->d_name, "aside.", 6) == 0;
	closedir(d);
	return found;
}

static void
assert_set_aside(struct temp_store *ts)
{
	assert_int_equal(meta_check(ts->dir), LR_CORRUPT);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_true(has_aside(ts));
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_NOTFOUND);
}

static void
test_a_good_store_is_good(void **state)
{
	struct temp_store *ts = *state;

	assert_int_equal(meta_check(ts->dir), LR_OK);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
}

static void
test_nothing_to_look_at_is_good(void **state)
{
	struct temp_store *ts = *state;
	char path[4096];

	temp_store_path(ts, "data.mdb", path);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(meta_check(ts->dir), LR_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(meta_check(ts->dir), LR_OK);
}

static void
test_another_version_in_one_page_is_damage(void **state)
{
	struct temp_store *ts = *state;

	flip(ts, 1, AT_VERSION, 2);
	assert_set_aside(ts);
}

static void
test_another_version_in_both_pages_is_a_newer_lmdbs(void **state)
{
	struct temp_store *ts = *state;

	flip_both(ts, AT_VERSION, 3); /* 1 becomes 2 */
	assert_int_equal(meta_check(ts->dir), LR_OK);
	assert_int_equal(temp_store_open(ts), LR_VERSION);
	assert_false(has_aside(ts));
	flip_both(ts, AT_VERSION, 3);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
}

static void
test_pages_of_two_sizes_are_damage(void **state)
{
	struct temp_store *ts = *state;

	flip(ts, 0, AT_PAGE_BYTES, 0x1000);
	assert_set_aside(ts);
}

/* LMDB ends the program for a free list with several values to a key. */
static void
test_flags_in_one_page_only_are_damage(void **state)
{
	struct temp_store *ts = *state;

	flip(ts, 1, AT_MAIN_FLAGS, 4);
	assert_int_equal(meta_check(ts->dir), LR_CORRUPT);
	flip(ts, 1, AT_MAIN_FLAGS, 4);
	flip(ts, 0, AT_FREE_FLAGS, 4);
	flip(ts, 0, AT_TXN, (uint64_t)1 << 40); /* LMDB goes by this one */
	assert_set_aside(ts);
}

/* LMDB would ask for a map of that size. */
static void
test_a_last_page_behind_the_files_end_is_damage(void **state)
{
	struct temp_store *ts = *state;

	flip_both(ts, AT_LAST_PAGE, (uint64_t)1 << 50);
	assert_set_aside(ts);
}

/* The page that comes after it is what LMDB goes by. */
static void
test_the_older_page_may_say_any_last_page(void **state)
{
	struct temp_store *ts = *state;

	flip(ts, 0, AT_TXN, (uint64_t)1 << 40);
	flip(ts, 1, AT_LAST_PAGE, (uint64_t)1 << 50);
	assert_int_equal(meta_check(ts->dir), LR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_a_good_store_is_good),
		TEST(test_nothing_to_look_at_is_good),
		TEST(test_another_version_in_one_page_is_damage),
		TEST(test_another_version_in_both_pages_is_a_newer_lmdbs),
		TEST(test_pages_of_two_sizes_are_damage),
		TEST(test_flags_in_one_page_only_are_damage),
		TEST(test_a_last_page_behind_the_files_end_is_damage),
		TEST(test_the_older_page_may_say_any_last_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
