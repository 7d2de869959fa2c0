/* proxy/front/session.h: one client connection, from accept to close.
 *
 * Reads heads, runs one request after the other, watches the deadlines.
 * An idle session owns no buffer and no request: both are borrowed from
 * its service while bytes or an answer are under way.  The struct is
 * shared with h1.c, which speaks the protocol.  One thread. */
#ifndef PROXY_FRONT_SESSION_H
#define PROXY_FRONT_SESSION_H

#include "proxy/http/chunked.h"
#include "proxy/net/conn.h"
#include "proxy/request/request.h"
#include "proxy/site/site.h"

struct service;

#define SESSION_BUFFER_BYTES 16384

struct buffer {	 /* what was read and is not yet used: [start, end) */
	char *p; /* NULL: none borrowed */
	size_t cap, start, end;
};

enum session_wait {    /* what its deadline is about */
	SESSION_IDLE,  /* between requests: closed in silence */
	SESSION_HEAD,  /* in the middle of a head: 408 */
	SESSION_BODY,  /* of a request: 408 */
	SESSION_WRITE, /* the client does not read: cut */
	SESSION_ANSWER /* we are at work: no deadline of the client's */
};

#define SESSION_MAGIC MAGIC('S', 'e', 's', 's')

struct session {
	uint32_t magic;
	enum session_wait wait;
	struct service *service;
	struct session *prev, *next; /* in the service's list */
	struct conn *conn;
	struct deadline deadline;
	struct task task;
	struct site *site; /* a reference */
	const struct vhost
	    *vhost; /* of the address; the request's may differ */
	struct address peer, local;
	struct buffer in;
	struct buffer head; /* of the request under way, once more was read */
	struct h1_parser parser;
	struct request *rq;    /* NULL: between requests */
	int64_t head_since_ms; /* first byte of the head being read; 0: none */
	unsigned requests;
	bool running;	/* its loop is on the stack */
	bool close_due; /* after the last bytes are out */
	bool linger;	/* the peer may still be sending: let it read first */

	/* h1.c: the request's body */
	struct chunked *chunked; /* owned; NULL: not chunked */
	uint64_t body_left;
	struct slice body_run; /* decoded, in the buffer */
	bool body_done, expects_continue;
	int64_t body_since_ms, body_waited_ms; /* for the client, in all */
	uint64_t body_read;

	/* h1.c: the response */
	struct strbuf
	    out; /* what the socket did not take yet, from out_sent on */
	size_t out_sent;
	uint64_t chunk_left;
	bool chunked_out, keep_alive;
	bool until_close; /* the connection's end is the body's */
	bool ended;	  /* the last chunk is on its way */
};

/* Takes fd.  On failure it is closed: LR_NOMEM, LR_IO. */
enum lr session_create(struct service *service, int take_fd,
    const struct address *peer, const struct address *local);
/* Gives up whatever it is doing. */
void session_close(struct session *s);
/* Closes it when it is between requests. */
void session_close_if_idle(struct session *s);

/* For h1.c: the deadline for what is waited for now. */
void session_wait_for(struct session *s, enum session_wait what);
/* If that was waited for, it is no more: others are at work. */
void session_waited(struct session *s, enum session_wait what);
/* More bytes into the buffer.  LR_OK, LR_AGAIN, LR_CLOSED, LR_RESET,
 * LR_NOMEM. */
enum lr session_read(struct session *s);
/* Goes on with the request at the end of this turn. */
void session_wake(struct session *s);
/* The current request is over.  reusable: another may follow; complete:
 * its response went out whole. */
void session_request_done(struct session *s, bool reusable, bool complete);

#endif
