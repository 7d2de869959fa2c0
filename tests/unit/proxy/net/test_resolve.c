/* tests/unit/proxy/net/test_resolve.c: names, with the system's own answers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/net/resolve.h"
#include "tests/support/turning.h"

/* A name that no resolver knows (RFC 6761 6.4). */
#define NOWHERE SLICE("no-such-host.invalid")

struct asker {
	struct loop *loop;
	struct mailbox *box;
	struct offload *pool;
	struct resolver *resolver;
	unsigned answers, stop_at;
	enum lr why;
	size_t n;
	struct address first;
	bool ask_again; /* once more, inside the answer */
};

static void
on_answer(void *ctx, enum lr why, const struct address *addresses, size_t n)
{
	struct asker *a = ctx;
	struct resolve *q;

	a->answers++;
	a->why = why;
	a->n = n;
	if (n > 0)
		a->first = addresses[0];
	if (a->ask_again) {
		a->ask_again = false;
		assert_int_equal(
		    resolver_ask(a->resolver, NOWHERE, 80, on_answer, a, &q),
		    LR_OK);
	}
	if (a->answers == a->stop_at)
		loop_stop(a->loop);
}

static void
asker_open(struct asker *a, int64_t keep_ms)
{
	*a = (struct asker){ .loop = turning_loop() };
	assert_int_equal(mailbox_create(a->loop, a, &a->box), LR_OK);
	assert_int_equal(offload_create(1, &a->pool), LR_OK);
	assert_int_equal(resolver_create(a->loop, a->box, a->pool, keep_ms,
			     NULL, &a->resolver),
	    LR_OK);
}

static void
asker_close(struct asker *a)
{
	resolver_free(a->resolver);
	offload_free(a->pool);
	mailbox_free(a->box);
	loop_free(a->loop);
}

static struct resolve *
ask(struct asker *a, struct slice host)
{
	unsigned before = a->answers;
	struct resolve *q;

	assert_int_equal(
	    resolver_ask(a->resolver, host, 8080, on_answer, a, &q), LR_OK);
	assert_int_equal(a->answers, before); /* never from inside */
	return q;
}

static void
wait_answers(struct asker *a, unsigned n)
{
	a->stop_at = n;
	assert_true(turning_run(a->loop));
}

static bool
is_loopback(const struct address *a)
{
	if (a->u.any.sa_family == AF_INET)
		return ntohl(a->u.v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->u.v6.sin6_addr);
}

static void
test_a_literal_needs_no_asking(void **state)
{
	struct address out[RESOLVE_MAX];
	char text[ADDRESS_CHARS];
	struct asker a;
	size_t n;

	(void)state;
	asker_open(&a, 60000);
	assert_int_equal(
	    resolver_peek(a.resolver, SLICE("192.0.2.1"), 81, out, &n), LR_OK);
	assert_int_equal(n, 1);
	address_format(&out[0], text);
	assert_string_equal(text, "192.0.2.1:81");
	ask(&a, SLICE("[::1]"));
	wait_answers(&a, 1);
	assert_int_equal(a.why, LR_OK);
	address_format(&a.first, text);
	assert_string_equal(text, "[::1]:8080");
	asker_close(&a);
}

static void
test_a_name_is_asked_for_once_and_then_remembered(void **state)
{
	struct address out[RESOLVE_MAX];
	struct asker a;
	size_t n = 0;

	(void)state;
	asker_open(&a, 60000);
	assert_int_equal(
	    resolver_peek(a.resolver, SLICE("localhost"), 80, out, &n),
	    LR_AGAIN);
	ask(&a, SLICE("localhost"));
	ask(&a, SLICE("LocalHost")); /* joins the first */
	wait_answers(&a, 2);
	assert_int_equal(a.why, LR_OK);
	assert_true(a.n >= 1);
	assert_true(is_loopback(&a.first));
	assert_int_equal(address_port(&a.first), 8080);
	assert_int_equal(
	    resolver_peek(a.resolver, SLICE("localhost"), 80, out, &n), LR_OK);
	assert_int_equal(n, a.n);
	assert_int_equal(address_port(&out[0]), 80);
	ask(&a, SLICE("localhost"));
	wait_answers(&a, 3);
	assert_int_equal(a.why, LR_OK);
	asker_close(&a);
}

