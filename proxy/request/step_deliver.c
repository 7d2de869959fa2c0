/* DELIVER -> FINISH | LOOKUP (the object was unreadable) | park */
#include "proxy/request/deliver.h"
#include "proxy/request/deliver_internal.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

#define BURST_LEAST ((uint64_t)64 << 10)

/* ---- beginning ---- */

static void
drop_object(struct request *rq)
{
	log_write(rq->env->log, LOG_CACHE, LOG_L_ERROR,
	    "%.*s: stored object is unreadable; dropped",
	    SLICE_ARG(rq->key.text));
	store_remove_ref(rq->env->store, &rq->object);
}

static const struct step *
unreadable(struct request *rq)
{
	drop_object(rq);
	request_unpin(rq);
	if (rq->follower != NULL)
		flight_close(follower_flight(rq->follower));
	rq->alone = true; /* nobody else's, that it cannot be met again */
	request_leave_flight(rq);
	rq->delivery = (struct delivery){ 0 };
	return &STEP_LOOKUP;
}

/* Head and parts for the pinned object. */
static enum lr
begin_store(struct request *rq)
{
	enum lr rc = deliver_look(rq);

	rq->delivery.source = DELIVERY_STORE;
	return rc == LR_OK ? deliver_entry(rq, rq->object.body_bytes) : rc;
}

/* Head and parts for what the flight brought. */
static enum lr
begin_flight(struct request *rq)
{
	struct flight_view v;
	const struct flight_head *head;

	follower_view(rq->follower, &v);
	head = v.head;
	if (head->result != NULL)
		rq->result = head->result;
	else if (rq->result[0] == '-')
		rq->result = rq->pass ? "pass"
		    : rq->lead	      ? "miss"
				      : "collapsed";
	if (!head->shareable || (rq->lead && head->full.n > 0))
		return deliver_as_is(rq, head);
	rq->entry = head->entry;
	if (rq->status.fwd != CACHE_STATUS_HIT) {
		rq->status.fwd_status = head->status.fwd_status;
		rq->status.stored = head->status.stored;
		if (head->status.detail != NULL)
			rq->status.detail = head->status.detail;
	}
	if (head->in_store) {
		rq->object = head->object;
		store_pin(rq->env->store, &rq->object);
		rq->pinned = true;
		return begin_store(rq);
	}
	return deliver_entry(rq,
	    head->is_part		 ? head->part.total_bytes
		: !head->has_body	 ? 0
		: v.state == FLIGHT_DONE ? v.end
					 : head->body_bytes);
}

/* The log line is written when the head's text may be gone. */
static enum lr
keep_for_log(struct request *rq)
{
	struct response_head *h = &rq->delivery.head;

	rq->first_byte_us = clock_mono_us() - rq->started_us;
	h->wire = arena_dup(&rq->arena, h->wire);
	return h->wire.p != NULL ? LR_OK : LR_NOMEM;
}

static const struct step *
begin(struct request *rq)
{
	enum lr rc;

	rc = rq->delivery.source == DELIVERY_STORE ? begin_store(rq)
						   : begin_flight(rq);
	if (rc == LR_OK && rq->started_us != 0)
		rc = keep_for_log(rq);
	if (rc == LR_CORRUPT && rq->pinned)
		return unreadable(rq);
	if (rc != LR_OK)
		return respond_error(rq, 503, "out of memory");
	rq->delivery.burst_bytes = DELIVER_BURST;
	return NULL;
}

/* ---- sending ---- */

const struct step *
deliver_cut(struct request *rq)
{
	rq->complete = false;
	return &STEP_FINISH;
}

/* Hands pieces to the transport; *taken as it says. */
enum lr
deliver_send(struct request *rq, const struct iovec *iov, int n, bool last,
    struct slice trailers, uint64_t *taken)
{
	struct delivery *d = &rq->delivery;
	struct outgoing out = { .head = d->head_sent ? NULL : &d->head,
		.body = iov,
		.n_body = n,
		.last = last,
		.trailers = trailers };
	enum lr rc;

	*taken = 0;
	rc = rq->transport->send(rq->stream, &out, taken);
	d->head_sent = true;
	return rc;
}

/* Of a sparse object: what is there comes from the store, what is on its way
 * to us from the flight, and what is neither must be asked for. */
static struct run
next_run_of_sparse(const struct request *rq, struct run run)
{
	const struct flight_head *head = NULL;
	struct extent gap;
	struct flight_view v;

	if (rq->follower != NULL) {
		follower_view(rq->follower, &v);
		head = v.head;
	}
	if (head != NULL && head->is_part && run.first >= head->part.first &&
	    run.first - head->part.first < head->part.n_bytes) {
		uint64_t left = head->part.first + head->part.n_bytes -
		    run.first;

		run.source = RUN_FLIGHT;
		run.n = run.n < left ? run.n : left;
	} else if (extents_gap(
		       rq->delivery.have, run.first, run.first + run.n, &gap)) {
		run.source = gap.first > run.first ? RUN_STORE : RUN_GAP;
		run.n = (gap.first > run.first ? gap.first : gap.end) -
		    run.first;
	}
	return run;
}

static struct run
next_run(const struct request *rq, const struct part *p)
{
	const struct delivery *d = &rq->delivery;
	struct run run = { .source = RUN_STORE,
		.first = p->first + d->offset,
		.n = p->n == UINT64_MAX ? UINT64_MAX : p->n - d->offset };

	if (p->text.p != NULL)
		run.source = RUN_TEXT;
	else if (d->source == DELIVERY_FLIGHT)
		run.source = RUN_FLIGHT;
	else if (d->have != NULL)
		run = next_run_of_sparse(rq, run);
	return run;
}

