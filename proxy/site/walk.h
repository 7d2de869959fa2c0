/* proxy/site/walk.h: applies a tree of directives to a scope. */
#ifndef PROXY_SITE_WALK_H
#define PROXY_SITE_WALK_H

#include "proxy/site/scope.h"

/* All of a list's directives and sections, whatever is wrong with one;
 * what is wrong is reported.  Virtual hosts come after all that is outside
 * of them, wherever they stand.  LR_NOMEM. */
enum lr walk_nodes(struct scope *sc, const struct node *first);

#endif
