/* tests/unit/proxy/net/test_dial.c: connecting, and not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "proxy/net/dial.h"
#include "tests/support/sockets.h"
#include "tests/support/turning.h"

/* Who waits for the outcome. */
struct caller {
	struct loop *loop;
	struct dial *dial;
	unsigned calls;
	enum lr why;
	int fd;
	struct address peer;
};

static void
on_outcome(void *ctx, enum lr why, int take_fd, const struct address *peer)
{
	struct caller *c = ctx;

	c->calls++;
	c->why = why;
	c->fd = take_fd;
	c->peer = *peer;
	loop_stop(c->loop);
}

static void
call(struct caller *c, const struct address *list, size_t n, int64_t timeout_ms)
{
	*c = (struct caller){ .loop = turning_loop(), .fd = -1 };
	assert_int_equal(
	    dial_start(c->loop, list, n, timeout_ms, on_outcome, c, &c->dial),
	    LR_OK);
	assert_int_equal(c->calls, 0); /* never from inside */
	assert_true(turning_run(c->loop));
	assert_int_equal(c->calls, 1);
}

static void
hang_up(struct caller *c)
{
	if (c->fd >= 0)
		close(c->fd);
	loop_free(c->loop);
}

/* Somewhere nobody listens. */
static struct address
dead_end(void)
{
	struct address at;

	close(sockets_listen(AF_INET, &at));
	return at;
}

/* A listener whose queue is full: it leaves connections unanswered. */
struct black_hole {
	int listener, fillers[8];
	struct address at;
};

static void
black_hole_open(struct black_hole *h)
{
	h->listener = sockets_listen(AF_INET, &h->at);
	assert_int_equal(listen(h->listener, 0), 0);
	for (int i = 0; i < 8; i++) {
		h->fillers[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(h->fillers[i], &h->at.u.any, h->at.bytes);
	}
}

static void
black_hole_close(struct black_hole *h)
{
	for (int i = 0; i < 8; i++)
		close(h->fillers[i]);
	close(h->listener);
}

static void
expect_connects(int family)
{
	struct address at;
	int listener = sockets_listen(family, &at);
	struct caller c;

	call(&c, &at, 1, 5000);
	assert_int_equal(c.why, LR_OK);
	assert_true(c.fd >= 0);
	assert_true(address_eq(&c.peer, &at));
	assert_int_equal(write(c.fd, "x", 1), 1);
	hang_up(&c);
	close(listener);
	if (family == AF_UNIX)
		unlink(at.u.local.sun_path);
}

static void
test_a_listener_is_reached(void **state)
{
	(void)state;
	expect_connects(AF_INET);
	expect_connects(AF_UNIX);
	if (sockets_have_ipv6())
		expect_connects(AF_INET6);
}

static void
test_nobody_there_is_refused(void **state)
{
	struct address at = dead_end();
	struct caller c;

	(void)state;
	call(&c, &at, 1, 5000);
	assert_int_equal(c.why, LR_REFUSED);
	assert_int_equal(c.fd, -1);
	assert_true(address_eq(&c.peer, &at));
	hang_up(&c);
}

static void
test_a_missing_unix_socket_is_refused(void **state)
{
	struct address at;
	struct caller c;

	(void)state;
	assert_int_equal(
	    address_local(SLICE("/nonexistent/x.sock"), &at), LR_OK);
	call(&c, &at, 1, 5000);
	assert_int_equal(c.why, LR_REFUSED);
	hang_up(&c);
}

static void
test_the_second_address_is_tried_when_the_first_refuses(void **state)
{
	struct address list[3] = { dead_end(), dead_end() };
	int listener = sockets_listen(AF_INET, &list[2]);
	struct caller c;

	(void)state;
	call(&c, list, 3, 5000);
	assert_int_equal(c.why, LR_OK);
	assert_true(address_eq(&c.peer, &list[2]));
	hang_up(&c);
	close(listener);
}

static void
test_silence_ends_in_a_timeout(void **state)
{
	int64_t start_us = clock_mono_us();
	struct black_hole h;
	struct caller c;

	(void)state;
	black_hole_open(&h);
	call(&c, &h.at, 1, 200);
	assert_int_equal(c.why, LR_TIMEOUT);
	assert_true(clock_mono_us() - start_us >= 199000);
	hang_up(&c);
	black_hole_close(&h);
}

static void
test_silence_leaves_time_for_the_next_address(void **state)
{
	struct address list[2];
	struct black_hole h;
	struct caller c;
	int listener;

	(void)state;
	black_hole_open(&h);
	list[0] = h.at;
	listener = sockets_listen(AF_INET, &list[1]);
	call(&c, list, 2, 600);
	assert_int_equal(c.why, LR_OK);
	assert_true(address_eq(&c.peer, &list[1]));
	hang_up(&c);
	close(listener);
	black_hole_close(&h);
}

static void
test_a_cancelled_dial_is_silent(void **state)
{
	struct address list[2] = { dead_end(), dead_end() };
	struct caller c = { .loop = turning_loop() };

	(void)state;
	assert_int_equal(
	    dial_start(c.loop, list, 2, 5000, on_outcome, &c, &c.dial), LR_OK);
	dial_cancel(c.dial);
	turning_settle(c.loop);
	assert_int_equal(
	    dial_start(c.loop, list, 2, 5000, on_outcome, &c, &c.dial), LR_OK);
	dial_cancel(c.dial);
	dial_cancel(NULL);
	turning_settle(c.loop);
	assert_int_equal(c.calls, 0);
	loop_free(c.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_listener_is_reached),
		cmocka_unit_test(test_nobody_there_is_refused),
		cmocka_unit_test(test_a_missing_unix_socket_is_refused),
		cmocka_unit_test(
		    test_the_second_address_is_tried_when_the_first_refuses),
		cmocka_unit_test(test_silence_ends_in_a_timeout),
		cmocka_unit_test(test_silence_leaves_time_for_the_next_address),
		cmocka_unit_test(test_a_cancelled_dial_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
