/* tests/unit/proxy/upstream/test_pool.c: connections kept and made */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/sockets.h"
#include "tests/support/turning.h"
#include "tests/support/upstream.h"

struct claimer {
	struct upstream up;
	struct address at;
	int listener;
	struct backend be;
	unsigned calls;
	enum lr why;
	struct conn *conn;
};

static void
on_connection(void *ctx, enum lr why, struct conn *take_c, bool reused)
{
	struct claimer *c = ctx;

	c->calls++;
	c->why = why;
	c->conn = take_c;
	assert_false(reused);
	loop_stop(c->up.loop);
}

static struct backend
backend_at(struct claimer *c, const struct address *at, const char *tail)
{
	char where[ADDRESS_CHARS], url[200];

	address_format(at, where);
	if (at->u.any.sa_family == AF_UNIX)
		snprintf(
		    url, sizeof(url), "%s|http://localhost%s", where, tail);
	else
		snprintf(url, sizeof(url), "http://%s%s", where, tail);
	return upstream_backend(&c->up, slice_of(url));
}

static void
claimer_open(struct claimer *c, int family)
{
	*c = (struct claimer){ 0 };
	upstream_open(&c->up);
	c->listener = sockets_listen(family, &c->at);
	c->be = backend_at(c, &c->at, "");
}

static void
claimer_close(struct claimer *c)
{
	if (c->at.u.any.sa_family == AF_UNIX)
		unlink(c->at.u.local.sun_path);
	close(c->listener);
	upstream_close(&c->up);
}

/* A new connection, its other end in *peer. */
static struct conn *
connect_one(struct claimer *c, const struct backend *be, int *peer)
{
	unsigned before = c->calls;
	struct pool_claim *claim;

	assert_int_equal(
	    pool_connect(c->up.pool, be, on_connection, c, &claim), LR_OK);
	assert_int_equal(c->calls, before); /* never from inside */
	assert_true(turning_run(c->up.loop));
	assert_int_equal(c->calls, before + 1);
	if (c->why != LR_OK)
		return NULL;
	if (peer != NULL)
		*peer = accept(c->listener, NULL, NULL);
	return c->conn;
}

static struct pool_stats
stats(struct claimer *c)
{
	struct pool_stats s;

	pool_stats_read(c->up.pool, &s);
	return s;
}

static void
test_what_was_given_back_is_used_again_newest_first(void **state)
{
	struct conn *one, *two;
	struct claimer c;
	int peers[2];

	(void)state;
	claimer_open(&c, AF_INET);
	assert_null(pool_take_idle(c.up.pool, &c.be));
	one = connect_one(&c, &c.be, &peers[0]);
	two = connect_one(&c, &c.be, &peers[1]);
	pool_put(c.up.pool, &c.be, one);
	pool_put(c.up.pool, &c.be, two);
	assert_int_equal(stats(&c).idle, 2);
	assert_ptr_equal(pool_take_idle(c.up.pool, &c.be), two);
	assert_ptr_equal(pool_take_idle(c.up.pool, &c.be), one);
	assert_null(pool_take_idle(c.up.pool, &c.be));
	assert_int_equal(stats(&c).idle, 0);
	assert_int_equal(stats(&c).reuses, 2);
	assert_int_equal(stats(&c).connects, 2);
	conn_close(one);
	conn_close(two);
	close(peers[0]);
	close(peers[1]);
	claimer_close(&c);
}

static void
test_a_backend_is_known_by_its_url_over_a_reload(void **state)
{
	struct backend again, other;
	struct claimer c;
	struct conn *one;
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	again = backend_at(&c, &c.at, "");
	other = backend_at(&c, &c.at, "/other");
	one = connect_one(&c, &c.be, &peer);
	pool_put(c.up.pool, &c.be, one);
	assert_null(pool_take_idle(c.up.pool, &other));
	assert_ptr_equal(pool_take_idle(c.up.pool, &again), one);
	conn_close(one);
	close(peer);
	claimer_close(&c);
}

static void
test_an_idle_connection_is_dropped_when_its_peer_closes(void **state)
{
	struct claimer c;
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	pool_put(c.up.pool, &c.be, connect_one(&c, &c.be, &peer));
	close(peer);
	turning_settle(c.up.loop);
	assert_int_equal(stats(&c).idle, 0);
	assert_null(pool_take_idle(c.up.pool, &c.be));
	claimer_close(&c);
}

static void
test_an_idle_connection_is_dropped_when_its_peer_speaks(void **state)
{
	struct claimer c;
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	pool_put(c.up.pool, &c.be, connect_one(&c, &c.be, &peer));
	assert_int_equal(write(peer, "HTTP/1.1 408 ", 13), 13);
	turning_settle(c.up.loop);
	assert_null(pool_take_idle(c.up.pool, &c.be));
	close(peer);
	claimer_close(&c);
}

static void
test_what_the_peer_said_before_it_was_given_back_counts_too(void **state)
{
	struct claimer c;
	struct conn *one;
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	one = connect_one(&c, &c.be, &peer);
	assert_int_equal(write(peer, "x", 1), 1);
	turning_settle(c.up.loop);
	pool_put(c.up.pool, &c.be, one);
	assert_int_equal(stats(&c).idle, 0);
	close(peer);
	claimer_close(&c);
}

