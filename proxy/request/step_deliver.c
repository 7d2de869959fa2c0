/* DELIVER -> FINISH | LOOKUP (the object was unreadable) | park */
#include "proxy/request/deliver.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

#define PIECES 512 /* iovecs of one send: 2 MiB of one-page values */
#define BURST_FIRST ((uint64_t)1 << 20)
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
		rq->delivery.source = DELIVERY_STORE;
		return deliver_entry(rq, head->body_bytes);
	}
	return deliver_entry(rq,
	    !head->has_body		 ? 0
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

	rc = rq->delivery.source == DELIVERY_STORE
	    ? deliver_entry(rq, rq->object.body_bytes)
	    : begin_flight(rq);
	if (rc == LR_OK && rq->started_us != 0)
		rc = keep_for_log(rq);
	if (rc == LR_CORRUPT && rq->pinned)
		return unreadable(rq);
	if (rc != LR_OK)
		return respond_error(rq, 503, "out of memory");
	rq->delivery.burst_bytes = BURST_FIRST;
	return NULL;
}

/* ---- sending ---- */

static const struct step *
cut(struct request *rq)
{
	rq->complete = false;
	return &STEP_FINISH;
}

/* Hands pieces to the transport; *taken as it says. */
static enum lr
send_pieces(struct request *rq, const struct iovec *iov, int n, bool last,
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

/* Up to PIECES pieces of the current part. */
static enum lr
gather(struct request *rq, const struct part *p, struct iovec *iov, int *n,
    uint64_t *bytes)
{
	struct delivery *d = &rq->delivery;
	struct request_env *env = rq->env;
	uint64_t left = p->n - d->offset;
	enum lr rc;

	if (p->text.p != NULL) {
		iov[0].iov_base = (char *)(uintptr_t)p->text.p + d->offset;
		iov[0].iov_len = (size_t)left;
		*n = 1;
		*bytes = left;
		return LR_OK;
	}
	if (!env->reading && (rc = store_read_begin(env->reader)) != LR_OK)
		return rc;
	env->reading = true;
	*n = PIECES;
	if (left > d->burst_bytes)
		left = d->burst_bytes;
	rc = store_read_body(
	    env->reader, &rq->object, p->first + d->offset, left, iov, n);
	*bytes = 0;
	for (int i = 0; rc == LR_OK && i < *n; i++)
		*bytes += iov[i].iov_len;
	/* Fewer than that, and yet not all: the rest is missing. */
	if (rc == LR_OK && *n < PIECES && *bytes < left)
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

static const struct step *
send_parts(struct request *rq)
{
	struct delivery *d = &rq->delivery;
	struct iovec iov[PIECES];
	uint64_t bytes = 0, taken;
	int n = 0;
	enum lr rc;

	for (;;) {
		const struct part *p = &d->parts[d->part];
		bool last = true;

		n = 0;
		if (d->part < d->n_parts) {
			rc = gather(rq, p, iov, &n, &bytes);
			if (rc != LR_OK && !d->head_sent)
				return unreadable(rq);
			if (rc != LR_OK) {
				drop_object(rq);
				return cut(rq);
			}
			last = d->part + 1 == d->n_parts &&
			    d->offset + bytes == p->n;
		}
		rc = send_pieces(rq, iov, n, last, SLICE(""), &taken);
		if (rc != LR_OK && rc != LR_AGAIN)
			return cut(rq);
		if (n > 0) {
			adapt(d, bytes, taken);
			if (p->text.p == NULL)
				counter_add(rq->env->counters,
				    COUNTER_BYTES_HIT, taken);
			d->offset += taken;
			if (d->offset == p->n) {
				d->part++;
				d->offset = 0;
			}
		}
		if (rc == LR_AGAIN)
			return STEP_PARK;
		if (last) {
			rq->complete = true;
			return &STEP_FINISH;
		}
	}
}

/* ---- a growing body ---- */

/* Bytes that are no longer in memory, from the store. */
static enum lr
send_committed(struct request *rq, uint64_t *taken)
{
	struct delivery *d = &rq->delivery;
	struct request_env *env = rq->env;
	struct iovec iov[PIECES];
	struct store_ref ref;
	uint64_t committed;
	int n = PIECES;
	enum lr rc;

	rc = follower_object(rq->follower, &ref, &committed);
	if (rc != LR_OK || committed <= d->offset)
		return LR_CORRUPT;
	/* A transaction that is open since the last piece does not see what
	 * was committed after it began. */
	request_end_read(env);
	if ((rc = store_read_begin(env->reader)) != LR_OK)
		return rc;
	env->reading = true;
	rc = store_read_body(env->reader, &ref, d->offset,
	    committed - d->offset < BURST_FIRST ? committed - d->offset
						: BURST_FIRST,
	    iov, &n);
	if (rc != LR_OK || n == 0)
		return LR_CORRUPT;
	return send_pieces(rq, iov, n, false, SLICE(""), taken);
}

static enum lr
send_spans(struct request *rq, const struct flight_view *v,
    const struct span *spans, int n, bool *last, uint64_t *taken)
{
	struct iovec iov[WINDOW_READ];
	uint64_t bytes = 0;

	for (int i = 0; i < n; i++) {
		iov[i].iov_base = spans[i].block->data + spans[i].off;
		iov[i].iov_len = spans[i].len;
		bytes += spans[i].len;
	}
	*last = v->state == FLIGHT_DONE &&
	    rq->delivery.offset + bytes == v->end;
	return send_pieces(
	    rq, iov, n, *last, *last ? v->trailers : SLICE(""), taken);
}

/* One send of what there is.  LR_NOTFOUND: there was nothing new. */
static enum lr
send_some(struct request *rq, const struct flight_view *v, bool *last)
{
	struct delivery *d = &rq->delivery;
	struct span spans[WINDOW_READ];
	uint64_t taken = 0;
	enum lr rc;
	int n = 0;

	*last = false;
	if (follower_read(rq->follower, d->offset, spans, &n) != LR_OK) {
		rc = send_committed(rq, &taken);
	} else if (n == 0 && d->head_sent && v->state != FLIGHT_DONE) {
		return LR_NOTFOUND;
	} else {
		rc = send_spans(rq, v, spans, n, last, &taken);
	}
	for (int i = 0; i < n; i++)
		block_unref(spans[i].block);
	d->offset += taken;
	return rc;
}

/* The backend broke off, and the client has not seen anything yet. */
static const struct step *
broke_off(struct request *rq, enum lr why)
{
	request_leave_flight(rq);
	rq->delivery = (struct delivery){ 0 };
	return respond_error(rq, respond_status_for(why), status_text(why));
}

/* The body's beginning is neither in memory nor in the store any more, and
 * the client has not seen anything yet. */
static const struct step *
came_too_late(struct request *rq)
{
	request_leave_flight(rq);
	rq->delivery = (struct delivery){ 0 };
	rq->status = (struct cache_status){ 0 };
	rq->result = "-";
	rq->alone = true;
	return &STEP_LOOKUP;
}

static const struct step *
send_flight(struct request *rq)
{
	struct flight_view v;
	bool last;
	enum lr rc;

	for (;;) {
		follower_view(rq->follower, &v);
		if (v.state == FLIGHT_FAILED && !rq->delivery.head_sent)
			return broke_off(rq, v.why);
		rc = send_some(rq, &v, &last);
		if (rc == LR_NOTFOUND && v.state == FLIGHT_FAILED)
			return cut(rq); /* what there was is sent */
		if (rc == LR_NOTFOUND) {
			if (follower_wait(rq->follower) == LR_AGAIN)
				return STEP_PARK;
			continue;
		}
		if (rc == LR_AGAIN)
			return STEP_PARK;
		if (rc == LR_CORRUPT && !rq->delivery.head_sent && !rq->pass)
			return came_too_late(rq);
		if (rc != LR_OK)
			return cut(rq);
		if (last) {
			rq->complete = true;
			return &STEP_FINISH;
		}
	}
}

/* HEAD, 204, 304: the head is all; what the backend still sends is not
 * ours to wait for. */
static bool
head_only(const struct delivery *d)
{
	return !d->head.has_body;
}

static const struct step *
run(struct request *rq)
{
	const struct step *other;

	if (!rq->delivery.begun && (other = begin(rq)) != NULL)
		return other;
	if (rq->delivery.source == DELIVERY_FLIGHT && !head_only(&rq->delivery))
		return send_flight(rq);
	return send_parts(rq);
}

const struct step STEP_DELIVER = { "deliver", run };
