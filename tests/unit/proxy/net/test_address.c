/* tests/unit/proxy/net/test_address.c: socket addresses as text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/net/address.h"

static void
expect_text(const char *ip, uint16_t port, const char *bare, const char *full)
{
	char text[ADDRESS_CHARS];
	struct address a;

	assert_int_equal(address_parse(slice_of(ip), port, &a), LR_OK);
	assert_int_equal(address_format_ip(&a, text), strlen(bare));
	assert_string_equal(text, bare);
	assert_int_equal(address_format(&a, text), strlen(full));
	assert_string_equal(text, full);
	assert_int_equal(address_port(&a), port);
}

static void
test_literals_are_read_and_written(void **state)
{
	(void)state;
	expect_text("192.0.2.1", 80, "192.0.2.1", "192.0.2.1:80");
	expect_text("::1", 65535, "::1", "[::1]:65535");
	expect_text("[2001:DB8::0:1]", 1, "2001:db8::1", "[2001:db8::1]:1");
	expect_text("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 8080,
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:8080");
}

static void
test_ipv4_within_ipv6_is_shown_as_ipv4(void **state)
{
	(void)state;
	expect_text("::ffff:192.0.2.7", 81, "192.0.2.7", "192.0.2.7:81");
}

static void
test_what_is_no_literal_is_refused_and_leaves_the_result(void **state)
{
	static const char *const BAD[] = { "", "localhost", "1.2.3",
		"1.2.3.4.5", "256.1.1.1", "[192.0.2.1]", "[::1", "::1]",
		":::", "1.2.3.4 ", "0x7f.1.1.1", "fe80::1%eth0",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb" };
	struct address a, before;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	a = before;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    address_parse(slice_of(BAD[i]), 80, &a), LR_INVALID);
	assert_int_equal(
	    address_parse(slice_make("1.2.3.4\0", 8), 80, &a), LR_INVALID);
	assert_memory_equal(&a, &before, sizeof(a));
}

static void
test_a_unix_path_fits_or_is_refused(void **state)
{
	char path[120], text[ADDRESS_CHARS], expected[ADDRESS_CHARS];
	struct address a;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	assert_int_equal(address_local(slice_make(path, 107), &a), LR_OK);
	snprintf(expected, sizeof(expected), "unix:%.107s", path);
	assert_int_equal(address_format_ip(&a, text), 112);
	assert_string_equal(text, expected);
	address_format(&a, text);
	assert_string_equal(text, expected);
	assert_int_equal(address_port(&a), 0);
	assert_int_equal(address_local(slice_make(path, 108), &a), LR_TOOBIG);
}

static void
test_a_socket_without_a_name_has_a_text_too(void **state)
{
	char text[ADDRESS_CHARS];
	struct address a;

	(void)state;
	memset(&a, 0, sizeof(a));
	a.u.any.sa_family = AF_UNIX;
	a.bytes = sizeof(a.u.any.sa_family); /* as accept gives it */
	address_format(&a, text);
	assert_string_equal(text, "unix:");
}

static bool
same(const char *one, uint16_t one_port, const char *two, uint16_t two_port)
{
	struct address a, b;

	assert_int_equal(address_parse(slice_of(one), one_port, &a), LR_OK);
	assert_int_equal(address_parse(slice_of(two), two_port, &b), LR_OK);
	return address_eq(&a, &b);
}

static void
test_addresses_are_equal_with_their_ports(void **state)
{
	struct address a, b;

	(void)state;
	assert_true(same("192.0.2.1", 80, "192.0.2.1", 80));
	assert_false(same("192.0.2.1", 80, "192.0.2.1", 81));
	assert_false(same("192.0.2.1", 80, "192.0.2.2", 80));
	assert_true(same("::1", 80, "[0::1]", 80));
	assert_false(same("::1", 80, "::2", 80));
	assert_false(same("::ffff:192.0.2.1", 80, "192.0.2.1", 80));
	assert_int_equal(address_local(SLICE("/a"), &a), LR_OK);
	assert_int_equal(address_local(SLICE("/a"), &b), LR_OK);
	assert_true(address_eq(&a, &b));
	assert_int_equal(address_local(SLICE("/b"), &b), LR_OK);
	assert_false(address_eq(&a, &b));
}

static void
test_a_port_can_be_set(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(address_parse(SLICE("::1"), 0, &a), LR_OK);
	address_set_port(&a, 443);
	assert_int_equal(address_port(&a), 443);
	assert_int_equal(address_parse(SLICE("127.0.0.1"), 0, &a), LR_OK);
	address_set_port(&a, 444);
	assert_int_equal(address_port(&a), 444);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals_are_read_and_written),
		cmocka_unit_test(test_ipv4_within_ipv6_is_shown_as_ipv4),
		cmocka_unit_test(
		    test_what_is_no_literal_is_refused_and_leaves_the_result),
		cmocka_unit_test(test_a_unix_path_fits_or_is_refused),
		cmocka_unit_test(test_a_socket_without_a_name_has_a_text_too),
		cmocka_unit_test(test_addresses_are_equal_with_their_ports),
		cmocka_unit_test(test_a_port_can_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