static void
test_so_many_are_kept_and_the_oldest_go(void **state)
{
	struct conn *conns[4];
	struct claimer c;
	int peers[4];

	(void)state;
	claimer_open(&c, AF_INET);
	c.be.max_idle = 2;
	for (int i = 0; i < 4; i++)
		conns[i] = connect_one(&c, &c.be, &peers[i]);
	for (int i = 0; i < 4; i++)
		pool_put(c.up.pool, &c.be, conns[i]);
	assert_int_equal(stats(&c).idle, 2);
	assert_ptr_equal(pool_take_idle(c.up.pool, &c.be), conns[3]);
	conn_close(conns[3]);
	for (int i = 0; i < 4; i++)
		close(peers[i]);
	claimer_close(&c);
}

static void
test_a_time_to_live_ends_an_idle_connection(void **state)
{
	struct claimer c;
	char byte;
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	c.be.ttl_ms = 50;
	pool_put(c.up.pool, &c.be, connect_one(&c, &c.be, &peer));
	sockets_set_timeout(peer);
	for (int i = 0; i < 100 && stats(&c).idle > 0; i++)
		turning_for(c.up.loop, 10);
	assert_int_equal(stats(&c).idle, 0);
	assert_int_equal(read(peer, &byte, 1), 0);
	close(peer);
	claimer_close(&c);
}

static void
test_nothing_is_kept_where_reuse_is_off(void **state)
{
	struct claimer c;
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	c.be.disable_reuse = true;
	pool_put(c.up.pool, &c.be, connect_one(&c, &c.be, &peer));
	assert_int_equal(stats(&c).idle, 0);
	close(peer);
	claimer_close(&c);
}

static void
test_a_refusal_is_told(void **state)
{
	struct claimer c;

	(void)state;
	claimer_open(&c, AF_INET);
	shutdown(c.listener, SHUT_RDWR);
	assert_null(connect_one(&c, &c.be, NULL));
	assert_int_equal(c.why, LR_REFUSED);
	assert_int_equal(stats(&c).connect_failures, 1);
	claimer_close(&c);
}

static void
test_names_and_unix_sockets_are_connected_to(void **state)
{
	struct backend named;
	struct claimer c;
	char url[64];
	int peer;

	(void)state;
	claimer_open(&c, AF_INET);
	snprintf(url, sizeof(url), "http://localhost:%u",
	    (unsigned)address_port(&c.at));
	named = upstream_backend(&c.up, slice_of(url));
	conn_close(connect_one(&c, &named, &peer));
	close(peer);
	named = upstream_backend(&c.up, SLICE("http://no-such-host.invalid"));
	assert_null(connect_one(&c, &named, NULL));
	assert_int_equal(c.why, LR_RESOLVE);
	claimer_close(&c);
	claimer_open(&c, AF_UNIX);
	conn_close(connect_one(&c, &c.be, &peer));
	close(peer);
	claimer_close(&c);
}

static void
test_a_cancelled_claim_is_silent(void **state)
{
	struct pool_claim *claim;
	struct backend named;
	struct claimer c;

	(void)state;
	claimer_open(&c, AF_INET);
	assert_int_equal(
	    pool_connect(c.up.pool, &c.be, on_connection, &c, &claim), LR_OK);
	pool_cancel(claim);
	named = upstream_backend(&c.up, SLICE("http://localhost"));
	assert_int_equal(
	    pool_connect(c.up.pool, &named, on_connection, &c, &claim), LR_OK);
	pool_cancel(claim);
	pool_cancel(NULL);
	turning_settle(c.up.loop);
	assert_int_equal(c.calls, 0);
	claimer_close(&c);
}

/* ---- spares ---- */

struct thing {
	struct pool_spare spare;
};

static unsigned freed_a, freed_b;

static void
free_a(struct pool_spare *s)
{
	freed_a++;
	free(s);
}

static void
free_b(struct pool_spare *s)
{
	freed_b++;
	free(s);
}

static struct pool_spare *
new_thing(void (*kind)(struct pool_spare *))
{
	struct thing *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->spare.free = kind;
	return &t->spare;
}

static void
test_spares_are_kept_by_kind_and_not_without_bound(void **state)
{
	struct pool_spare *a = new_thing(free_a), *b = new_thing(free_b);
	struct claimer c;

	(void)state;
	claimer_open(&c, AF_INET);
	assert_null(pool_take_spare(c.up.pool, free_a));
	pool_put_spare(c.up.pool, a);
	pool_put_spare(c.up.pool, b);
	assert_ptr_equal(pool_take_spare(c.up.pool, free_a), a);
	assert_null(pool_take_spare(c.up.pool, free_a));
	pool_put_spare(c.up.pool, a);
	for (int i = 0; i < 100; i++)
		pool_put_spare(c.up.pool, new_thing(free_a));
	assert_true(freed_a > 50);
	claimer_close(&c);
	assert_int_equal(freed_a, 101);
	assert_int_equal(freed_b, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_was_given_back_is_used_again_newest_first),
		cmocka_unit_test(
		    test_a_backend_is_known_by_its_url_over_a_reload),
		cmocka_unit_test(
		    test_an_idle_connection_is_dropped_when_its_peer_closes),
		cmocka_unit_test(
		    test_an_idle_connection_is_dropped_when_its_peer_speaks),
		cmocka_unit_test(
		    test_what_the_peer_said_before_it_was_given_back_counts_too),
		cmocka_unit_test(test_so_many_are_kept_and_the_oldest_go),
		cmocka_unit_test(test_a_time_to_live_ends_an_idle_connection),
		cmocka_unit_test(test_nothing_is_kept_where_reuse_is_off),
		cmocka_unit_test(test_a_refusal_is_told),
		cmocka_unit_test(test_names_and_unix_sockets_are_connected_to),
		cmocka_unit_test(test_a_cancelled_claim_is_silent),
		cmocka_unit_test(
		    test_spares_are_kept_by_kind_and_not_without_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