/* Up to DELIVER_PIECES pieces of the run. */
static enum lr
gather(struct request *rq, const struct part *p, const struct run *run,
    struct iovec *iov, int *n, uint64_t *bytes)
{
	struct delivery *d = &rq->delivery;
	struct request_env *env = rq->env;
	uint64_t left = run->n;
	enum lr rc;

	if (run->source == RUN_TEXT) {
		iov[0].iov_base = (char *)(uintptr_t)p->text.p + d->offset;
		iov[0].iov_len = (size_t)left;
		*n = 1;
		*bytes = left;
		return LR_OK;
	}
	if (!env->reading && (rc = store_read_begin(env->reader)) != LR_OK)
		return rc;
	env->reading = true;
	*n = DELIVER_PIECES;
	if (left > d->burst_bytes)
		left = d->burst_bytes;
	rc = store_read_body(
	    env->reader, &rq->object, run->first, left, iov, n);
	*bytes = 0;
	for (int i = 0; rc == LR_OK && i < *n; i++)
		*bytes += iov[i].iov_len;
	/* Fewer than that, and yet not all: the rest is missing. */
	if (rc == LR_OK && *n < DELIVER_PIECES && *bytes < left)
		return LR_CORRUPT;
	return rc == LR_OK && *bytes == 0 ? LR_CORRUPT : rc;
}

/* What the socket takes at once says how much to gather next time. */
static void
adapt(struct delivery *d, uint64_t offered, uint64_t taken)
{
	if (taken == offered)
		d->burst_bytes *= 2;
	else
		d->burst_bytes = taken + taken / 2;
	if (d->burst_bytes < BURST_LEAST)
		d->burst_bytes = BURST_LEAST;
}

/* So much of the current part went out. */
void
deliver_move_on(struct delivery *d, uint64_t taken)
{
	d->offset += taken;
	if (d->offset == d->parts[d->part].n) {
		d->part++;
		d->offset = 0;
	}
}

/* Does the response end with so many bytes more of the current part? */
bool
deliver_ends_with(const struct delivery *d, uint64_t bytes)
{
	return d->part + 1 >= d->n_parts &&
	    (d->n_parts == 0 || d->offset + bytes == d->parts[d->part].n);
}

const struct step *
deliver_finished(struct request *rq)
{
	rq->complete = true;
	return &STEP_FINISH;
}

/* One send of what is here: a text, or bytes of the object; the head alone
 * when there is no body. */
static const struct step *
send_own(struct request *rq, const struct part *p, const struct run *run)
{
	struct delivery *d = &rq->delivery;
	struct iovec iov[DELIVER_PIECES];
	uint64_t bytes = 0, taken;
	bool last;
	int n = 0;
	enum lr rc = LR_OK;

	if (p != NULL)
		rc = gather(rq, p, run, iov, &n, &bytes);
	if (rc != LR_OK && !d->head_sent)
		return unreadable(rq);
	if (rc != LR_OK) {
		drop_object(rq);
		return deliver_cut(rq);
	}
	last = deliver_ends_with(d, bytes);
	rc = deliver_send(rq, iov, n, last, SLICE(""), &taken);
	if (rc != LR_OK && rc != LR_AGAIN)
		return deliver_cut(rq);
	if (n > 0) {
		adapt(d, bytes, taken);
		if (run->source == RUN_STORE)
			counter_add(
			    rq->env->counters, COUNTER_BYTES_HIT, taken);
		deliver_move_on(d, taken);
	}
	if (rc == LR_AGAIN)
		return STEP_PARK;
	return last ? deliver_finished(rq) : &STEP_DELIVER;
}

/* ---- the whole ---- */

/* The next gap of a sparse object: its bytes are fetched, and the response
 * goes on with them.  First another look, as they may have come by now. */
static const struct step *
fetch_gap(struct request *rq, const struct run *run)
{
	const struct extents *had = rq->delivery.have;

	request_leave_flight(rq);
	request_end_read(rq->env);
	if (deliver_look(rq) != LR_OK)
		return deliver_cut(rq);
	if (rq->delivery.have == NULL ||
	    !extents_gap(
		rq->delivery.have, run->first, run->first + run->n, &rq->gap) ||
	    extents_bytes(had) < extents_bytes(rq->delivery.have))
		return &STEP_DELIVER;
	rq->ask = ASK_GAP;
	return &STEP_FETCH;
}

static const struct step *
send_next(struct request *rq)
{
	const struct delivery *d = &rq->delivery;
	const struct part *p;
	struct run run;

	/* HEAD, 204, 304: the head is all; what the backend still sends is
	 * not ours to wait for. */
	if (d->part >= d->n_parts)
		return send_own(rq, NULL, NULL);
	p = &d->parts[d->part];
	run = next_run(rq, p);
	switch (run.source) {
	case RUN_FLIGHT:
		return deliver_flight(rq, &run);
	case RUN_GAP:
		return fetch_gap(rq, &run);
	case RUN_TEXT:
	case RUN_STORE:
		break;
	}
	return send_own(rq, p, &run);
}

static const struct step *
run(struct request *rq)
{
	const struct step *next;

	if (!rq->delivery.begun && (next = begin(rq)) != NULL)
		return next;
	do {
		next = send_next(rq);
	} while (next == &STEP_DELIVER);
	return next;
}

const struct step STEP_DELIVER = { "deliver", run };
