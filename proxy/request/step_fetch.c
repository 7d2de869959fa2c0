/* FETCH -> AWAIT | LOOKUP (it was stored meanwhile)
 *        | DELIVER (an error page)
 * AWAIT -> DELIVER | LOOKUP (not the response for us) | park
 *        | FINISH (the client is gone) */
#include "proxy/cache/reuse.h"
#include "proxy/cache/vary.h"
#include "proxy/http/condition.h"
#include "proxy/http/range.h"
#include "proxy/request/fetch.h"
#include "proxy/request/flight_table.h"
#include "proxy/request/marker.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

static void
wake(void *ctx)
{
	request_resume(ctx);
}

/* A range that others can share the answer to: nothing but the range
 * decides what it is. */
static bool
is_plain_range(const struct request *rq)
{
	return rq->route.settings->cache.range_fill == RANGE_FILL_HOLES &&
	    partial_wants_one(&rq->msg) && !condition_present(&rq->msg);
}

/* May rq share a fetch with others? */
static bool
collapsible(const struct request *rq)
{
	const struct cache_policy *policy = &rq->route.settings->cache;

	if (rq->pass || rq->alone || !policy->lock ||
	    rq->msg.method != HTTP_GET || rq->control.no_store)
		return false;
	if (rq->ask == ASK_RANGE && !is_plain_range(rq))
		return false;
	return !flight_table_is_private(
	    rq->env->flights, rq->key.hash, env_mono_ms(rq->env));
}

/* The key of a fetch of all that we may want a part of. */
static struct cache_key
whole_key(struct request *rq)
{
	enum request_ask ask = rq->ask;
	struct cache_key key;

	rq->ask = ASK_WHOLE;
	key = fetch_key(rq);
	rq->ask = ask;
	return key;
}

/* A response that is here already, on its way into the store. */
static enum lr
follow_complete(struct request *rq, struct flight **flight)
{
	struct request_env *env = rq->env;

	/* What is between a gap's ends belongs to the object at hand. */
	if (rq->alone || rq->ask == ASK_GAP)
		return LR_NOTFOUND;
	if (!rq->mismatched &&
	    flight_follow_complete(env, rq->key, flight) == LR_OK)
		return LR_OK;
	if (rq->vary_values.n == 0)
		return LR_NOTFOUND;
	return flight_follow_complete(env, whole_key(rq), flight);
}

/* The whole of what we want a range of may be on its way. */
static enum lr
follow_whole(struct request *rq, struct flight **flight)
{
	struct cache_key key;

	if (rq->ask != ASK_RANGE || rq->validate || rq->own_range)
		return LR_NOTFOUND;
	key = whole_key(rq);
	return key.text.p == NULL ? LR_NOMEM
				  : flight_follow(rq->env, key, flight);
}

/* Does the part hold all that rq wants? */
static bool
part_covers(const struct request *rq, const struct partial *p)
{
	struct slice value = http_msg_value(&rq->msg, FIELD_RANGE);
	struct range r[RANGE_MAX];
	size_t n;

	return value.n > 0 &&
	    range_parse(value, p->total_bytes, r, &n) == LR_OK && n == 1 &&
	    r[0].first >= p->first && r[0].last < p->first + p->n_bytes;
}

/* A part on its way that holds what we want, or one that is here already:
 * what is stored is looked at once more when that has landed. */
static enum lr
follow_part(struct request *rq, struct flight **flight)
{
	struct flight *parts[FLIGHT_PARTS], *best = NULL;
	struct cache_key whole;
	struct partial p;
	bool complete;
	size_t n;

	if (rq->own_range || rq->alone || rq->ask == ASK_GAP ||
	    condition_present(&rq->msg))
		return LR_NOTFOUND;
	if ((whole = whole_key(rq)).text.p == NULL)
		return LR_NOMEM;
	flight_parts(rq->env, whole, parts, &n);
	for (size_t i = 0; i < n; i++) {
		bool known = flight_part(parts[i], &p, &complete);

		if (known && (part_covers(rq, &p) || (complete && !best))) {
			flight_unref(best);
			best = parts[i];
		} else {
			flight_unref(parts[i]);
		}
	}
	*flight = best;
	return best != NULL ? LR_OK : LR_NOTFOUND;
}

