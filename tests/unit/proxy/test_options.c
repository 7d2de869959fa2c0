/* tests/unit/proxy/test_options.c: the command line */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/options.h"

/* The options of a command line that ends with NULL. */
#define PARSE(...) parse((char *[]){ "larder", __VA_ARGS__, NULL })

struct parsed {
	struct options o;
	struct strbuf why;
	enum lr rc;
};

static struct parsed
parse(char **argv)
{
	struct parsed p = { 0 };
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	p.rc = options_parse(argc, argv, &p.o, &p.why);
	return p;
}

static void
end(struct parsed *p)
{
	options_free(&p->o);
	strbuf_free(&p->why);
}

static void
assert_refused(struct parsed p, const char *word)
{
	assert_int_equal(p.rc, LR_INVALID);
	assert_non_null(p.why.p);
	assert_non_null(strstr(p.why.p, word));
	end(&p);
}

static void
test_without_options_it_serves_the_usual_file(void **state)
{
	char *argv[] = { "larder", NULL };
	struct parsed p = parse(argv);

	(void)state;
	assert_int_equal(p.rc, LR_OK);
	assert_int_equal(p.o.mode, OPTIONS_SERVE);
	assert_null(p.o.file);
	assert_null(p.o.origin);
	end(&p);
}

static void
test_a_value_stands_in_any_of_four_places(void **state)
{
	struct parsed p[] = { PARSE("-f", "x"), PARSE("-fx"),
		PARSE("--config", "x"), PARSE("--config=x"), PARSE("-tf", "x"),
		PARSE("-tfx") };

	(void)state;
	for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
		assert_int_equal(p[i].rc, LR_OK);
		assert_string_equal(p[i].o.file, "x");
		end(&p[i]);
	}
}

static void
test_each_letter_chooses_what_to_do(void **state)
{
	static const struct {
		char *arg;
		enum options_mode mode;
	} WAYS[] = {
		{ "-t", OPTIONS_CHECK },
		{ "--check", OPTIONS_CHECK },
		{ "-S", OPTIONS_HOSTS },
		{ "-L", OPTIONS_DIRECTIVES },
		{ "-v", OPTIONS_VERSION },
		{ "-V", OPTIONS_VERSIONS },
		{ "-h", OPTIONS_HELP },
		{ "--help", OPTIONS_HELP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(WAYS) / sizeof(WAYS[0]); i++) {
		struct parsed p = PARSE(WAYS[i].arg);

		assert_int_equal(p.rc, LR_OK);
		assert_int_equal(p.o.mode, WAYS[i].mode);
		end(&p);
	}
}

static void
test_lists_come_in_three_formats(void **state)
{
	struct parsed p = PARSE("--list-directives=mdoc");
	struct parsed q = PARSE("--list-log-fields", "markdown");

	(void)state;
	assert_int_equal(p.o.mode, OPTIONS_DIRECTIVES);
	assert_int_equal(p.o.format, OPTIONS_MDOC);
	assert_int_equal(q.o.mode, OPTIONS_LOG_FIELDS);
	assert_int_equal(q.o.format, OPTIONS_MARKDOWN);
	end(&p);
	end(&q);
	assert_refused(PARSE("--list-directives=pdf"), "pdf");
}

static void
test_defines_and_listens_add_up(void **state)
{
	struct parsed p = PARSE("-DA", "-D", "B", "--listen", "80", "--origin",
	    "http://o", "--listen=[::1]:81");

	(void)state;
	assert_int_equal(p.rc, LR_OK);
	assert_int_equal(p.o.n_defines, 2);
	assert_string_equal(p.o.defines[0], "A");
	assert_string_equal(p.o.defines[1], "B");
	assert_int_equal(p.o.n_listens, 2);
	assert_string_equal(p.o.listens[1], "[::1]:81");
	end(&p);
}

static void
test_mistakes_are_named(void **state)
{
	(void)state;
	assert_refused(PARSE("-x"), "-x");
	assert_refused(PARSE("-tx"), "-x");
	assert_refused(PARSE("--nothing"), "--nothing");
	assert_refused(PARSE("--confi=x"), "--confi");
	assert_refused(PARSE("-f"), "FILE");
	assert_refused(PARSE("--config"), "FILE");
	assert_refused(PARSE("--check=yes"), "no value");
	assert_refused(PARSE("file"), "file");
	assert_refused(PARSE("-"), "-");
	assert_refused(PARSE("--"), "--");
}

static void
test_the_one_liner_is_whole_and_alone(void **state)
{
	(void)state;
	assert_refused(PARSE("--listen", "80"), "--origin");
	assert_refused(PARSE("--size", "1G"), "--origin");
	assert_refused(PARSE("--store", "x"), "--origin");
	assert_refused(PARSE("-f", "x", "--origin", "http://o"), "-f");
	assert_refused(PARSE("-f", "x", "--size", "1G"), "-f");
}

static void
test_the_help_has_every_option_within_80_columns(void **state)
{
	static const char *const WORDS[] = { "-f, --config FILE", "-t, --check",
		"-L, ", "-S, ", "-V, ", "-D, ", "--listen", "--origin URL",
		"--store DIR", "--size SIZE", "Exit status" };
	struct strbuf sb = { 0 };
	const char *where;
	size_t column = 0;

	(void)state;
	options_help(&sb);
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		assert_non_null(strstr(sb.p, WORDS[i]));
	/* Where the configuration is was chosen by whoever built it. */
	assert_non_null(where = strstr(sb.p, LARDER_SYSCONFDIR));
	for (const char *p = sb.p; *p != '\0'; p++) {
		if (p == where)
			p += strlen(LARDER_SYSCONFDIR);
		column = *p == '\n' ? 0 : column + 1;
		assert_true(column <= 80);
	}
	strbuf_free(&sb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_options_it_serves_the_usual_file),
		cmocka_unit_test(test_a_value_stands_in_any_of_four_places),
		cmocka_unit_test(test_each_letter_chooses_what_to_do),
		cmocka_unit_test(test_lists_come_in_three_formats),
		cmocka_unit_test(test_defines_and_listens_add_up),
		cmocka_unit_test(test_mistakes_are_named),
		cmocka_unit_test(test_the_one_liner_is_whole_and_alone),
		cmocka_unit_test(
		    test_the_help_has_every_option_within_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
