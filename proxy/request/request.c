#include "proxy/request/request.h"

#include <stdlib.h>

#include "proxy/request/fetch.h"
#include "proxy/request/flight_table.h"
#include "proxy/request/machine.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"
#include "store/base/check.h"

static void
clear(struct request *rq)
{
	struct request_env *env = rq->env;
	struct arena arena = rq->arena;
	struct deadline patience = rq->patience;

	*rq = (struct request){ .magic = REQUEST_MAGIC,
		.env = env,
		.arena = arena,
		.patience = patience,
		.result = "-",
		.age_s = INT64_MIN,
		.ttl_s = INT64_MIN,
		.first_byte_us = -1,
		.backend_us = -1 };
	http_msg_init(&rq->msg, &rq->arena);
}

static void
out_of_patience(void *ctx)
{
	struct request *rq = ctx;

	MAGIC_CHECK(rq, REQUEST_MAGIC);
	/* The fetch that we wait for takes too long: whoever looks first
	 * begins another one, the others follow that. */
	flight_close(follower_flight(rq->follower));
	request_leave_flight(rq);
	rq->step = &STEP_LOOKUP;
	if (rq->delivery.head_sent)
		rq->step = &STEP_DELIVER; /* which finds the hole once more */
	else
		request_unpin(rq);
	machine_run(rq);
}

enum lr
request_create(struct request_env *env, struct request **out)
{
	struct request *rq = malloc(sizeof(*rq));

	if (rq == NULL)
		return LR_NOMEM;
	*rq = (struct request){ .env = env };
	deadline_init(&rq->patience, out_of_patience, rq);
	clear(rq);
	*out = rq;
	return LR_OK;
}

void
request_leave_flight(struct request *rq)
{
	deadline_clear(&rq->patience);
	if (rq->fetch != NULL)
		fetch_detach(rq->fetch);
	rq->fetch = NULL;
	follower_free(rq->follower);
	rq->follower = NULL;
	rq->awaited = false;
}

void
request_unpin(struct request *rq)
{
	if (rq->pinned)
		store_unpin(rq->env->store, &rq->object);
	rq->pinned = false;
}

void
request_end_read(struct request_env *env)
{
	if (env->reading)
		store_read_end(env->reader);
	env->reading = false;
}

void
request_reset(struct request *rq)
{
	request_leave_flight(rq);
	request_unpin(rq);
	arena_reset(&rq->arena);
	clear(rq);
}

void
request_free(struct request *rq)
{
	if (rq == NULL)
		return;
	MAGIC_CHECK(rq, REQUEST_MAGIC);
	request_leave_flight(rq);
	request_unpin(rq);
	deadline_free(rq->env->loop, &rq->patience);
	arena_free(&rq->arena);
	rq->magic = 0;
	free(rq);
}

void
request_start(struct request *rq)
{
	counter_add(rq->env->counters, COUNTER_REQUESTS, 1);
	rq->step = &STEP_ROUTE;
	machine_run(rq);
}

void
request_resume(struct request *rq)
{
	if (rq->fetch != NULL)
		fetch_pump(rq->fetch);
	machine_run(rq);
}

void
request_abort(struct request *rq)
{
	rq->transport = NULL;
	rq->step = &STEP_FINISH;
	machine_run(rq);
}

void
request_time_out(struct request *rq)
{
	if (rq->delivery.head_sent) {
		rq->step = &STEP_FINISH;
	} else {
		request_leave_flight(rq);
		rq->step = respond_error(rq, 408, "request body timeout");
	}
	machine_run(rq);
}
