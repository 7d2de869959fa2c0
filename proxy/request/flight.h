/* proxy/request/flight.h: one fetch in progress, and who waits for it.
 *
 * The fetch (fetch.h) runs on one worker, the flight's home, and feeds the
 * flight: first the head, then the body as it comes.  Requests on any
 * worker follow it, each at its own offset, streaming from the first byte;
 * the one that caused the fetch is a follower like the others.  The fetch
 * outlives its followers when the object is to be kept.
 *
 * The body's bytes stay in memory (window.h) until nobody needs them there:
 * followers that lag read what the store has committed.
 *
 * Owner: shared; counted.  Locks: the table's and a flight's are never held
 * together.  With the table's, store_find is called, and nothing else that
 * may lock.  With a flight's, nothing is: the store calls fill_notify with
 * a fill's lock held, and that takes the flight's. */
#ifndef PROXY_REQUEST_FLIGHT_H
#define PROXY_REQUEST_FLIGHT_H

#include "proxy/cache/cache_status.h"
#include "proxy/cache/entry.h"
#include "proxy/cache/key.h"
#include "proxy/cache/partial.h"
#include "proxy/request/env.h"
#include "proxy/request/window.h"

struct flight;
struct flight_table; /* flight_table.h */

enum flight_state {
	FLIGHT_WAITING, /* no head yet */
	FLIGHT_OPEN,	/* the head is there, the body grows */
	FLIGHT_DONE,	/* the body is complete */
	FLIGHT_FAILED
};

struct flight *flight_ref(struct flight *f);
void flight_unref(struct flight *f);
/* Can it be joined by who looks for resource, or for a variant of it? */
bool flight_is_open(struct flight *f, struct slice resource, bool variant);
/* Nobody joins it any more; a new one may begin for its key.  Whether it
 * could be joined until now. */
bool flight_close(struct flight *f);
/* Likewise, and an invalidation does not concern it any more. */
void flight_leave_table(struct flight *f);

/* ---- what the fetch does; on the home worker ---- */

struct flight_head {	     /* written by the fetch before it is published */
	struct strbuf blob;  /* owned: the entry's bytes (entry.h) */
	struct entry entry;  /* decoded from blob */
	struct strbuf full;  /* owned: the head for the leader, where the
			      * stored one leaves fields out; else empty */
	struct strbuf names; /* owned: vary_spec, "\n", vary_values */
	struct slice vary_spec, vary_values;
	bool shareable; /* false: only for the leader */
	bool reusable;	/* by those who waited for it (RFC 9111 4) */
	bool stale;	/* reusable, but in place of an error only */
	bool has_body;
	uint64_t body_bytes; /* UINT64_MAX: not known yet */
	bool is_part;	     /* the body is a part: */
	struct partial part;
	bool in_store;		    /* the body is the stored object's: */
	struct store_ref object;    /* pinned by the flight */
	uint64_t fill_hash;	    /* what the fill will be found by */
	struct cache_status status; /* as the leader reports it */
	const char *result;	    /* record.h's cache_result */
	int64_t backend_us;	    /* how long the origin took to its head */
};

/* Where the fetch puts its head; only before flight_publish. */
struct flight_head *flight_head_edit(struct flight *f);
/* The head is complete; followers wake. */
void flight_publish(struct flight *f);
/* An interim response's head, raw, for those who wait. */
void flight_interim(struct flight *f, struct slice raw);
/* The store's fill of this body: the flight owns it from now on. */
void flight_set_fill(struct flight *f, struct fill *take_fill);
/* Storing goes no further: the fill is given up. */
void flight_drop_fill(struct flight *f);
/* From any thread: the store is not to publish the complete body of a
 * doomed flight, unless somebody still reads what it has of it. */
void flight_withdraw(struct flight *f);
struct fill *flight_fill(struct flight *f);
bool flight_doomed(struct flight *f);
/* The store has the head that a 304 updated.  Set from any thread; asks
 * for attention. */
void flight_set_updated(struct flight *f);
bool flight_updated(struct flight *f);

enum lr flight_append(struct flight *f, struct span piece);
/* The body is complete.  trailers: raw field lines, may be empty. */
void flight_finish(struct flight *f, struct slice trailers);
/* The store is done with it (or was never asked): nobody joins it any
 * more, those who wait for that look again. */
void flight_land(struct flight *f);
/* Nothing more comes; before the head, followers see why. */
void flight_fail(struct flight *f, enum lr why);

/* Frees what memory it can; true when the fetch may read on. */
bool flight_has_room(struct flight *f);
size_t flight_followers(struct flight *f);
/* From any thread: which part it brings, and whether all of that is here.
 * False: no part, or nobody knows yet. */
bool flight_part(struct flight *f, struct partial *out, bool *complete);
/* Asks for a call of fn(ctx) on the home loop when flight_has_room or
 * flight_followers may have changed; NULL stops it. */
void flight_on_attention(struct flight *f, void (*fn)(void *ctx), void *ctx);
/* From any thread: causes that call. */
void flight_attention(struct flight *f);

#endif
