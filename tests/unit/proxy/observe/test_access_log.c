/* tests/unit/proxy/observe/test_access_log.c: lines reach their file */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/observe/access_log.h"

#define THREADS 4
#define LINES 5000 /* of each thread: several full buffers */

struct fixture {
	char dir[64], path[96], aside[96];
	struct access_log *log;
};

static struct log_format *
format_of(const char *text)
{
	struct log_format *f;
	const char *why;

	assert_int_equal(log_format_compile(slice_of(text), &f, &why), LR_OK);
	return f;
}

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	snprintf(t->dir, sizeof(t->dir), "/tmp/larder-log.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->path, sizeof(t->path), "%s/log", t->dir);
	snprintf(t->aside, sizeof(t->aside), "%s/log.1", t->dir);
	assert_int_equal(
	    access_log_open(t->path, format_of("%{worker}x %L"), &t->log),
	    LR_OK);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	access_log_close(t->log);
	unlink(t->path);
	unlink(t->aside);
	rmdir(t->dir);
	free(t);
	return 0;
}

/* The file's text; the caller frees it. */
static char *
text_of(const char *path)
{
	struct strbuf sb = { 0 };
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	strbuf_add_cstr(&sb, "");
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		strbuf_add(&sb, piece, n);
	fclose(f);
	return sb.p;
}

static void
assert_text(const char *path, const char *want)
{
	char *text = text_of(path);

	assert_string_equal(text, want);
	free(text);
}

static void
add_line(struct access_log *l, unsigned worker, const char *id)
{
	struct record r = { .worker = worker, .log_id = slice_of(id) };

	access_log_add(l, &r);
}

static void
test_lines_wait_for_a_flush(void **state)
{
	struct fixture *t = *state;

	add_line(t->log, 0, "one");
	add_line(t->log, 1, "two");
	assert_text(t->path, "");
	access_log_flush(t->log);
	assert_text(t->path, "0 one\n1 two\n");
}

static void
test_closing_writes_what_is_left(void **state)
{
	struct fixture *t = *state;

	add_line(t->log, 0, "last");
	access_log_close(t->log);
	t->log = NULL;
	assert_text(t->path, "0 last\n");
}

static void
test_reopening_follows_a_rotation(void **state)
{
	struct fixture *t = *state;

	add_line(t->log, 0, "before");
	assert_int_equal(rename(t->path, t->aside), 0);
	assert_int_equal(access_log_reopen(t->log), LR_OK);
	add_line(t->log, 0, "after");
	access_log_flush(t->log);
	assert_text(t->aside, "0 before\n");
	assert_text(t->path, "0 after\n");
}

static void
test_a_failed_reopening_keeps_the_old_file(void **state)
{
	struct fixture *t = *state;

	assert_int_equal(rename(t->path, t->aside), 0);
	assert_int_equal(mkdir(t->path, 0700), 0); /* even for root */
	assert_int_not_equal(access_log_reopen(t->log), LR_OK);
	add_line(t->log, 0, "still");
	access_log_flush(t->log);
	assert_int_equal(rmdir(t->path), 0);
	assert_text(t->aside, "0 still\n");
}

struct writer {
	pthread_t thread;
	struct access_log *log;
	unsigned worker;
};

static void *
write_lines(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < LINES; i++)
		add_line(w->log, w->worker, "some-request-identifier");
	return NULL;
}

static void
test_lines_of_many_threads_stay_whole(void **state)
{
	static const char LINE[] = "X some-request-identifier\n";
	struct fixture *t = *state;
	struct writer w[THREADS];
	size_t n = 0;
	char *text;

	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .log = t->log, .worker = i };
		pthread_create(&w[i].thread, NULL, write_lines, &w[i]);
	}
	access_log_flush(t->log);
	assert_int_equal(access_log_reopen(t->log), LR_OK);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(w[i].thread, NULL);
	access_log_flush(t->log);
	text = text_of(t->path);
	for (char *p = text; *p != '\0'; p += sizeof(LINE) - 1, n++)
		assert_memory_equal(p + 1, LINE + 1, sizeof(LINE) - 2);
	free(text);
	assert_int_equal(n, THREADS * LINES);
}

static void
test_standard_output_is_shared_not_taken(void **state)
{
	struct access_log *l;
	int saved = dup(STDOUT_FILENO);
	struct fixture *t = *state;
	int fd = open(t->aside, O_WRONLY | O_CREAT, 0600);

	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	assert_int_equal(
	    access_log_open("/dev/stdout", format_of("%L"), &l), LR_OK);
	add_line(l, 0, "out");
	assert_int_equal(access_log_reopen(l), LR_OK);
	access_log_close(l);
	assert_int_not_equal(fcntl(STDOUT_FILENO, F_GETFD), -1);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	assert_text(t->aside, "out\n");
}

static void
test_what_cannot_be_opened_says_why(void **state)
{
	struct access_log *l = NULL;

	(void)state;
	assert_int_equal(
	    access_log_open("/nonexistent/x/log", format_of("%h"), &l), LR_IO);
	assert_int_equal(
	    access_log_open("|/bin/cat", format_of("%h"), &l), LR_UNSUPPORTED);
	assert_null(l);
	access_log_close(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines_wait_for_a_flush),
		TEST(test_closing_writes_what_is_left),
		TEST(test_reopening_follows_a_rotation),
		TEST(test_a_failed_reopening_keeps_the_old_file),
		TEST(test_lines_of_many_threads_stay_whole),
		TEST(test_standard_output_is_shared_not_taken),
		TEST(test_what_cannot_be_opened_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
