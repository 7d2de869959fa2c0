/* tests/unit/proxy/test_process.c: users, folders, the pid file */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/process.h"

#define NOBODY 65534 /* on every Linux */

struct fixture {
	char dir[64], path[128];
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	snprintf(t->dir, sizeof(t->dir), "/tmp/larder-process.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", t->dir);
	assert_int_equal(system(command), 0);
	free(t);
	return 0;
}

static struct slice
in_dir(struct fixture *t, const char *name)
{
	snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);
	return slice_of(t->path);
}

static void
test_names_and_numbers_name_a_user(void **state)
{
	struct identity id;
	struct slice which;

	(void)state;
	assert_int_equal(
	    process_identity(SLICE("root"), (struct slice){ 0 }, &id, &which),
	    LR_OK);
	assert_int_equal(id.uid, 0);
	assert_int_equal(id.gid, 0);
	assert_int_equal(
	    process_identity(SLICE("#4711"), SLICE("#4712"), &id, &which),
	    LR_OK);
	assert_int_equal(id.uid, 4711);
	assert_int_equal(id.gid, 4712);
	assert_string_equal(id.user, "");
}

static void
test_an_unknown_name_is_told(void **state)
{
	struct identity id;
	struct slice which = { 0 };

	(void)state;
	assert_int_equal(process_identity(SLICE("no such user"),
			     (struct slice){ 0 }, &id, &which),
	    LR_NOTFOUND);
	assert_true(slice_eq(which, SLICE("no such user")));
	assert_int_equal(process_identity(SLICE("root"), SLICE("no such group"),
			     &id, &which),
	    LR_NOTFOUND);
	assert_true(slice_eq(which, SLICE("no such group")));
}

static void
test_without_user_and_group_nothing_changes(void **state)
{
	struct identity id;
	struct slice which, none = { 0 };

	(void)state;
	assert_int_equal(process_identity(none, none, &id, &which), LR_OK);
	assert_false(id.drop);
	assert_int_equal(process_drop(&id), LR_OK);
}

static void
test_dropping_is_for_good(void **state)
{
	struct identity id = { .drop = true, .uid = NOBODY, .gid = NOBODY };
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		bool well = process_drop(&id) == LR_OK && getuid() == NOBODY &&
		    getegid() == NOBODY && getgroups(0, NULL) == 0 &&
		    setuid(0) != 0 && seteuid(0) != 0;

		_exit(well ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_a_folder_is_made_with_those_above_it(void **state)
{
	struct identity stay = { 0 };
	struct stat st;
	struct slice path = in_dir(*state, "a/b/c//");

	assert_int_equal(process_make_dir(path, &stay), LR_OK);
	assert_int_equal(process_make_dir(path, &stay), LR_OK);
	assert_int_equal(stat(path.p, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
test_a_folder_is_given_away_only_when_new_or_empty(void **state)
{
	struct identity id = { .drop = true, .uid = NOBODY, .gid = NOBODY };
	struct fixture *t = *state;
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(process_make_dir(in_dir(t, "new"), &id), LR_OK);
	assert_int_equal(stat(t->path, &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
	assert_int_equal(mkdir(in_dir(t, "empty").p, 0755), 0);
	assert_int_equal(process_make_dir(slice_of(t->path), &id), LR_OK);
	assert_int_equal(stat(t->path, &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
	/* t->dir itself holds the other two: not a folder for a cache */
	assert_int_equal(process_make_dir(slice_of(t->dir), &id), LR_OK);
	assert_int_equal(stat(t->dir, &st), 0);
	assert_int_equal(st.st_uid, 0);
}

static void
test_a_file_is_no_folder(void **state)
{
	struct identity stay = { 0 };
	int fd = open(in_dir(*state, "file").p, O_WRONLY | O_CREAT, 0600);

	close(fd);
	assert_int_equal(
	    process_make_dir(in_dir(*state, "file"), &stay), LR_EXISTS);
	assert_int_equal(
	    process_make_dir(in_dir(*state, "file/below"), &stay), LR_NOTFOUND);
	assert_int_equal(process_make_dir(SLICE(""), &stay), LR_IO);
}

static void
test_the_pid_file_holds_our_number_and_goes_with_us(void **state)
{
	struct slice path = in_dir(*state, "pid");
	char text[32] = "", want[32];
	int fd;

	assert_int_equal(process_write_pid(path), LR_OK);
	fd = open(path.p, O_RDONLY);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	snprintf(want, sizeof(want), "%d\n", (int)getpid());
	assert_string_equal(text, want);
	process_remove_pid(path);
	assert_int_equal(access(path.p, F_OK), -1);
}

static void
test_another_processs_pid_file_stays(void **state)
{
	struct slice path = in_dir(*state, "pid");
	int fd = open(path.p, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, "1\n", 2), 2);
	close(fd);
	process_remove_pid(path);
	assert_int_equal(access(path.p, F_OK), 0);
	process_remove_pid(in_dir(*state, "none"));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_and_numbers_name_a_user),
		TEST(test_an_unknown_name_is_told),
		TEST(test_without_user_and_group_nothing_changes),
		TEST(test_dropping_is_for_good),
		TEST(test_a_folder_is_made_with_those_above_it),
		TEST(test_a_folder_is_given_away_only_when_new_or_empty),
		TEST(test_a_file_is_no_folder),
		TEST(test_the_pid_file_holds_our_number_and_goes_with_us),
		TEST(test_another_processs_pid_file_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
