/* docs/reference.c: prints the reference of directives, for the build
 *
 *   reference mdoc | markdown
 *
 * larder.conf(5) and docs/directives.md are made with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/site/site_load.h"

static const struct format {
	const char *name;
	void (*list)(struct strbuf *out);
} FORMATS[] = {
	{ "mdoc", site_list_directives_mdoc },
	{ "markdown", site_list_directives_markdown },
};

static int
print(const struct format *format)
{
	struct strbuf sb = { 0 };
	int status = EXIT_FAILURE;

	format->list(&sb);
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
