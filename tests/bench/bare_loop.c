/* tests/bench/bare_loop.c: the least that an HTTP server can do
 *
 *   bare_loop IP PORT BODY_BYTES CACHE_CONTROL
 *
 * One thread, one epoll loop, and the same answer to whatever is asked: what
 * this costs is the kernel's share, the floor under every server.  It reads
 * no more of a request than that it ends, and counts on clients that send
 * each in one piece and wait for its answer, as wrk does.  It serves as the
 * benchmarks' origin too. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define BACKLOG 4096
#define HEAD_MAX 512
#define REQUEST_MAX 16384
#define FD_MAX 65536

struct answer {
	char *bytes;
	size_t n;
};

static void
must(bool well, const char *what)
{
	if (well)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static struct answer
make_answer(size_t body_bytes, const char *cache_control)
{
	char date[64], head[HEAD_MAX];
	time_t now = time(NULL);
	struct tm tm;
	struct answer a;
	int n;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT",
	    gmtime_r(&now, &tm));
	n = snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\n"
	    "Date: %s\r\n"
	    "Content-Type: text/plain\r\n"
	    "Cache-Control: %s\r\n"
	    "ETag: \"bare\"\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    date, cache_control, body_bytes);
	must(n > 0 && n < HEAD_MAX, "the head");
	a.n = (size_t)n + body_bytes;
	a.bytes = malloc(a.n);
	must(a.bytes != NULL, "malloc");
	memcpy(a.bytes, head, (size_t)n);
	memset(a.bytes + n, 'x', body_bytes);
	return a;
}

static int
listen_at(const char *ip, const char *port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((in_port_t)atoi(port)) };

	must(fd >= 0, "socket");
	must(inet_pton(AF_INET, ip, &sin.sin_addr) == 1, ip);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	must(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0, "bind");
	must(listen(fd, BACKLOG) == 0, "listen");
	return fd;
}

static void
watch(int loop, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	must(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &ev) == 0, "epoll_ctl");
}

static void
accept_all(int loop, int listener, size_t unsent[FD_MAX])
{
	int fd, one = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		must(fd < FD_MAX, "too many connections");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		unsent[fd] = 0;
		/* At edges, so that nothing is to be changed later. */
		watch(loop, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	}
}

/* False when the connection is over. */
static bool
send_rest(int fd, const struct answer *a, size_t *unsent)
{
	ssize_t n;

	while (*unsent > 0) {
		n = write(fd, a->bytes + a->n - *unsent, *unsent);
		if (n < 0)
			return errno == EAGAIN;
		*unsent -= (size_t)n;
	}
	return true;
}

/* False when the connection is over. */
static bool
receive(int fd, const struct answer *a, size_t *unsent)
{
	char request[REQUEST_MAX];
	ssize_t n = read(fd, request, sizeof(request));

	if (n < 0)
		return errno == EAGAIN;
	if (n >= 4 && memcmp(request + n - 4, "\r\n\r\n", 4) == 0)
		*unsent = a->n;
	return n > 0 && send_rest(fd, a, unsent);
}

static void
serve(const struct epoll_event *ev, const struct answer *a, size_t *unsent)
{
	int fd = ev->data.fd;
	bool alive = (ev->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0;

	if (alive && *unsent > 0)
		alive = send_rest(fd, a, unsent);
	else if (alive && (ev->events & EPOLLIN) != 0)
		alive = receive(fd, a, unsent);
	if (!alive)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	struct answer answer;
	size_t *unsent; /* of its answer, for each descriptor */
	int loop, listener, n;

	if (argc != 5) {
		fputs("usage: bare_loop IP PORT BODY_BYTES CACHE_CONTROL\n",
		    stderr);
		return EXIT_FAILURE;
	}
	answer = make_answer(strtoul(argv[3], NULL, 10), argv[4]);
	unsent = calloc(FD_MAX, sizeof(*unsent));
	must(unsent != NULL, "calloc");
	listener = listen_at(argv[1], argv[2]);
	loop = epoll_create1(0);
	must(loop >= 0, "epoll_create1");
	watch(loop, listener, EPOLLIN);
	for (;;) {
		n = epoll_wait(loop, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == listener)
				accept_all(loop, listener, unsent);
			else
				serve(&events[i], &answer, &unsent[fd]);
		}
	}
}
