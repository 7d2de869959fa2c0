/* proxy/request/steps.h: the steps of a request, in their usual order.
 *
 *   route - admit - lookup -+- deliver ------------------ finish
 *                           +- fetch - await - deliver -- finish
 *
 * Any of them may go to deliver with an error page; fetch, await and
 * deliver go back to lookup when what they found is of no use any more.
 *
 * A step does its work and returns the next one, or STEP_PARK: it has then
 * seen to it that request_resume will be called, or has ended the request.
 * Only the machine runs steps. */
#ifndef PROXY_REQUEST_STEPS_H
#define PROXY_REQUEST_STEPS_H

#include "proxy/request/request.h"

struct step {
	const char *name;
	const struct step *(*run)(struct request *rq);
};

#define STEP_PARK ((const struct step *)NULL)

extern const struct step STEP_ROUTE;
extern const struct step STEP_ADMIT;
extern const struct step STEP_LOOKUP;
extern const struct step STEP_FETCH;
extern const struct step STEP_AWAIT;
extern const struct step STEP_DELIVER;
extern const struct step STEP_FINISH;

#endif
