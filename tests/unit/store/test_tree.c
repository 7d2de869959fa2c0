/* tests/unit/store/test_tree.c: damage that reading all rows does not show */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/tree.h"
#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define OBJECTS 400
#define PAGE_BYTES 4096
#define BRANCH 1
#define LEAF 2

struct file {
	struct temp_store ts; /* closed */
	unsigned char *bytes;
	size_t n;
};

static uint64_t
number_at(const unsigned char *p, size_t n_bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, n_bytes);
	return v;
}

static void
read_file(struct file *f)
{
	char path[4096];
	int fd;

	temp_store_path(&f->ts, "data.mdb", path);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	f->n = (size_t)lseek(fd, 0, SEEK_END);
	f->bytes = malloc(f->n);
	assert_int_equal(pread(fd, f->bytes, f->n, 0), f->n);
	close(fd);
}

/* Many objects, some of them removed again, so that pages are free. */
static int
set_up(void **state)
{
	struct temp_object o = { .head_bytes = 300, .body_bytes = 5000 };
	struct file *f = calloc(1, sizeof(*f));

	temp_store_init(&f->ts, 16 * MIB);
	*state = f;
	assert_int_equal(temp_store_open(&f->ts), LR_OK);
	for (o.hash = 1; o.hash <= OBJECTS; o.hash++)
		assert_int_equal(temp_put(f->ts.st, &o, NULL), LR_OK);
	store_flush(f->ts.st);
	for (o.hash = 1; o.hash <= 50; o.hash++)
		store_remove(f->ts.st, o.hash);
	store_flush(f->ts.st);
	temp_store_close(&f->ts);
	read_file(f);
	return 0;
}

static int
tear_down(void **state)
{
	struct file *f = *state;

	temp_store_delete(&f->ts);
	free(f->bytes);
	free(f);
	return 0;
}

static enum lr
check(struct file *f)
{
	return tree_check(f->ts.dir, clock_mono_us() + 10000000);
}

/* What the check says when some bytes are others. */
static enum lr
check_with(struct file *f, size_t at, const void *bytes, size_t n)
{
	char path[4096];
	enum lr rc;
	int fd;

	temp_store_path(&f->ts, "data.mdb", path);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, (off_t)at), n);
	rc = check(f);
	assert_int_equal(pwrite(fd, f->bytes + at, n, (off_t)at), n);
	close(fd);
	return rc;
}

static const unsigned char *
newest_meta(const struct file *f)
{
	const unsigned char *second = f->bytes + PAGE_BYTES;

	return number_at(second + 144, 8) > number_at(f->bytes + 144, 8)
	    ? second
	    : f->bytes;
}

/* Where a page's first byte is: the root of the free list (80) or of all
 * else (128). */
static size_t
root(const struct file *f, size_t which)
{
	return number_at(newest_meta(f) + which, 8) * PAGE_BYTES;
}

/* The root of the tree that has most entries: that of pages. */
static size_t
root_of_dat(const struct file *f)
{
	const unsigned char *page = f->bytes + root(f, 128);
	uint64_t most = 0, found = 0;

	for (size_t i = 16; i < number_at(page + 12, 2); i += 2) {
		const unsigned char *node = page + number_at(page + i, 2);
		const unsigned char *tree = node + 8 + number_at(node + 6, 2);

		if (number_at(tree + 32, 8) > most) {
			most = number_at(tree + 32, 8);
			found = number_at(tree + 40, 8);
		}
	}
	assert_true(found != 0);
	return found * PAGE_BYTES;
}

static void
test_a_good_store_is_good(void **state)
{
	assert_int_equal(check(*state), LR_OK);
}

static void
test_a_page_head_that_gives_away_what_is_in_use_is_damage(void **state)
{
	struct file *f = *state;
	size_t dat = root_of_dat(f);
	const uint16_t lower = 15, upper = 5000;

	assert_int_equal(f->bytes[dat + 10], BRANCH);
	assert_int_equal(check_with(f, dat + 12, &lower, 2), LR_CORRUPT);
	assert_int_equal(check_with(f, dat + 14, &upper, 2), LR_CORRUPT);
	assert_int_equal(f->bytes[root(f, 80) + 10], LEAF);
	assert_int_equal(
	    check_with(f, root(f, 80) + 14, &upper, 2), LR_CORRUPT);
	assert_int_equal(check(f), LR_OK);
}

static void
test_a_node_behind_its_pages_end_is_damage(void **state)
{
	struct file *f = *state;
	size_t dat = root_of_dat(f);
	size_t node = dat + number_at(f->bytes + dat + 16, 2);
	const uint16_t at = 4093, key_bytes = 5000;

	assert_int_equal(check_with(f, dat + 16, &at, 2), LR_CORRUPT);
	assert_int_equal(check_with(f, node + 6, &key_bytes, 2), LR_CORRUPT);
}

static void
test_a_child_that_is_no_page_of_the_tree_is_damage(void **state)
{
	struct file *f = *state;
	size_t dat = root_of_dat(f);
	size_t first = dat + number_at(f->bytes + dat + 16, 2);
	size_t second = dat + number_at(f->bytes + dat + 18, 2);
	const uint32_t meta = 1, outside = 1u << 30;
	const uint64_t itself = dat / PAGE_BYTES;

	assert_int_equal(check_with(f, first, &meta, 4), LR_CORRUPT);
	assert_int_equal(check_with(f, first, &outside, 4), LR_CORRUPT);
	assert_int_equal(check_with(f, first, &itself, 4), LR_CORRUPT);
	/* a page that has two parents */
	assert_int_equal(
	    check_with(f, first, f->bytes + second, 4), LR_CORRUPT);
}

/* It would be written over. */
static void
test_a_page_in_use_on_the_free_list_is_damage(void **state)
{
	struct file *f = *state;
	size_t page = root(f, 80);
	size_t node = page + number_at(f->bytes + page + 16, 2);
	const uint64_t used = root_of_dat(f) / PAGE_BYTES;

	assert_true(number_at(f->bytes + node + 16, 8) > 0);
	assert_int_equal(check_with(f, node + 24, &used, 8), LR_CORRUPT);
}

static void
test_what_is_not_reached_in_time_counts_as_good(void **state)
{
	struct file *f = *state;

	assert_int_equal(tree_check(f->ts.dir, 0), LR_OK);
}

static void
test_a_file_without_pages_is_left_to_lmdb(void **state)
{
	struct file *f = *state;
	char path[4096];

	temp_store_path(&f->ts, "data.mdb", path);
	assert_int_equal(truncate(path, 5000), 0);
	assert_int_equal(check(f), LR_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(check(f), LR_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_a_good_store_is_good),
		TEST(test_a_page_head_that_gives_away_what_is_in_use_is_damage),
		TEST(test_a_node_behind_its_pages_end_is_damage),
		TEST(test_a_child_that_is_no_page_of_the_tree_is_damage),
		TEST(test_a_page_in_use_on_the_free_list_is_damage),
		TEST(test_what_is_not_reached_in_time_counts_as_good),
		TEST(test_a_file_without_pages_is_left_to_lmdb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
