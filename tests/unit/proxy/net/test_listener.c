/* tests/unit/proxy/net/test_listener.c: listening, busy ports, accepting */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proxy/net/listener.h"
#include "tests/support/sockets.h"
#include "tests/support/turning.h"

#define CLIENTS 20

static struct address
loopback(const char *ip, uint16_t port)
{
	struct address a;

	assert_int_equal(address_parse(slice_of(ip), port, &a), LR_OK);
	return a;
}

static void
close_fds(int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

static int
dial_plain(const struct address *at)
{
	int fd = socket(at->u.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, &at->u.any, at->bytes), 0);
	return fd;
}

static void
test_a_busy_port_is_found_even_if_it_could_be_shared(void **state)
{
	struct address at = loopback("127.0.0.1", 0), bound, other;
	int fds[2], more[2] = { 5, 5 };

	(void)state;
	/* Our own sockets use SO_REUSEPORT: another larder's would, too. */
	assert_int_equal(listener_open(&at, 16, 2, fds, &bound), LR_OK);
	assert_int_not_equal(address_port(&bound), 0);
	assert_int_equal(listener_open(&bound, 16, 2, more, &other), LR_BUSY);
	assert_int_equal(more[0], -1);
	assert_int_equal(more[1], -1);
	close_fds(fds, 2);
	assert_int_equal(listener_open(&bound, 16, 1, more, &other), LR_OK);
	assert_true(address_eq(&bound, &other));
	close(more[0]);
}

static void
test_a_port_held_by_a_plain_socket_is_busy(void **state)
{
	struct address at, bound;
	int holder = sockets_listen(AF_INET, &at), fds[1];

	(void)state;
	assert_int_equal(listener_open(&at, 16, 1, fds, &bound), LR_BUSY);
	close(holder);
}

static void
test_a_port_with_connections_of_the_past_is_free(void **state)
{
	struct address at = loopback("127.0.0.1", 0), bound, again;
	int fds[1], client, served;

	(void)state;
	assert_int_equal(listener_open(&at, 16, 1, fds, &bound), LR_OK);
	client = dial_plain(&bound);
	while ((served = accept(fds[0], NULL, NULL)) < 0)
		;
	close(served); /* this side keeps TIME_WAIT */
	close(client);
	close(fds[0]);
	assert_int_equal(listener_open(&bound, 16, 1, fds, &again), LR_OK);
	close(fds[0]);
}

static void
test_an_address_that_is_not_ours_is_unreachable(void **state)
{
	struct address at = loopback("192.0.2.1", 0), bound;
	int fds[1];

	(void)state;
	assert_int_equal(
	    listener_open(&at, 16, 1, fds, &bound), LR_UNREACHABLE);
}

static void
test_unix_sockets_are_not_listened_on(void **state)
{
	struct address at, bound;
	int fds[1];

	(void)state;
	assert_int_equal(address_local(SLICE("/tmp/x"), &at), LR_OK);
	assert_int_equal(
	    listener_open(&at, 16, 1, fds, &bound), LR_UNSUPPORTED);
}

/* ---- accepting ---- */

struct door {
	struct loop *loop;
	struct listener *listener;
	struct address bound;
	unsigned accepted, stop_at;
	bool shut; /* stops the listener when somebody comes */
	int fds[CLIENTS];
	struct address peer, local;
};

static void
welcome(void *ctx, int take_fd, const struct address *peer,
    const struct address *local)
{
	struct door *d = ctx;

	d->fds[d->accepted++] = take_fd;
	d->peer = *peer;
	d->local = *local;
	if (d->shut) {
		listener_stop(d->listener);
		d->listener = NULL;
	}
	if (d->accepted == d->stop_at)
		loop_stop(d->loop);
}

static void
open_door(struct door *d, const char *ip)
{
	struct address at = loopback(ip, 0);
	int fd;

	*d = (struct door){ .loop = turning_loop() };
	assert_int_equal(listener_open(&at, 64, 1, &fd, &d->bound), LR_OK);
	assert_int_equal(
	    listener_start(d->loop, fd, NULL, welcome, d, &d->listener), LR_OK);
}

static void
close_door(struct door *d)
{
	listener_stop(d->listener);
	close_fds(d->fds, d->accepted);
	loop_free(d->loop);
}

