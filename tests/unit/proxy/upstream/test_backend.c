/* tests/unit/proxy/upstream/test_backend.c: a backend's URL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proxy/upstream/backend.h"

static void
expect_slice(struct slice got, const char *wanted)
{
	assert_int_equal(got.n, strlen(wanted));
	assert_memory_equal(got.p, wanted, got.n);
}

static struct backend
parse(const char *url, struct arena *arena)
{
	const char *why = NULL;
	struct backend be;

	assert_int_equal(backend_parse(slice_of(url), arena, &be, &why), LR_OK);
	return be;
}

static void
test_a_url_is_taken_apart(void **state)
{
	struct arena arena = { 0 };
	struct backend be = parse("http://Backend.local:8080/app/x", &arena);

	(void)state;
	expect_slice(be.url, "http://Backend.local:8080/app/x");
	expect_slice(be.scheme, "http");
	expect_slice(be.host, "Backend.local");
	expect_slice(be.authority, "Backend.local:8080");
	expect_slice(be.path, "/app/x");
	assert_int_equal(be.unix_path.n, 0);
	assert_int_equal(be.port, 8080);
	arena_free(&arena);
}

static void
test_defaults_are_apaches(void **state)
{
	struct arena arena = { 0 };
	struct backend be = parse("HTTP://backend", &arena);

	(void)state;
	expect_slice(be.scheme, "http");
	expect_slice(be.authority, "backend");
	expect_slice(be.path, "");
	assert_int_equal(be.port, 80);
	assert_int_equal(be.connect_timeout_ms, 60000);
	assert_int_equal(be.timeout_ms, 60000);
	assert_int_equal(be.ttl_ms, 0);
	assert_int_equal(be.max_idle, 64);
	assert_false(be.disable_reuse);
	be = parse("http://backend:80/", &arena);
	expect_slice(be.authority, "backend"); /* the default port is silent */
	arena_free(&arena);
}

static void
test_an_ipv6_literal_keeps_its_brackets(void **state)
{
	struct arena arena = { 0 };
	struct backend be = parse("http://[::1]:81/", &arena);

	(void)state;
	expect_slice(be.host, "[::1]");
	expect_slice(be.authority, "[::1]:81");
	assert_int_equal(be.port, 81);
	arena_free(&arena);
}

static void
test_a_unix_socket_stands_before_the_url(void **state)
{
	struct arena arena = { 0 };
	struct backend be = parse("unix:/run/app.sock|http://app/x", &arena);

	(void)state;
	expect_slice(be.url, "unix:/run/app.sock|http://app/x");
	expect_slice(be.unix_path, "/run/app.sock");
	expect_slice(be.authority, "app");
	expect_slice(be.path, "/x");
	arena_free(&arena);
}

static void
test_what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *url;
		enum lr rc;
	} BAD[] = {
		{ "", LR_INVALID },
		{ "backend", LR_INVALID },
		{ "http://", LR_INVALID },
		{ "http:///path", LR_INVALID },
		{ "http://a:99999/", LR_INVALID },
		{ "http://user:secret@a/", LR_INVALID },
		{ "http://a/?query", LR_INVALID },
		{ "https://a/", LR_UNSUPPORTED },
		{ "fcgi://a/", LR_UNSUPPORTED },
		{ "unix:/run/app.sock", LR_INVALID },
		{ "unix:app.sock|http://a/", LR_INVALID },
		{ "unix:|http://a/", LR_INVALID },
		{ "unix:/run/app.sock|fcgi://a/", LR_UNSUPPORTED },
	};
	struct arena arena = { 0 };
	struct backend be;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		const char *why = NULL;

		assert_int_equal(
		    backend_parse(slice_of(BAD[i].url), &arena, &be, &why),
		    BAD[i].rc);
		assert_non_null(why);
	}
	arena_free(&arena);
}

static void
test_a_socket_path_the_system_cannot_take_is_refused(void **state)
{
	char url[200] = "unix:/";
	struct arena arena = { 0 };
	const char *why = NULL;
	struct backend be;

	(void)state;
	memset(url + 6, 'x', 107);
	strcpy(url + 6 + 107, "|http://a/");
	assert_int_equal(
	    backend_parse(slice_of(url), &arena, &be, &why), LR_INVALID);
	assert_string_equal(why, "the socket's path is too long");
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_url_is_taken_apart),
		cmocka_unit_test(test_defaults_are_apaches),
		cmocka_unit_test(test_an_ipv6_literal_keeps_its_brackets),
		cmocka_unit_test(test_a_unix_socket_stands_before_the_url),
		cmocka_unit_test(test_what_is_wrong_is_said),
		cmocka_unit_test(
		    test_a_socket_path_the_system_cannot_take_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
