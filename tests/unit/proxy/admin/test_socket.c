/* tests/unit/proxy/admin/test_socket.c: the control socket's file */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/admin/socket.h"

#define OURS (uid_t) - 1, (gid_t)-1

struct fixture {
	char dir[64], path[96];
	struct control_socket s;
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	snprintf(t->dir, sizeof(t->dir), "/tmp/larder-socket.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->path, sizeof(t->path), "%s/control", t->dir);
	t->s.fd = -1;
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	control_socket_remove(&t->s);
	unlink(t->path);
	assert_int_equal(rmdir(t->dir), 0); /* no drafts are left */
	free(t);
	return 0;
}

/* Does anybody answer there? */
static int
connects(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc;

	memcpy(at.sun_path, path, strlen(path));
	rc = connect(fd, (struct sockaddr *)&at, sizeof(at));
	close(fd);
	return rc == 0;
}

static void
test_it_listens_for_owner_and_group_only(void **state)
{
	struct fixture *t = *state;
	struct stat st;

	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_OK);
	assert_true(connects(t->path));
	assert_int_equal(stat(t->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void
test_a_dead_processs_file_is_replaced(void **state)
{
	struct fixture *t = *state;

	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_OK);
	close(t->s.fd); /* as if killed: the file stays */
	assert_int_equal(access(t->path, F_OK), 0);
	assert_false(connects(t->path));
	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_OK);
	assert_true(connects(t->path));
}

static void
test_a_living_processs_file_is_left_alone(void **state)
{
	struct fixture *t = *state;
	struct control_socket second = { .fd = -1 };

	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_OK);
	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &second), LR_BUSY);
	assert_int_equal(second.fd, -1);
	assert_true(connects(t->path));
}

static void
test_what_is_no_socket_is_never_replaced(void **state)
{
	struct fixture *t = *state;
	int fd = open(t->path, O_WRONLY | O_CREAT, 0600);

	close(fd);
	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_EXISTS);
	assert_int_equal(access(t->path, F_OK), 0);
}

static void
test_the_file_goes_with_its_maker(void **state)
{
	struct fixture *t = *state;

	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_OK);
	control_socket_remove(&t->s);
	assert_int_equal(access(t->path, F_OK), -1);
}

static void
test_a_successors_file_stays(void **state)
{
	struct fixture *t = *state;
	struct control_socket second = { .fd = -1 };

	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &t->s), LR_OK);
	close(t->s.fd);
	t->s.fd = -1;
	assert_int_equal(
	    control_socket_open(slice_of(t->path), OURS, &second), LR_OK);
	control_socket_remove(&t->s);
	assert_true(connects(t->path));
	control_socket_remove(&second);
}

static void
test_impossible_paths_are_refused(void **state)
{
	struct fixture *t = *state;
	char longest[200];

	memset(longest, 'x', sizeof(longest));
	assert_int_equal(control_socket_open(
			     slice_make(longest, sizeof(longest)), OURS, &t->s),
	    LR_TOOBIG);
	assert_int_equal(
	    control_socket_open(SLICE("/nonexistent/x/s"), OURS, &t->s), LR_IO);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_listens_for_owner_and_group_only),
		TEST(test_a_dead_processs_file_is_replaced),
		TEST(test_a_living_processs_file_is_left_alone),
		TEST(test_what_is_no_socket_is_never_replaced),
		TEST(test_the_file_goes_with_its_maker),
		TEST(test_a_successors_file_stays),
		TEST(test_impossible_paths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
