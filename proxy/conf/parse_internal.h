/* proxy/conf/parse_internal.h: what parse.c and parse_builtin.c share. */
#ifndef PROXY_CONF_PARSE_INTERNAL_H
#define PROXY_CONF_PARSE_INTERNAL_H

#include "proxy/conf/parse.h"
#include "proxy/conf/variables.h"

struct parser {
	struct arena *arena;
	struct diagnostics *diag;
	struct variables vars;
	struct slice root;
	unsigned files;
};

/* A section whose end was not met yet.  Of IfDefine and IfModule no node
 * is made: what is inside goes where they stand, or is skipped. */
struct open_section {
	struct slice name;
	struct place at;
	struct node_list *into;
	bool skipped;
	bool is_node;
	struct open_section *outer;
};

/* One file, or the extra text, being read. */
struct reading {
	struct parser *parser;
	struct slice file; /* as messages name it */
	struct slice full; /* without links, to find circles */
	struct node_list *into;
	bool in_section; /* of the file that includes this one */
	struct open_section *open;
	const struct reading *outer;
	unsigned depth;
};

/* Reads the lines of a file into r->into.  What is wrong is reported;
 * LR_NOMEM. */
enum lr parse_text(struct reading *r, struct slice text);
/* Where the next node goes. */
struct node_list *parse_current_list(const struct reading *r);
bool parse_is_in_section(const struct reading *r);

/* The row of a directive or section that is decided while reading; NULL:
 * it is a node like any other. */
const struct directive *parse_builtin_find(struct slice name, bool is_section);
/* Does a directive of such a row.  LR_INVALID: reported; LR_NOMEM. */
enum lr parse_builtin_run(
    struct reading *r, const struct directive *row, struct node *n);
/* Does what is inside an <IfDefine> or <IfModule> count? */
bool parse_builtin_holds(const struct reading *r, const struct node *n);

#endif
