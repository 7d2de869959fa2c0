#include "proxy/request/machine.h"

#include "store/base/check.h"

static void
trace(const struct request *rq)
{
	log_write(rq->vhost->log, LOG_PROXY, LOG_L_TRACE2, "%.*s %.*s: %s",
	    SLICE_ARG(rq->msg.method_text), SLICE_ARG(rq->msg.target),
	    rq->step->name);
}

void
machine_run(struct request *rq)
{
	struct request_env *env = rq->env;
	const struct step *next;

	MAGIC_CHECK(rq, REQUEST_MAGIC);
	do {
		if (rq->trace)
			trace(rq);
		next = rq->step->run(rq);
		/* A step that ends the request returns NULL, and rq is not
		 * ours any more. */
		if (next != STEP_PARK)
			rq->step = next;
	} while (next != STEP_PARK);
	request_end_read(env);
}
