/* A body that is on its way: what of it is in memory, and what was committed of
 * it, for a follower who sends it on. */
#include "proxy/request/deliver_internal.h"
#include "proxy/request/respond.h"

/* A run of a flight's body. */
struct flying {
	struct flight_view v;
	uint64_t at;   /* in the flight's body */
	uint64_t n;    /* of the run; UINT64_MAX: to the flight's end */
	uint64_t base; /* what its first byte is in the object's body */
};

static void
view(struct request *rq, const struct run *run, struct flying *f)
{
	const struct flight_head *head;

	follower_view(rq->follower, &f->v);
	head = f->v.head;
	f->base = head->is_part ? head->part.first : 0;
	f->at = rq->delivery.as_is ? run->first : run->first - f->base;
	f->n = rq->delivery.to_end ? UINT64_MAX : run->n;
}

/* Bytes that are no longer in memory, from the store. */
static enum lr
send_committed(struct request *rq, const struct flying *f, uint64_t *taken)
{
	struct request_env *env = rq->env;
	struct iovec iov[DELIVER_PIECES];
	struct store_ref ref;
	uint64_t committed, most = DELIVER_BURST;
	int n = DELIVER_PIECES;
	enum lr rc;

	rc = follower_object(rq->follower, &ref, &committed);
	if (rc != LR_OK || committed <= f->at)
		return LR_CORRUPT;
	if (most > committed - f->at)
		most = committed - f->at;
	if (most > f->n)
		most = f->n;
	/* A transaction that is open since the last piece does not see what
	 * was committed after it began. */
	request_end_read(env);
	if ((rc = store_read_begin(env->reader)) != LR_OK)
		return rc;
	env->reading = true;
	rc = store_read_body(env->reader, &ref, f->base + f->at, most, iov, &n);
	if (rc != LR_OK || n == 0)
		return LR_CORRUPT;
	return deliver_send(rq, iov, n, false, SLICE(""), taken);
}

static enum lr
send_spans(struct request *rq, const struct flying *f, const struct span *spans,
    int n, bool *last, uint64_t *taken)
{
	struct iovec iov[WINDOW_READ];
	uint64_t bytes = 0;
	int used = 0;

	while (used < n && bytes < f->n) {
		const struct span *sp = &spans[used];

		iov[used].iov_base = sp->block->data + sp->off;
		iov[used].iov_len = sp->len;
		if (sp->len > f->n - bytes)
			iov[used].iov_len = (size_t)(f->n - bytes);
		bytes += iov[used++].iov_len;
	}
	*last = rq->delivery.to_end
	    ? f->v.state == FLIGHT_DONE && f->at + bytes == f->v.end
	    : deliver_ends_with(&rq->delivery, bytes);
	return deliver_send(rq, iov, used, *last,
	    *last && rq->delivery.to_end ? f->v.trailers : SLICE(""), taken);
}

/* One send of what there is.  LR_NOTFOUND: there was nothing new. */
static enum lr
send_some(struct request *rq, const struct flying *f, bool *last)
{
	struct delivery *d = &rq->delivery;
	struct span spans[WINDOW_READ];
	uint64_t taken = 0;
	enum lr rc;
	int n = 0;

	*last = false;
	if (follower_read(rq->follower, f->at, spans, &n) != LR_OK)
		rc = send_committed(rq, f, &taken);
	else if (n == 0 && d->head_sent && f->v.state != FLIGHT_DONE)
		return LR_NOTFOUND;
	else if (n == 0 && !d->to_end && f->v.state == FLIGHT_DONE)
		return LR_CORRUPT; /* it ended before our part of it */
	else
		rc = send_spans(rq, f, spans, n, last, &taken);
	for (int i = 0; i < n; i++)
		block_unref(spans[i].block);
	if (d->to_end)
		d->offset += taken;
	else
		deliver_move_on(d, taken);
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
	request_unpin(rq);
	rq->delivery = (struct delivery){ 0 };
	rq->status = (struct cache_status){ 0 };
	rq->result = "-";
	rq->alone = true;
	return &STEP_LOOKUP;
}

/* The answer about a gap has nothing of it: neither has the next one. */
static bool
came_empty(const struct request *rq, const struct flying *f)
{
	return rq->ask == ASK_GAP && f->v.state == FLIGHT_DONE &&
	    f->at >= f->v.end;
}

const struct step *
deliver_flight(struct request *rq, const struct run *run)
{
	struct flying f;
	bool last;
	enum lr rc;

	view(rq, run, &f);
	if (f.v.state == FLIGHT_FAILED && !rq->delivery.head_sent)
		return broke_off(rq, f.v.why);
	rc = send_some(rq, &f, &last);
	if (rc == LR_NOTFOUND && f.v.state == FLIGHT_FAILED)
		return deliver_cut(rq); /* what there was is sent */
	if (rc == LR_NOTFOUND)
		return follower_wait(rq->follower) == LR_AGAIN ? STEP_PARK
							       : &STEP_DELIVER;
	if (rc == LR_AGAIN)
		return STEP_PARK;
	if (rc == LR_CORRUPT && !rq->delivery.head_sent && came_empty(rq, &f))
		return broke_off(rq, LR_INVALID);
	if (rc == LR_CORRUPT && !rq->delivery.head_sent && !rq->pass)
		return came_too_late(rq);
	if (rc != LR_OK)
		return deliver_cut(rq);
	return last ? deliver_finished(rq) : &STEP_DELIVER;
}
