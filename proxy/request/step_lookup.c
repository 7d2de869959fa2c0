/* LOOKUP -> DELIVER (fresh, or stale) | FETCH (miss, or to be validated, or
 *           only-if-cached, and perhaps on its way to the store) */
#include "proxy/cache/partial.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/vary.h"
#include "proxy/cache/vary_marker.h"
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

/* An object that was found, while others are looked at. */
struct candidate {
	struct store_ref object;
	struct entry entry;
	bool found;
};

/* Keeps what rq has open if it is more recent than what c has, as its Date
 * says; of equals the first stays.  rq has nothing open then. */
static void
keep_most_recent(struct request *rq, struct candidate *c)
{
	if (c->found && rq->entry.date_s <= c->entry.date_s) {
		request_unpin(rq);
		return;
	}
	if (c->found)
		store_unpin(rq->env->store, &c->object);
	*c = (struct candidate){ rq->object, rq->entry, true };
	rq->pinned = false;
}

/* Of those that the resource's specifications give, the most recent
 * (RFC 9111 4). */
static enum lr
open_equal(struct request *rq, struct slice generation, struct slice marker)
{
	struct candidate best = { .found = false };
	struct slice spec, values;
	enum entry_kind kind;
	enum lr rc = LR_OK;

	rq->variant_hash = 0;
	while (rc == LR_OK && vary_marker_next(&marker, &spec)) {
		uint64_t hash;

		rc = vary_values(&rq->msg, spec, &rq->arena, &values);
		if (rc != LR_OK)
			break;
		hash = marker_variant_hash(
		    rq->key.hash, generation, spec, values);
		if (rq->variant_hash == 0) {
			rq->variant_hash = hash;
			rq->vary_values = values;
		}
		if (open_object(rq, hash, &kind) != LR_OK)
			continue;
		if (kind == ENTRY_RESPONSE && slice_eq(rq->entry.vary, values))
			keep_most_recent(rq, &best);
		else
			request_unpin(rq);
	}
	if (best.found) {
		rq->object = best.object;
		rq->entry = best.entry;
		rq->pinned = true;
		return LR_OK;
	}
	return rc == LR_OK ? LR_NOTFOUND : rc;
}

/* One in the language that the request prefers to all others (4.1). */
static enum lr
open_in_language(
    struct request *rq, struct slice generation, struct slice marker)
{
	struct slice rest = marker, spec, values, language, wanted;
	enum entry_kind kind;
	enum lr rc = LR_NOTFOUND;

	if (!vary_preferred_language(&rq->msg, &language))
		return LR_NOTFOUND;
	while (rc == LR_NOTFOUND && vary_marker_next(&rest, &spec)) {
		uint64_t alias, hash;

		if (vary_values(&rq->msg, spec, &rq->arena, &values) != LR_OK)
			return LR_NOMEM;
		rc = vary_with_language(values, language, &rq->arena, &wanted);
		if (rc != LR_OK)
			continue;
		alias = marker_variant_hash(
		    rq->key.hash, generation, spec, wanted);
		if (vary_marker_find_alias(marker, alias, &hash) != LR_OK)
			hash = alias; /* asked for in just these words */
		rc = open_object(rq, hash, &kind);
		if (rc == LR_OK &&
		    (kind != ENTRY_RESPONSE ||
			!marker_selects_language(
			    &rq->msg, values, &rq->entry, &rq->arena))) {
			request_unpin(rq);
			rc = LR_NOTFOUND;
		}
	}
	return rc;
}

