/* proxy/conf/node.h: a configuration as a tree.
 *
 * What is left when files are read, lines split into words, variables
 * replaced and IfModule and IfDefine decided: directives, and sections
 * with directives inside.  Lives in the arena it was parsed into. */
#ifndef PROXY_CONF_NODE_H
#define PROXY_CONF_NODE_H

#include "proxy/conf/diagnostic.h"

struct node;

struct node_list {
	struct node *first, *last;
};

struct node {
	struct place at;
	struct slice name; /* as written: "ProxyPass", "VirtualHost" */
	struct slice *args;
	size_t n_args;
	bool is_section;
	struct node_list children; /* of a section, in order */
	struct node *next;
};

static inline void
node_append(struct node_list *list, struct node *n)
{
	if (list->last != NULL)
		list->last->next = n;
	else
		list->first = n;
	list->last = n;
}

#endif
