/* proxy/front/h1.h: HTTP/1.1 on a session: framing of what is read and
 * written.  Source: RFC 9112. */
#ifndef PROXY_FRONT_H1_H
#define PROXY_FRONT_H1_H

#include "proxy/front/session.h"

extern const struct transport H1_TRANSPORT;

/* Ready to read and answer rq, whose head was just parsed.  LR_NOMEM. */
enum lr h1_begin(struct session *s, struct request *rq);
/* The request is over; true when the connection can take another. */
bool h1_end(struct session *s, bool complete);
/* Sends what is left in the out buffer.  LR_AGAIN, LR_RESET. */
enum lr h1_flush(struct session *s);

#endif
