/* tests/unit/proxy/test_listen_set.c: sockets for the addresses of a site */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/listen_set.h"
#include "proxy/site/site_load.h"

#define WORKERS 2

static const struct listen_set NONE;

static struct site *
site_of(const char *text)
{
	const struct site_source src = { .text = text };
	struct strbuf messages = { 0 };
	struct site *site;

	assert_int_equal(site_load(&src, &messages, &site), LR_OK);
	strbuf_free(&messages);
	return site;
}

/* A set for that configuration. */
static struct listen_set
open_for(const char *text, const struct listen_set *before)
{
	struct site *site = site_of(text);
	struct strbuf why = { 0 };
	struct listen_set set;

	assert_int_equal(
	    listen_set_open(site, WORKERS, before, &set, &why), LR_OK);
	assert_int_equal(why.n, 0);
	site_unref(site);
	return set;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
test_each_worker_gets_a_socket_for_each_address(void **state)
{
	struct listen_set set = open_for(
	    "Listen 127.0.0.1:0\nListen 127.0.0.2:0\n", &NONE);
	int fds[WORKERS][2];

	(void)state;
	assert_int_equal(set.n, 2);
	for (unsigned w = 0; w < WORKERS; w++)
		listen_set_take(&set, w, fds[w]);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_not_equal(address_port(&set.bound[i]), 0);
		assert_int_not_equal(fds[0][i], fds[1][i]);
		assert_true(is_open(fds[0][i]) && is_open(fds[1][i]));
	}
	listen_set_close(&set);
	for (unsigned w = 0; w < WORKERS; w++) {
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(close(fds[w][i]), 0);
	}
}

static void
test_addresses_that_stay_are_not_opened_again(void **state)
{
	struct listen_set first = open_for("Listen 127.0.0.1:0\n", &NONE);
	struct listen_set second = open_for(
	    "Listen 127.0.0.2:0\nListen 127.0.0.1:0\n", &first);
	int fds[2];

	(void)state;
	listen_set_take(&second, 0, fds);
	assert_true(is_open(fds[0]));
	assert_int_equal(fds[1], -1);
	assert_true(address_eq(&second.bound[1], &first.bound[0]));
	close(fds[0]);
	listen_set_close(&first);
	listen_set_close(&second);
}

static void
test_what_nobody_took_is_closed(void **state)
{
	struct listen_set set = open_for("Listen 127.0.0.1:0\n", &NONE);
	int fd = set.fds[0];

	(void)state;
	assert_true(is_open(fd));
	listen_set_close(&set);
	assert_false(is_open(fd));
	listen_set_close(&set);
}

static void
test_a_failure_is_told_and_leaves_nothing_open(void **state)
{
	struct site *site = site_of(
	    "Listen 127.0.0.1:0\nListen 192.0.2.1:8080\n");
	struct strbuf why = { 0 };
	struct listen_set set;
	int next = dup(STDIN_FILENO), after;

	(void)state;
	close(next);
	assert_int_equal(
	    listen_set_open(site, WORKERS, &NONE, &set, &why), LR_UNREACHABLE);
	assert_non_null(strstr(why.p, "192.0.2.1:8080"));
	after = dup(STDIN_FILENO);
	close(after);
	assert_int_equal(after, next);
	strbuf_free(&why);
	site_unref(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_each_worker_gets_a_socket_for_each_address),
		cmocka_unit_test(test_addresses_that_stay_are_not_opened_again),
		cmocka_unit_test(test_what_nobody_took_is_closed),
		cmocka_unit_test(
		    test_a_failure_is_told_and_leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
