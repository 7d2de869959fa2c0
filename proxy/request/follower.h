/* proxy/request/follower.h: a request's seat in a flight; used on the
 * request's own worker. */
#ifndef PROXY_REQUEST_FOLLOWER_H
#define PROXY_REQUEST_FOLLOWER_H

#include "proxy/request/flight.h"

struct follower;

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
