/* tests/unit/store/test_faults.c: disks that say no */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)

/* Lets this process write the first `bytes` of any file only. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit lim;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &lim), 0);
	lim.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &lim), 0);
}

static int
set_up(void **state)
{
	struct temp_store *ts = malloc(sizeof(*ts));

	signal(SIGXFSZ, SIG_IGN);
	temp_store_init(ts, 16 * MIB);
	*state = ts;
	return 0;
}

static int
tear_down(void **state)
{
	limit_files(RLIM_INFINITY);
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
put_many(struct temp_store *ts, uint64_t first, uint64_t n)
{
	struct temp_object o = { .head_bytes = 300, .body_bytes = 20000 };

	for (o.hash = first; o.hash < first + n; o.hash++) {
		o.seed = o.hash;
		assert_int_equal(temp_put(ts->st, &o, NULL), LR_OK);
	}
	store_flush(ts->st);
}

static void
test_a_failing_commit_costs_its_group_only(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = {
		.hash = 500, .head_bytes = 300, .body_bytes = 4 * MIB
	};
	struct fill *f;
	uint64_t i;

	assert_int_equal(temp_store_open(ts), LR_OK);
	put_many(ts, 1, 100);
	limit_files(3 * MIB);
	temp_put(ts->st, &o, &f); /* may see it fail before its end */
	store_flush(ts->st);
	assert_int_equal(fill_state(f), FILL_FAILED);
	fill_free(f);
	for (i = 1; i <= 100; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, i), LR_OK);
	limit_files(RLIM_INFINITY);
	put_many(ts, 1000, 50);
	for (i = 1000; i < 1050; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, i), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 500), LR_NOTFOUND);
	assert_int_equal(stats_of(ts).fills_failed, 1);
	assert_int_equal(stats_of(ts).queue_bytes, 0);
	temp_store_close(ts);
	assert_int_equal(temp_store_open(ts), LR_OK);
	for (i = 1; i <= 100; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, i), LR_OK);
}

static void
test_a_store_that_cannot_write_closes_all_the_same(void **state)
{
	struct temp_store *ts = *state;
	struct temp_object o = {
		.hash = 500, .head_bytes = 300, .body_bytes = 4 * MIB
	};
	uint64_t i;

	assert_int_equal(temp_store_open(ts), LR_OK);
	put_many(ts, 1, 100);
	limit_files(8192);
	for (o.hash = 500; o.hash < 504; o.hash++)
		temp_put(ts->st, &o, NULL);
	store_remove(ts->st, 50);
	temp_store_close(ts);
	limit_files(RLIM_INFINITY);
	assert_int_equal(temp_store_open(ts), LR_OK);
	for (i = 1; i < 50; i++)
		assert_int_equal(temp_check(ts->st, ts->rd, i), LR_OK);
}

static void
test_a_folder_that_cannot_be_made_is_reported(void **state)
{
	struct temp_store *ts = *state;
	char path[4096];
	int fd;

	temp_store_path(ts, "no/such", path);
	ts->conf.dir = path;
	assert_int_equal(temp_store_open(ts), LR_NOTFOUND);
	temp_store_path(ts, "file", path);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_not_equal(temp_store_open(ts), LR_OK);
	temp_store_path(ts, "new", path);
	assert_int_equal(temp_store_open(ts), LR_OK);
	put_many(ts, 1, 10);
}

static void
test_a_folder_of_others_is_reported(void **state)
{
	struct temp_store *ts = *state;

	if (geteuid() == 0)
		skip(); /* may do anything */
	assert_int_equal(chmod(ts->dir, 0500), 0);
	assert_int_equal(temp_store_open(ts), LR_DENIED);
	assert_int_equal(chmod(ts->dir, 0700), 0);
}

/* ---- a process that may open no more files ---- */

static void
limit_descriptors(rlim_t n)
{
	struct rlimit lim;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &lim), 0);
	lim.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &lim), 0);
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

/* The lowest descriptor that is free. */
static int
next_descriptor(void)
{
	int fd = dup(0);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

/* Opens it with more and more descriptors until that succeeds. */
static void
open_with_few_descriptors(struct temp_store *ts)
{
	int first = next_descriptor();
	struct rlimit before;
	enum lr rc = LR_IO;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int n = first; rc != LR_OK; n++) {
		assert_true(n < first + 20);
		limit_descriptors((rlim_t)n);
		rc = temp_store_open(ts);
		limit_descriptors(before.rlim_cur);
		if (rc != LR_OK)
			assert_int_equal(next_descriptor(), first);
	}
}

