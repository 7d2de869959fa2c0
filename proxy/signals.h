/* proxy/signals.h: signals as events of the main loop.
 *
 * They are blocked in every thread and read from a descriptor: nothing is
 * ever interrupted, and a signal that comes during the start waits for
 * the loop. */
#ifndef PROXY_SIGNALS_H
#define PROXY_SIGNALS_H

#include "proxy/event/loop.h"

struct signals;
typedef void signals_fn(void *ctx, int number);

/* Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR1 and ignores SIGPIPE; to be
 * called before the first thread starts.  LR_NOMEM, LR_IO. */
enum lr signals_create(
    struct loop *loop, signals_fn *fn, void *ctx, struct signals **out);
/* They stay blocked: the process is about to end.  Takes NULL. */
void signals_free(struct signals *s);

#endif
