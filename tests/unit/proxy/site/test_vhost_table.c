/* tests/unit/proxy/site/test_vhost_table.c: which virtual host answers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "proxy/site/vhost_table.h"
#include "tests/support/conf_text.h"

/* The name of the virtual host for a connection that came in at ip:port */
static void
assert_host(const struct site *s, const char *ip, uint16_t port,
    const char *host, const char *want)
{
	struct address local;
	const struct vhost *vh;

	assert_int_equal(address_parse(slice_of(ip), port, &local), LR_OK);
	vh = site_vhost(s, &local, slice_of(host));
	if (!slice_eq(vh->server_name, slice_of(want)))
		fail_msg("%s on %s:%u is for %.*s, not %s", host, ip, port,
		    SLICE_ARG(vh->server_name), want);
}

static void
test_without_virtual_hosts_the_main_server_answers(void **state)
{
	struct site *s = conf_site("ServerName main\n");

	(void)state;
	assert_host(s, "192.0.2.1", 80, "other", "main");
	assert_host(s, "192.0.2.1", 80, "", "main");
	site_unref(s);
}

static void
test_names_choose_among_hosts_of_one_address(void **state)
{
	struct site *s = conf_site("ServerName main\n"
				   "<VirtualHost *:80>\nServerName a.test\n"
				   "</VirtualHost>\n"
				   "<VirtualHost *:80>\nServerName b.test\n"
				   "ServerAlias www.b.test bb\n"
				   "</VirtualHost>\n");

	(void)state;
	assert_host(s, "192.0.2.1", 80, "a.test", "a.test");
	assert_host(s, "192.0.2.1", 80, "b.test", "b.test");
	assert_host(s, "192.0.2.1", 80, "WWW.B.Test", "b.test");
	assert_host(s, "192.0.2.1", 80, "bb", "b.test");
	assert_host(s, "192.0.2.1", 80, "b.test.", "b.test");
	/* the first is the default */
	assert_host(s, "192.0.2.1", 80, "x.test", "a.test");
	assert_host(s, "192.0.2.1", 80, "", "a.test");
	assert_host(s, "192.0.2.1", 80, "main", "a.test");
	/* another port is the main server's */
	assert_host(s, "192.0.2.1", 81, "b.test", "main");
	site_unref(s);
}

static void
test_the_most_exact_address_counts_before_names(void **state)
{
	struct site *s = conf_site(
	    "ServerName main\n"
	    "<VirtualHost *>\nServerName any\n</VirtualHost>\n"
	    "<VirtualHost *:80>\nServerName port\n</VirtualHost>\n"
	    "<VirtualHost 192.0.2.1>\nServerName ip\n</VirtualHost>\n"
	    "<VirtualHost 192.0.2.1:80>\nServerName both\n</VirtualHost>\n"
	    "<VirtualHost [2001:db8::1]:80>\nServerName six\n</VirtualHost>\n");

	(void)state;
	assert_host(s, "192.0.2.1", 80, "any", "both");
	assert_host(s, "192.0.2.1", 81, "both", "ip");
	assert_host(s, "192.0.2.2", 80, "both", "port");
	assert_host(s, "192.0.2.2", 81, "both", "any");
	assert_host(s, "2001:db8::1", 80, "both", "six");
	assert_host(s, "2001:db8::2", 80, "both", "port");
	/* a socket for both families shows IPv4 so */
	assert_host(s, "::ffff:192.0.2.1", 80, "any", "both");
	site_unref(s);
}

static void
test_a_host_may_have_several_addresses(void **state)
{
	struct site *s = conf_site(
	    "ServerName main\n"
	    "<VirtualHost *:80 *:81 _default_:82 *:80>\n"
	    "ServerName a\n</VirtualHost>\n"
	    "<VirtualHost *:81>\nServerName b\n</VirtualHost>\n");

	(void)state;
	assert_host(s, "192.0.2.1", 80, "b", "a");
	assert_host(s, "192.0.2.1", 81, "b", "b");
	assert_host(s, "192.0.2.1", 81, "a", "a");
	assert_host(s, "192.0.2.1", 82, "b", "a");
	assert_host(s, "192.0.2.1", 83, "a", "main");
	site_unref(s);
}

