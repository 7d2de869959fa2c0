/* tests/unit/proxy/site/test_site_errors.c: what is said of mistakes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/conf_text.h"

/* text behind a Listen (line 1); want without "command line:" */
static void
assert_refused(const char *text, const char *want)
{
	struct strbuf all = { 0 }, expected = { 0 };
	char *said;
	enum lr rc;

	strbuf_addf(&all, "Listen 80\n%s\n", text);
	strbuf_addf(&expected, "command line:%s\n", want);
	said = conf_messages(all.p, &rc);
	if (strcmp(said, expected.p) != 0)
		fail_msg("%s: it says:\n%snot:\n%s", text, said, expected.p);
	assert_int_equal(
	    rc, strstr(want, ": warning: ") == NULL ? LR_INVALID : LR_OK);
	free(said);
	strbuf_free(&all);
	strbuf_free(&expected);
}

static void
test_unknown_names_come_with_what_was_meant(void **state)
{
	(void)state;
	assert_refused(
	    "Listne 81", "2: Listne: unknown directive; did you mean Listen?");
	assert_refused("<Locaton /x>\n</Locaton>",
	    "2: Locaton: unknown section; did you mean Location?");
	assert_refused("SSLEngine on",
	    "2: SSLEngine: unknown directive; this version of larder does not "
	    "have TLS");
	assert_refused("Qwertz 1",
	    "2: Qwertz: unknown directive; larder -L lists those there are");
}

static void
test_sections_and_directives_are_not_mixed_up(void **state)
{
	(void)state;
	assert_refused("Location /x",
	    "2: Location: is a section; write <Location path|pattern, or ~ "
	    "expression>");
	assert_refused("<KeepAlive On>\n</KeepAlive>",
	    "2: KeepAlive: is not a section; write KeepAlive On|Off");
}

static void
test_directives_have_their_places(void **state)
{
	(void)state;
	assert_refused("<VirtualHost *:80>\nUser x\n</VirtualHost>",
	    "3: User: may not stand here (virtual host); its place is: "
	    "server");
	assert_refused("ServerAlias x",
	    "2: ServerAlias: may not stand here (server); its place is: "
	    "virtual host");
	assert_refused("<Location /x>\n<Location /y>\n</Location>\n</Location>",
	    "3: Location: may not stand here (location); its place is: "
	    "server, virtual host");
	assert_refused("<Proxy *>\nProxyPass http://x/\n</Proxy>",
	    "3: ProxyPass: may not stand here (proxy); its place is: server, "
	    "virtual host, location");
}

static void
test_wrong_addresses_are_told(void **state)
{
	(void)state;
	assert_refused("Listen localhost:80",
	    "2: Listen: \"localhost:80\" is not an address to listen on; "
	    "write a port (8080), 192.0.2.1:8080 or [2001:db8::1]:8080");
	assert_refused("Listen ::1:80",
	    "2: Listen: \"::1:80\" is not an address to listen on; write a "
	    "port (8080), 192.0.2.1:8080 or [2001:db8::1]:8080");
	assert_refused("Listen *:80",
	    "2: Listen: *:80 is listened on already (80); remove one");
	assert_refused("Listen 443 https",
	    "2: Listen: protocol https is not available in this version; "
	    "leave it out, or write http");
	assert_refused("<VirtualHost www.x:80>\n</VirtualHost>",
	    "2: VirtualHost: \"www.x:80\" is not an address; write *:80, "
	    "192.0.2.1:80 or [2001:db8::1]:80");
	assert_refused("<VirtualHost *:81>\n</VirtualHost>",
	    "2: warning: VirtualHost: nothing listens on port 81; add Listen "
	    "81");
	assert_refused("ServerName \"a b\"",
	    "2: ServerName: \"a b\" is not a host name; write www.example.com "
	    "or www.example.com:8080");
}

static void
test_there_must_be_something_to_listen_on(void **state)
{
	enum lr rc;
	char *said = conf_messages("ServerName a\n", &rc);

	(void)state;
	assert_int_equal(rc, LR_INVALID);
	assert_string_equal(said,
	    "configuration: Listen: there is none, so nobody could ask "
	    "anything; add Listen 80\n");
	free(said);
}

static void
test_wrong_timeouts_are_told(void **state)
{
	(void)state;
	assert_refused("RequestReadTimeout head=5",
	    "2: RequestReadTimeout: \"head\" is not a stage of a request; "
	    "write header=... and body=...");
	assert_refused("RequestReadTimeout header=x",
	    "2: RequestReadTimeout: header=x is written "
	    "header=20-40,MinRate=500");
	assert_refused("RequestReadTimeout header=5-,MinRate=1",
	    "2: RequestReadTimeout: header=5-,MinRate=1 is written "
	    "header=20-40,MinRate=500");
	assert_refused("RequestReadTimeout header=5-10",
	    "2: RequestReadTimeout: header=5-10 needs a MinRate to go from "
	    "one time to the other");
	assert_refused("RequestReadTimeout header=5-4,MinRate=1",
	    "2: RequestReadTimeout: header=5-4,MinRate=1 needs a second time "
	    "that is longer than the first");
	assert_refused("RequestReadTimeout header=5,MinRate=0",
	    "2: RequestReadTimeout: header=5,MinRate=0 needs a MinRate of at "
	    "least 1 byte per second");
	assert_refused("CacheDefaultExpire 1500ms",
	    "2: CacheDefaultExpire: 1500ms is not whole seconds");
}

