/* proxy/request/deliver.h: settles what a stored (or just fetched)
 * response looks like for this client: conditions, ranges, HEAD, Age and
 * Cache-Status.  Source: RFC 9110 13 and 14, RFC 9111 4 and 5.1. */
#ifndef PROXY_REQUEST_DELIVER_H
#define PROXY_REQUEST_DELIVER_H

#include "proxy/request/request.h"

/* Head and parts for rq->entry, whose body is the pinned object's (or the
 * flight's, where no ranges are served).  LR_NOMEM, LR_CORRUPT. */
enum lr deliver_entry(struct request *rq, uint64_t body_bytes);

/* Notes which bytes of the pinned object are there, if it is sparse: again
 * when there may be more.  LR_NOMEM, LR_CORRUPT, LR_IO. */
enum lr deliver_look(struct request *rq);

/* The leader's own answer as the backend gave it. */
enum lr deliver_as_is(struct request *rq, const struct flight_head *head);

#endif
