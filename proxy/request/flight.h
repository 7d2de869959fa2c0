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
 * Owner: shared; counted.  Locks: the table's, then a flight's; neither is
 * held while anything else is called that may lock, but store_find. */
#ifndef PROXY_REQUEST_FLIGHT_H
#define PROXY_REQUEST_FLIGHT_H

#include "proxy/cache/cache_status.h"
#include "proxy/cache/entry.h"
#include "proxy/cache/key.h"
#include "proxy/request/env.h"
#include "proxy/request/window.h"

struct flight;
struct flight_table; /* one per process; any thread */
struct follower;

/* LR_NOMEM. */
enum lr flight_table_create(struct flight_table **out);
void flight_table_free(struct flight_table *t);
/* Fetches under way now whose answers may be kept. */
size_t flight_table_count(struct flight_table *t);
/* Keys whose answers could not be shared are remembered for a while, so
 * that nobody queues for them ("hit-for-miss"). */
void flight_table_remember_private(
    struct flight_table *t, uint64_t hash, int64_t mono_ms);
void flight_table_forget_private(struct flight_table *t, uint64_t hash);
bool flight_table_is_private(
    struct flight_table *t, uint64_t hash, int64_t mono_ms);
/* The resource changed (RFC 9111 4.4): what is being fetched for this key
 * may still be followed by those who do, but is neither stored nor joined. */
void flight_table_doom(struct flight_table *t, struct slice resource);

/* ---- joining ---- */

/* A flight's key is the resource's, or, for a variant known beforehand,
 * the resource's text, a line end and the normalised Vary values. */

/* The flight for key, with a reference.  LR_NOTFOUND. */
enum lr flight_follow(
    struct request_env *env, struct cache_key key, struct flight **out);
/* Likewise, when its response is complete and only the store is not done
 * with it: as good as stored. */
enum lr flight_follow_complete(
    struct request_env *env, struct cache_key key, struct flight **out);
/* Joins the flight for key, or begins one with env as its home; *lead
 * says which; with a reference.  LR_EXISTS: an object was published under
 * object_hash since the caller looked (0: not looked at).  LR_NOMEM. */
enum lr flight_join(struct request_env *env, struct cache_key key,
    uint64_t object_hash, struct flight **out, bool *lead);
/* A flight that nobody else can join; flight_table_doom finds it by key
 * (empty: nothing of it is kept). */
enum lr flight_create_solo(
    struct request_env *env, struct cache_key key, struct flight **out);
struct flight *flight_ref(struct flight *f);
void flight_unref(struct flight *f);
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
	bool has_body;
	uint64_t body_bytes;	    /* UINT64_MAX: not known yet */
	bool in_store;		    /* the body is the stored object's: */
	struct store_ref object;    /* pinned by the flight */
	struct cache_status status; /* as the leader reports it */
	const char *result;	    /* record.h's cache_result */
	int64_t backend_us;	    /* how long the origin took to its head */
	struct slice backend;	    /* its url; the site's */
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
/* Asks for a call of fn(ctx) on the home loop when flight_has_room or
 * flight_followers may have changed; NULL stops it. */
void flight_on_attention(struct flight *f, void (*fn)(void *ctx), void *ctx);
/* From any thread: causes that call. */
void flight_attention(struct flight *f);

/* ---- what a follower does; on its own worker ---- */

enum flight_state {
	FLIGHT_WAITING, /* no head yet */
	FLIGHT_OPEN,	/* the head is there, the body grows */
	FLIGHT_DONE,	/* the body is complete */
	FLIGHT_FAILED
};

struct flight_view {
	enum flight_state state;
	const struct flight_head *head; /* from FLIGHT_OPEN on */
	uint64_t end;			/* body bytes there are so far */
	enum lr why;			/* with FLIGHT_FAILED */
	bool landed;			/* what is to be stored can be found */
	struct slice trailers;		/* with FLIGHT_DONE */
};

/* wake(ctx) runs on env's loop after follower_wait said LR_AGAIN, once.
 * Takes its own reference on f.  LR_NOMEM. */
enum lr follower_create(struct flight *f, struct request_env *env,
    void (*wake)(void *ctx), void *ctx, struct follower **out);
/* Leaves; wake runs no more.  Takes NULL. */
void follower_free(struct follower *fo);
struct flight *follower_flight(struct follower *fo);

void follower_view(struct follower *fo, struct flight_view *out);
/* LR_AGAIN: nothing new since the last follower_view, wake will run;
 * LR_OK: look again now. */
enum lr follower_wait(struct follower *fo);
/* Interim heads not yet taken, copied to out. */
void follower_interim(struct follower *fo, struct strbuf *out);

/* Body spans in memory from offset on, each with a reference.  *n of 0: wait,
 * or the end.  LR_NOTFOUND: no longer in memory, read follower_object. */
enum lr follower_read(
    struct follower *fo, uint64_t offset, struct span out[WINDOW_READ], int *n);
/* The object being filled and how much of its body is committed.
 * LR_NOTFOUND: there is none. */
enum lr follower_object(
    struct follower *fo, struct store_ref *ref, uint64_t *committed);

#endif
