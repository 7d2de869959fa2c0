#include "proxy/front/session.h"

#include <stdlib.h>
#include <unistd.h>

#include "proxy/front/h1.h"
#include "proxy/front/service_internal.h"
#include "proxy/request/respond.h"
#include "store/base/check.h"

/* Requests of one connection that are served in one turn of the loop;
 * others get their turn before the next ones. */
#define REQUESTS_PER_TURN 64

static void process(struct session *s);

/* ---- buffers ---- */

static bool
borrow_buffer(struct session *s)
{
	if (s->in.p != NULL)
		return true;
	s->in.p = service_take_buffer(s->service);
	s->in.cap = SESSION_BUFFER_BYTES;
	s->in.start = s->in.end = 0;
	return s->in.p != NULL;
}

static void
return_buffer(struct session *s, struct buffer *b)
{
	if (b->p != NULL && b->cap == SESSION_BUFFER_BYTES)
		service_give_buffer(s->service, b->p);
	else
		free(b->p);
	*b = (struct buffer){ 0 };
}

static enum lr
grow_buffer(struct buffer *b)
{
	char *larger = realloc(b->p, b->cap * 2);

	if (larger == NULL)
		return LR_NOMEM;
	b->p = larger;
	b->cap *= 2;
	return LR_OK;
}

/* Room to read into.  The text of a request under way stays where it is:
 * its body is read into another buffer.  A head grows in place; its
 * limits bound that. */
