/* FINISH -> the transport; the request may be gone afterwards */
#include "proxy/request/steps.h"

static void
write_logs(struct request *rq)
{
	char status_text[CACHE_STATUS_MAX];
	struct record r = { .request = &rq->msg,
		.response_wire = rq->delivery.head.wire,
		.request_line = rq->line,
		.client = rq->client,
		.local = rq->local,
		.server_name = rq->vhost->server_name,
		.host = rq->host,
		.cache_result = rq->result,
		.status = rq->delivery.head.status,
		.started_wall_ms = loop_now(rq->env->loop).wall_ms,
		.first_byte_us = rq->first_byte_us,
		.backend_us = rq->backend_us,
		.age_s = rq->age_s,
		.ttl_s = rq->ttl_s,
		.bytes_in = rq->bytes_in,
		.bytes_out = rq->bytes_out,
		.body_bytes_out = rq->body_bytes_out,
		.keepalive_nth = rq->nth - 1,
		.aborted = !rq->complete,
		.keep_alive = rq->complete && !rq->delivery.head.close,
		.worker = rq->env->index };

	r.took_us = clock_mono_us() - rq->started_us;
	r.started_wall_ms -= r.took_us / 1000;
	r.cache_status = slice_make(
	    status_text, cache_status_write(status_text, &rq->status));
	if (rq->follower != NULL && rq->status.fwd != CACHE_STATUS_HIT &&
	    rq->route.backend != NULL)
		r.backend = rq->route.backend->url;
	for (size_t i = 0; i < rq->vhost->n_access_logs; i++)
		access_log_add(rq->vhost->access_logs[i], &r);
}

static const struct step *
run(struct request *rq)
{
	const struct transport *transport = rq->transport;

	/* The head's text may lie in the store's map or the flight: it is
	 * only read while it is there. */
	if (rq->vhost->n_access_logs > 0)
		write_logs(rq);
	request_leave_flight(rq);
	request_end_read(rq->env);
	request_unpin(rq);
	if (transport != NULL)
		transport->finished(rq->stream, rq->complete);
	return STEP_PARK;
}

const struct step STEP_FINISH = { "finish", run };
