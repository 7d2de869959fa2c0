/* proxy/daemon.h: the life of a serving larder.
 *
 * Start: sockets and files while still privileged, then User and Group,
 * then the store, the workers, and READY.  A reload swaps the site under
 * the workers.  End: drain, join, close the store, close the logs. */
#ifndef PROXY_DAEMON_H
#define PROXY_DAEMON_H

#include "proxy/site/site_load.h"

/* Serves take_site until a signal ends it; src is what a reload reads
 * again.  Main thread; returns when everything is closed and freed.
 * LR_OK after an orderly end; otherwise it could not start, and why says
 * in a sentence what to do about it. */
enum lr daemon_run(
    struct site *take_site, const struct site_source *src, struct strbuf *why);

#endif