/* The flight to follow: somebody's or our own.  LR_NOTFOUND: there is
 * none, and none may begin. */
static enum lr
find_flight(struct request *rq, struct flight **flight)
{
	struct request_env *env = rq->env;
	const struct cache_key none = { 0 };
	uint64_t published = rq->key.hash;
	struct cache_key key;

	rq->lead = false;
	if (!rq->pass &&
	    (follow_complete(rq, flight) == LR_OK ||
		follow_part(rq, flight) == LR_OK))
		return LR_OK;
	if (rq->control.only_if_cached && !rq->pass)
		return LR_NOTFOUND;
	rq->lead = true;
	if (!collapsible(rq))
		return flight_create_solo(
		    env, rq->pass ? none : rq->key, flight);
	/* Whatever is fetched for the resource may be what we want. */
	if ((rq->vary_values.n > 0 && !rq->mismatched && !rq->own_range &&
		rq->ask != ASK_GAP &&
		flight_follow(env, rq->key, flight) == LR_OK) ||
	    follow_whole(rq, flight) == LR_OK) {
		rq->lead = false;
		return LR_OK;
	}
	key = fetch_key(rq);
	if (key.text.p == NULL)
		return LR_NOMEM;
	if (rq->vary_values.n > 0)
		published = rq->variant_hash;
	/* A conditional request is passed on as it is, so its answer is of
	 * no use to others: follow, but do not lead. */
	if (!rq->validate && condition_present(&rq->msg)) {
		if (flight_follow(env, key, flight) != LR_OK)
			return flight_create_solo(env, rq->key, flight);
		rq->lead = false;
		return LR_OK;
	}
	if (rq->validate || rq->looked_again ||
	    rq->status.fwd == CACHE_STATUS_PARTIAL)
		published = 0;
	return flight_join(env, key, published, flight, &rq->lead);
}

static const struct step *
run_fetch(struct request *rq)
{
	bool upload = rq->body.framing != H1_BODY_NONE;
	struct flight *flight;
	enum lr rc;

	rc = find_flight(rq, &flight);
	if (rc == LR_EXISTS) {
		rq->looked_again = true;   /* once: it may be of no use to us */
		request_end_read(rq->env); /* which began before it came */
		return &STEP_LOOKUP;
	}
	if (rc == LR_NOTFOUND) {
		rq->status.fwd = CACHE_STATUS_HIT; /* it was not forwarded */
		return respond_error(rq, 504, "only-if-cached");
	}
	if (rc != LR_OK)
		return respond_error(rq, 503, "out of memory");
	rc = follower_create(flight, rq->env, wake, rq, &rq->follower);
	if (rq->lead && rc == LR_OK)
		fetch_start(rq, flight, upload ? rq : NULL);
	else if (rq->lead)
		fetch_refuse(flight, rc);
	flight_unref(flight);
	request_end_read(rq->env);
	if (rq->ask != ASK_GAP)
		request_unpin(rq);
	if (rc != LR_OK)
		return respond_error(rq, 503, "out of memory");
	if (rq->delivery.head_sent)
		return &STEP_AWAIT; /* one more hole: it is told of */
	rq->status.collapsed = !rq->lead;
	counter_add(rq->env->counters,
	    rq->pass	   ? COUNTER_PASSES
		: rq->lead ? COUNTER_MISSES
			   : COUNTER_COLLAPSED,
	    1);
	if (rq->fetch != NULL)
		fetch_pump(rq->fetch);
	return &STEP_AWAIT;
}

/* Parks until the flight changes; those who wait for somebody else's
 * fetch lose their patience when nothing moves for CacheLockMaxAge. */
static const struct step *
wait_for_change(struct request *rq)
{
	const struct cache_policy *policy = &rq->route.settings->cache;

	if (follower_wait(rq->follower) == LR_OK)
		return &STEP_AWAIT;
	if (!rq->lead && policy->lock_max_age_s > 0)
		deadline_set(rq->env->loop, &rq->patience,
		    env_mono_ms(rq->env) + policy->lock_max_age_s * 1000);
	return STEP_PARK;
}

