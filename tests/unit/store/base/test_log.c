/* tests/unit/store/base/test_log.c: log lines, levels and reopening */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/log.h"

#define THREADS 3
#define LINES 2000

struct fixture {
	char dir[32];
	char path[64];
	char rotated[64];
	struct log *log;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/larder-log-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/error.log", f->dir);
	snprintf(f->rotated, sizeof(f->rotated), "%s/error.log.1", f->dir);
	assert_int_equal(log_open(f->path, &f->log), LR_OK);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	log_close(f->log);
	unlink(f->path);
	unlink(f->rotated);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* The whole file as a string; the caller frees it. */
static char *
contents(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;

	assert_non_null(file);
	if (getdelim(&text, &cap, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

static void
test_a_line_has_apaches_form(void **state)
{
	struct fixture *f = *state;
	char day[8], month[8], module[16], *text;
	int mday, hour, min, sec, usec, year;
	long pid, tid;

	log_write(f->log, LOG_PROXY, LOG_L_ERROR, "no %s for %d", "route", 7);
	text = contents(f->path);
	assert_int_equal(
	    sscanf(text,
		"[%3s %3s %2d %2d:%2d:%2d.%6d %4d] [%15[^]]] [pid %ld:tid %ld]",
		day, month, &mday, &hour, &min, &sec, &usec, &year, module,
		&pid, &tid),
	    11);
	assert_true(year > 2000 && hour < 24);
	assert_string_equal(module, "proxy:error");
	assert_int_equal(pid, getpid());
	assert_non_null(strstr(text, "] no route for 7\n"));
	free(text);
}

static void
test_only_what_the_modules_level_lets_pass_is_written(void **state)
{
	struct fixture *f = *state;
	struct log_levels levels;
	char *text;

	memset(&levels, LOG_L_ERROR, sizeof(levels));
	assert_true(log_wants(f->log, LOG_HTTP, LOG_L_WARN));
	assert_false(log_wants(f->log, LOG_HTTP, LOG_L_NOTICE));
	levels.of[LOG_CACHE] = LOG_L_TRACE2;
	log_set_levels(f->log, &levels);
	log_write(f->log, LOG_HTTP, LOG_L_WARN, "one");
	log_write(f->log, LOG_CACHE, LOG_L_TRACE2, "two");
	log_write(f->log, LOG_CACHE, LOG_L_TRACE3, "three");
	text = contents(f->path);
	assert_null(strstr(text, "one"));
	assert_non_null(strstr(text, "[cache:trace2]"));
	assert_null(strstr(text, "three"));
	free(text);
}

static void
test_control_bytes_cannot_forge_a_line(void **state)
{
	struct fixture *f = *state;
	char *text;

	log_write(f->log, LOG_CORE, LOG_L_ERROR, "a\r\nb\x1b[31m\x7f é");
	text = contents(f->path);
	assert_non_null(strstr(text, "] a\\x0d\\x0ab\\x1b[31m\\x7f é\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

static void
test_an_overlong_line_is_cut_and_still_ends(void **state)
{
	struct fixture *f = *state;
	char *text, *long_text = malloc(100001);

	memset(long_text, '\n', 100000);
	long_text[100000] = '\0';
	log_write(f->log, LOG_CORE, LOG_L_ERROR, "%s", long_text);
	text = contents(f->path);
	assert_in_range(strlen(text), 10000, 20000);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(long_text);
	free(text);
}

static void
test_no_log_is_no_trouble(void **state)
{
	(void)state;
	assert_false(log_wants(NULL, LOG_CORE, LOG_L_EMERG));
	log_write(NULL, LOG_CORE, LOG_L_EMERG, "nobody reads this");
	log_close(NULL);
}

static void
test_a_file_that_cannot_be_opened_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct log *log = NULL;

	assert_int_equal(log_open("/nonexistent/dir/log", &log), LR_IO);
	assert_int_equal(log_open(f->dir, &log), LR_IO);
	assert_null(log);
}

static void
test_a_failed_reopen_keeps_the_old_file(void **state)
{
	struct fixture *f = *state;
	char *text;

	rename(f->path, f->rotated);
	assert_int_equal(mkdir(f->path, 0700), 0);
	assert_int_not_equal(log_reopen(f->log), LR_OK);
	rmdir(f->path);
	log_write(f->log, LOG_CORE, LOG_L_ERROR, "still here");
	text = contents(f->rotated);
	assert_non_null(strstr(text, "still here"));
	free(text);
}

static void *
write_lines(void *arg)
{
	for (int i = 0; i < LINES; i++)
		log_write(arg, LOG_CORE, LOG_L_ERROR, "line %04d end", i);
	return NULL;
}

static int
count_whole_lines(const char *path)
{
	char *text = contents(path), *rest = text, *line;
	int n = 0;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		assert_int_equal(line[0], '[');
		assert_string_equal(line + strlen(line) - 4, " end");
		n++;
	}
	free(text);
	return n;
}

static void
test_no_line_is_lost_or_torn_while_logs_are_rotated(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	int n = 0;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, write_lines, f->log), 0);
	rename(f->path, f->rotated);
	for (int i = 0; i < 50; i++)
		assert_int_equal(log_reopen(f->log), LR_OK);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	n = count_whole_lines(f->path) + count_whole_lines(f->rotated);
	assert_int_equal(n, THREADS * LINES);
}

static void
test_level_names(void **state)
{
	enum log_level l = LOG_L_EMERG;

	(void)state;
	assert_int_equal(log_level_parse(SLICE("Warn"), &l), LR_OK);
	assert_int_equal(l, LOG_L_WARN);
	assert_int_equal(log_level_parse(SLICE("trace8"), &l), LR_OK);
	assert_int_equal(l, LOG_L_TRACE8);
	assert_int_equal(log_level_parse(SLICE("trace9"), &l), LR_NOTFOUND);
	assert_int_equal(log_level_parse(SLICE(""), &l), LR_NOTFOUND);
	assert_int_equal(l, LOG_L_TRACE8);
}

static void
test_module_names_in_all_of_apaches_forms(void **state)
{
	static const struct {
		const char *text;
		enum log_module module;
	} GOOD[] = { { "core", LOG_CORE }, { "PROXY", LOG_PROXY },
		{ "mod_proxy", LOG_PROXY }, { "mod_proxy.c", LOG_PROXY },
		{ "proxy_module", LOG_PROXY }, { "proxy_http", LOG_PROXY },
		{ "proxy_http_module", LOG_PROXY }, { "cache", LOG_CACHE },
		{ "cache_disk", LOG_STORE }, { "mod_cache_disk", LOG_STORE },
		{ "ssl_module", LOG_SSL }, { "control", LOG_CONTROL } };
	enum log_module m = LOG_CORE;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(
		    log_module_parse(slice_of(GOOD[i].text), &m), LR_OK);
		assert_int_equal(m, GOOD[i].module);
	}
	assert_int_equal(log_module_parse(SLICE("rewrite"), &m), LR_NOTFOUND);
	assert_int_equal(log_module_parse(SLICE("_module"), &m), LR_NOTFOUND);
	assert_int_equal(log_module_parse(SLICE("mod_"), &m), LR_NOTFOUND);
}

static void
test_a_limiter_lets_one_pass_and_counts_the_rest(void **state)
{
	struct log_limiter lim = { 0 };
	uint64_t held = 99;

	(void)state;
	assert_true(log_limit(&lim, 5000, 1000, &held));
	assert_int_equal(held, 0);
	assert_false(log_limit(&lim, 5001, 1000, &held));
	assert_false(log_limit(&lim, 5999, 1000, &held));
	assert_true(log_limit(&lim, 6000, 1000, &held));
	assert_int_equal(held, 2);
	assert_true(log_limit(&lim, 9000, 1000, &held));
	assert_int_equal(held, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_line_has_apaches_form, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_only_what_the_modules_level_lets_pass_is_written,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_control_bytes_cannot_forge_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_an_overlong_line_is_cut_and_still_ends, setup,
		    teardown),
		cmocka_unit_test(test_no_log_is_no_trouble),
		cmocka_unit_test_setup_teardown(
		    test_a_file_that_cannot_be_opened_is_an_error, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_failed_reopen_keeps_the_old_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_no_line_is_lost_or_torn_while_logs_are_rotated, setup,
		    teardown),
		cmocka_unit_test(test_level_names),
		cmocka_unit_test(test_module_names_in_all_of_apaches_forms),
		cmocka_unit_test(
		    test_a_limiter_lets_one_pass_and_counts_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
