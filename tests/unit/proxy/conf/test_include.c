/* tests/unit/proxy/conf/test_include.c: configurations of several files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/conf/include.h"
#include "proxy/conf/parse.h"

struct fixture {
	char dir[64];
	struct arena arena;
	struct diagnostics diag;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "/tmp/larder-include-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	f->diag.arena = &f->arena;
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

	nftw(f->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static const char *
path_of(struct fixture *f, const char *name)
{
	struct slice path;

	assert_int_equal(
	    include_path(slice_of(f->dir), slice_of(name), &f->arena, &path),
	    LR_OK);
	return path.p;
}

static void
put_bytes(struct fixture *f, const char *name, const void *p, size_t n)
{
	FILE *file = fopen(path_of(f, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void
put(struct fixture *f, const char *name, const char *text)
{
	put_bytes(f, name, text, strlen(text));
}

static void
make_directory(struct fixture *f, const char *name)
{
	assert_int_equal(mkdir(path_of(f, name), 0700), 0);
}

/* Parses main.conf.  The names of the nodes, each with a blank; then the
 * messages, with the directory cut off. */
static void
assert_parsed(struct fixture *f, const char *want)
{
	struct parse_source src = { .file = path_of(f, "main.conf") };
	struct parse_result parsed;
	struct strbuf raw = { 0 }, out = { 0 };
	const char *p, *next;

	assert_int_equal(
	    parse_configuration(&src, &f->arena, &f->diag, &parsed), LR_OK);
	strbuf_add_cstr(&raw, "");
	for (const struct node *n = parsed.nodes.first; n != NULL; n = n->next)
		strbuf_addf(&raw, "%.*s ", SLICE_ARG(n->name));
	assert_int_equal(diagnostic_write(&f->diag, &raw), LR_OK);
	for (p = raw.p != NULL ? raw.p : ""; *p != '\0'; p = next) {
		next = p + 1;
		if (strncmp(p, f->dir, strlen(f->dir)) == 0)
			next = p + strlen(f->dir) + 1;
		else
			strbuf_add_char(&out, *p);
	}
	assert_string_equal(out.p != NULL ? out.p : "", want);
	strbuf_free(&raw);
	strbuf_free(&out);
}

static void
test_an_included_file_stands_where_its_line_does(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "A\nInclude one.conf\nD\n");
	put(f, "one.conf", "B\nC\n");
	assert_parsed(f, "A B C D ");
}

static void
test_a_pattern_includes_in_order_of_names(void **state)
{
	struct fixture *f = *state;

	make_directory(f, "d");
	put(f, "main.conf", "Include d/*.conf\n");
	put(f, "d/20-b.conf", "B\n");
	put(f, "d/10-a.conf", "A\n");
	put(f, "d/30-c.txt", "C\n");
	assert_parsed(f, "A B ");
}

static void
test_a_directory_includes_all_below_it(void **state)
{
	struct fixture *f = *state;

	make_directory(f, "d");
	make_directory(f, "d/b");
	put(f, "main.conf", "Include d\n");
	put(f, "d/c.conf", "C\n");
	put(f, "d/b/x.conf", "X\n");
	put(f, "d/a.conf", "A\n");
	assert_parsed(f, "A X C ");
}

static void
test_a_pattern_may_stand_in_a_directory_s_name(void **state)
{
	struct fixture *f = *state;

	make_directory(f, "one");
	make_directory(f, "two");
	put(f, "main.conf", "Include */x.conf\n");
	put(f, "two/x.conf", "B\n");
	put(f, "one/x.conf", "A\n");
	assert_parsed(f, "A B ");
}

static void
test_only_includeoptional_allows_for_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf",
	    "IncludeOptional none.conf\nIncludeOptional none/*.conf\nA\n"
	    "Include none.conf\nInclude *.none\n");
	assert_parsed(f,
	    "A main.conf:4: Include: there is no none.conf; IncludeOptional "
	    "allows for that\n"
	    "main.conf:5: Include: there is no *.none; IncludeOptional allows "
	    "for that\n");
}

