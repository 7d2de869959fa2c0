/* proxy/request/fetch.h: one exchange with a backend on behalf of a
 * flight.
 *
 * Runs on the flight's home worker, independent of the request that began
 * it: it copies what it needs.  It applies RFC 9111's rules to what comes
 * back (stores, merges a 304, falls back to a stale object, invalidates)
 * and feeds the flight. */
#ifndef PROXY_REQUEST_FETCH_H
#define PROXY_REQUEST_FETCH_H

#include "proxy/request/request.h"

/* The key under which rq's fetch can be joined: the resource's, or the
 * variant's where one is known.  Text in rq's arena. */
struct cache_key fetch_key(struct request *rq);

/* Begins the fetch for flight, of which rq is the leader; on failure the
 * flight has failed.  With rq->validate the pinned object is asked about.
 * uploader: rq when its body is to be sent along, else NULL. */
void fetch_start(
    struct request *rq, struct flight *flight, struct request *uploader);

/* No fetch can begin for flight: those who joined it see why. */
void fetch_refuse(struct flight *flight, enum lr why);

/* More of the uploader's body may be there. */
void fetch_pump(struct fetch *fe);
/* The uploader goes: what it has not sent is missing, so the fetch ends. */
void fetch_detach(struct fetch *fe);

/* The worker stops: every fetch of its ends where it is. */
void fetch_abandon_all(struct request_env *env);

#endif