static const struct step *
send_interim(struct request *rq)
{
	struct strbuf *sb = &rq->env->scratch;

	strbuf_reset(sb);
	follower_interim(rq->follower, sb);
	if (sb->n > 0 && !sb->failed &&
	    rq->transport->interim(rq->stream, strbuf_slice(sb)) != LR_OK)
		return &STEP_FINISH;
	return NULL;
}

static const struct step *
look_again(struct request *rq)
{
	request_leave_flight(rq);
	if (rq->delivery.head_sent)
		return &STEP_DELIVER; /* which finds the hole once more */
	rq->status.collapsed = false;
	request_unpin(rq);
	return &STEP_LOOKUP;
}

/* Another variant was fetched: ours has a flight of its own. */
static const struct step *
other_variant(struct request *rq, const struct flight_head *head)
{
	if (rq->mismatched)
		rq->alone = true; /* Vary itself varies: no end otherwise */
	rq->mismatched = true;
	rq->variant_hash = 0;
	if (vary_values(&rq->msg, head->vary_spec, &rq->arena,
		&rq->vary_values) != LR_OK)
		return respond_error(rq, 503, "out of memory");
	return look_again(rq);
}

#define REACH_BYTES ((uint64_t)1 << 20)

/* Is the range that rq wants of a body on its way near enough to be waited
 * for? */
static bool
is_in_reach(const struct request *rq, const struct flight_view *v)
{
	struct slice value = http_msg_value(&rq->msg, FIELD_RANGE);
	const struct flight_head *head = v->head;
	struct range r[RANGE_MAX];
	size_t n;

	if (value.n == 0 || rq->msg.method != HTTP_GET || head->is_part ||
	    head->in_store || head->entry.status != 200)
		return true;
	if (v->state == FLIGHT_DONE)
		return range_parse(value, v->end, r, &n) != LR_OK || n == 1;
	return head->body_bytes != UINT64_MAX &&
	    range_parse(value, head->body_bytes, r, &n) == LR_OK && n == 1 &&
	    r[0].first <= v->end + REACH_BYTES;
}

/* We came after the head: it was not fetched for us, and must be as good
 * as a stored response. */
static const struct step *
judge_late(struct request *rq, const struct flight_view *v)
{
	struct verdict verdict = reuse_decide(&v->head->entry, &rq->control,
	    &rq->route.settings->cache, env_now_s(rq->env));

	rq->age_s = verdict.age_s;
	rq->ttl_s = verdict.ttl_s;
	if (v->landed || v->state == FLIGHT_FAILED)
		return look_again(rq);
	if (verdict.reuse == REUSE_FRESH) {
		if (v->state == FLIGHT_DONE) {
			/* All of it is here; only the disk is not done. */
			rq->status.fwd = CACHE_STATUS_HIT;
			rq->status.collapsed = false;
			rq->status.detail = NULL; /* of the lookup */
			rq->result = "hit";
			counter_add(rq->env->counters, COUNTER_HITS, 1);
		}
		return &STEP_DELIVER;
	}
	if (v->state == FLIGHT_DONE)
		return wait_for_change(rq);
	rq->alone = true;
	return look_again(rq);
}

/* May rq, who waited for the head, have it? */
static bool
is_for_us(const struct request *rq, const struct flight_head *head)
{
	if (!head->stale)
		return head->reusable;
	return reuse_on_error(&head->entry, &rq->control,
		   &rq->route.settings->cache, head->status.fwd_status,
		   env_now_s(rq->env)) != NULL;
}

static bool
selects_variant(struct request *rq, const struct flight_head *head)
{
	struct slice values;

	if (head->vary_spec.n == 0)
		return true;
	return vary_values(&rq->msg, head->vary_spec, &rq->arena, &values) ==
	    LR_OK &&
	    (slice_eq(values, head->vary_values) ||
		marker_selects_language(
		    &rq->msg, values, &head->entry, &rq->arena));
}

