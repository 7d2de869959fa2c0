/* proxy/conf/parse.h: configuration files to a tree of directives.
 *
 * Here are decided: sections and their nesting, Include and
 * IncludeOptional, Define, UnDefine and ${NAME}, IfDefine and IfModule,
 * LoadModule, and ServerRoot, against which relative paths are read from
 * its line on.  All mistakes are reported; none ends the reading.  One
 * thread. */
#ifndef PROXY_CONF_PARSE_H
#define PROXY_CONF_PARSE_H

#include "proxy/conf/directive.h"
#include "store/base/arena.h"

struct parse_source {
	const char *file; /* NULL: only text */
	const char *text; /* read after the file; may be NULL */
	const char *const *defines;
	size_t n_defines;
};

struct parse_result {
	struct node_list nodes;
	/* absolute: ServerRoot, else where the file lies, else where we are */
	struct slice server_root;
};

/* Everything in *out lives in arena.  What is wrong is counted in
 * diag->errors; LR_NOMEM is the only failure. */
enum lr parse_configuration(const struct parse_source *src, struct arena *arena,
    struct diagnostics *diag, struct parse_result *out);

/* The directives decided here, for lookups and documents. */
struct directive_table parse_directives(void);

#endif
