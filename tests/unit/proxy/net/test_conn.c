/* tests/unit/proxy/net/test_conn.c: streams, with a plain socket opposite */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proxy/net/conn.h"
#include "tests/support/sockets.h"
#include "tests/support/turning.h"

#define BIG (8 * 1024 * 1024)

/* A connection whose owner notes what it is told. */
struct line {
	struct loop *loop;
	struct conn *conn;
	int peer;
	unsigned told;	/* all of it so far */
	unsigned calls; /* how often */
	bool close_when_told;
	unsigned stop_on; /* ends turning_run */
};

static void
on_told(void *ctx, unsigned what)
{
	struct line *l = ctx;

	l->told |= what;
	l->calls++;
	if (l->close_when_told) {
		conn_close(l->conn);
		l->conn = NULL;
	}
	if (what & l->stop_on)
		loop_stop(l->loop);
}

static void
open_line(struct line *l, int family)
{
	int fds[2];

	*l = (struct line){ .loop = turning_loop() };
	sockets_pair(family, fds);
	l->peer = fds[1];
	assert_int_equal(
	    conn_create(l->loop, fds[0], on_told, l, &l->conn), LR_OK);
	turning_settle(l->loop);
	assert_int_equal(l->calls, 0); /* room to write is no news */
}

static void
close_line(struct line *l)
{
	conn_close(l->conn);
	if (l->peer >= 0)
		close(l->peer);
	loop_free(l->loop);
}

static void
wait_for(struct line *l, unsigned what)
{
	l->stop_on = what;
	assert_true(turning_run(l->loop));
	l->stop_on = 0;
}

static void
say(struct line *l, const char *text)
{
	assert_int_equal(write(l->peer, text, strlen(text)), strlen(text));
}

static void
expect_read(struct line *l, size_t cap, const char *text)
{
	char buf[64];
	size_t n = 0;

	assert_int_equal(conn_read(l->conn, buf, cap, &n), LR_OK);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(buf, text, n);
}

static void
test_a_short_read_has_drained_the_socket(void **state)
{
	struct line l;
	char byte;
	size_t n;

	(void)state;
	open_line(&l, AF_INET);
	say(&l, "hello");
	wait_for(&l, CONN_READ);
	assert_true(conn_readable(l.conn));
	expect_read(&l, 4, "hell"); /* as much as asked for */
	assert_true(conn_readable(l.conn));
	expect_read(&l, 4, "o"); /* less */
	assert_false(conn_readable(l.conn));
	assert_int_equal(conn_read(l.conn, &byte, 1, &n), LR_AGAIN);
	close_line(&l);
}

static void
test_bytes_that_come_later_are_told_anew(void **state)
{
	struct line l;

	(void)state;
	open_line(&l, AF_INET);
	say(&l, "one");
	wait_for(&l, CONN_READ);
	expect_read(&l, 64, "one");
	say(&l, "two");
	wait_for(&l, CONN_READ);
	assert_true(conn_readable(l.conn));
	expect_read(&l, 64, "two");
	assert_int_equal(l.calls, 2);
	assert_int_equal(l.told, CONN_READ);
	close_line(&l);
}

static void
test_an_end_that_came_with_bytes_is_not_missed(void **state)
{
	static const int FAMILIES[] = { AF_INET, AF_UNIX };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct line l;
		char byte;
		size_t n;

		open_line(&l, FAMILIES[i]);
		say(&l, "bye");
		shutdown(l.peer, SHUT_WR);
		wait_for(&l, CONN_READ);
		expect_read(&l, 64, "bye");
		assert_true(conn_readable(l.conn));
		assert_int_equal(conn_read(l.conn, &byte, 1, &n), LR_CLOSED);
		close_line(&l);
	}
}

static void
test_a_peer_that_shut_down_can_still_be_written_to(void **state)
{
	struct iovec iov = { (char[]){ "yes" }, 3 };
	struct line l;
	char byte;
	size_t n;

	(void)state;
	open_line(&l, AF_INET);
	shutdown(l.peer, SHUT_WR);
	wait_for(&l, CONN_READ);
	turning_settle(l.loop);
	assert_int_equal(l.told & CONN_BROKEN, 0);
	assert_int_equal(conn_read(l.conn, &byte, 1, &n), LR_CLOSED);
	assert_int_equal(conn_writev(l.conn, &iov, 1, &n), LR_OK);
	assert_int_equal(n, 3);
	close_line(&l);
}

static void
test_a_reset_is_not_an_end(void **state)
{
	struct line l;
	char byte;
	size_t n;

	(void)state;
	open_line(&l, AF_INET);
	l.stop_on = CONN_READ;
	sockets_reset(l.peer);
	l.peer = -1;
	assert_true(turning_run(l.loop));
	assert_int_equal(conn_read(l.conn, &byte, 1, &n), LR_RESET);
	close_line(&l);
}

static void
test_an_owner_who_does_not_read_is_told_of_a_reset(void **state)
{
	struct line l;

	(void)state;
	open_line(&l, AF_INET);
	say(&l, "unread");
	wait_for(&l, CONN_READ);
	assert_int_equal(l.told & CONN_BROKEN, 0);
	sockets_reset(l.peer);
	l.peer = -1;
	wait_for(&l, CONN_BROKEN);
	close_line(&l);
}

