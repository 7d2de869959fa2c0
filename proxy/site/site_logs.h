/* proxy/site/site_logs.h: opening ErrorLog and CustomLog. */
#ifndef PROXY_SITE_SITE_LOGS_H
#define PROXY_SITE_SITE_LOGS_H

#include "proxy/site/scope.h"

/* Checks the formats of d's access logs, and, where the builder opens
 * logs, opens them and the error log.  What does not open is reported.
 * A virtual host without a CustomLog writes to the main server's, whose
 * turn must have come first.  LR_NOMEM. */
enum lr site_logs_open(
    struct builder *b, struct host_draft *d, const struct host_draft *main);

#endif
