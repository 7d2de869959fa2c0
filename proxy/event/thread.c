/* proxy/event/thread.c: threads without signals */
#include "proxy/event/thread.h"

#include <signal.h>
#include <stdio.h>

#define NAME_BYTES 16 /* the system's limit, with NUL */

enum lr
thread_start(
    const char *name, void *(*run)(void *arg), void *arg, pthread_t *out)
{
	char short_name[NAME_BYTES];
	sigset_t all, before;
	int err;

	/* A thread inherits the mask of its creator: no moment without. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(out, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err != 0)
		return LR_NOMEM;
	snprintf(short_name, sizeof(short_name), "%s", name);
	pthread_setname_np(*out, short_name);
	return LR_OK;
}