/* The stored variant that the request selects (RFC 9111 4.1). */
static enum lr
open_variant(struct request *rq)
{
	struct slice marker = rq->entry.wire;
	struct slice generation = marker_generation(&marker);
	enum lr rc;

	request_unpin(rq); /* the marker; its bytes stay while we read */
	rc = open_equal(rq, generation, marker);
	return rc == LR_NOTFOUND ? open_in_language(rq, generation, marker)
				 : rc;
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
	bool stale = v->reuse == REUSE_STALE || v->ttl_s <= 0;

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

/* How much of what rq wants does the object have? */
static enum partial_cover
cover(struct request *rq)
{
	struct extents ex;
	enum lr rc;

	if ((rq->entry.flags & ENTRY_PARTIAL) == 0)
		return PARTIAL_COVERS;
	rc = store_read_extents(rq->env->reader, &rq->object, &ex);
	if (rc != LR_OK) {
		log_write(rq->env->log, LOG_CACHE, LOG_L_ERROR,
		    "%.*s: stored parts are unreadable; dropped",
		    SLICE_ARG(rq->key.text));
		store_remove_ref(rq->env->store, &rq->object);
		return PARTIAL_LACKS;
	}
	return partial_covers(&rq->msg, &rq->entry, rq->object.body_bytes, &ex,
	    env_now_s(rq->env), &rq->gap);
}

/* Is not all of the object there? */
static bool
lacks_some(struct request *rq)
{
	struct extents ex;
	enum lr rc;

	if ((rq->entry.flags & ENTRY_PARTIAL) == 0)
		return false;
	rc = store_read_extents(rq->env->reader, &rq->object, &ex);
	return rc == LR_OK ? !extents_cover(&ex, 0, rq->object.body_bytes)
			   : rc != LR_NOTFOUND;
}

/* Could what it lacks be stored beside it? */
static bool
may_join(const struct request *rq)
{
	return !rq->control.no_store &&
	    rq->route.settings->cache.range_fill == RANGE_FILL_HOLES;
}

/* The sparse object has only some of it, or nothing of use. */
static const struct step *
incomplete(struct request *rq, enum partial_cover c, bool fresh)
{
	rq->status.fwd = CACHE_STATUS_PARTIAL;
	rq->object_tag = partial_tag_of(&rq->entry);
	/* A stale one is asked about by If-Range.  Without a strong validator
	 * nothing can be joined: the rest alone is asked for only because an
	 * origin that knows no validators may answer with the whole. */
	if (c == PARTIAL_GAP && may_join(rq) &&
	    (rq->object_tag != 0 || (fresh && rq->ask == ASK_AS_IS)))
		rq->ask = ASK_GAP;
	else
		request_unpin(rq);
	return &STEP_FETCH;
}

/* What a fetch for the request as it stands would ask for. */
static enum request_ask
default_ask(const struct request *rq)
{
	if (rq->msg.method != HTTP_GET ||
	    http_msg_get(&rq->msg, FIELD_RANGE) == NULL)
		return ASK_AS_IS;
	return rq->route.settings->cache.range_fill == RANGE_FILL_WHOLE
	    ? ASK_WHOLE
	    : ASK_RANGE;
}

/* A stored response is asked about with the client's range where that is
 * simple: if it has changed, only the part wanted is fetched. */
static bool
asks_about_range(const struct request *rq)
{
	return rq->route.settings->cache.range_fill == RANGE_FILL_HOLES &&
	    partial_wants_one(&rq->msg) &&
	    http_msg_get(&rq->msg, FIELD_IF_RANGE) == NULL;
}

/* Would another request have had it (RFC 9211 2.2)?  What is no-cache is as
 * good as stale. */
static bool
is_fit(const struct request *rq, const struct verdict *v)
{
	return v->ttl_s > 0 && (rq->entry.flags & ENTRY_NO_CACHE) == 0;
}

static const struct step *
validate(struct request *rq, const struct verdict *v, enum partial_cover c)
{
	bool by_range = asks_about_range(rq);

	if (c != PARTIAL_COVERS)
		return incomplete(rq, c, false);
	if (!by_range && lacks_some(rq))
		return incomplete(rq, PARTIAL_LACKS, false);
	rq->ask = by_range ? ASK_RANGE : ASK_WHOLE;
	rq->validate = true;
	rq->status.fwd = is_fit(rq, v) ? CACHE_STATUS_REQUEST
				       : CACHE_STATUS_STALE;
	rq->status.detail = v->why;
	return &STEP_FETCH;
}

static const struct step *
run(struct request *rq)
{
	enum partial_cover c;
	struct verdict v;
	bool varies;
	enum lr rc;

	rq->validate = false;
	rq->status.detail = NULL; /* of an earlier look */
	rq->ask = default_ask(rq);
	if (!rq->mismatched) { /* of an earlier look */
		rq->vary_values = (struct slice){ 0 };
		rq->variant_hash = 0;
	}
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
	c = cover(rq);
	/* What only-if-cached does not get from here may be on its way to the
	 * store. */
	if (v.reuse == REUSE_VALIDATE || v.reuse == REUSE_UNSATISFIABLE)
		return validate(rq, &v, c);
	return c == PARTIAL_COVERS ? hit(rq, &v) : incomplete(rq, c, true);
}

const struct step STEP_LOOKUP = { "lookup", run };
