/* tests/unit/proxy/test_one_liner.c: a configuration from four options */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/one_liner.h"

static const struct one_liner_env AT_HOME = { .home = "/home/me" };

/* The configuration's text; the caller frees it. */
static struct strbuf
text_of(const struct options *o, const struct one_liner_env *env)
{
	struct strbuf text = { 0 }, why = { 0 };

	assert_int_equal(one_liner_write(o, env, &text, &why), LR_OK);
	assert_int_equal(why.n, 0);
	return text;
}

static void
assert_has(
    const struct options *o, const struct one_liner_env *env, const char *line)
{
	struct strbuf text = text_of(o, env);

	assert_non_null(strstr(text.p, line));
	strbuf_free(&text);
}

static void
assert_refused(const struct options *o, const char *word)
{
	struct strbuf text = { 0 }, why = { 0 };

	assert_int_equal(one_liner_write(o, &AT_HOME, &text, &why), LR_INVALID);
	assert_non_null(strstr(why.p, word));
	strbuf_free(&text);
	strbuf_free(&why);
}

static void
test_an_origin_alone_gets_good_defaults(void **state)
{
	const struct options o = { .origin = "http://127.0.0.1:3000" };
	struct strbuf text = text_of(&o, &AT_HOME);

	(void)state;
	assert_string_equal(text.p,
	    "Listen 8080\n"
	    "CacheRoot \"/home/me/.cache/larder\"\n"
	    "CacheSize 1073741824\n"
	    "CacheMaxFileSize 268435456\n"
	    "ProxyPass / \"http://127.0.0.1:3000/\"\n"
	    "ProxyPassReverse / \"http://127.0.0.1:3000/\"\n"
	    "ProxyPreserveHost On\n"
	    "CacheEnable disk /\n"
	    "CacheLock on\n"
	    "LogLevel notice\n");
	strbuf_free(&text);
}

static void
test_what_is_given_is_used(void **state)
{
	const char *listens[] = { "80", "[::1]:8081" };
	const struct options o = { .origin = "http://o.example/",
		.listens = listens,
		.n_listens = 2,
		.store = "/data/my store",
		.size = "64M" };

	(void)state;
	assert_has(&o, &AT_HOME, "Listen \"80\"\nListen \"[::1]:8081\"\n");
	assert_has(&o, &AT_HOME, "CacheRoot \"/data/my store\"\n");
	assert_has(&o, &AT_HOME, "CacheSize 67108864\n");
}

static void
test_the_store_is_where_such_things_are_kept(void **state)
{
	const struct options o = { .origin = "3000" };
	const struct one_liner_env root = { true, "/x", "/root" };
	const struct one_liner_env xdg = { false, "/x", "/home/me" };
	const struct one_liner_env nowhere = { false, NULL, NULL };
	struct strbuf text = { 0 }, why = { 0 };

	(void)state;
	assert_has(&o, &root, "CacheRoot \"/var/cache/larder\"\n");
	assert_has(&o, &xdg, "CacheRoot \"/x/larder\"\n");
	assert_int_equal(
	    one_liner_write(&o, &nowhere, &text, &why), LR_INVALID);
	strbuf_free(&text);
	strbuf_free(&why);
}

static void
test_an_origin_may_be_short(void **state)
{
	struct options o = { .origin = "3000" };

	(void)state;
	assert_has(&o, &AT_HOME, "ProxyPass / \"http://127.0.0.1:3000/\"\n");
	o.origin = "app:3000";
	assert_has(&o, &AT_HOME, "ProxyPass / \"http://app:3000/\"\n");
	o.origin = "http://app/base//";
	assert_has(&o, &AT_HOME, "ProxyPass / \"http://app/base/\"\n");
	o.origin = "unix:/run/app|http://app";
	assert_has(&o, &AT_HOME, "ProxyPass / \"unix:/run/app|http://app/\"\n");
}

static void
test_host_is_passed_on_to_a_server_next_door_only(void **state)
{
	static const char *const NEAR[] = { "3000", "http://localhost",
		"http://10.0.0.7:80", "http://[::1]:3000",
		"unix:/run/app|http://app" };
	struct options o = { .origin = "http://www.example.com" };

	(void)state;
	assert_has(&o, &AT_HOME, "ProxyPreserveHost Off\n");
	for (size_t i = 0; i < sizeof(NEAR) / sizeof(NEAR[0]); i++) {
		o.origin = NEAR[i];
		assert_has(&o, &AT_HOME, "ProxyPreserveHost On\n");
	}
}

static void
test_values_cannot_leave_their_directive(void **state)
{
	const char *listens[] = { "80\nUser root" };
	struct options o = { .origin = "http://x\"\nUser root" };

	(void)state;
	assert_refused(&o, "--origin");
	o = (struct options){ .origin = "" };
	assert_refused(&o, "--origin");
	o = (struct options){ .origin = "3000", .store = "/${HOME}" };
	assert_refused(&o, "--store");
	o = (struct options){ .origin = "3000", .store = "a\\" };
	assert_refused(&o, "--store");
	o = (struct options){ .origin = "3000", .size = "much" };
	assert_refused(&o, "--size");
	o = (struct options){
		.origin = "3000", .listens = listens, .n_listens = 1
	};
	assert_refused(&o, "--listen");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_origin_alone_gets_good_defaults),
		cmocka_unit_test(test_what_is_given_is_used),
		cmocka_unit_test(test_the_store_is_where_such_things_are_kept),
		cmocka_unit_test(test_an_origin_may_be_short),
		cmocka_unit_test(
		    test_host_is_passed_on_to_a_server_next_door_only),
		cmocka_unit_test(test_values_cannot_leave_their_directive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
