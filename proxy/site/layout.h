/* proxy/site/layout.h: from what was gathered to what requests are served
 * by. */
#ifndef PROXY_SITE_LAYOUT_H
#define PROXY_SITE_LAYOUT_H

#include "proxy/site/scope.h"

/* Lays out the rules of d, the main server's included (main is d itself
 * for the main server).  LR_NOMEM. */
enum lr layout_host(
    struct builder *b, struct host_draft *d, const struct host_draft *main);

#endif
