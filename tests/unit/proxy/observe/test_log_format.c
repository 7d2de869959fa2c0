/* tests/unit/proxy/observe/test_log_format.c: the LogFormat language */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/observe/log_field.h"
#include "proxy/observe/log_format.h"

#define STARTED_MS INT64_C(1795223000123) /* 2026-11-21 01:03:20.123 UTC */

struct fixture {
	struct arena arena;
	struct http_msg request, response;
	struct address client, local;
	struct record record;
	struct strbuf line;
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	setenv("TZ", "UTC", 1);
	tzset();
	http_msg_init(&t->request, &t->arena);
	t->request.method = HTTP_GET;
	t->request.method_text = SLICE("GET");
	t->request.target = SLICE("/a/b.html?x=1&y=%22");
	t->request.version_minor = 1;
	assert_int_equal(
	    address_parse(SLICE("192.0.2.7"), 40000, &t->client), LR_OK);
	assert_int_equal(
	    address_parse(SLICE("2001:db8::1"), 8080, &t->local), LR_OK);
	t->record = (struct record){
		.request = &t->request,
		.request_line = SLICE("GET /a/b.html?x=1&y=%22 HTTP/1.1"),
		.client = &t->client,
		.local = &t->local,
		.server_name = SLICE("example.com"),
		.host = SLICE("www.example.com"),
		.cache_status = SLICE("larder; hit; ttl=50"),
		.cache_result = "hit",
		.status = 200,
		.started_wall_ms = STARTED_MS,
		.took_us = 1234567,
		.first_byte_us = 890,
		.backend_us = -1,
		.age_s = 10,
		.ttl_s = 50,
		.bytes_in = 300,
		.bytes_out = 5000,
		.body_bytes_out = 4700,
		.keepalive_nth = 3,
		.keep_alive = true,
		.worker = 1,
	};
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	strbuf_free(&t->line);
	arena_free(&t->arena);
	free(t);
	return 0;
}

/* What format makes of the record, without the newline. */
static const char *
line_of(struct fixture *t, const char *format)
{
	struct log_format *f;
	const char *why;

	assert_int_equal(log_format_compile(slice_of(format), &f, &why), LR_OK);
	strbuf_reset(&t->line);
	log_format_write(f, &t->record, &t->line);
	log_format_free(f);
	assert_true(t->line.n > 0 && t->line.p[t->line.n - 1] == '\n');
	t->line.p[t->line.n - 1] = '\0';
	return t->line.p;
}

static void
add_request_field(struct fixture *t, const char *name, const char *value)
{
	struct slice n = slice_of(name), v = slice_of(value);

	assert_int_equal(http_msg_add(&t->request, n, v), LR_OK);
}

static void
test_common_and_combined_read_as_apaches(void **state)
{
	struct fixture *t = *state;
	struct slice combined = log_format_builtin(SLICE("combined"));

	add_request_field(t, "Referer", "http://from.example/");
	add_request_field(t, "User-Agent", "curl/8");
	assert_string_equal(line_of(t, log_format_builtin(SLICE("common")).p),
	    "192.0.2.7 - - [21/Nov/2026:01:03:20 +0000] "
	    "\"GET /a/b.html?x=1&y=%22 HTTP/1.1\" 200 4700");
	assert_string_equal(line_of(t, combined.p),
	    "192.0.2.7 - - [21/Nov/2026:01:03:20 +0000] "
	    "\"GET /a/b.html?x=1&y=%22 HTTP/1.1\" 200 4700 "
	    "\"http://from.example/\" \"curl/8\"");
	assert_int_equal(log_format_builtin(SLICE("nothing")).n, 0);
}

static void
test_every_builtin_compiles(void **state)
{
	static const char *const NAMES[] = { "common", "vhost_common",
		"combined", "combinedio", "vhost_combined", "cache" };

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		line_of(*state, log_format_builtin(slice_of(NAMES[i])).p);
}

static void
test_addresses_and_ports_have_two_sides(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(line_of(t, "%a %{c}a %A %h"),
	    "192.0.2.7 192.0.2.7 2001:db8::1 192.0.2.7");
	assert_string_equal(line_of(t, "%p %{canonical}p %{local}p %{remote}p"),
	    "8080 8080 8080 40000");
}

static void
test_the_request_line_and_its_parts(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(
	    line_of(t, "%m %U %q %H"), "GET /a/b.html ?x=1&y=%22 HTTP/1.1");
	t->request.target = SLICE("http://h.example/p");
	assert_string_equal(line_of(t, "[%U%q]"), "[/p]");
}

