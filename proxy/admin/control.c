/* proxy/admin/control.c: verbs over libevent's HTTP server */
#include "proxy/admin/control.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/http/message.h"
#include "store/base/check.h"

#define CONTROL_MAGIC MAGIC('C', 'T', 'R', 'L')

#define HEAD_BYTES 8192
#define BODY_BYTES 65536
#define TIMEOUT_S 30

struct control {
	uint32_t magic;
	struct evhttp *http;
	const struct control_calls *calls;
	struct log *log;
};

static const char *
method_of(struct evhttp_request *rq)
{
	switch (evhttp_request_get_command(rq)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	default:
		return "other";
	}
}

/* Who gave an order that changes something belongs in the log. */
static void
log_order(const struct control *c, struct evhttp_request *rq, const char *path)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(rq));
	struct ucred who = { 0 };
	socklen_t n = sizeof(who);

	if (getsockopt(
		bufferevent_getfd(bev), SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return;
	log_write(c->log, LOG_CONTROL, LOG_L_NOTICE,
	    "%s asked for by uid %ld, pid %ld", path, (long)who.uid,
	    (long)who.pid);
}

static void
send_reply(struct evhttp_request *rq, const struct control_reply *reply,
    const char *allow)
{
	struct evkeyvalq *fields = evhttp_request_get_output_headers(rq);
	struct evbuffer *body = evbuffer_new();

	if (body == NULL || reply->body.failed ||
	    evbuffer_add(body, reply->body.p, reply->body.n) != 0) {
		evhttp_send_error(rq, 503, NULL);
	} else {
		evhttp_add_header(fields, "Content-Type", reply->content_type);
		evhttp_add_header(fields, "Cache-Control", "no-store");
		if (allow != NULL)
			evhttp_add_header(fields, "Allow", allow);
		evhttp_send_reply(
		    rq, reply->status, http_reason(reply->status), body);
	}
	if (body != NULL)
		evbuffer_free(body);
}

static void
on_request(struct evhttp_request *rq, void *ctx)
{
	const struct control *c = ctx;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(rq);
	const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
	const char *method = method_of(rq), *allow;
	struct control_reply reply = { 0 };

	MAGIC_CHECK(c, CONTROL_MAGIC);
	if (path == NULL)
		path = "";
	if (evhttp_request_get_command(rq) != EVHTTP_REQ_GET)
		log_order(c, rq, path);
	verb_answer(method, path, c->calls, &reply, &allow);
	send_reply(rq, &reply, allow);
	strbuf_free(&reply.body);
}

enum lr
control_start(struct loop *loop, int take_fd, const struct control_calls *calls,
    struct log *log, struct control **out)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL)
		goto fail;
	c->magic = CONTROL_MAGIC;
	c->calls = calls;
	c->log = log;
	if ((c->http = evhttp_new(loop_base(loop))) == NULL)
		goto fail;
	evhttp_set_max_headers_size(c->http, HEAD_BYTES);
	evhttp_set_max_body_size(c->http, BODY_BYTES);
	evhttp_set_timeout(c->http, TIMEOUT_S);
	evhttp_set_allowed_methods(c->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	evhttp_set_gencb(c->http, on_request, c);
	if (evhttp_accept_socket(c->http, take_fd) != 0)
		goto fail;
	*out = c;
	return LR_OK;
fail:
	close(take_fd);
	control_stop(c);
	return LR_NOMEM;
}

void
control_stop(struct control *c)
{
	if (c == NULL)
		return;
	MAGIC_CHECK(c, CONTROL_MAGIC);
	if (c->http != NULL)
		evhttp_free(c->http);
	c->magic = 0;
	free(c);
}