static void
test_server_root_moves_where_relative_paths_begin(void **state)
{
	struct fixture *f = *state;

	make_directory(f, "r");
	put(f, "main.conf", "Include x.conf\nServerRoot r\nInclude x.conf\n");
	put(f, "x.conf", "A\n");
	put(f, "r/x.conf", "B\n");
	assert_parsed(f, "A B ");
}

static void
test_defines_reach_into_and_out_of_included_files(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf",
	    "Define X a\nInclude ${X}.conf\n<IfDefine Y>\nB\n</IfDefine>\n");
	put(f, "a.conf", "<IfDefine X>\nA\n</IfDefine>\nDefine Y\n");
	assert_parsed(f, "A B ");
}

static void
test_a_file_that_includes_itself_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "A\nInclude x.conf\n");
	put(f, "x.conf", "B\nInclude main.conf\nC\n");
	assert_parsed(f,
	    "A B C x.conf:2: Include: main.conf includes itself; break the "
	    "circle\n");
}

static void
test_a_link_to_itself_is_a_circle_too(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "A\nInclude link.conf\n");
	assert_int_equal(symlink("main.conf", path_of(f, "link.conf")), 0);
	assert_parsed(f,
	    "A main.conf:2: Include: link.conf includes itself; break the "
	    "circle\n");
}

static void
test_a_long_chain_of_includes_is_refused(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 30; i++) {
		char name[32], text[64];

		snprintf(name, sizeof(name), "%d.conf", i);
		snprintf(text, sizeof(text), "Include %d.conf\n", i + 1);
		put(f, name, text);
	}
	put(f, "main.conf", "Include 0.conf\nA\n");
	assert_parsed(f,
	    "A 19.conf:1: Include: too many files include each other; at most "
	    "20 deep and 10000 in all\n");
}

static void
test_a_section_ends_in_the_file_where_it_begins(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "<V x>\nInclude x.conf\n</V>\nB\n");
	put(f, "x.conf", "A\n</V>\n<W y>\n");
	assert_parsed(f,
	    "V B x.conf:2: V: closes a section that is not open; remove the "
	    "line, or add <V> above\n"
	    "x.conf:3: W: the section is opened here and never closed; add "
	    "</W>\n");
}

static void
test_a_file_with_nul_bytes_is_no_configuration(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "Include x.conf\nB\n");
	put_bytes(f, "x.conf", "A\n\0C\n", 5);
	assert_parsed(
	    f, "B x.conf: holds a NUL byte; a configuration is plain text\n");
}

static void
test_a_file_that_is_far_too_large_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "Include x.conf\nA\n");
	put(f, "x.conf", "");
	assert_int_equal(
	    truncate(path_of(f, "x.conf"), INCLUDE_FILE_MAX + 1), 0);
	assert_parsed(
	    f, "A main.conf:1: Include: cannot read x.conf: over the limit\n");
}

static void
test_messages_name_the_included_file_and_its_line(void **state)
{
	struct fixture *f = *state;

	put(f, "main.conf", "A\nInclude x.conf\n");
	put(f, "x.conf", "\n\nDefine a:b\n");
	assert_parsed(f,
	    "A x.conf:3: Define: a name may not have a colon; rename "
	    "\"a:b\"\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_included_file_stands_where_its_line_does),
		TEST(test_a_pattern_includes_in_order_of_names),
		TEST(test_a_directory_includes_all_below_it),
		TEST(test_a_pattern_may_stand_in_a_directory_s_name),
		TEST(test_only_includeoptional_allows_for_nothing),
		TEST(test_server_root_moves_where_relative_paths_begin),
		TEST(test_defines_reach_into_and_out_of_included_files),
		TEST(test_a_file_that_includes_itself_is_refused),
		TEST(test_a_link_to_itself_is_a_circle_too),
		TEST(test_a_long_chain_of_includes_is_refused),
		TEST(test_a_section_ends_in_the_file_where_it_begins),
		TEST(test_a_file_with_nul_bytes_is_no_configuration),
		TEST(test_a_file_that_is_far_too_large_is_refused),
		TEST(test_messages_name_the_included_file_and_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
