/* proxy/options.h: larder's command line.
 *
 * Every option is a row of one const table, from which parsing and --help
 * come. */
#ifndef PROXY_OPTIONS_H
#define PROXY_OPTIONS_H

#include <stdint.h>

#include "store/base/status.h"
#include "store/base/strbuf.h"

enum options_mode {
	OPTIONS_SERVE,
	OPTIONS_CHECK,	    /* -t */
	OPTIONS_DIRECTIVES, /* -L, --list-directives */
	OPTIONS_LOG_FIELDS, /* --list-log-fields */
	OPTIONS_HOSTS,	    /* -S */
	OPTIONS_VERSION,    /* -v */
	OPTIONS_VERSIONS,   /* -V: of the libraries too */
	OPTIONS_HELP
};

enum options_format { OPTIONS_TEXT, OPTIONS_MARKDOWN, OPTIONS_MDOC };

/* A plain value; text is argv's. */
struct options {
	enum options_mode mode;
	enum options_format format; /* of a list */
	const char *file;	    /* -f; NULL: none given */
	const char **defines;	    /* -D; owned, options_free */
	size_t n_defines;
	/* The one-liner; NULL and 0 where not given. */
	const char **listens; /* owned */
	size_t n_listens;
	const char *origin;
	const char *store;
	const char *size;
};

/* Exit statuses, as larder(8) documents them. */
enum options_exit {
	OPTIONS_EXIT_OK = 0,
	OPTIONS_EXIT_FAILED = 1, /* could not start or go on */
	OPTIONS_EXIT_USAGE = 2,
	OPTIONS_EXIT_CONFIGURATION = 3
};

/* argv as main has it.  LR_INVALID: why says what is wrong; LR_NOMEM.  *out
 * is to be freed in any case. */
enum lr options_parse(
    int argc, char *const *argv, struct options *out, struct strbuf *why);
void options_free(struct options *o);

/* What --help prints. */
void options_help(struct strbuf *out);

#endif