static void
test_a_request_without_a_head_is_all_dashes(void **state)
{
	struct fixture *t = *state;

	t->record = (struct record){ .first_byte_us = -1,
		.backend_us = -1,
		.age_s = INT64_MIN,
		.ttl_s = INT64_MIN };
	assert_string_equal(
	    line_of(t, "%a %r %m %U %H %>s %b %{X}i %{X}o %V %p"),
	    "- - - - - - - - - - -");
	assert_string_equal(line_of(t,
				"%{cache}x %{cache-status}x %{age}x %{ttl}x "
				"%{backend}x %{first-byte}x %{backend-time}x"),
	    "- - - - - - -");
}

static void
test_sizes_are_of_body_or_of_everything(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(
	    line_of(t, "%B %b %I %O %S"), "4700 4700 300 5000 5300");
	t->record.body_bytes_out = 0;
	assert_string_equal(line_of(t, "%B %b"), "0 -");
}

static void
test_durations_come_in_three_units(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(line_of(t, "%D %T %{s}T %{ms}T %{us}T %^FB"),
	    "1234567 1 1 1234 1234567 890");
	t->record.first_byte_us = -1;
	assert_string_equal(line_of(t, "%^FB"), "-");
}

static void
test_times_follow_strftime_and_apaches_words(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(
	    line_of(t, "%{%Y-%m-%d %H:%M:%S}t"), "2026-11-21 01:03:20");
	assert_string_equal(line_of(t, "%{sec}t %{msec}t %{usec}t"),
	    "1795223000 1795223000123 1795223000123000");
	assert_string_equal(
	    line_of(t, "%{msec_frac}t %{usec_frac}t"), "123 123000");
	assert_string_equal(
	    line_of(t, "%{begin:sec}t %{end:sec}t %{end:usec_frac}t"),
	    "1795223000 1795223001 357567");
	assert_string_equal(line_of(t, "%{end:%S}t %{begin:}t"),
	    "21 [21/Nov/2026:01:03:20 +0000]");
}

static void
test_fields_of_the_request_are_joined(void **state)
{
	struct fixture *t = *state;

	add_request_field(t, "X-A", "one");
	add_request_field(t, "x-a", "two");
	assert_string_equal(line_of(t, "%{X-A}i|%{X-B}i"), "one, two|-");
}

static void
test_a_cookie_is_found_among_others(void **state)
{
	struct fixture *t = *state;

	add_request_field(t, "Cookie", "sid=1; lang = en ;x=y=z; flag");
	assert_string_equal(
	    line_of(t, "%{sid}C %{lang}C %{x}C %{id}C %{flag}C"),
	    "1 en y=z - -");
}

static void
test_fields_of_a_hit_come_from_the_stored_head(void **state)
{
	struct fixture *t = *state;

	t->record.response_wire = SLICE("HTTP/1.1 200 OK\r\n"
					"Content-Type:  text/html \r\n"
					"Age: 3\r\nVary: a\r\nvary: b\r\n\r\n");
	assert_string_equal(
	    line_of(t, "%{content-type}o|%{Vary}o|%{Age}o|%{ETag}o"),
	    "text/html|a, b|10|-");
	assert_string_equal(
	    line_of(t, "%{Cache-Status}o"), "larder; hit; ttl=50");
}

static void
test_fields_of_a_fetched_response_come_from_its_message(void **state)
{
	struct fixture *t = *state;

	http_msg_init(&t->response, &t->arena);
	http_msg_add(&t->response, SLICE("ETag"), SLICE("\"v1\""));
	t->record.response = &t->response;
	assert_string_equal(line_of(t, "%{etag}o"), "\\\"v1\\\"");
}

static void
test_cache_fields_say_where_an_answer_came_from(void **state)
{
	struct fixture *t = *state;

	t->record.backend = SLICE("http://10.0.0.1:80");
	t->record.backend_us = 777;
	assert_string_equal(
	    line_of(t, "%{cache}x %{age}x %{ttl}x %{worker}x"), "hit 10 50 1");
	assert_string_equal(
	    line_of(t, "%{backend}x %{backend-time}x %{first-byte}x %R %f"),
	    "http://10.0.0.1:80 777 890 proxy-server "
	    "proxy:http://10.0.0.1:80");
	t->record.ttl_s = -7;
	assert_string_equal(line_of(t, "%{ttl}x"), "-7");
}

