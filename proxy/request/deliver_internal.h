/* proxy/request/deliver_internal.h: what step_deliver.c and deliver_flight.c
 * know of each other.  All on the request's worker. */
#ifndef PROXY_REQUEST_DELIVER_INTERNAL_H
#define PROXY_REQUEST_DELIVER_INTERNAL_H

#include "proxy/request/steps.h"

#define DELIVER_PIECES 512 /* iovecs of one send: 2 MiB of one-page values */
#define DELIVER_BURST ((uint64_t)1 << 20)

/* Where the next bytes of the current part come from. */
enum run_source { RUN_TEXT, RUN_STORE, RUN_FLIGHT, RUN_GAP };

struct run {
	enum run_source source;
	uint64_t first; /* in the object's body */
	uint64_t n;	/* to the end of the run; UINT64_MAX: not known */
};

/* Hands pieces of the body to the transport, the head before the first; *taken
 * as the transport says.  trailers: with last. */
enum lr deliver_send(struct request *rq, const struct iovec *iov, int n,
    bool last, struct slice trailers, uint64_t *taken);
/* So much of the current part went out. */
void deliver_move_on(struct delivery *d, uint64_t taken);
/* Does the response end with so many bytes more of the current part? */
bool deliver_ends_with(const struct delivery *d, uint64_t bytes);

/* The response is complete, or is broken off: the next step. */
const struct step *deliver_finished(struct request *rq);
const struct step *deliver_cut(struct request *rq);

/* One send of a run of the flight that rq follows.  STEP_DELIVER: go on; any
 * other step ends the delivery, or parks. */
const struct step *deliver_flight(struct request *rq, const struct run *run);

#endif
