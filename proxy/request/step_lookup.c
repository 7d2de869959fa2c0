/* LOOKUP -> DELIVER (fresh, or stale) | FETCH (miss, or to be validated, or
 *           only-if-cached, and perhaps on its way to the store) */
#include "proxy/cache/reuse.h"
#include "proxy/cache/vary.h"
#include "proxy/request/marker.h"
#include "proxy/request/refresh.h"
#include "proxy/request/respond.h"
#include "proxy/request/steps.h"

/* Finds, pins and reads the object under hash when it is the key's (and
 * of that kind).  LR_NOTFOUND. */
static enum lr
open_object(struct request *rq, uint64_t hash, enum entry_kind *kind)
{
	struct request_env *env = rq->env;
	struct slice head, body0;

	if (store_find(env->store, hash, &rq->object) != LR_OK)
		return LR_NOTFOUND;
	rq->pinned = true;
	if (!env->reading && store_read_begin(env->reader) != LR_OK)
		goto miss;
	env->reading = true;
	if (store_read_head(env->reader, &rq->object, &head, &body0) != LR_OK ||
	    entry_decode(head, &rq->entry) != LR_OK ||
	    !slice_eq(rq->entry.key, rq->key.text))
		goto miss;
	*kind = rq->entry.kind;
	return LR_OK;
miss:
	request_unpin(rq);
	return LR_NOTFOUND;
}

/* The stored variant that the request selects (RFC 9111 4.1): of those
 * that the resource's specifications give, the most recent. */
static enum lr
open_variant(struct request *rq)
{
	struct slice marker = rq->entry.wire, spec, values;
	struct slice generation = marker_generation(&marker);
	enum entry_kind kind;
	enum lr rc = LR_NOTFOUND;

	request_unpin(rq); /* the marker; its bytes stay while we read */
	rq->variant_hash = 0;
	while (rc == LR_NOTFOUND && vary_marker_next(&marker, &spec)) {
		uint64_t hash;

		if (vary_values(&rq->msg, spec, &rq->arena, &values) != LR_OK)
			return LR_NOMEM;
		hash = marker_variant_hash(
		    rq->key.hash, generation, spec, values);
		if (rq->variant_hash == 0) {
			rq->variant_hash = hash;
			rq->vary_values = values;
		}
		rc = open_object(rq, hash, &kind);
		if (rc == LR_OK &&
		    (kind != ENTRY_RESPONSE ||
			!slice_eq(rq->entry.vary, values))) {
			request_unpin(rq);
			rc = LR_NOTFOUND;
		}
	}
	return rc;
}

static enum lr
open_stored(struct request *rq, bool *varies)
{
	enum entry_kind kind;
	enum lr rc = open_object(rq, rq->key.hash, &kind);

	*varies = rc == LR_OK && kind == ENTRY_VARY_MARKER;
	return *varies ? open_variant(rq) : rc;
}

static const struct step *
miss(struct request *rq, bool varies)
{
	rq->status.fwd = varies || rq->mismatched ? CACHE_STATUS_VARY_MISS
						  : CACHE_STATUS_URI_MISS;
	return &STEP_FETCH;
}

static const struct step *
hit(struct request *rq, const struct verdict *v)
{
	bool stale = v->reuse == REUSE_STALE || v->ttl_s < 0;

	counter_add(rq->env->counters, COUNTER_HITS, 1);
	if (stale)
		counter_add(rq->env->counters, COUNTER_HITS_STALE, 1);
	rq->result = stale ? "stale" : "hit";
	rq->status.fwd = CACHE_STATUS_HIT;
	rq->status.detail = stale ? v->why : NULL;
	rq->delivery.source = DELIVERY_STORE;
	if (v->reuse == REUSE_STALE)
		refresh_start(rq); /* RFC 5861 3 */
	return &STEP_DELIVER;
}

static const struct step *
run(struct request *rq)
{
	struct verdict v;
	bool varies;
	enum lr rc;

	rq->validate = false;
	if (rq->env->store == NULL)
		return &STEP_FETCH;
	rc = open_stored(rq, &varies);
	if (rc == LR_NOMEM)
		return respond_error(rq, 503, "out of memory");
	if (rc != LR_OK)
		return miss(rq, varies);
	v = reuse_decide(&rq->entry, &rq->control, &rq->route.settings->cache,
	    env_now_s(rq->env));
	rq->age_s = v.age_s;
	rq->ttl_s = v.ttl_s;
	switch (v.reuse) {
	case REUSE_FRESH:
	case REUSE_STALE:
		return hit(rq, &v);
	case REUSE_UNSATISFIABLE: /* but for what is on its way to the store */
	case REUSE_VALIDATE:
		break;
	}
	rq->validate = true;
	rq->status.fwd = v.ttl_s < 0 ? CACHE_STATUS_STALE
				     : CACHE_STATUS_REQUEST;
	rq->status.detail = v.why;
	return &STEP_FETCH;
}

const struct step STEP_LOOKUP = { "lookup", run };