static void
test_wrong_mappings_are_told(void **state)
{
	(void)state;
	assert_refused("ProxyPass http://b/",
	    "2: ProxyPass: needs a path and a URL; write ProxyPass / "
	    "http://backend/");
	assert_refused("ProxyPass x http://b/",
	    "2: ProxyPass: the path \"x\" does not begin with /; write "
	    "ProxyPass / http://backend/");
	assert_refused("ProxyPass / fcgi://b/",
	    "2: ProxyPass: \"fcgi://b/\": fcgi:// backends are not available "
	    "in this version; http://host:port/ and unix:/path|http://host/ "
	    "are");
	assert_refused("ProxyPass / b:80",
	    "2: ProxyPass: \"b:80\": not a URL of the form "
	    "http://host[:port]/; write http://backend.example.com:8080/");
	assert_refused("ProxyPass / http://b/?x",
	    "2: ProxyPass: \"http://b/?x\": may have no query and no "
	    "fragment; the request's query is added by itself; write "
	    "http://backend.example.com:8080/");
	assert_refused("ProxyPass / \"http://b/ x\"",
	    "2: ProxyPass: \"http://b/ x\": has a character that must be "
	    "written as %XX; write http://backend.example.com:8080/");
	assert_refused(
	    "ProxyPass / ! x", "2: ProxyPass: nothing may follow the !");
	assert_refused("ProxyPass /a/ http://b/c",
	    "2: warning: ProxyPass: the path ends with a slash and the URL "
	    "does not; /a/x would become /cx");
	assert_refused("ProxyPassReverse /x y",
	    "2: ProxyPassReverse: \"y\" is not a URL; write http://backend/");
}

static void
test_wrong_parameters_of_a_mapping_are_told(void **state)
{
	(void)state;
	assert_refused("ProxyPass / http://b/ tmeout=5",
	    "2: ProxyPass: unknown parameter \"tmeout\"; did you mean "
	    "timeout?");
	assert_refused("ProxyPass / http://b/ loadfactor=5",
	    "2: ProxyPass: unknown parameter \"loadfactor\"; there are "
	    "timeout=, connectiontimeout=, ttl=, max=, disablereuse=, nocanon "
	    "and noquery");
	assert_refused("ProxyPass / http://b/ timeout=0",
	    "2: ProxyPass: \"timeout=0\" is not understood; write timeout=30, "
	    "connectiontimeout=500ms, ttl=120, max=64, disablereuse=On");
}

static void
test_wrong_patterns_are_told(void **state)
{
	(void)state;
	assert_refused("ProxyPassMatch ^/( http://b/",
	    "2: ProxyPassMatch: \"^/(\" is not a regular expression: missing "
	    "closing parenthesis (at character 3)");
	assert_refused("ProxyPassMatch ^/(.*) http://b/$1$2",
	    "2: ProxyPassMatch: the URL has $2, but the expression has 1 "
	    "group in parentheses");
	assert_refused("<LocationMatch [>\n</LocationMatch>",
	    "2: LocationMatch: \"[\" is not a regular expression: missing "
	    "terminating ] for character class (at character 1)");
}

static void
test_wrong_sections_are_told(void **state)
{
	(void)state;
	assert_refused("<Location x>\n</Location>",
	    "2: Location: the path \"x\" does not begin with /; write "
	    "<Location /path>");
	assert_refused("<Location /x /y>\n</Location>",
	    "2: Location: takes one path; write <Location /path> or "
	    "<LocationMatch expression>");
	assert_refused("<Location /x>\nProxyPass /y http://b/\n</Location>",
	    "3: ProxyPass: the section gives the path already; write only the "
	    "URL here");
	assert_refused("<Location /x*>\nProxyPass http://b/\n</Location>",
	    "3: ProxyPass: a <Location> with wildcards cannot have a "
	    "ProxyPass; use <LocationMatch> with ProxyPassMatch");
	assert_refused("<LocationMatch x>\nProxyPass http://b/\n"
		       "</LocationMatch>",
	    "3: ProxyPass: stands in a <LocationMatch>; use ProxyPassMatch "
	    "here");
	assert_refused("<Location /x>\nProxyPassMatch http://b/\n</Location>",
	    "3: ProxyPassMatch: stands in a <Location>; use ProxyPass here");
	assert_refused("<Proxy balancer://x>\n</Proxy>",
	    "2: Proxy: balancers are not available in this version; give "
	    "ProxyPass the backend's URL");
}

static void
test_access_control_is_never_passed_over(void **state)
{
	(void)state;
	assert_refused("<Location /x>\nRequire ip 192.0.2.0/24\n</Location>",
	    "3: Require: \"ip\" is not available in this version; only \"all "
	    "granted\" is");
	assert_refused("<Proxy *>\nRequire all denied\n</Proxy>",
	    "3: Require: \"all\" is not available in this version; only \"all "
	    "granted\" is");
	assert_refused("<Location /x>\nDeny from all\n</Location>",
	    "3: Deny: unknown directive; this version of larder does not have "
	    "this form of access control");
}

