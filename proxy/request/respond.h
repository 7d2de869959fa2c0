/* proxy/request/respond.h: answers that larder makes itself. */
#ifndef PROXY_REQUEST_RESPOND_H
#define PROXY_REQUEST_RESPOND_H

#include "proxy/request/steps.h"

/* Settles the delivery of a small page with this status; detail, static,
 * ends up in Cache-Status and may be NULL.  Returns &STEP_DELIVER.  The
 * connection is closed after a status that says the request was not
 * understood or not read whole. */
const struct step *respond_error(
    struct request *rq, int status, const char *detail);
/* An empty 200 (OPTIONS). */
const struct step *respond_options(struct request *rq);
/* What a fetch's failure means for the client: 502, 503, 504, 413, … */
int respond_status_for(enum lr why);

/* The page alone, for a session that has no request: head and body. */
void respond_raw(
    struct strbuf *out, int status, const char *reason, int64_t now_s);

#endif
