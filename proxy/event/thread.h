/* proxy/event/thread.h: starts a thread that leaves signals to main. */
#ifndef PROXY_EVENT_THREAD_H
#define PROXY_EVENT_THREAD_H

#include <pthread.h>

#include "store/base/status.h"

/* name: what ps and top show; at most 15 characters, the rest is cut off.
 * The new thread has all signals blocked.  LR_NOMEM. */
enum lr thread_start(
    const char *name, void *(*run)(void *arg), void *arg, pthread_t *out);

#endif
