/* tests/unit/store/base/test_check.c: a broken invariant ends the process */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/check.h"

struct thing {
	uint32_t magic;
};

#define THING_MAGIC MAGIC('T', 'h', 'n', 'g')

/* Runs check in a child; writes what it said to said; returns its status. */
static int
run_in_child(void (*check)(void), char *said, size_t n)
{
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL); /* cmocka catches it */
		dup2(ends[1], STDERR_FILENO);
		check();
		_exit(0);
	}
	close(ends[1]);
	got = read(ends[0], said, n - 1);
	said[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
check_arithmetic(void)
{
	CHECK(1 + 1 == 3);
}

static void
check_right_magic(void)
{
	struct thing t = { THING_MAGIC };

	MAGIC_CHECK(&t, THING_MAGIC);
}

static void
check_wrong_magic(void)
{
	struct thing t = { 0 };

	MAGIC_CHECK(&t, THING_MAGIC);
}

static void
test_a_failed_check_says_where_and_aborts(void **state)
{
	char said[256];
	int status = run_in_child(check_arithmetic, said, sizeof(said));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(said, "test_check.c:"));
	assert_non_null(strstr(said, "1 + 1 == 3"));
}

static void
test_a_magic_is_told_from_another(void **state)
{
	char said[256];
	int status = run_in_child(check_right_magic, said, sizeof(said));

	(void)state;
	assert_true(WIFEXITED(status));
	status = run_in_child(check_wrong_magic, said, sizeof(said));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(THING_MAGIC, 0x54686e67);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_check_says_where_and_aborts),
		cmocka_unit_test(test_a_magic_is_told_from_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
