/* tests/support/exchange_client.c: a receiver of all events */
#include "tests/support/exchange_client.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/check.h"
#include "tests/support/turning.h"

/* Nothing is told inside start, nor after the end. */
static void
told(struct client *c, const char *event)
{
	CHECK(!c->inside_start);
	CHECK(!c->over);
	if (c->cancel_in == NULL || strcmp(c->cancel_in, event) != 0)
		return;
	strbuf_addf(&c->events, "cancel\n");
	c->over = true;
	HTTP_CONNECTOR.cancel(c->ex);
	loop_stop(c->up.loop);
}

static void
on_interim(void *ctx, struct http_msg *msg)
{
	struct client *c = ctx;

	strbuf_addf(&c->events, "interim %d\n", msg->status);
	told(c, "interim");
}

static void
on_head(void *ctx, const struct exchange_response *resp)
{
	struct client *c = ctx;

	strbuf_addf(&c->events, "head %d %s\n", resp->msg->status,
	    resp->has_body ? "body" : "nobody");
	told(c, "head");
}

static void
take_body(struct client *c, struct slice bytes)
{
	if (!c->sums_only) {
		strbuf_add_slice(&c->body, bytes);
	} else {
		for (size_t i = 0; i < bytes.n; i++)
			c->wrong_bytes += bytes.p[i] !=
			    scripted_byte(c->received + i);
	}
	c->received += bytes.n;
}

static void
on_body(void *ctx, struct span piece)
{
	struct client *c = ctx;

	take_body(c, span_slice(piece));
	if (c->pause_at_body) {
		c->pause_at_body = false;
		HTTP_CONNECTOR.pause(c->ex);
		loop_stop(c->up.loop);
	}
	told(c, "body");
}

static void
on_end(void *ctx, const struct http_msg *trailers)
{
	struct client *c = ctx;

	strbuf_addf(&c->events, "end");
	if (trailers != NULL)
		strbuf_addf(&c->events, " %zu trailers", trailers->n_fields);
	strbuf_add_char(&c->events, '\n');
	told(c, "end");
	if (c->again_at_end) {
		c->again_at_end = false;
		client_start(c);
		return;
	}
	c->over = true;
	loop_stop(c->up.loop);
}

static void
on_failed(void *ctx, enum lr why, enum exchange_phase phase)
{
	static const char *const PHASES[] = { "connect", "send", "head",
		"body" };
	struct client *c = ctx;

	strbuf_addf(
	    &c->events, "failed in %s: %s\n", PHASES[phase], status_text(why));
	told(c, "failed");
	c->over = true;
	loop_stop(c->up.loop);
}

/* Sends one piece; gives whether to go on. */
static bool
send_piece(struct client *c)
{
	struct slice piece = slice_cut(c->upload, 0, (size_t)c->upload_left);
	size_t n;
	enum lr rc = HTTP_CONNECTOR.send(c->ex, piece, &n);

	CHECK(n <= piece.n);
	c->upload_left -= n;
	c->upload_sent += n;
	if (rc == LR_AGAIN) {
		c->agains++;
		return false;
	}
	CHECK(rc == LR_OK && n == piece.n);
	return true;
}

static void
on_sendable(void *ctx)
{
	struct client *c = ctx;

	c->sendables++;
	told(c, "sendable");
	if (c->over || c->upload_later)
		return;
	while (c->upload_left > 0) {
		if (!send_piece(c))
			return;
	}
	HTTP_CONNECTOR.finish(c->ex);
}

static const struct exchange_events EVENTS = { on_interim, on_head, on_body,
	on_end, on_failed, on_sendable };

void
client_open(struct client *c, struct scripted *origin)
{
	*c = (struct client){ .origin = origin };
	upstream_open(&c->up);
	c->be = upstream_backend(&c->up, scripted_url(origin));
	c->be.timeout_ms = 8000;
	http_msg_init(&c->msg, &c->up.arena);
	c->msg.version_minor = 1;
	c->msg.target = SLICE("/x");
	client_use_method(c, HTTP_GET, "GET");
	CHECK(http_msg_add(&c->msg, SLICE("Host"), SLICE("a")) == LR_OK);
	c->rq.backend = &c->be;
	c->rq.head = &c->msg;
	c->rq.limits = (struct h1_limits){ 8190, 100, 8190 };
}

const char *
client_close(struct client *c)
{
	upstream_close(&c->up);
	strbuf_free(&c->events);
	strbuf_free(&c->body);
	return scripted_join(c->origin);
}

void
client_use_method(struct client *c, enum http_method method, const char *name)
{
	c->msg.method = method;
	c->msg.method_text = slice_of(name);
	c->rq.idempotent = http_method_idempotent(method);
}

void
client_upload(struct client *c, enum h1_framing framing, struct slice piece,
    uint64_t total)
{
	c->rq.body = framing;
	c->rq.body_bytes = total;
	c->upload = piece;
	c->upload_left = total;
	c->upload_sent = 0;
}

void
client_start(struct client *c)
{
	c->over = false;
	c->inside_start = true;
	CHECK(HTTP_CONNECTOR.start(c->up.pool, &c->rq, &EVENTS, c, &c->ex) ==
	    LR_OK);
	c->inside_start = false;
}

bool
client_wait(struct client *c)
{
	return turning_run(c->up.loop);
}

bool
client_run(struct client *c)
{
	strbuf_reset(&c->events);
	strbuf_reset(&c->body);
	client_start(c);
	return client_wait(c);
}

const char *
client_events(struct client *c)
{
	return c->events.n > 0 ? c->events.p : "";
}

const char *
client_body(struct client *c)
{
	return c->body.n > 0 ? c->body.p : "";
}

struct pool_stats
client_stats(const struct client *c)
{
	struct pool_stats s;

	pool_stats_read(c->up.pool, &s);
	return s;
}
