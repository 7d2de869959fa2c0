/* proxy/request/machine.h: the loop that runs a request's steps. */
#ifndef PROXY_REQUEST_MACHINE_H
#define PROXY_REQUEST_MACHINE_H

#include "proxy/request/steps.h"

/* Runs rq->step and what follows until one parks.  rq may be gone when it
 * returns: where its transport's finished was called. */
void machine_run(struct request *rq);

#endif
