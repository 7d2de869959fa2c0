/* proxy/conf/directive.h: a directive as a row of a const table.
 *
 * The row says how the directive is written, where it may stand, what its
 * arguments are bounded by, its default and its help; from it come the
 * checks, the messages and every reference document.  One thread. */
#ifndef PROXY_CONF_DIRECTIVE_H
#define PROXY_CONF_DIRECTIVE_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/conf/diagnostic.h"
#include "proxy/conf/node.h"
#include "store/base/status.h"

enum directive_context { /* bits */
	DIRECTIVE_SERVER = 1 << 0,
	DIRECTIVE_VHOST = 1 << 1,
	DIRECTIVE_LOCATION = 1 << 2,
	DIRECTIVE_PROXY = 1 << 3
};

struct directive;
struct scope; /* where values go; the reader's own (proxy/site/scope.h) */

struct directive_use { /* one directive met in a configuration */
	const struct directive *row;
	const struct node *node;
	struct scope *scope;
	struct diagnostics *diag;
};

/* Takes the directive into its scope.  Called with a number of arguments
 * that the row allows.  LR_INVALID: refused, and reported; LR_NOMEM. */
typedef enum lr directive_fn(struct directive_use *use);

#define DIRECTIVE_MANY UINT8_MAX /* no bound on the arguments */

struct directive {
	const char *name;
	const char *syntax; /* of the arguments: "On|Off" */
	const char *help;   /* one line, a sentence */
	const char *preset; /* the default, as arguments; NULL: none.  In
			     * parentheses: words for people only */
	unsigned contexts;  /* of enum directive_context */
	uint8_t least_args, most_args;
	bool is_section;
	directive_fn *set;    /* NULL: parse.c's own */
	unsigned home;	      /* for setters of simple values: in which */
	size_t offset;	      /* struct, and where in it */
	int64_t unit_ms;      /* of a duration without a unit */
	uint64_t least, most; /* bounds; a duration's in milliseconds */
};

struct directive_table {
	const struct directive *rows;
	size_t n;
};

/* The row of that name (letter case ignored), section or not; NULL. */
const struct directive *directive_find(
    const struct directive_table *tables, size_t n_tables, struct slice name);

/* Checks number of arguments, then context; reports.  LR_INVALID. */
enum lr directive_check_args(const struct directive *row,
    const struct node *node, struct diagnostics *diag);
enum lr directive_check_context(const struct directive *row,
    const struct node *node, unsigned context, struct diagnostics *diag);

/* "server, virtual host" for those bits; static storage. */
const char *directive_context_text(unsigned contexts);

/* Reports an error at the use. */
void directive_error(struct directive_use *use, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void directive_warning(struct directive_use *use, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void directive_notice(struct directive_use *use, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Values of one argument, within the row's bounds; each reports what is
 * wrong.  LR_INVALID. */
enum lr directive_read_flag(
    struct directive_use *use, struct slice arg, bool *out);
enum lr directive_read_number(
    struct directive_use *use, struct slice arg, uint64_t *out);
enum lr directive_read_bytes(
    struct directive_use *use, struct slice arg, uint64_t *out);
enum lr directive_read_duration(
    struct directive_use *use, struct slice arg, int64_t *out_ms);

#endif
