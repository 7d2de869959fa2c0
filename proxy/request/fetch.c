#include "proxy/request/fetch.h"

#include <stdlib.h>

#include "proxy/request/fetch_internal.h"
#include "proxy/request/flight_table.h"

void
fetch_release_stale(struct fetch *fe)
{
	if (fe->stale_blob.n > 0)
		store_unpin(fe->env->store, &fe->object);
	strbuf_free(&fe->stale_blob);
}

void
fetch_free(struct fetch *fe)
{
	MAGIC_CHECK(fe, FETCH_MAGIC);
	if (fe->uploader != NULL)
		fe->uploader->fetch = NULL;
	if (fe->exchange != NULL)
		fe->connector->cancel(fe->exchange);
	if (fe->prev != NULL)
		fe->prev->next = fe->next;
	else
		fe->env->fetches = fe->next;
	if (fe->next != NULL)
		fe->next->prev = fe->prev;
	flight_on_attention(fe->flight, NULL, NULL);
	fetch_release_stale(fe);
	flight_unref(fe->flight);
	site_unref(fe->site);
	arena_free(&fe->arena);
	fe->magic = 0;
	free(fe);
}

/* The store is done with the flight, or never had it: new requests look
 * there again. */
void
fetch_land(struct fetch *fe)
{
	struct fill *fill = flight_fill(fe->flight);
	struct store_ref ref;

	if (fill != NULL && fill_state(fill) == FILL_FAILED)
		flight_drop_fill(fe->flight);
	else if (fill != NULL && flight_doomed(fe->flight) &&
	    fill_state(fill) == FILL_PUBLISHED && fill_ref(fill, &ref) == LR_OK)
		store_remove_ref(fe->env->store, &ref);
	flight_land(fe->flight);
	fetch_free(fe);
}

/* What there is of a part can be kept. */
static bool
is_part(const struct fetch *fe)
{
	return flight_fill(fe->flight) != NULL &&
	    flight_head_edit(fe->flight)->is_part;
}

void
fetch_fail(struct fetch *fe, enum lr why)
{
	flight_close(fe->flight); /* who looks again finds another */
	if (is_part(fe) && !flight_doomed(fe->flight))
		fill_finish(flight_fill(fe->flight));
	else
		flight_drop_fill(fe->flight);
	flight_fail(fe->flight, why);
	fetch_land(fe);
}

void
fetch_abandon_all(struct request_env *env)
{
	while (env->fetches != NULL) {
		struct fetch *fe = env->fetches;

		if (fe->phase == PHASE_EXCHANGE)
			fetch_fail(fe, LR_CANCELLED);
		else
			fetch_land(fe);
	}
}

/* ---- pacing ---- */

static void
watch_fill(struct fetch *fe)
{
	struct fill *fill = flight_fill(fe->flight);

	if (fill == NULL)
		return;
	if (flight_doomed(fe->flight) || fill_state(fill) == FILL_FAILED) {
		flight_drop_fill(fe->flight);
		flight_close(fe->flight);
	}
}

/* Nobody is left to answer, and nothing is to be kept? */
bool
fetch_in_vain(const struct fetch *fe)
{
	if (flight_followers(fe->flight) > 0 || fe->updating)
		return false;
	if (flight_fill(fe->flight) != NULL && (fe->background || !is_part(fe)))
		return false;
	return fe->head_seen || fe->pass;
}

bool
fetch_store_is_done(const struct fetch *fe)
{
	struct fill *fill = flight_fill(fe->flight);

	if (fill != NULL)
		return fill_state(fill) != FILL_OPEN;
	return !fe->updating || flight_updated(fe->flight);
}

void
fetch_attention(void *ctx)
{
	struct fetch *fe = ctx;

	MAGIC_CHECK(fe, FETCH_MAGIC);
	if (fe->phase == PHASE_LANDING) {
		if (flight_doomed(fe->flight))
			flight_withdraw(fe->flight);
		if (fetch_store_is_done(fe))
			fetch_land(fe);
		return;
	}
	watch_fill(fe);
	if (fetch_in_vain(fe)) {
		fetch_fail(fe, LR_CANCELLED);
	} else if (fe->paused && flight_has_room(fe->flight)) {
		fe->paused = false;
		fe->connector->resume(fe->exchange);
	}
}

/* ---- the request's body ---- */

void
fetch_pump(struct fetch *fe)
{
	struct request *rq = fe->uploader;
	uint64_t limit = fe->route.settings->limit_request_body;
	struct slice data;
	enum lr rc = LR_OK;
	size_t n;

	while (rc == LR_OK && fe->exchange != NULL) {
		rc = rq->transport->read_body(rq->stream, &data);
		if (rc != LR_OK)
			break;
		if (limit != 0 && fe->uploaded + data.n > limit) {
			fetch_fail(fe, LR_TOOBIG);
			return;
		}
		rc = fe->connector->send(fe->exchange, data, &n);
		fe->uploaded += n;
		rq->transport->consume_body(rq->stream, n);
		if (rc == LR_AGAIN)
			return; /* on_sendable */
	}
	if (rc == LR_CLOSED && fe->exchange != NULL) {
		rq->fetch = NULL;
		fe->uploader = NULL;
		fe->connector->finish(fe->exchange);
	} else if (rc != LR_OK && rc != LR_AGAIN && rc != LR_CLOSED) {
		/* Else it is the client's framing, not ours. */
		fetch_fail(fe, rc == LR_NOMEM ? rc : LR_CORRUPT);
	}
}

void
fetch_detach(struct fetch *fe)
{
	fe->uploader->fetch = NULL;
	fe->uploader = NULL;
	if (fe->phase == PHASE_EXCHANGE && !fe->head_seen)
		fetch_fail(fe, LR_CANCELLED);
}