static void
test_an_old_answer_is_used_while_it_is_renewed(void **state)
{
	struct address out[RESOLVE_MAX];
	struct asker a;
	size_t n = 0;

	(void)state;
	asker_open(&a, 500);
	ask(&a, SLICE("localhost"));
	wait_answers(&a, 1);
	/* Past the second life, when the first answer would be of no use any
	 * more: never without one, as each use of an old one renews it. */
	for (int i = 0; i < 6; i++) {
		turning_for(a.loop, 200);
		n = 0;
		assert_int_equal(
		    resolver_peek(a.resolver, SLICE("localhost"), 80, out, &n),
		    LR_OK);
		assert_true(n >= 1);
	}
	asker_close(&a);
}

static void
test_a_name_without_address_is_told_so(void **state)
{
	struct address out[RESOLVE_MAX];
	struct asker a;
	size_t n;

	(void)state;
	asker_open(&a, 60000);
	ask(&a, NOWHERE);
	a.ask_again = true; /* answered from memory, a moment later */
	wait_answers(&a, 2);
	assert_int_equal(a.why, LR_RESOLVE);
	assert_int_equal(a.n, 0);
	assert_int_equal(
	    resolver_peek(a.resolver, NOWHERE, 80, out, &n), LR_AGAIN);
	asker_close(&a);
}

static void
test_a_cancelled_question_is_not_answered(void **state)
{
	struct asker a;

	(void)state;
	asker_open(&a, 60000);
	resolver_cancel(ask(&a, SLICE("localhost"))); /* waiting */
	resolver_cancel(ask(&a, SLICE("192.0.2.1"))); /* answered */
	ask(&a, SLICE("localhost"));
	resolver_cancel(ask(&a, SLICE("localhost")));
	ask(&a, SLICE("localhost"));
	resolver_cancel(NULL);
	wait_answers(&a, 2);
	turning_settle(a.loop);
	assert_int_equal(a.answers, 2);
	asker_close(&a);
}

static void
test_a_resolver_may_go_while_it_asks(void **state)
{
	struct asker a;

	(void)state;
	asker_open(&a, 60000);
	ask(&a, SLICE("localhost"));
	ask(&a, SLICE("192.0.2.1"));
	asker_close(&a);
	assert_int_equal(a.answers, 0);
}

static void
test_old_names_make_room_for_new_ones(void **state)
{
	struct address out[RESOLVE_MAX];
	struct asker a;
	size_t n;

	(void)state;
	asker_open(&a, 60000);
	ask(&a, SLICE("localhost"));
	wait_answers(&a, 1);
	for (unsigned i = 0; i < 300; i++) {
		char name[32];

		/* Malformed: no server is asked about it. */
		snprintf(name, sizeof(name), "..%u", i);
		ask(&a, slice_of(name));
		wait_answers(&a, i + 2);
		assert_int_equal(a.why, LR_RESOLVE);
	}
	assert_int_equal(
	    resolver_peek(a.resolver, SLICE("localhost"), 80, out, &n),
	    LR_AGAIN);
	asker_close(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_literal_needs_no_asking),
		cmocka_unit_test(
		    test_a_name_is_asked_for_once_and_then_remembered),
		cmocka_unit_test(
		    test_an_old_answer_is_used_while_it_is_renewed),
		cmocka_unit_test(test_a_name_without_address_is_told_so),
		cmocka_unit_test(test_a_cancelled_question_is_not_answered),
		cmocka_unit_test(test_a_resolver_may_go_while_it_asks),
		cmocka_unit_test(test_old_names_make_room_for_new_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