static void
test_without_descriptors_it_does_not_open_and_loses_nothing(void **state)
{
	struct temp_store *ts = *state;
	uint64_t i;

	assert_int_equal(temp_store_open(ts), LR_OK);
	put_many(ts, 1, 50);
	for (int fast = 0; fast < 2; fast++) {
		temp_store_close(ts);
		ts->conf.fast = fast != 0;
		open_with_few_descriptors(ts);
		assert_false(has_aside(ts));
		for (i = 1; i <= 50; i++)
			assert_int_equal(temp_check(ts->st, ts->rd, i), LR_OK);
	}
}

/* ---- a small file system; needs the right to mount ---- */

static int
mount_small(void **state)
{
	struct temp_store *ts;

	if (set_up(state) != 0)
		return -1;
	ts = *state;
	if (mount("tmpfs", ts->dir, "tmpfs", 0, "size=12m") != 0) {
		tear_down(state);
		*state = NULL;
	}
	return 0;
}

static int
unmount_small(void **state)
{
	struct temp_store *ts = *state;

	if (ts == NULL)
		return 0;
	temp_store_close(ts);
	umount2(ts->dir, MNT_DETACH);
	return tear_down(state);
}

static void
test_a_disk_without_room_is_met_at_the_start(void **state)
{
	struct temp_store *ts = *state;
	char path[4096];
	struct stat sb;

	if (ts == NULL)
		skip();
	assert_int_equal(temp_store_open(ts), LR_FULL);
	temp_store_path(ts, "data.mdb", path);
	assert_int_equal(stat(path, &sb), -1); /* nothing is left behind */
	ts->conf.size_bytes = 8 * MIB;
	assert_int_equal(temp_store_open(ts), LR_OK);
	temp_store_close(ts);
	ts->conf.size_bytes = 16 * MIB; /* it cannot grow, but stays good */
	assert_int_equal(temp_store_open(ts), LR_FULL);
	ts->conf.size_bytes = 8 * MIB;
	assert_int_equal(temp_store_open(ts), LR_OK);
}

static void
test_a_disk_that_others_fill_up_does_no_harm(void **state)
{
	struct temp_store *ts = *state;
	static char block[1 << 16];
	char path[4096];
	ssize_t n = 1;
	uint64_t i;
	int fd;

	if (ts == NULL)
		skip();
	ts->conf.size_bytes = 8 * MIB;
	assert_int_equal(temp_store_open(ts), LR_OK);
	temp_store_path(ts, "other", path);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	while (n > 0)
		n = write(fd, block, sizeof(block));
	close(fd);
	for (i = 1; i < 1000; i += 20) { /* more than a turnover */
		put_many(ts, i, 20);
		assert_int_equal(temp_check(ts->st, ts->rd, i), LR_OK);
	}
	assert_int_equal(stats_of(ts).fills_failed, 0);
	temp_store_close(ts);
	unlink(path);
	assert_int_equal(temp_store_open(ts), LR_OK);
	assert_int_equal(temp_check(ts->st, ts->rd, 1000), LR_OK);
}

static void
test_an_old_store_set_aside_makes_room_for_the_new_one(void **state)
{
	struct temp_store *ts = *state;
	char path[4096], junk[8192];
	int fd;

	if (ts == NULL)
		skip();
	ts->conf.size_bytes = 8 * MIB; /* twice would not fit */
	assert_int_equal(temp_store_open(ts), LR_OK);
	put_many(ts, 1, 50);
	temp_store_close(ts);
	memset(junk, 0x5a, sizeof(junk));
	temp_store_path(ts, "data.mdb", path);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), 0), sizeof(junk));
	close(fd);
	assert_int_equal(temp_store_open(ts), LR_OK);
	put_many(ts, 1, 50);
	assert_int_equal(temp_check(ts->st, ts->rd, 1), LR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define DISK(f) cmocka_unit_test_setup_teardown(f, mount_small, unmount_small)
		TEST(test_a_failing_commit_costs_its_group_only),
		TEST(test_a_store_that_cannot_write_closes_all_the_same),
		TEST(test_a_folder_that_cannot_be_made_is_reported),
		TEST(test_a_folder_of_others_is_reported),
		TEST(
		    test_without_descriptors_it_does_not_open_and_loses_nothing),
		DISK(test_a_disk_without_room_is_met_at_the_start),
		DISK(test_a_disk_that_others_fill_up_does_no_harm),
		DISK(test_an_old_store_set_aside_makes_room_for_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
