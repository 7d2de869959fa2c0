/* proxy/request/save.h: a response becomes a flight's head and, when the
 * rules allow, a stored object.  Runs on the flight's home worker. */
#ifndef PROXY_REQUEST_SAVE_H
#define PROXY_REQUEST_SAVE_H

#include "proxy/connect/connector.h"
#include "proxy/request/flight.h"
#include "proxy/site/settings.h"

struct save { /* what is known of the exchange; borrowed for the call */
	struct request_env *env;
	struct flight *flight;
	struct log *log;		/* the virtual host's */
	const struct http_msg *request; /* the client's */
	const struct control_request *control;
	const struct settings *settings;
	struct cache_key key; /* empty text: not cacheable here */
	bool pass;	      /* nothing is to be stored */
	int64_t request_at_s, response_at_s;
	const struct entry *stored;    /* that a 206 completes; NULL: none */
	const struct store_ref *asked; /* what the backend was asked about;
					* NULL: nothing */
	struct arena *arena;
	fill_notify *notify; /* for fill_begin, or store_update */
	void *notify_ctx;
};

/* A response of its own (no 304 about what is stored): writes the head,
 * begins a fill when it may be stored.  LR_NOMEM. */
enum lr save_response(
    const struct save *s, const struct exchange_response *resp);

/* The body that the flight fills is complete: does the store have a response
 * meanwhile that came later than its head (RFC 9111 4)?  It is to stay. */
bool save_is_overtaken(const struct save *s);

/* A HEAD's 200 that matches the stored entry: does what becomes of it by RFC
 * 9111 3.2 still have a place in a shared cache, asked for by this client? */
bool save_head_may_update(const struct save *s, const struct http_msg *head,
    const struct entry *stored);

/* A 304 that selects the stored entry, or the 200 to a HEAD that matches it:
 * the head becomes the merged one, the body the object's, and the store is
 * told.  Takes over the pin of object.  notify is called once in any case.
 * LR_NOMEM; LR_FULL: the head is there, but the store keeps the old one.
 * LR_DENIED: the head is there, for whom it was asked for, and what was stored
 * is gone, as the origin does not let it be stored any more. */
enum lr save_not_modified(const struct save *s,
    const struct http_msg *not_modified, const struct entry *stored,
    const struct store_ref *object);

/* The origin failed and the stale object serves: head and body are the
 * stored ones.  Takes over the pin.  error_status: 0 when there was no
 * answer at all; why: what allows it.  LR_NOMEM. */
enum lr save_stale(const struct save *s, struct slice blob,
    const struct store_ref *object, int error_status, const char *why);

#endif
