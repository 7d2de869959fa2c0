/* tests/unit/proxy/site/test_path.c: decoding, with a way back */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/site/path.h"
#include "proxy/site/url.h"

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

static void
test_a_plain_path_is_not_copied(void **state)
{
	struct arena arena = { 0 };
	struct path p;

	(void)state;
	assert_int_equal(path_read(SLICE("/a/b"), &arena, &p), LR_OK);
	assert_ptr_equal(p.text.p, p.raw.p);
	assert_null(p.raw_at);
	assert_null(arena.head);
	assert_slice(path_raw(&p, 2, 4), "/b");
}

/* raw decodes to text; behind text's first `from` characters there is rest */
static void
assert_decodes(const char *raw, const char *text, size_t from, const char *rest)
{
	struct arena arena = { 0 };
	struct path p;

	assert_int_equal(path_read(slice_of(raw), &arena, &p), LR_OK);
	assert_slice(p.text, text);
	assert_slice(path_raw(&p, from, p.text.n), rest);
	arena_free(&arena);
}

static void
test_what_is_decoded_leads_back_to_what_was_received(void **state)
{
	(void)state;
	assert_decodes("/a%20b/c", "/a b/c", 4, "/c");
	assert_decodes("/%61/%c3%a9", "/a/\xc3\xa9", 3, "%c3%a9");
	assert_decodes("/a%25b", "/a%b", 2, "%25b");
	assert_decodes("/%7e", "/~", 2, "");
}

static void
test_an_encoded_slash_separates_nothing(void **state)
{
	(void)state;
	assert_decodes("/a%2Fb", "/a%2Fb", 2, "%2Fb");
	assert_decodes("/a%2fb", "/a%2Fb", 2, "%2fb");
}

static void
test_runs_of_slashes_are_one(void **state)
{
	(void)state;
	assert_decodes("//a///b", "/a/b", 2, "///b");
	assert_decodes("//a///b", "/a/b", 3, "b");
	assert_decodes("//", "/", 1, "");
	assert_decodes("//", "/", 0, "//");
}

static void
test_nul_and_broken_encodings_are_refused(void **state)
{
	static const char *const BAD[] = { "/%00", "/a%", "/a%4", "/a%zz",
		"/%4g" };
	struct arena arena = { 0 };
	struct path p;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
		    path_read(slice_of(BAD[i]), &arena, &p), LR_INVALID);
	arena_free(&arena);
}

static bool
is_under(const char *text, const char *prefix)
{
	return path_is_under(slice_of(text), slice_of(prefix));
}

static void
test_a_prefix_is_of_whole_segments(void **state)
{
	(void)state;
	assert_true(is_under("/a", "/a"));
	assert_true(is_under("/a/", "/a"));
	assert_true(is_under("/a/b", "/a"));
	assert_false(is_under("/ab", "/a"));
	assert_false(is_under("/", "/a"));
	assert_true(is_under("/a/", "/a/"));
	assert_true(is_under("/a/b", "/a/"));
	assert_false(is_under("/a", "/a/"));
	assert_true(is_under("/", "/"));
	assert_true(is_under("/a", "/"));
}

static void
test_slashes_of_a_configured_path_are_merged(void **state)
{
	struct arena arena = { 0 };
	struct slice s;

	(void)state;
	assert_int_equal(
	    path_merge_slashes(SLICE("//a///b/"), &arena, &s), LR_OK);
	assert_slice(s, "/a/b/");
	assert_int_equal(path_merge_slashes(SLICE("/a"), &arena, &s), LR_OK);
	assert_slice(s, "/a");
	assert_int_equal(path_merge_slashes(SLICE(""), &arena, &s), LR_OK);
	assert_slice(s, "");
	arena_free(&arena);
}

static void
test_the_authority_of_a_url_is_behind_its_slashes(void **state)
{
	(void)state;
	assert_int_equal(url_authority_offset(SLICE("http://a/b")), 7);
	assert_int_equal(url_authority_offset(SLICE("://")), 3);
	assert_int_equal(url_authority_offset(SLICE("/a")), 0);
	assert_int_equal(url_authority_offset(SLICE("")), 0);
	assert_int_equal(url_authority_offset(SLICE(":/")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plain_path_is_not_copied),
		cmocka_unit_test(
		    test_what_is_decoded_leads_back_to_what_was_received),
		cmocka_unit_test(test_an_encoded_slash_separates_nothing),
		cmocka_unit_test(test_runs_of_slashes_are_one),
		cmocka_unit_test(test_nul_and_broken_encodings_are_refused),
		cmocka_unit_test(test_a_prefix_is_of_whole_segments),
		cmocka_unit_test(test_slashes_of_a_configured_path_are_merged),
		cmocka_unit_test(
		    test_the_authority_of_a_url_is_behind_its_slashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
