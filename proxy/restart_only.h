/* proxy/restart_only.h: what a reload cannot change.
 *
 * A few settings shape the process itself.  A reload goes on without
 * them and says so. */
#ifndef PROXY_RESTART_ONLY_H
#define PROXY_RESTART_ONLY_H

#include "proxy/site/site.h"
#include "store/base/strbuf.h"

/* Appends a line for each such directive that differs.  Pure. */
void restart_only_tell(const struct server_conf *running,
    const struct server_conf *wanted, struct strbuf *messages);

#endif
