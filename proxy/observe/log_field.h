/* proxy/observe/log_field.h: the fields that a log format may name.
 *
 * One const table, LOG_FIELDS: what stands after the %, what may stand in
 * the braces, the function that writes it, and a line of help. */
#ifndef PROXY_OBSERVE_LOG_FIELD_H
#define PROXY_OBSERVE_LOG_FIELD_H

#include "proxy/observe/record.h"
#include "store/base/strbuf.h"

struct log_cell { /* one field of one line */
	const struct log_field *field;
	struct slice arg; /* what stood in the braces, NUL-terminated; empty
			   * when there were none */
	const struct record *record;
	struct strbuf *out; /* gets "-" when the record says nothing */
};

struct log_field {
	const char *name; /* after the %: "a", "^FB" */
	const char *arg;  /* NULL: no braces; "c": this text; "SSL_*": so begun;
			   * "*name": any, called name in the manual */
	void (*write)(const struct log_cell *cell);
	size_t offset;	 /* where write looks in struct record … */
	int64_t divisor; /* … and what it divides by, if it does */
	const char *help;
};
extern const struct log_field LOG_FIELDS[]; /* ends with a NULL name */

/* Takes the name at the start of *rest and finds its row.  braces: whether
 * there were any.  *why is static.  LR_INVALID. */
enum lr log_field_find(struct slice *rest, bool braces, struct slice arg,
    const struct log_field **out, const char **why);

#endif