static enum lr
make_room(struct session *s)
{
	struct buffer *in = &s->in;

	if (s->rq != NULL && s->head.p == NULL) {
		s->head = *in;
		*in = (struct buffer){ 0 };
	}
	if (!borrow_buffer(s))
		return LR_NOMEM;
	if (in->start == in->end)
		in->start = in->end = 0;
	if (in->end < in->cap)
		return LR_OK;
	if (in->start == 0)
		return grow_buffer(in);
	memmove(in->p, in->p + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	return LR_OK;
}

enum lr
session_read(struct session *s)
{
	enum lr rc;
	size_t n;

	if (!conn_readable(s->conn))
		return LR_AGAIN;
	if ((rc = make_room(s)) != LR_OK)
		return rc;
	rc = conn_read(s->conn, s->in.p + s->in.end, s->in.cap - s->in.end, &n);
	if (rc != LR_OK)
		return rc;
	s->in.end += n;
	counter_add(s->service->env.counters, COUNTER_BYTES_IN, n);
	return LR_OK;
}

/* ---- deadlines ---- */

/* RequestReadTimeout: so long, and longer at the least rate. */
static int64_t
read_deadline(const struct read_timeout *t, int64_t since_ms, uint64_t bytes)
{
	int64_t ms = t->first_ms;

	if (ms == 0)
		return INT64_MAX;
	if (t->min_rate > 0)
		ms += (int64_t)(bytes * 1000 / t->min_rate);
	if (t->most_ms > 0 && ms > t->most_ms)
		ms = t->most_ms;
	return since_ms + ms;
}

void
session_wait_for(struct session *s, enum session_wait what)
{
	struct loop *loop = s->service->env.loop;
	int64_t now_ms = loop_now(loop).mono_ms, at_ms = INT64_MAX;
	enum session_wait before = s->wait;

	s->wait = what;
	switch (what) {
	case SESSION_IDLE:
		at_ms = now_ms +
		    (s->requests > 0 ? s->vhost->keep_alive_timeout_ms
				     : s->vhost->timeout_ms);
		break;
	case SESSION_HEAD:
		if (s->head_since_ms == 0)
			s->head_since_ms = now_ms;
		at_ms = read_deadline(&s->vhost->head_timeout, s->head_since_ms,
		    s->in.end - s->in.start);
		break;
	case SESSION_BODY:
		if (before != SESSION_BODY)
			s->body_since_ms = now_ms - s->body_waited_ms;
		at_ms = read_deadline(&s->rq->vhost->body_timeout,
		    s->body_since_ms, s->body_read);
		if (at_ms > now_ms + s->vhost->timeout_ms)
			at_ms = now_ms + s->vhost->timeout_ms;
		break;
	case SESSION_WRITE:
		at_ms = now_ms + s->vhost->timeout_ms;
		break;
	case SESSION_ANSWER:
		break;
	}
	deadline_set(loop, &s->deadline, at_ms);
}

void
session_waited(struct session *s, enum session_wait what)
{
	if (s->wait != what)
		return;
	if (what == SESSION_BODY)
		s->body_waited_ms = loop_now(s->service->env.loop).mono_ms -
		    s->body_since_ms;
	session_wait_for(s, SESSION_ANSWER);
}

/* What was refused is in the access log as well; of the request only its
 * first line is known, as far as it came. */
static void
log_refused(struct session *s, int status)
{
	struct slice head = slice_make(
	    s->in.p + s->in.start, s->in.end - s->in.start);
	struct record r = { .client = &s->peer,
		.local = &s->local,
		.request_line = s->in.p == NULL
		    ? SLICE("")
		    : slice_cut(head, 0, slice_find(head, '\r')),
		.server_name = s->vhost->server_name,
		.cache_result = "-",
		.status = status,
		.started_wall_ms = loop_now(s->service->env.loop).wall_ms,
		.first_byte_us = -1,
		.backend_us = -1,
		.age_s = INT64_MIN,
		.ttl_s = INT64_MIN,
		.bytes_in = head.n,
		.bytes_out = s->out.n,
		.keepalive_nth = s->requests,
		.worker = s->service->index };

	for (size_t i = 0; i < s->vhost->n_access_logs; i++)
		access_log_add(s->vhost->access_logs[i], &r);
}

static void
refuse(struct session *s, int status, const char *why)
{
	struct service *sv = s->service;

	counter_add(sv->env.counters, COUNTER_REQUESTS_BAD, 1);
	log_write(s->vhost->log, LOG_HTTP, LOG_L_INFO,
	    "request refused with %d: %s", status, why);
	respond_raw(&s->out, status, why, env_now_s(&sv->env));
	log_refused(s, status);
	s->close_due = s->linger = true;
}

static void
expired(void *ctx)
{
	struct session *s = ctx;

	MAGIC_CHECK(s, SESSION_MAGIC);
	switch (s->wait) {
	case SESSION_HEAD:
		refuse(s, 408, "the request's head took too long");
		break;
	case SESSION_BODY:
		request_time_out(s->rq);
		return;
	case SESSION_IDLE:
	case SESSION_WRITE:
	case SESSION_ANSWER:
		session_close(s);
		return;
	}
	process(s);
}

/* ---- requests ---- */

static struct slice
request_line(const struct http_msg *msg, struct slice head)
{
	size_t n = slice_find(head, '\r');
	const char *start = msg->method_text.p;

	/* Empty lines may stand before it. */
	if (start != NULL && start > head.p) {
		head = slice_cut(head, (size_t)(start - head.p), head.n);
		n = slice_find(head, '\r');
	}
	return slice_cut(head, 0, n);
}

/* The newest configuration, between requests. */
static void
follow_site(struct session *s)
{
	struct service *sv = s->service;

	if (s->site == sv->site)
		return;
	site_unref(s->site);
	s->site = site_ref(sv->site);
	s->vhost = site_vhost(s->site, &s->local, SLICE(""));
}

static const struct vhost *
vhost_for(struct session *s, const struct http_msg *msg)
{
	struct slice host = http_msg_value(msg, FIELD_HOST), name;
	struct uri uri;
	uint16_t port;

	if (msg->target.n > 0 && msg->target.p[0] != '/' &&
	    uri_parse_target(msg->target, msg->method, &uri) == LR_OK &&
	    uri.form == URI_ABSOLUTE)
		return site_vhost(s->site, &s->local, uri.host);
	if (uri_parse_authority(host, &name, &port) != LR_OK)
		return s->vhost;
	return site_vhost(s->site, &s->local, name);
}

static void
fill_request(struct session *s, struct request *rq, struct slice head)
{
	rq->transport = &H1_TRANSPORT;
	rq->stream = s;
	rq->site = s->site;
	rq->vhost = vhost_for(s, &rq->msg);
	rq->client = &s->peer;
	rq->local = &s->local;
	rq->line = request_line(&rq->msg, head);
	rq->scheme = SLICE("http");
	rq->nth = ++s->requests;
	rq->bytes_in = head.n;
	if (rq->vhost->n_access_logs > 0)
		rq->started_us = clock_mono_us();
}

static bool
expectation_known(const struct http_msg *msg)
{
	struct slice expect = http_msg_value(msg, FIELD_EXPECT);

	return expect.n == 0 || msg->version_minor == 0 ||
	    slice_ieq(expect, SLICE("100-continue"));
}

/* Runs the request whose head was parsed into rq. */
static void
run_request(struct session *s, struct request *rq, size_t head_bytes)
{
	struct slice head = slice_make(s->in.p + s->in.start, head_bytes);
	int status = 400;

	s->in.start += head_bytes;
	s->head_since_ms = 0;
	fill_request(s, rq, head);
	if (h1_request_body(&rq->msg, &rq->body, &status) != LR_OK) {
		refuse(s, status, "the body's length is ambiguous");
	} else if (!expectation_known(&rq->msg)) {
		refuse(s, 417, "only 100-continue can be expected");
	} else if (h1_begin(s, rq) != LR_OK) {
		refuse(s, 503, "out of memory");
	} else {
		s->rq = rq;
		s->wait = SESSION_ANSWER;
		deadline_clear(&s->deadline);
		request_start(rq);
		return;
	}
	service_give_request(s->service, rq);
}

/* Parses a head out of the buffer and runs it.  False: there is none. */
static bool
next_request(struct session *s)
{
	struct slice in = slice_make(
	    s->in.p + s->in.start, s->in.end - s->in.start);
	struct request *rq;
	size_t used;
	enum lr rc;

	if (s->in.p == NULL || in.n == 0)
		return false;
	follow_site(s);
	if ((rq = service_take_request(s->service)) == NULL) {
		refuse(s, 503, "out of memory");
		return true;
	}
	rc = h1_parse_request(
	    &s->parser, in, &s->vhost->limits, &rq->msg, &used);
	if (rc == LR_OK) {
		h1_parser_reset(&s->parser);
		run_request(s, rq, used);
		return true;
	}
	service_give_request(s->service, rq);
	if (rc == LR_AGAIN)
		return false;
	if (rc == LR_NOMEM)
		refuse(s, 503, "out of memory");
	else
		refuse(s, s->parser.error_status, s->parser.error);
	return true;
}

void
session_request_done(struct session *s, bool reusable, bool complete)
{
	struct request *rq = s->rq;

	s->rq = NULL;
	s->wait = SESSION_ANSWER; /* what the request waited for is over */
	deadline_clear(&s->deadline);
	service_give_request(s->service, rq);
	return_buffer(s, &s->head);
	if (!reusable) {
		s->close_due = true;
		s->linger = complete;
	}
	if (!s->running)
		session_wake(s);
}

/* ---- the loop ---- */

/* Between requests with nothing to parse. */
static void
rest(struct session *s)
{
	bool empty = s->in.start == s->in.end;

	if (empty)
		return_buffer(s, &s->in);
	if (empty && s->service->draining)
		s->close_due = true;
	session_wait_for(s, empty ? SESSION_IDLE : SESSION_HEAD);
}

/* Closes when that is due and the last bytes left.  True: s is gone. */
static bool
finish(struct session *s)
{
	struct conn *c = s->conn;
	enum lr rc = h1_flush(s);

	if (!s->close_due || s->rq != NULL)
		return false;
	if (rc == LR_AGAIN)
		return false;
	if (rc == LR_OK && s->linger) {
		s->conn = NULL;
		conn_linger(c);
	}
	session_close(s);
	return true;
}

/* Serves what is there until it must wait. */
static void
process(struct session *s)
{
	int served = 0;
	enum lr rc;

	s->running = true;
	while (s->rq == NULL && !s->close_due) {
		if (next_request(s)) {
			if (++served < REQUESTS_PER_TURN)
				continue;
			session_wake(s);
			break;
		}
		rc = session_read(s);
		if (rc == LR_OK)
			continue;
		if (rc == LR_AGAIN)
			rest(s);
		else
			s->close_due = true;
		if (rc == LR_AGAIN)
			break;
	}
	s->running = false;
	finish(s);
}

static void
go_on(struct session *s)
{
	if (s->rq != NULL)
		request_resume(s->rq);
	else
		process(s);
}

static void
woken(void *ctx)
{
	MAGIC_CHECK((struct session *)ctx, SESSION_MAGIC);
	go_on(ctx);
}

void
session_wake(struct session *s)
{
	loop_defer(s->service->env.loop, &s->task);
}

static void
on_conn(void *ctx, unsigned what)
{
	struct session *s = ctx;

	MAGIC_CHECK(s, SESSION_MAGIC);
	if (what & CONN_BROKEN)
		session_close(s);
	else
		go_on(s);
}

/* ---- life ---- */

enum lr
session_create(struct service *service, int take_fd, const struct address *peer,
    const struct address *local)
{
	struct session *s = calloc(1, sizeof(*s));
	enum lr rc;

	if (s == NULL) {
		close(take_fd);
		return LR_NOMEM;
	}
	s->magic = SESSION_MAGIC;
	s->service = service;
	s->peer = *peer;
	s->local = *local;
	s->site = site_ref(service->site);
	s->vhost = site_vhost(s->site, local, SLICE(""));
	s->task.fn = woken;
	s->task.ctx = s;
	deadline_init(&s->deadline, expired, s);
	service_add_session(service, s);
	counter_add(service->env.counters, COUNTER_CONNECTIONS, 1);
	rc = conn_create(service->env.loop, take_fd, on_conn, s, &s->conn);
	if (rc != LR_OK) {
		session_close(s);
		return rc;
	}
	session_wait_for(s, SESSION_IDLE);
	return LR_OK;
}

void
session_close(struct session *s)
{
	struct request *rq = s->rq;

	MAGIC_CHECK(s, SESSION_MAGIC);
	if (rq != NULL) {
		request_abort(rq);
		h1_end(s, false);
		s->rq = NULL;
		service_give_request(s->service, rq);
	}
	loop_undefer(s->service->env.loop, &s->task);
	deadline_free(s->service->env.loop, &s->deadline);
	conn_close(s->conn);
	return_buffer(s, &s->in);
	return_buffer(s, &s->head);
	strbuf_free(&s->out);
	site_unref(s->site);
	service_remove_session(s->service, s);
	s->magic = 0;
	free(s);
}

void
session_close_if_idle(struct session *s)
{
	if (s->rq == NULL && s->wait == SESSION_IDLE)
		session_close(s);
}
