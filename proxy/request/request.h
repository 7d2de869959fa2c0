/* proxy/request/request.h: one request of a client, from its head to the
 * log line.
 *
 * Lives on one worker.  Its fields are filled by the steps in the order in
 * which they stand here; a step reads what stands above its own.  What is
 * said to client and log in the end (status, result, the times) is
 * gathered on the way. */
#ifndef PROXY_REQUEST_REQUEST_H
#define PROXY_REQUEST_REQUEST_H

#include "proxy/cache/cache_status.h"
#include "proxy/cache/control.h"
#include "proxy/cache/entry.h"
#include "proxy/cache/key.h"
#include "proxy/http/h1_parse.h"
#include "proxy/request/env.h"
#include "proxy/request/follower.h"
#include "proxy/request/transport.h"
#include "proxy/site/route.h"
#include "store/base/arena.h"

struct fetch;
struct step;

enum delivery_source {
	DELIVERY_TEXT,	/* a page made here */
	DELIVERY_STORE, /* the pinned object */
	DELIVERY_FLIGHT /* what the flight holds */
};

/* A stretch of the response's body: text of our own, or bytes
 * [first, first + n) of the object. */
struct part {
	struct slice text; /* p NULL: of the object */
	uint64_t first, n;
};

struct delivery {
	enum delivery_source source;
	const struct extents *have; /* of a sparse object: what is there */
	bool begun;		    /* head and parts are settled */
	bool head_sent;
	bool as_is;  /* the flight's body from its first byte on */
	bool to_end; /* the body ends with the flight */
	struct response_head head;
	struct part whole;	  /* the usual single part */
	const struct part *parts; /* &whole, or in the arena */
	size_t n_parts, part;
	uint64_t offset;      /* in the current part */
	uint64_t burst_bytes; /* what the socket lately took at once */
	char extra[320];      /* Age, Cache-Status, … */
};

/* What a fetch asks the backend for. */
enum request_ask {
	ASK_AS_IS, /* what the client asked for */
	ASK_WHOLE, /* all, though the client wants a range */
	ASK_RANGE, /* the client's range */
	ASK_GAP	   /* a stretch that the stored object lacks */
};

#define REQUEST_MAGIC MAGIC('R', 'q', 's', 't')

struct request {
	uint32_t magic;
	struct request_env *env;
	struct arena arena;
	const struct step *step; /* the one to run next */
	struct request *next;	 /* in the service's list of spare ones */

	/* given by the session */
	const struct transport *transport;
	void *stream;
	const struct vhost *vhost;
	struct site *site; /* the session's reference */
	const struct address *client, *local;
	struct http_msg msg;
	struct h1_body body;
	struct slice line;   /* the request line, for the log */
	struct slice scheme; /* "http" or "https" */
	unsigned nth;	     /* on its connection, from 1 */
	int64_t started_us;  /* 0 when nobody wants to know */
	uint64_t bytes_in, bytes_out, body_bytes_out; /* kept by the session */

	/* route */
	struct uri uri;	     /* path and query in normal form */
	struct slice target; /* path and query in normal form, as one text */
	struct slice host;   /* authority as asked for */
	struct route route;
	bool trace; /* LogLevel proxy:trace2 or above */

	/* admit */
	struct control_request control;
	bool pass;  /* not to be looked up or stored */
	bool alone; /* not to wait for another's fetch */
	struct cache_key key;

	/* lookup */
	bool pinned;
	struct store_ref object;
	struct entry
	    entry; /* borrowed: the map's while env->reading, or the flight's */
	struct slice vary_values; /* of the newest known specification */
	uint64_t variant_hash;	  /* 0: none known */
	bool mismatched;	  /* a flight brought another variant */
	bool looked_again;	  /* it was stored between lookup and fetch */
	bool validate;		  /* object is there, and must be asked about */
	enum request_ask ask;
	struct extent gap; /* with ASK_GAP; the object stays pinned */
	uint64_t object_tag;
	bool own_range; /* a fetch of the whole was of no use */

	/* fetch */
	struct follower *follower;
	bool lead;
	bool awaited;	     /* we were there before the head */
	bool retried;	     /* another's fetch failed us once */
	struct fetch *fetch; /* while it may take our body */
	struct deadline patience;

	/* deliver */
	struct cache_status status;
	struct delivery delivery;

	/* finish */
	const char *result; /* record.h's cache_result */
	int64_t age_s, ttl_s, first_byte_us, backend_us;
	bool complete;
};

/* LR_NOMEM. */
enum lr request_create(struct request_env *env, struct request **out);
/* Ready for the next message; keeps its memory. */
void request_reset(struct request *rq);
/* Leaves whatever it waits for.  Takes NULL. */
void request_free(struct request *rq);

/* Runs from the first step; msg, body and the rest of the session's
 * fields are set.  The transport's finished may be called within. */
void request_start(struct request *rq);
/* Goes on after LR_AGAIN. */
void request_resume(struct request *rq);
/* The client is gone: gives up and logs; finished is not called. */
void request_abort(struct request *rq);
/* The client was too slow with its body: answers 408 when that is still
 * possible. */
void request_time_out(struct request *rq);

/* Ends the read transaction that a step may have left open; what was
 * borrowed from the map is gone then. */
void request_end_read(struct request_env *env);
/* Lets go of the pinned object, if any. */
void request_unpin(struct request *rq);
/* Neither follows nor uploads any more, if it did. */
void request_leave_flight(struct request *rq);

#endif
