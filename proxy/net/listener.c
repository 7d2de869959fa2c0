/* proxy/net/listener.c: opening sockets that listen, and accepting */
#include "proxy/net/listener.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/check.h"

#define LISTENER_MAGIC MAGIC('L', 'S', 'T', 'N')

#define ACCEPTS_PER_TURN 64 /* then the connections there are get a turn */
#define PAUSE_MS 100	    /* without descriptors */
#define LOG_INTERVAL_MS 60000

/* ---- opening ---- */

static enum lr
set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) != 0)
		return LR_IO;
	return LR_OK;
}

static enum lr
status_of_bind(int err)
{
	enum lr rc = status_from_errno(err);

	switch (rc) {
	case LR_BUSY:
	case LR_DENIED:
	case LR_UNREACHABLE:
	case LR_NOMEM:
		return rc;
	default:
		return err == EAFNOSUPPORT ? LR_UNREACHABLE : LR_IO;
	}
}

/* What is set here is inherited by the accepted sockets. */
static enum lr
set_options(int fd, const struct address *at, bool shared)
{
	enum lr rc = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (rc == LR_OK && shared)
		rc = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (rc == LR_OK)
		rc = set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* "Listen 80" is one socket for IPv4 and IPv6, as in Apache. */
	if (rc == LR_OK && at->u.any.sa_family == AF_INET6)
		rc = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	return rc;
}

static enum lr
open_one(const struct address *at, int backlog, bool shared, int *out)
{
	int fd = socket(
	    at->u.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enum lr rc;

	if (fd < 0)
		return status_of_bind(errno);
	if ((rc = set_options(fd, at, shared)) != LR_OK)
		goto fail;
	if (bind(fd, &at->u.any, at->bytes) != 0 || listen(fd, backlog) != 0) {
		rc = status_of_bind(errno);
		goto fail;
	}
	*out = fd;
	return LR_OK;
fail:
	close(fd);
	return rc;
}

static enum lr
local_address(int fd, struct address *out)
{
	memset(out, 0, sizeof(*out));
	out->bytes = sizeof(out->u);
	if (getsockname(fd, &out->u.any, &out->bytes) != 0)
		return LR_IO;
	return LR_OK;
}

static void
close_all(int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* A guard that listens without SO_REUSEPORT finds every other listener, and
 * keeps any second larder out until the shared ones stand; only then, the
 * option set after the fact lets our own in beside it. */
enum lr
listener_open(const struct address *at, int backlog, unsigned count, int *fds,
    struct address *bound)
{
	struct address where;
	int guard = -1;
	enum lr rc;

	for (unsigned i = 0; i < count; i++)
		fds[i] = -1;
	if (at->u.any.sa_family == AF_UNIX)
		return LR_UNSUPPORTED;
	if ((rc = open_one(at, backlog, false, &guard)) != LR_OK)
		return rc;
	if ((rc = local_address(guard, &where)) != LR_OK)
		goto fail;
	if ((rc = set_option(guard, SOL_SOCKET, SO_REUSEPORT, 1)) != LR_OK)
		goto fail;
	for (unsigned i = 0; i < count; i++) {
		rc = open_one(&where, backlog, true, &fds[i]);
		if (rc != LR_OK)
			goto fail;
	}
	close(guard);
	*bound = where;
	return LR_OK;
fail:
	close_all(fds, count);
	close(guard);
	return rc;
}

/* ---- accepting ---- */

struct listener {
	uint32_t magic;
	int fd;
	bool wildcard; /* each connection has its own local address */
	bool *gone;    /* set by listener_stop while fn is called */
	struct address local;
	listener_fn *fn;
	void *ctx;
	struct loop *loop;
	struct log *log;
	struct log_limiter limiter;
	struct watch watch;
	struct deadline resume;
};

static void accept_some(void *ctx, unsigned what);

static bool
is_wildcard(const struct address *a)
{
	if (a->u.any.sa_family == AF_INET)
		return a->u.v4.sin_addr.s_addr == htonl(INADDR_ANY);
	if (a->u.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->u.v6.sin6_addr);
	return false;
}

static void
pause_accepting(struct listener *l, int err)
{
	struct clock_time now = loop_now(l->loop);
	uint64_t held;

	watch_stop(&l->watch);
	deadline_set(l->loop, &l->resume, now.mono_ms + PAUSE_MS);
	if (log_limit(&l->limiter, now.mono_ms, LOG_INTERVAL_MS, &held))
		log_write(l->log, LOG_CORE, LOG_L_ERROR,
		    "cannot accept connections: %s; trying again every %d ms",
		    strerror(err), PAUSE_MS);
}

static void
on_resume(void *ctx)
{
	struct listener *l = ctx;

	MAGIC_CHECK(l, LISTENER_MAGIC);
	if (watch_level(l->loop, &l->watch, l->fd, accept_some, l) != LR_OK)
		pause_accepting(l, ENOMEM);
}

/* Another connection may follow one that failed by itself, but not when
 * the process or the system has run out of something. */
static bool
accept_failed(struct listener *l, int err)
{
	switch (err) {
	case EAGAIN:
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		pause_accepting(l, err);
		return false;
	default:
		return true;
	}
}

/* Accepts one connection; gives whether to go on. */
static bool
accept_one(struct listener *l)
{
	struct address peer, own;
	const struct address *local = &l->local;
	bool gone = false;
	int fd;

	memset(&peer, 0, sizeof(peer));
	peer.bytes = sizeof(peer.u);
	fd = accept4(
	    l->fd, &peer.u.any, &peer.bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(l, errno);
	if (l->wildcard && local_address(fd, &own) == LR_OK)
		local = &own;
	l->gone = &gone;
	l->fn(l->ctx, fd, &peer, local);
	if (gone)
		return false;
	l->gone = NULL;
	return true;
}

static void
accept_some(void *ctx, unsigned what)
{
	struct listener *l = ctx;

	(void)what;
	MAGIC_CHECK(l, LISTENER_MAGIC);
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		if (!accept_one(l))
			return;
	}
}

enum lr
listener_start(struct loop *loop, int take_fd, struct log *log, listener_fn *fn,
    void *ctx, struct listener **out)
{
	struct listener *l = calloc(1, sizeof(*l));
	enum lr rc;

	if (l == NULL) {
		close(take_fd);
		return LR_NOMEM;
	}
	l->magic = LISTENER_MAGIC;
	l->fd = take_fd;
	l->loop = loop;
	l->log = log;
	l->fn = fn;
	l->ctx = ctx;
	deadline_init(&l->resume, on_resume, l);
	if ((rc = local_address(l->fd, &l->local)) != LR_OK)
		goto fail;
	l->wildcard = is_wildcard(&l->local);
	if ((rc = watch_level(loop, &l->watch, l->fd, accept_some, l)) != LR_OK)
		goto fail;
	*out = l;
	return LR_OK;
fail:
	listener_stop(l);
	return rc;
}

void
listener_stop(struct listener *l)
{
	if (l == NULL)
		return;
	MAGIC_CHECK(l, LISTENER_MAGIC);
	if (l->gone != NULL)
		*l->gone = true;
	watch_stop(&l->watch);
	deadline_free(l->loop, &l->resume);
	close(l->fd);
	l->magic = 0;
	free(l);
}
