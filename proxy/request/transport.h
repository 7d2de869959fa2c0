/* proxy/request/transport.h: a request's way to its client.
 *
 * Implemented by front/h1 (and later h2); a request is written without
 * knowing which.  All calls on the worker's thread; the stream calls back
 * with request_resume when a call said LR_AGAIN and may now go on. */
#ifndef PROXY_REQUEST_TRANSPORT_H
#define PROXY_REQUEST_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "store/base/slice.h"
#include "store/base/status.h"

struct response_head { /* borrowed for the call */
	int status;
	struct slice wire;  /* status line and fields, CRLF after each */
	struct slice extra; /* more fields, likewise */
	bool sized;	    /* a Content-Length is among them */
	bool has_body;	    /* false: none follows (HEAD, 204, 304) */
	bool close;	    /* not to be followed by another request */
};

struct outgoing {
	const struct response_head *head; /* with the first call only */
	const struct iovec *body;	  /* borrowed for the call */
	int n_body;
	bool last;	       /* the response ends with this body */
	struct slice trailers; /* with last: raw field lines */
};

struct transport {
	/* Sends what it can.  *taken: body bytes that need not be offered
	 * again (a head is always taken).  LR_OK: all of it is on its way.
	 * LR_AGAIN: go on from there when resumed (with no body at all: to be
	 * sure that the rest left).  LR_RESET: the client is gone. */
	enum lr (*send)(
	    void *stream, const struct outgoing *out, uint64_t *taken);
	/* A raw 1xx head. */
	enum lr (*interim)(void *stream, struct slice raw);
	/* The next run of the request's body, borrowed until the next call.
	 * LR_AGAIN: none yet; LR_CLOSED: that was all; LR_INVALID: bad framing;
	 * LR_RESET. */
	enum lr (*read_body)(void *stream, struct slice *data);
	void (*consume_body)(void *stream, size_t n);
	/* The request is over and may be freed.  complete: the response went
	 * out whole; else the stream is to be cut. */
	void (*finished)(void *stream, bool complete);
};

#endif
