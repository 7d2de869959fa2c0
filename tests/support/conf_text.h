/* tests/support/conf_text.h: sites and trees from configuration text. */
#ifndef TESTS_SUPPORT_CONF_TEXT_H
#define TESTS_SUPPORT_CONF_TEXT_H

#include "proxy/conf/parse.h"
#include "proxy/site/site_load.h"

/* Loads text behind "Listen 127.0.0.1:8080" without opening logs.  Fails
 * the test, showing the messages, when it does not load. */
struct site *conf_site(const char *text);

/* What site_load says about text alone; the caller frees.  *rc may be
 * NULL. */
char *conf_messages(const char *text, enum lr *rc);

/* The tree of text, one line per node, sections indented and closed, as
 * "Name [arg] [arg]"; messages behind it.  The caller frees. */
char *conf_tree(const char *text);

#endif
