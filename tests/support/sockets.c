/* tests/support/sockets.c: listening, pairs, resets */
#include "tests/support/sockets.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

static struct address
loopback(int family)
{
	static atomic_uint serial;
	struct address a;
	char path[64];

	switch (family) {
	case AF_INET:
		address_parse(SLICE("127.0.0.1"), 0, &a);
		break;
	case AF_INET6:
		address_parse(SLICE("::1"), 0, &a);
		break;
	default:
		snprintf(path, sizeof(path), "/tmp/larder-test-%d-%u.sock",
		    (int)getpid(), atomic_fetch_add(&serial, 1));
		unlink(path);
		address_local(slice_of(path), &a);
		break;
	}
	return a;
}

bool
sockets_have_ipv6(void)
{
	struct address a = loopback(AF_INET6);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool have = fd >= 0 && bind(fd, &a.u.any, a.bytes) == 0;

	if (fd >= 0)
		close(fd);
	return have;
}

int
sockets_listen(int family, struct address *at)
{
	struct address a = loopback(family);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0, "socket");
	must(bind(fd, &a.u.any, a.bytes) == 0, "bind");
	must(listen(fd, 16) == 0, "listen");
	memset(at, 0, sizeof(*at));
	at->bytes = sizeof(at->u);
	must(getsockname(fd, &at->u.any, &at->bytes) == 0, "getsockname");
	return fd;
}

void
sockets_set_timeout(int fd)
{
	struct timeval limit = { 10, 0 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

void
sockets_pair(int family, int fds[2])
{
	struct address at;
	int listening;

	if (family == AF_UNIX) {
		must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) ==
			0,
		    "socketpair");
	} else {
		listening = sockets_listen(family, &at);
		fds[0] = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		must(connect(fds[0], &at.u.any, at.bytes) == 0, "connect");
		fds[1] = accept(listening, NULL, NULL);
		must(fds[1] >= 0, "accept");
		close(listening);
	}
	must(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0, "fcntl");
	sockets_set_timeout(fds[1]);
}

void
sockets_reset(int fd)
{
	struct linger at_once = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}
