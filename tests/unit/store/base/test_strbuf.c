/* tests/unit/store/base/test_strbuf.c: growing a byte string */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/base/strbuf.h"

static void
test_a_zeroed_one_is_empty(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	assert_int_equal(strbuf_slice(&sb).n, 0);
	strbuf_reset(&sb);
	strbuf_free(&sb);
}

static void
test_pieces_of_every_kind_follow_each_other(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	strbuf_add(&sb, "ab", 2);
	strbuf_add_slice(&sb, SLICE("cd"));
	strbuf_add_cstr(&sb, "ef");
	strbuf_add_char(&sb, 'g');
	strbuf_add_u64(&sb, UINT64_MAX);
	strbuf_addf(&sb, "%s-%d", "x", -5);
	assert_false(sb.failed);
	assert_string_equal(sb.p, "abcdefg18446744073709551615x--5");
	assert_int_equal(sb.n, strlen(sb.p));
	strbuf_free(&sb);
}

static void
test_it_grows_over_every_boundary_and_stays_terminated(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		strbuf_add_char(&sb, 'x');
		assert_int_equal(sb.n, i + 1);
		assert_true(sb.n < sb.cap);
		assert_int_equal(sb.p[sb.n], '\0');
	}
	strbuf_free(&sb);
}

static void
test_a_format_longer_than_the_room_is_whole(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	strbuf_addf(&sb, "%0*d", 5000, 7);
	assert_int_equal(sb.n, 5000);
	assert_int_equal(sb.p[4999], '7');
	strbuf_free(&sb);
}

static void
test_nothing_added_is_an_empty_string(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	strbuf_add_slice(&sb, (struct slice){ NULL, 0 });
	assert_string_equal(sb.p, "");
	strbuf_free(&sb);
}

static void
test_a_reset_keeps_the_memory(void **state)
{
	struct strbuf sb = { 0 };
	char *p;

	(void)state;
	strbuf_add_cstr(&sb, "abc");
	p = sb.p;
	strbuf_reset(&sb);
	assert_string_equal(sb.p, "");
	strbuf_add_cstr(&sb, "d");
	assert_ptr_equal(sb.p, p);
	assert_string_equal(sb.p, "d");
	strbuf_free(&sb);
}

static void
test_after_a_failure_nothing_more_is_added(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	strbuf_add_cstr(&sb, "abc");
	strbuf_add(&sb, "", SIZE_MAX - 1); /* no such memory anywhere */
	assert_true(sb.failed);
	strbuf_add_cstr(&sb, "def");
	assert_string_equal(sb.p, "abc");
	strbuf_reset(&sb);
	assert_false(sb.failed);
	strbuf_free(&sb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_zeroed_one_is_empty),
		cmocka_unit_test(test_pieces_of_every_kind_follow_each_other),
		cmocka_unit_test(
		    test_it_grows_over_every_boundary_and_stays_terminated),
		cmocka_unit_test(test_a_format_longer_than_the_room_is_whole),
		cmocka_unit_test(test_nothing_added_is_an_empty_string),
		cmocka_unit_test(test_a_reset_keeps_the_memory),
		cmocka_unit_test(test_after_a_failure_nothing_more_is_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
