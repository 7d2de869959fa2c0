/* proxy/conf/variables.h: Define, and what ${NAME} stands for.
 *
 * A name is looked up among the Defines first, then in the environment.
 * A Define without a value is only there for IfDefine.  One thread. */
#ifndef PROXY_CONF_VARIABLES_H
#define PROXY_CONF_VARIABLES_H

#include "proxy/conf/diagnostic.h"
#include "store/base/arena.h"
#include "store/base/status.h"

struct variable;

struct variables {	     /* a plain value; zeroed but for arena is empty */
	struct arena *arena; /* borrowed; holds all text */
	struct variable *first;
};

/* value NULL: none.  Texts are borrowed.  LR_NOMEM. */
enum lr variables_define(
    struct variables *vars, struct slice name, const struct slice *value);
void variables_undefine(struct variables *vars, struct slice name);
bool variables_defined(const struct variables *vars, struct slice name);

/* text with every ${NAME} replaced; text itself when there is none.  A
 * name that nobody knows stays as it is, with a warning at that place.
 * LR_NOMEM. */
enum lr variables_expand(const struct variables *vars, struct slice text,
    struct diagnostics *diag, struct place at, struct slice *out);

#endif