static void
test_a_connection_may_be_closed_in_its_callback(void **state)
{
	struct line l;

	(void)state;
	open_line(&l, AF_INET);
	l.close_when_told = true;
	say(&l, "x");
	wait_for(&l, CONN_READ);
	assert_null(l.conn);
	close_line(&l);
}

static size_t
write_until_full(struct line *l, char *bytes)
{
	size_t total = 0, n = 0;
	enum lr rc;

	do {
		struct iovec iov[2] = { { bytes, 1000 },
			{ bytes + 1000, BIG - 1000 } };

		rc = conn_writev(l->conn, iov, 2, &n);
		total += rc == LR_OK ? n : 0;
	} while (rc == LR_OK && n == BIG);
	return total;
}

static void
read_over(int fd, size_t bytes)
{
	char *buf = malloc(bytes);
	size_t got = 0;

	assert_non_null(buf);
	while (got < bytes) {
		ssize_t n = read(fd, buf, bytes - got);

		assert_true(n > 0);
		got += (size_t)n;
	}
	free(buf);
}

static void
test_room_is_told_after_a_write_fell_short(void **state)
{
	static const int FAMILIES[] = { AF_INET, AF_UNIX };
	char *bytes = calloc(1, BIG);

	(void)state;
	assert_non_null(bytes);
	for (int i = 0; i < 2; i++) {
		struct line l;
		size_t total;

		open_line(&l, FAMILIES[i]);
		total = write_until_full(&l, bytes);
		turning_settle(l.loop);
		assert_int_equal(l.told, 0);
		read_over(l.peer, total);
		wait_for(&l, CONN_WRITE);
		assert_int_equal(l.told, CONN_WRITE);
		close_line(&l);
	}
	free(bytes);
}

static void
test_writing_to_a_reset_connection_raises_no_signal(void **state)
{
	struct iovec iov = { (char[]){ "x" }, 1 };
	struct line l;
	char byte;
	size_t n;

	(void)state;
	open_line(&l, AF_INET);
	sockets_reset(l.peer);
	l.peer = -1;
	wait_for(&l, CONN_READ);
	assert_int_equal(conn_read(l.conn, &byte, 1, &n), LR_RESET);
	assert_int_equal(conn_writev(l.conn, &iov, 1, &n), LR_RESET);
	close_line(&l);
}

static void
test_the_owner_can_be_changed(void **state)
{
	struct line l, other = { 0 };

	(void)state;
	open_line(&l, AF_INET);
	other.loop = l.loop;
	other.stop_on = CONN_READ;
	conn_set_owner(l.conn, on_told, &other);
	say(&l, "x");
	assert_true(turning_run(l.loop));
	assert_int_equal(l.calls, 0);
	assert_int_equal(other.told, CONN_READ);
	close_line(&l);
}

/* ---- lingering ---- */

static void
expect_end(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), 0);
}

static void
test_lingering_reads_over_what_comes_until_the_peers_end(void **state)
{
	struct line l;
	int fd;

	(void)state;
	open_line(&l, AF_INET);
	fd = conn_fd(l.conn);
	conn_linger(l.conn); /* RFC 9112 9.6 */
	l.conn = NULL;
	expect_end(l.peer);
	say(&l, "too late");
	turning_settle(l.loop);
	assert_int_not_equal(fcntl(fd, F_GETFD), -1);
	shutdown(l.peer, SHUT_WR);
	turning_settle(l.loop);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(l.calls, 0);
	close_line(&l);
}

static void
test_lingering_ends_after_so_many_bytes(void **state)
{
	char kib[1024] = { 0 };
	struct line l;
	ssize_t n = 0;

	(void)state;
	open_line(&l, AF_UNIX);
	conn_linger(l.conn);
	l.conn = NULL;
	for (int i = 0; i < 10000 && n >= 0; i++) {
		n = send(l.peer, kib, sizeof(kib), MSG_NOSIGNAL);
		turning_settle(l.loop);
	}
	assert_int_equal(n, -1);
	close_line(&l);
}

static void
test_a_loop_takes_lingering_connections_along(void **state)
{
	struct line l;

	(void)state;
	open_line(&l, AF_INET);
	conn_linger(l.conn);
	l.conn = NULL;
	close_line(&l); /* the leak checker looks on */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_short_read_has_drained_the_socket),
		cmocka_unit_test(test_bytes_that_come_later_are_told_anew),
		cmocka_unit_test(
		    test_an_end_that_came_with_bytes_is_not_missed),
		cmocka_unit_test(
		    test_a_peer_that_shut_down_can_still_be_written_to),
		cmocka_unit_test(test_a_reset_is_not_an_end),
		cmocka_unit_test(
		    test_an_owner_who_does_not_read_is_told_of_a_reset),
		cmocka_unit_test(
		    test_a_connection_may_be_closed_in_its_callback),
		cmocka_unit_test(test_room_is_told_after_a_write_fell_short),
		cmocka_unit_test(
		    test_writing_to_a_reset_connection_raises_no_signal),
		cmocka_unit_test(test_the_owner_can_be_changed),
		cmocka_unit_test(
		    test_lingering_reads_over_what_comes_until_the_peers_end),
		cmocka_unit_test(test_lingering_ends_after_so_many_bytes),
		cmocka_unit_test(test_a_loop_takes_lingering_connections_along),
	};

	signal(SIGPIPE, SIG_DFL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
