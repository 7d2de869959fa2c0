/* tests/support/exchange_client.h: starts exchanges and writes down what
 * they tell. */
#ifndef TESTS_SUPPORT_EXCHANGE_CLIENT_H
#define TESTS_SUPPORT_EXCHANGE_CLIENT_H

#include "proxy/connect/http.h"
#include "store/base/strbuf.h"
#include "tests/support/scripted.h"
#include "tests/support/upstream.h"

/* What it sends, and a common answer. */
#define CLIENT_GET "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
#define CLIENT_OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
#define CLIENT_OK CLIENT_OK_HEAD "ok"

struct client { /* plain; one exchange after the other */
	struct upstream up;
	struct scripted *origin;
	struct backend be;
	struct http_msg msg;
	struct exchange_request rq;
	struct exchange *ex;
	struct strbuf events, body;
	bool inside_start, over;
	/* what to do in events */
	const char *cancel_in; /* name of the event */
	bool pause_at_body, again_at_end, sums_only;
	/* the request's body */
	struct slice upload; /* offered over and over, upload_left bytes */
	uint64_t upload_left, upload_sent;
	bool upload_later; /* the test itself sends */
	unsigned sendables, agains;
	/* a large answer */
	uint64_t received, wrong_bytes;
};

/* A client of that server, with a GET to send. */
void client_open(struct client *c, struct scripted *origin);
/* Also joins the server; what went wrong there, or NULL. */
const char *client_close(struct client *c);
void client_use_method(
    struct client *c, enum http_method method, const char *name);
/* A body of `total` bytes: piece over and over. */
void client_upload(struct client *c, enum h1_framing framing,
    struct slice piece, uint64_t total);
/* Starts an exchange; its end, failure or cancellation stops the loop. */
void client_start(struct client *c);
/* Runs until the loop is stopped.  false: it took too long. */
bool client_wait(struct client *c);
/* Starts and runs one whole exchange. */
bool client_run(struct client *c);
/* What was told so far, one line an event; and the bodies. */
const char *client_events(struct client *c);
const char *client_body(struct client *c);
struct pool_stats client_stats(const struct client *c);

#endif
