/* tests/unit/proxy/site/test_site_logs.c: ErrorLog, CustomLog, LogLevel */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/site/site_load.h"

struct fixture {
	char dir[64];
	struct strbuf messages;
	struct site *site;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "/tmp/larder-logs-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	*state = f;
	return 0;
}

static int
remove_entry(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	site_unref(f->site);
	strbuf_free(&f->messages);
	nftw(f->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static enum lr
load(struct fixture *f, const char *text)
{
	struct strbuf all = { 0 };
	struct site_source src = { .open_logs = true };
	enum lr rc;

	strbuf_addf(&all, "Listen 80\nServerRoot %s\n%s", f->dir, text);
	src.text = all.p;
	rc = site_load(&src, &f->messages, &f->site);
	strbuf_free(&all);
	return rc;
}

static void
assert_loaded(struct fixture *f, const char *text)
{
	enum lr rc = load(f, text);

	if (rc != LR_OK)
		fail_msg("%s: %s", status_text(rc), f->messages.p);
}

static const struct vhost *
host(const struct fixture *f, const char *name)
{
	struct address local;

	assert_int_equal(address_parse(SLICE("192.0.2.1"), 80, &local), LR_OK);
	return site_vhost(f->site, &local, slice_of(name));
}

static bool
exists(const struct fixture *f, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return access(path, F_OK) == 0;
}

static void
test_without_errorlog_standard_error_is_used(void **state)
{
	struct fixture *f = *state;

	assert_loaded(f, "");
	assert_non_null(site_main(f->site)->log);
	assert_int_equal(site_main(f->site)->n_access_logs, 0);
}

static void
test_files_lie_below_serverroot(void **state)
{
	struct fixture *f = *state;

	assert_loaded(f, "ErrorLog e.log\nCustomLog a.log combined\n");
	assert_true(exists(f, "e.log"));
	assert_true(exists(f, "a.log"));
	assert_int_equal(site_main(f->site)->n_access_logs, 1);
	site_reopen_logs(f->site);
	site_flush_logs(f->site);
}

static void
test_a_check_creates_no_files(void **state)
{
	struct fixture *f = *state;
	struct strbuf text = { 0 };
	struct site_source src = { .open_logs = false };

	strbuf_addf(&text,
	    "Listen 80\nServerRoot %s\nErrorLog e.log\nCustomLog a.log "
	    "common\n",
	    f->dir);
	src.text = text.p;
	assert_int_equal(site_load(&src, &f->messages, &f->site), LR_OK);
	assert_false(exists(f, "e.log"));
	assert_false(exists(f, "a.log"));
	strbuf_free(&text);
}

static void
test_levels_are_of_all_modules_or_of_one(void **state)
{
	struct fixture *f = *state;
	const struct log *log;

	assert_loaded(f, "LogLevel proxy:trace2 error\n");
	log = site_main(f->site)->log;
	assert_true(log_wants(log, LOG_PROXY, LOG_L_TRACE2));
	assert_false(log_wants(log, LOG_PROXY, LOG_L_TRACE3));
	assert_true(log_wants(log, LOG_CACHE, LOG_L_ERROR));
	assert_false(log_wants(log, LOG_CACHE, LOG_L_WARN));
}

static void
test_a_virtual_host_has_the_main_server_s_logs_or_its_own(void **state)
{
	struct fixture *f = *state;

	assert_loaded(f,
	    "ErrorLog e.log\nCustomLog a.log common\n"
	    "<VirtualHost *:80>\nServerName one\n</VirtualHost>\n"
	    "<VirtualHost *:80>\nServerName two\nErrorLog e2.log\n"
	    "CustomLog a2.log \"%h\"\nCustomLog a.log common\n"
	    "</VirtualHost>\n"
	    "<VirtualHost *:80>\nServerName three\nLogLevel debug\n"
	    "</VirtualHost>\n");
	assert_ptr_equal(host(f, "one")->log, site_main(f->site)->log);
	assert_ptr_equal(
	    host(f, "one")->access_logs[0], site_main(f->site)->access_logs[0]);
	assert_ptr_not_equal(host(f, "two")->log, site_main(f->site)->log);
	assert_int_equal(host(f, "two")->n_access_logs, 2);
	assert_ptr_equal(
	    host(f, "two")->access_logs[1], site_main(f->site)->access_logs[0]);
	/* the same file, but other levels */
	assert_ptr_not_equal(host(f, "three")->log, site_main(f->site)->log);
	assert_true(log_wants(host(f, "three")->log, LOG_HTTP, LOG_L_DEBUG));
	assert_false(log_wants(site_main(f->site)->log, LOG_HTTP, LOG_L_DEBUG));
}

static void
test_a_nickname_may_come_later_and_from_the_main_server(void **state)
{
	struct fixture *f = *state;

	assert_loaded(f,
	    "<VirtualHost *:80>\nServerName one\nCustomLog a.log x\n"
	    "</VirtualHost>\n"
	    "CustomLog b.log x\nLogFormat \"%h %t\" x\n");
	assert_true(exists(f, "a.log"));
	assert_true(exists(f, "b.log"));
}

static void
assert_message(struct fixture *f, const char *want)
{
	const char *p = f->messages.p;
	size_t n = strlen(f->dir);
	struct strbuf got = { 0 };

	for (; p != NULL && *p != '\0'; p++) {
		if (strncmp(p, f->dir, n) == 0)
			p += n - 1;
		else
			strbuf_add_char(&got, *p);
	}
	assert_string_equal(got.p, want);
	strbuf_free(&got);
}

static void
test_a_file_that_cannot_be_opened_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    load(f, "ErrorLog no/e.log\nCustomLog no/a.log common\n"),
	    LR_INVALID);
	assert_message(f,
	    "command line:3: ErrorLog: cannot open /no/e.log: there is no "
	    "directory /no\n"
	    "command line:4: CustomLog: cannot open /no/a.log: there is no "
	    "directory /no\n");
}

static void
test_with_another_mistake_no_file_is_created(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f, "ErrorLog e.log\nWrong\n"), LR_INVALID);
	assert_false(exists(f, "e.log"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_errorlog_standard_error_is_used),
		TEST(test_files_lie_below_serverroot),
		TEST(test_a_check_creates_no_files),
		TEST(test_levels_are_of_all_modules_or_of_one),
		TEST(test_a_virtual_host_has_the_main_server_s_logs_or_its_own),
		TEST(test_a_nickname_may_come_later_and_from_the_main_server),
		TEST(test_a_file_that_cannot_be_opened_is_told),
		TEST(test_with_another_mistake_no_file_is_created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