static void
test_names_of_the_server(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(line_of(t, "%v %V"), "example.com www.example.com");
	t->record.host = (struct slice){ 0 };
	assert_string_equal(line_of(t, "%V"), "example.com");
}

static void
test_how_the_connection_ended(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(line_of(t, "%X %k"), "+ 3");
	t->record.keep_alive = false;
	assert_string_equal(line_of(t, "%X"), "-");
	t->record.aborted = true;
	assert_string_equal(line_of(t, "%X"), "X");
}

static void
test_a_condition_keeps_a_field_for_some_statuses(void **state)
{
	struct fixture *t = *state;

	assert_string_equal(
	    line_of(t, "%400,501m %200,304m %!200,304m %!404m"), "- GET - GET");
	t->record.status = 501;
	assert_string_equal(
	    line_of(t, "%400,501{X}i %200,304m %!200,304m %400,501>s"),
	    "- - GET 501");
}

static void
test_untrusted_text_cannot_break_a_line(void **state)
{
	struct fixture *t = *state;

	add_request_field(t, "User-Agent", "a\"b\\c\nd\re\tf\x01\x7f\xc3\xa9");
	assert_string_equal(line_of(t, "\"%{User-Agent}i\""),
	    "\"a\\\"b\\\\c\\nd\\re\\tf\\x01\\x7f\\xc3\\xa9\"");
}

static void
test_escapes_in_the_format_are_characters(void **state)
{
	assert_string_equal(
	    line_of(*state, "a\\tb\\\\c\\\"d\\qe%%f"), "a\tb\\c\"d\\qe%f");
}

static void
test_environment_and_process(void **state)
{
	struct fixture *t = *state;
	char pid[24];

	setenv("LARDER_TEST_VAR", "from env", 1);
	unsetenv("LARDER_TEST_NONE");
	assert_string_equal(
	    line_of(t, "%{LARDER_TEST_VAR}e|%{LARDER_TEST_NONE}e"),
	    "from env|-");
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_string_equal(line_of(t, "%P"), pid);
	assert_string_equal(line_of(t, "%{pid}P"), pid);
}

static void
test_what_is_malformed_is_refused_with_a_reason(void **state)
{
	static const char *const BAD[] = { "%", "100%", "%{Referer", "%y",
		"%{Referer}", "%i", "%{x}y", "%{nothing}x", "%{}i", "%4r",
		"%4040r", "%^", "%^XX", "%{fast}T", "%{a}{b}i" };

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct log_format *f = NULL;
		const char *why = NULL;

		assert_int_equal(
		    log_format_compile(slice_of(BAD[i]), &f, &why), LR_INVALID);
		assert_null(f);
		assert_non_null(why);
	}
}

static void
test_every_field_of_the_table_can_be_written(void **state)
{
	struct fixture *t = *state;
	char format[64];

	for (const struct log_field *f = LOG_FIELDS; f->name != NULL; f++) {
		const char *arg = f->arg;

		if (arg == NULL)
			snprintf(format, sizeof(format), "%%%s", f->name);
		else
			snprintf(
			    format, sizeof(format), "%%{%s}%s", arg, f->name);
		line_of(t, format);
		assert_non_null(f->help);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_common_and_combined_read_as_apaches),
		TEST(test_every_builtin_compiles),
		TEST(test_addresses_and_ports_have_two_sides),
		TEST(test_the_request_line_and_its_parts),
		TEST(test_a_request_without_a_head_is_all_dashes),
		TEST(test_sizes_are_of_body_or_of_everything),
		TEST(test_durations_come_in_three_units),
		TEST(test_times_follow_strftime_and_apaches_words),
		TEST(test_fields_of_the_request_are_joined),
		TEST(test_a_cookie_is_found_among_others),
		TEST(test_fields_of_a_hit_come_from_the_stored_head),
		TEST(test_fields_of_a_fetched_response_come_from_its_message),
		TEST(test_cache_fields_say_where_an_answer_came_from),
		TEST(test_names_of_the_server),
		TEST(test_how_the_connection_ended),
		TEST(test_a_condition_keeps_a_field_for_some_statuses),
		TEST(test_untrusted_text_cannot_break_a_line),
		TEST(test_escapes_in_the_format_are_characters),
		TEST(test_environment_and_process),
		TEST(test_what_is_malformed_is_refused_with_a_reason),
		TEST(test_every_field_of_the_table_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
