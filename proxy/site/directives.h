/* proxy/site/directives.h: every directive that larder knows. */
#ifndef PROXY_SITE_DIRECTIVES_H
#define PROXY_SITE_DIRECTIVES_H

#include "proxy/conf/directive.h"

/* The rows, by subject; each file holds one table. */
struct directive_table directives_core(void);
struct directive_table directives_client(void);
struct directive_table directives_log(void);
struct directive_table directives_proxy(void);
struct directive_table directives_cache(void);
struct directive_table directives_key(void);
struct directive_table directives_ignored(void);

#define DIRECTIVES_TABLES 8 /* these, and parse.c's */
void directives_tables(struct directive_table out[DIRECTIVES_TABLES]);

/* NULL: none of that name. */
const struct directive *directives_find(struct slice name);
/* Reports a name that is no directive, with what was probably meant. */
void directives_report_unknown(
    const struct node *node, struct diagnostics *diag);

#define DIRECTIVES_SERVER_VHOST (DIRECTIVE_SERVER | DIRECTIVE_VHOST)
#define DIRECTIVES_ANYWHERE \
	(DIRECTIVE_SERVER | DIRECTIVE_VHOST | DIRECTIVE_LOCATION)

#define DIRECTIVES_YEAR_MS (365LL * 24 * 60 * 60 * 1000)

#endif
