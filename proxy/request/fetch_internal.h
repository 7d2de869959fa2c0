/* proxy/request/fetch_internal.h: what a fetch is made of; for the files
 * that work on it (fetch.c, fetch_start.c, fetch_answer.c).  All on the
 * flight's home worker. */
#ifndef PROXY_REQUEST_FETCH_INTERNAL_H
#define PROXY_REQUEST_FETCH_INTERNAL_H

#include "proxy/cache/partial.h"
#include "proxy/connect/connector.h"
#include "proxy/request/request.h"
#include "store/base/check.h"

#define FETCH_MAGIC MAGIC('F', 't', 'c', 'h')

enum phase {
	PHASE_EXCHANGE, /* the backend is answering */
	PHASE_LANDING	/* all is here, the store is not done with it */
};

struct fetch {
	uint32_t magic;
	enum phase phase;
	struct request_env *env;
	struct fetch *prev, *next; /* in env->fetches */
	struct flight *flight;	   /* a reference */
	struct site *site;	   /* a reference: settings, backend */
	const struct vhost *vhost;
	struct arena arena;

	/* copied from the request */
	struct http_msg msg;
	struct control_request control;
	struct route route;
	struct cache_key key;
	bool pass;
	enum request_ask ask;
	struct extent gap; /* with ASK_GAP: of the stored object's body */
	struct address client;
	struct slice scheme, host;

	/* the stored object that is asked about; blob empty: none */
	struct strbuf stale_blob;
	struct entry stale;
	struct store_ref object; /* pinned while blob is not empty */

	const struct connector *connector;
	struct exchange *exchange; /* NULL: over */
	struct request *uploader;  /* sends its body along; NULL: none */
	uint64_t uploaded;
	bool paused, head_seen;
	bool background;     /* nobody waits for it */
	bool updating;	     /* the store was given a merged head */
	uint64_t body_bytes; /* received so far */
	int64_t started_us;
};

extern const struct exchange_events FETCH_EVENTS;

/* Ends fe: its exchange is cancelled, its flight let go. */
void fetch_free(struct fetch *fe);
/* The store is done with the flight, or never had it: new requests look
 * there again.  Ends fe. */
void fetch_land(struct fetch *fe);
/* The flight breaks off.  Ends fe. */
void fetch_fail(struct fetch *fe, enum lr why);
/* The flight's call for attention. */
void fetch_attention(void *ctx);
/* Is nobody left to answer, and nothing to be kept? */
bool fetch_in_vain(const struct fetch *fe);
bool fetch_store_is_done(const struct fetch *fe);
/* The stored object is not asked about any more. */
void fetch_release_stale(struct fetch *fe);
/* uploader's body is announced; NULL: there is none.  On failure there is
 * no exchange: LR_NOMEM, LR_UNSUPPORTED. */
enum lr fetch_start_exchange(struct fetch *fe, const struct request *uploader);

/* Location and Content-Location as clients know them.  LR_NOMEM. */
enum lr fetch_rewrite_locations(struct fetch *fe, struct http_msg *msg);
/* Without what is the backend's connection's, and with our Via.  LR_NOMEM. */
enum lr fetch_rewrite_head(
    struct fetch *fe, struct http_msg *msg, int64_t now_s);
/* What an unsafe request makes unfit for reuse (RFC 9111 4.4) is removed. */
void fetch_invalidate(struct fetch *fe, const struct http_msg *resp);

#endif