static void
test_what_this_version_lacks_is_told(void **state)
{
	(void)state;
	assert_refused("ProxyRequests On",
	    "2: ProxyRequests: forward proxying is not available in this "
	    "version; write Off, or leave it out");
	assert_refused("ProxyVia Block",
	    "2: ProxyVia: Block is not available in this version; Off adds "
	    "nothing, and lets others' Via fields be");
	assert_refused("ErrorLog syslog:daemon",
	    "2: ErrorLog: logs to syslog are not available in this version; "
	    "write a file, or /dev/stderr");
	assert_refused("ErrorLog \"|/bin/x\"",
	    "2: ErrorLog: logs to a program are not available in this "
	    "version; write a file");
	assert_refused("CustomLog /tmp/x combined env=y",
	    "2: CustomLog: conditions (env=y) are not available in this "
	    "version; leave it out");
}

static void
test_wrong_logs_are_told(void **state)
{
	(void)state;
	assert_refused("LogLevel loud",
	    "2: LogLevel: \"loud\" is not a level; the levels are emerg, "
	    "alert, crit, error, warn, notice, info, debug and trace1 to "
	    "trace8");
	assert_refused("CustomLog /tmp/x short",
	    "2: CustomLog: no LogFormat has the nickname \"short\"; common "
	    "and combined are built in");
}

static void
test_wrong_uses_of_the_cache_are_told(void **state)
{
	(void)state;
	assert_refused("CacheEnable disc /",
	    "2: CacheEnable: \"disc\" is not a kind of cache; write "
	    "CacheEnable disk /");
	assert_refused("CacheEnable disk",
	    "2: CacheEnable: needs to know what to cache; write CacheEnable "
	    "disk /");
	assert_refused("CacheEnable disk x",
	    "2: CacheEnable: \"x\" is neither a path nor a URL; write / or "
	    "http://www.example.com/");
	assert_refused("CacheDisable on",
	    "2: CacheDisable: \"on\" is for a <Location>; write a path here");
	assert_refused("<Location /a>\nCacheEnable disk /b\n</Location>\n"
		       "CacheRoot /tmp",
	    "3: CacheEnable: \"/b\" is not below this <Location>; leave the "
	    "path out, or write one that begins with /a");
	assert_refused("CacheRoot /a\nCacheRoot /b",
	    "3: CacheRoot: there is one store for all, and command line:2 "
	    "puts it in /a; remove one");
	assert_refused("CacheEviction gdsf",
	    "2: CacheEviction: is Value, LRU or FIFO, not \"gdsf\"");
	assert_refused("CacheDurability best",
	    "2: CacheDurability: is Safe or Fast, not \"best\"");
	assert_refused("CacheLastModifiedFactor x",
	    "2: CacheLastModifiedFactor: \"x\" is not a fraction from 0 to "
	    "1000; write 0.1");
	assert_refused("CacheSize 1K",
	    "2: CacheSize: 1K is out of bounds; it must be from 1048576 to "
	    "70368744177664");
}

static void
test_all_mistakes_are_told_in_one_run(void **state)
{
	(void)state;
	assert_refused("Listne 81\n"
		       "<VirtualHost *:80>\n"
		       "KeepAlive yes\n"
		       "<Location /x>\n"
		       "Wrong\n"
		       "</VirtualHost>\n"
		       "Timeout x",
	    "2: Listne: unknown directive; did you mean Listen?\n"
	    "command line:4: KeepAlive: is On or Off, not \"yes\"; KeepAlive "
	    "On|Off\n"
	    "command line:5: Location: the section is opened here and never "
	    "closed; add </Location>\n"
	    "command line:6: Wrong: unknown directive; larder -L lists those "
	    "there are\n"
	    "command line:8: Timeout: \"x\" is not a duration; a number of "
	    "seconds, or one with ms, s, min, h or d behind it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_names_come_with_what_was_meant),
		cmocka_unit_test(test_sections_and_directives_are_not_mixed_up),
		cmocka_unit_test(test_directives_have_their_places),
		cmocka_unit_test(test_wrong_addresses_are_told),
		cmocka_unit_test(test_there_must_be_something_to_listen_on),
		cmocka_unit_test(test_wrong_timeouts_are_told),
		cmocka_unit_test(test_wrong_mappings_are_told),
		cmocka_unit_test(test_wrong_parameters_of_a_mapping_are_told),
		cmocka_unit_test(test_wrong_patterns_are_told),
		cmocka_unit_test(test_wrong_sections_are_told),
		cmocka_unit_test(test_access_control_is_never_passed_over),
		cmocka_unit_test(test_what_this_version_lacks_is_told),
		cmocka_unit_test(test_wrong_logs_are_told),
		cmocka_unit_test(test_wrong_uses_of_the_cache_are_told),
		cmocka_unit_test(test_all_mistakes_are_told_in_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
