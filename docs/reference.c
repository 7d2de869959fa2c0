/* docs/reference.c: prints the reference of directives and of the fields of
 * LogFormat, for the build
 *
 *   reference mdoc | markdown
 *
 * larder.conf(5) and docs/directives.md are made with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/observe/log_manual.h"
#include "proxy/site/site_load.h"

typedef void list_fn(struct strbuf *out);

static const struct format {
	const char *name;
	const char *before;
	list_fn *directives;
	const char *between;
	list_fn *log_fields;
} FORMATS[] = {
	{ "mdoc", ".Bl -tag -width Ds\n", site_list_directives_mdoc,
	    ".El\n.Sh FIELDS OF LOGFORMAT\n", log_manual_mdoc },
	{ "markdown", "# Directives\n\n", site_list_directives_markdown,
	    "## Fields of LogFormat\n\n", log_manual_markdown },
};

static int
print(const struct format *format)
{
	struct strbuf sb = { 0 };
	int status = EXIT_FAILURE;

	strbuf_add_cstr(&sb, format->before);
	format->directives(&sb);
	strbuf_add_cstr(&sb, format->between);
	format->log_fields(&sb);
	if (!sb.failed && fwrite(sb.p, 1, sb.n, stdout) == sb.n &&
	    fflush(stdout) == 0)
		status = EXIT_SUCCESS;
	strbuf_free(&sb);
	return status;
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++) {
		if (argc == 2 && strcmp(argv[1], FORMATS[i].name) == 0)
			return print(&FORMATS[i]);
	}
	fprintf(stderr, "usage: reference mdoc | markdown\n");
	return EXIT_FAILURE;
}