/* Is it what rq's sparse object lacks? */
static bool
fits_gap(const struct request *rq, const struct flight_head *head)
{
	return head->is_part && head->part.first == rq->gap.first &&
	    head->part.total_bytes == rq->object.body_bytes &&
	    head->part.tag != 0 && head->part.tag == rq->object_tag;
}

/* May rq have it, by what it says about its age?  Whoever came after that
 * head needs one as good as a stored response; whoever has sent a head needs
 * bytes only. */
static bool
may_have_gap(const struct request *rq, const struct flight_head *head)
{
	if (rq->lead || rq->delivery.head_sent)
		return true;
	if (rq->awaited)
		return is_for_us(rq, head);
	return reuse_decide(&head->entry, &rq->control,
		   &rq->route.settings->cache, env_now_s(rq->env))
		   .reuse == REUSE_FRESH;
}

static void
take_gap_head(struct request *rq, const struct flight_head *head)
{
	rq->entry = head->entry;
	rq->result = rq->lead ? "miss" : "collapsed";
	rq->status.fwd_status = head->status.fwd_status;
	rq->status.stored = head->status.stored;
	if (head->status.detail != NULL)
		rq->status.detail = head->status.detail;
}

/* A gap's bytes: the object is delivered with them. */
static const struct step *
gap_arrived(struct request *rq, const struct flight_head *head)
{
	if (fits_gap(rq, head) && may_have_gap(rq, head)) {
		rq->delivery.source = DELIVERY_STORE;
		if (!rq->delivery.begun)
			take_gap_head(rq, head);
		return &STEP_DELIVER;
	}
	if (rq->delivery.head_sent)
		return &STEP_FINISH; /* with the connection cut */
	if (rq->lead) { /* something else, as an answer to the request */
		request_unpin(rq);
		return &STEP_DELIVER;
	}
	rq->alone = true;
	return look_again(rq);
}

/* What is of no use to us on its way.  Once it is stored it may be.  Until
 * then another look finds it once more if we would ask for the same. */
static const struct step *
other_range(struct request *rq, const struct flight_view *v)
{
	if (v->state == FLIGHT_DONE && !v->landed) {
		rq->own_range = true;
		return wait_for_change(rq);
	}
	rq->alone |= rq->own_range && !v->landed;
	rq->own_range = true;
	return look_again(rq);
}

static const struct step *
head_arrived(struct request *rq, const struct flight_view *v)
{
	const struct flight_head *head = v->head;
	bool early = rq->awaited;

	deadline_clear(&rq->patience);
	rq->backend_us = head->backend_us;
	rq->delivery.source = DELIVERY_FLIGHT;
	if (rq->ask == ASK_GAP)
		return gap_arrived(rq, head);
	if (rq->lead)
		return &STEP_DELIVER;
	if (!head->shareable || (early && !is_for_us(rq, head))) {
		rq->alone = true;
		return look_again(rq);
	}
	if (!selects_variant(rq, head))
		return other_variant(rq, head);
	if (head->is_part && !part_covers(rq, &head->part))
		return other_range(rq, v);
	if (!is_in_reach(rq, v))
		return other_range(rq, v);
	return early ? &STEP_DELIVER : judge_late(rq, v);
}

static const struct step *
run_await(struct request *rq)
{
	const struct step *broken;
	struct flight_view v;

	follower_view(rq->follower, &v);
	/* Interim answers are for those who were there when they came, and
	 * have not had the final one yet. */
	if (!rq->delivery.head_sent &&
	    (rq->lead || rq->awaited || v.head == NULL) &&
	    (broken = send_interim(rq)) != NULL)
		return broken;
	if (v.head != NULL)
		return head_arrived(rq, &v);
	if (v.state == FLIGHT_FAILED && !rq->lead && !rq->retried) {
		/* Once more: one of us leads, the others follow it. */
		rq->retried = true;
		return look_again(rq);
	}
	if (v.state == FLIGHT_FAILED) {
		request_leave_flight(rq);
		return respond_error(
		    rq, respond_status_for(v.why), status_text(v.why));
	}
	rq->awaited = true;
	return wait_for_change(rq);
}

const struct step STEP_FETCH = { "fetch", run_fetch };
const struct step STEP_AWAIT = { "await", run_await };