static void
test_the_first_host_whose_name_or_alias_fits_answers(void **state)
{
	struct site *s = conf_site(
	    "<VirtualHost *>\nServerName one\n</VirtualHost>\n"
	    "<VirtualHost *>\nServerName two\n"
	    "ServerAlias *.test a?c\n</VirtualHost>\n"
	    "<VirtualHost *>\nServerName x.test\n</VirtualHost>\n"
	    "<VirtualHost *>\nServerName y.other\nServerAlias *\n"
	    "</VirtualHost>\n"
	    "<VirtualHost *>\nServerName last\n</VirtualHost>\n");

	(void)state;
	assert_host(s, "192.0.2.1", 80, "x.test", "two");
	assert_host(s, "192.0.2.1", 80, "a.b.test", "two");
	assert_host(s, "192.0.2.1", 80, "abc", "two");
	assert_host(s, "192.0.2.1", 80, "abbc", "y.other");
	assert_host(s, "192.0.2.1", 80, "last", "y.other");
	assert_host(s, "192.0.2.1", 80, "one", "one");
	site_unref(s);
}

static void
test_a_name_of_absurd_length_is_nobody_s(void **state)
{
	struct site *s = conf_site(
	    "<VirtualHost *>\nServerName one\n</VirtualHost>\n"
	    "<VirtualHost *>\nServerName two\nServerAlias *\n"
	    "</VirtualHost>\n");
	char name[400];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_host(s, "192.0.2.1", 80, name, "one");
	site_unref(s);
}

static void
test_many_hosts_are_all_found(void **state)
{
	struct strbuf sb = { 0 };
	struct site *s;
	char name[32];

	(void)state;
	for (int i = 0; i < 500; i++)
		strbuf_addf(&sb,
		    "<VirtualHost *:80>\nServerName h%d.test\n"
		    "</VirtualHost>\n",
		    i);
	s = conf_site(sb.p);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "h%d.test", i);
		assert_host(s, "192.0.2.1", 80, name, name);
	}
	assert_host(s, "192.0.2.1", 80, "h500.test", "h0.test");
	site_unref(s);
	strbuf_free(&sb);
}

static void
test_wildcards_stand_for_any_characters(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool fits;
	} CASES[] = {
		{ "*", "", true },
		{ "*", "abc", true },
		{ "a*c", "abc", true },
		{ "a*c", "ac", true },
		{ "a*c", "abcd", false },
		{ "*.test", ".test", true },
		{ "*.test", "a.b.TEST", true },
		{ "*.test", "test", false },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "*a*b*", "xxaxxbxx", true },
		{ "*a*b", "aab", true },
		{ "", "", true },
		{ "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		bool fits = vhost_name_matches(
		    slice_of(CASES[i].pattern), slice_of(CASES[i].name));

		if (fits != CASES[i].fits)
			fail_msg("%s, %s", CASES[i].pattern, CASES[i].name);
	}
}

static void
test_addresses_are_read_and_written(void **state)
{
	static const char *const SAME[] = { "*:80", "192.0.2.1:80",
		"[2001:db8::1]:80", "*:*", "192.0.2.1:*", "[::1]:*" };
	static const char *const BAD[] = { "", "*:0", "*:65536", "*:x", ":80",
		"host:80", "192.0.2.1:", "[::1", "2001:db8::1:80x", "80" };
	char text[ADDRESS_CHARS + 8];
	struct vhost_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(SAME) / sizeof(SAME[0]); i++) {
		assert_int_equal(
		    vhost_address_parse(slice_of(SAME[i]), &a), LR_OK);
		vhost_address_format(&a, text);
		assert_string_equal(text, SAME[i]);
	}
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		if (vhost_address_parse(slice_of(BAD[i]), &a) != LR_INVALID)
			fail_msg("\"%s\" passes", BAD[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_without_virtual_hosts_the_main_server_answers),
		cmocka_unit_test(test_names_choose_among_hosts_of_one_address),
		cmocka_unit_test(
		    test_the_most_exact_address_counts_before_names),
		cmocka_unit_test(test_a_host_may_have_several_addresses),
		cmocka_unit_test(
		    test_the_first_host_whose_name_or_alias_fits_answers),
		cmocka_unit_test(test_a_name_of_absurd_length_is_nobody_s),
		cmocka_unit_test(test_many_hosts_are_all_found),
		cmocka_unit_test(test_wildcards_stand_for_any_characters),
		cmocka_unit_test(test_addresses_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