static void
test_accepted_sockets_are_ready_for_use(void **state)
{
	int client, nodelay = 0;
	socklen_t n = sizeof(nodelay);
	struct address own;
	struct door d;

	(void)state;
	open_door(&d, "127.0.0.1");
	client = dial_plain(&d.bound);
	d.stop_at = 1;
	assert_true(turning_run(d.loop));
	assert_true(fcntl(d.fds[0], F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(d.fds[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(
	    getsockopt(d.fds[0], IPPROTO_TCP, TCP_NODELAY, &nodelay, &n), 0);
	assert_true(nodelay != 0);
	own.bytes = sizeof(own.u);
	assert_int_equal(getsockname(client, &own.u.any, &own.bytes), 0);
	assert_true(address_eq(&own, &d.peer));
	assert_true(address_eq(&d.bound, &d.local));
	close(client);
	close_door(&d);
}

static void
test_a_wildcard_tells_which_address_was_met(void **state)
{
	struct address at;
	struct door d;
	int client;

	(void)state;
	open_door(&d, "0.0.0.0");
	at = loopback("127.0.0.3", address_port(&d.bound));
	client = dial_plain(&at);
	d.stop_at = 1;
	assert_true(turning_run(d.loop));
	assert_true(address_eq(&d.local, &at));
	close(client);
	close_door(&d);
}

static void
test_an_ipv6_wildcard_takes_ipv4_too(void **state)
{
	char text[ADDRESS_CHARS];
	struct address at;
	struct door d;
	int client;

	(void)state;
	if (!sockets_have_ipv6())
		skip();
	open_door(&d, "::");
	at = loopback("127.0.0.1", address_port(&d.bound));
	client = dial_plain(&at);
	d.stop_at = 1;
	assert_true(turning_run(d.loop));
	address_format_ip(&d.peer, text);
	assert_string_equal(text, "127.0.0.1");
	close(client);
	close_door(&d);
}

static void
test_all_who_wait_are_accepted(void **state)
{
	int clients[CLIENTS];
	struct door d;

	(void)state;
	open_door(&d, "127.0.0.1");
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = dial_plain(&d.bound);
	d.stop_at = CLIENTS;
	assert_true(turning_run(d.loop));
	close_fds(clients, CLIENTS);
	close_door(&d);
}

static void
test_a_listener_may_be_stopped_in_its_callback(void **state)
{
	int clients[2];
	struct door d;

	(void)state;
	open_door(&d, "127.0.0.1");
	clients[0] = dial_plain(&d.bound);
	clients[1] = dial_plain(&d.bound);
	d.shut = true;
	d.stop_at = 1;
	assert_true(turning_run(d.loop));
	turning_settle(d.loop);
	assert_int_equal(d.accepted, 1);
	close_fds(clients, 2);
	close_door(&d);
}

static void
test_a_lack_of_descriptors_is_waited_out(void **state)
{
	struct rlimit before, none;
	struct door d;
	int client, highest;

	(void)state;
	open_door(&d, "127.0.0.1");
	client = dial_plain(&d.bound);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	highest = dup(client);
	close(highest);
	none = before;
	none.rlim_cur = (rlim_t)highest; /* not one more */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	turning_settle(d.loop);
	assert_int_equal(d.accepted, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	d.stop_at = 1;
	assert_true(turning_run(d.loop));
	assert_int_equal(d.accepted, 1);
	close(client);
	close_door(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_busy_port_is_found_even_if_it_could_be_shared),
		cmocka_unit_test(test_a_port_held_by_a_plain_socket_is_busy),
		cmocka_unit_test(
		    test_a_port_with_connections_of_the_past_is_free),
		cmocka_unit_test(
		    test_an_address_that_is_not_ours_is_unreachable),
		cmocka_unit_test(test_unix_sockets_are_not_listened_on),
		cmocka_unit_test(test_accepted_sockets_are_ready_for_use),
		cmocka_unit_test(test_a_wildcard_tells_which_address_was_met),
		cmocka_unit_test(test_an_ipv6_wildcard_takes_ipv4_too),
		cmocka_unit_test(test_all_who_wait_are_accepted),
		cmocka_unit_test(
		    test_a_listener_may_be_stopped_in_its_callback),
		cmocka_unit_test(test_a_lack_of_descriptors_is_waited_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
