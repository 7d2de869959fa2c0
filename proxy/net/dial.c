/* proxy/net/dial.c: one address after the other, until one answers */
#include "proxy/net/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/check.h"

#define DIAL_MAGIC MAGIC('D', 'I', 'A', 'L')

struct dial {
	uint32_t magic;
	int fd;		/* the attempt under way; -1 between two */
	enum lr why;	/* of the last attempt */
	int64_t end_ms; /* monotonic, for all attempts */
	dial_fn *fn;
	void *ctx;
	struct loop *loop;
	struct watch watch;
	struct deadline deadline; /* of this attempt */
	struct task task;	  /* the next attempt, or the outcome to tell */
	size_t at, n;		  /* addresses[at] is tried or next */
	struct address addresses[];
};

static enum lr
status_of_connect(int err)
{
	switch (err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ENOENT: /* no such Unix socket */
	case EAGAIN: /* its queue is full */
		return LR_REFUSED;
	default:
		break;
	}
	switch (status_from_errno(err)) {
	case LR_TIMEOUT:
		return LR_TIMEOUT;
	case LR_UNREACHABLE:
		return LR_UNREACHABLE;
	case LR_DENIED:
		return LR_DENIED;
	case LR_NOMEM:
		return LR_NOMEM;
	default:
		return LR_IO;
	}
}

static void
close_attempt(struct dial *d)
{
	watch_stop(&d->watch);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

void
dial_cancel(struct dial *d)
{
	if (d == NULL)
		return;
	MAGIC_CHECK(d, DIAL_MAGIC);
	close_attempt(d);
	deadline_free(d->loop, &d->deadline);
	loop_undefer(d->loop, &d->task);
	d->magic = 0;
	free(d);
}

/* The end of d: tells the owner. */
static void
finish(struct dial *d, enum lr why)
{
	struct address peer = d->addresses[why == LR_OK ? d->at : d->n - 1];
	dial_fn *fn = d->fn;
	void *ctx = d->ctx;
	int fd = -1;

	if (why == LR_OK) {
		watch_stop(&d->watch);
		fd = d->fd;
		d->fd = -1;
	}
	dial_cancel(d);
	fn(ctx, why, fd, &peer);
}

/* This address gave why: on to the next one, but later, so that no call of
 * ours ever tells the outcome from inside dial_start. */
static void
attempt_failed(struct dial *d, enum lr why)
{
	close_attempt(d);
	deadline_clear(&d->deadline);
	d->why = why;
	d->at++;
	loop_defer(d->loop, &d->task);
}

static void
on_connect(void *ctx, unsigned what)
{
	struct dial *d = ctx;
	int err = 0;
	socklen_t n = sizeof(err);

	(void)what;
	MAGIC_CHECK(d, DIAL_MAGIC);
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		err = errno;
	if (err == 0)
		finish(d, LR_OK);
	else
		attempt_failed(d, status_of_connect(err));
}

static void
on_deadline(void *ctx)
{
	struct dial *d = ctx;

	MAGIC_CHECK(d, DIAL_MAGIC);
	attempt_failed(d, LR_TIMEOUT);
}

static enum lr
connect_to(struct dial *d, const struct address *a)
{
	int one = 1;

	d->fd = socket(
	    a->u.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return status_of_connect(errno);
	if (a->u.any.sa_family != AF_UNIX)
		setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(d->fd, &a->u.any, a->bytes) != 0 && errno != EINPROGRESS)
		return status_of_connect(errno);
	return watch_edge(d->loop, &d->watch, d->fd, on_connect, d);
}

/* An address may take its share of the time that is left. */
static void
attempt(struct dial *d)
{
	int64_t now_ms = loop_now(d->loop).mono_ms;
	int64_t left_ms = d->end_ms - now_ms;
	enum lr rc = LR_TIMEOUT;

	if (left_ms > 0 || d->at == 0)
		rc = connect_to(d, &d->addresses[d->at]);
	if (rc != LR_OK)
		attempt_failed(d, rc);
	else
		deadline_set(d->loop, &d->deadline,
		    now_ms + left_ms / (int64_t)(d->n - d->at));
}

static void
on_task(void *ctx)
{
	struct dial *d = ctx;

	MAGIC_CHECK(d, DIAL_MAGIC);
	if (d->at < d->n)
		attempt(d);
	else
		finish(d, d->why);
}

enum lr
dial_start(struct loop *loop, const struct address *addresses, size_t n,
    int64_t timeout_ms, dial_fn *fn, void *ctx, struct dial **out)
{
	struct dial *d;

	CHECK(n > 0);
	d = calloc(1, sizeof(*d) + n * sizeof(addresses[0]));
	if (d == NULL)
		return LR_NOMEM;
	d->magic = DIAL_MAGIC;
	d->fd = -1;
	d->loop = loop;
	d->fn = fn;
	d->ctx = ctx;
	d->n = n;
	d->end_ms = loop_now(loop).mono_ms + timeout_ms;
	memcpy(d->addresses, addresses, n * sizeof(addresses[0]));
	deadline_init(&d->deadline, on_deadline, d);
	d->task.fn = on_task;
	d->task.ctx = d;
	*out = d;
	attempt(d);
	return LR_OK;
}
