/* proxy/net/conn.c: plain TCP and Unix streams */
#include "proxy/net/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/base/check.h"

#define CONN_MAGIC MAGIC('C', 'O', 'N', 'N')

#define FAREWELL_MS 2000
#define FAREWELL_BYTES (256 * 1024)

/* Ten thousand of them sit idle: it stays small. */
struct conn {
	uint32_t magic;
	int fd;
	bool readable;	    /* not drained since the last edge */
	bool ended;	    /* the peer's FIN came: read until it is met */
	bool write_blocked; /* the last write fell short */
	bool broken;	    /* the owner was told */
	bool *gone;	    /* set by conn_close while the owner is called */
	conn_fn *fn;
	void *ctx;
	struct loop *loop;
	struct watch watch;
};

/* A connection without an owner that waits for its peer's end. */
struct farewell {
	struct conn *conn;
	size_t left_bytes; /* to be read over, at most */
	struct deadline deadline;
	struct cleanup cleanup;
};

static bool
peer_is_gone(const struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = 0 };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

/* An owner who does not read cannot see a reset: to the event library it
 * looks like bytes.  Only then it is worth a system call to find out. */
static void
tell_if_broken(struct conn *c)
{
	if (!c->readable || c->broken || !peer_is_gone(c))
		return;
	c->broken = true;
	c->fn(c->ctx, CONN_BROKEN);
}

static void
tell_owner(struct conn *c, unsigned what)
{
	bool gone = false;

	c->gone = &gone;
	c->fn(c->ctx, what);
	if (gone)
		return;
	c->gone = NULL;
	if (what & CONN_READ)
		tell_if_broken(c);
}

static void
on_change(void *ctx, unsigned seen)
{
	struct conn *c = ctx;
	unsigned what = 0;

	MAGIC_CHECK(c, CONN_MAGIC);
	if (seen & (WATCH_READ | WATCH_CLOSED)) {
		c->readable = true;
		what |= CONN_READ;
	}
	if (seen & WATCH_CLOSED)
		c->ended = true;
	if ((seen & WATCH_WRITE) && c->write_blocked) {
		c->write_blocked = false;
		what |= CONN_WRITE;
	}
	if (what != 0)
		tell_owner(c, what);
}

enum lr
conn_create(
    struct loop *loop, int take_fd, conn_fn *fn, void *ctx, struct conn **out)
{
	struct conn *c = calloc(1, sizeof(*c));
	enum lr rc;

	if (c == NULL) {
		close(take_fd);
		return LR_NOMEM;
	}
	c->magic = CONN_MAGIC;
	c->fd = take_fd;
	c->loop = loop;
	c->fn = fn;
	c->ctx = ctx;
	if ((rc = watch_edge(loop, &c->watch, c->fd, on_change, c)) != LR_OK)
		goto fail;
	*out = c;
	return LR_OK;
fail:
	conn_close(c);
	return rc;
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	MAGIC_CHECK(c, CONN_MAGIC);
	if (c->gone != NULL)
		*c->gone = true;
	watch_stop(&c->watch);
	close(c->fd);
	c->magic = 0;
	free(c);
}

void
conn_set_owner(struct conn *c, conn_fn *fn, void *ctx)
{
	c->fn = fn;
	c->ctx = ctx;
}

/* ---- the end of a connection ---- */

static void
farewell_end(void *ctx)
{
	struct farewell *f = ctx;

	loop_remove_cleanup(f->conn->loop, &f->cleanup);
	deadline_free(f->conn->loop, &f->deadline);
	conn_close(f->conn);
	free(f);
}

static void
farewell_read(void *ctx, unsigned what)
{
	struct farewell *f = ctx;
	char waste[16 * 1024];
	enum lr rc;
	size_t n;

	(void)what;
	while ((rc = conn_read(f->conn, waste, sizeof(waste), &n)) == LR_OK) {
		if (n >= f->left_bytes)
			break;
		f->left_bytes -= n;
	}
	if (rc != LR_AGAIN)
		farewell_end(f);
}

void
conn_linger(struct conn *c)
{
	struct farewell *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		conn_close(c); /* the peer may miss our last bytes */
		return;
	}
	conn_shutdown(c);
	conn_set_owner(c, farewell_read, f);
	c->broken = false; /* that news is for the new owner, too */
	f->conn = c;
	f->left_bytes = FAREWELL_BYTES;
	f->cleanup.fn = farewell_end;
	f->cleanup.ctx = f;
	loop_add_cleanup(c->loop, &f->cleanup);
	deadline_init(&f->deadline, farewell_end, f);
	deadline_set(
	    c->loop, &f->deadline, loop_now(c->loop).mono_ms + FAREWELL_MS);
	farewell_read(f, CONN_READ);
}

void
conn_shutdown(struct conn *c)
{
	shutdown(c->fd, SHUT_WR);
}

/* ---- bytes ---- */

static enum lr
read_failed(struct conn *c, int err)
{
	if (err == EAGAIN || err == EWOULDBLOCK) {
		c->readable = false;
		return LR_AGAIN;
	}
	return err == ENOMEM || err == ENOBUFS ? LR_NOMEM : LR_RESET;
}

enum lr
conn_read(struct conn *c, void *buf, size_t cap, size_t *n)
{
	ssize_t got;

	do {
		got = recv(c->fd, buf, cap, 0); /* cheaper than read */
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return read_failed(c, errno);
	if (got == 0)
		return LR_CLOSED;
	if ((size_t)got < cap && !c->ended)
		c->readable = false;
	*n = (size_t)got;
	return LR_OK;
}

bool
conn_readable(const struct conn *c)
{
	return c->readable;
}

static size_t
total_bytes(const struct iovec *iov, int iovcnt)
{
	size_t n = 0;

	for (int i = 0; i < iovcnt; i++)
		n += iov[i].iov_len;
	return n;
}

enum lr
conn_writev(struct conn *c, const struct iovec *iov, int iovcnt, size_t *n)
{
	struct msghdr msg = {
		.msg_iov = (struct iovec *)(uintptr_t)iov, /* only read */
		.msg_iovlen = (size_t)iovcnt,
	};
	ssize_t put;

	do {
		put = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	if (put < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return LR_RESET;
		c->write_blocked = true;
		return LR_AGAIN;
	}
	c->write_blocked = (size_t)put < total_bytes(iov, iovcnt);
	*n = (size_t)put;
	return LR_OK;
}

int
conn_fd(const struct conn *c)
{
	return c->fd;
}
