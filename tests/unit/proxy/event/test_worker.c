/* tests/unit/proxy/event/test_worker.c: threads with loops */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "proxy/event/worker.h"

/* What a worker's hooks and mail leave behind. */
struct shop {
	struct worker *worker;
	enum lr start_as;
	pthread_t thread;
	char name[32];
	bool signals_blocked;
	bool stopped;
	_Atomic unsigned delivered;
	unsigned delivered_at_stop;
};

static enum lr
start(struct worker *w, void *ctx)
{
	struct shop *s = ctx;
	sigset_t blocked;

	s->worker = w;
	s->thread = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	s->signals_blocked = sigismember(&blocked, SIGTERM) == 1;
	return s->start_as;
}

static void
stop(struct worker *w, void *ctx)
{
	struct shop *s = ctx;

	assert_ptr_equal(w, s->worker);
	assert_true(pthread_equal(pthread_self(), s->thread));
	s->stopped = true;
	s->delivered_at_stop = s->delivered;
}

static const struct worker_hooks HOOKS = { start, stop };

static void
deliver(struct mail *m, void *owner)
{
	struct shop *s = owner;

	(void)m;
	s->delivered++;
}

static void
test_a_worker_starts_reads_its_mail_and_stops(void **state)
{
	struct mail mails[3] = { { .deliver = deliver }, { .deliver = deliver },
		{ .deliver = deliver } };
	struct shop s = { 0 };
	struct worker *w;

	(void)state;
	assert_int_equal(worker_start(7, &HOOKS, &s, &w), LR_OK);
	assert_ptr_equal(w, s.worker);
	assert_false(pthread_equal(pthread_self(), s.thread));
	assert_true(s.signals_blocked);
	assert_int_equal(worker_index(w), 7);
	assert_non_null(worker_loop(w));
	pthread_getname_np(s.thread, s.name, sizeof(s.name));
	assert_string_equal(s.name, "larder/7");
	for (int i = 0; i < 3; i++)
		mailbox_post(worker_mailbox(w), &mails[i]);
	worker_join(w);
	assert_true(s.stopped);
	assert_int_equal(s.delivered_at_stop, 3);
}

static void
test_mail_for_a_stopped_worker_is_delivered_when_joined(void **state)
{
	struct mail late = { .deliver = deliver };
	struct shop s = { 0 };
	struct worker *w;

	(void)state;
	assert_int_equal(worker_start(0, &HOOKS, &s, &w), LR_OK);
	worker_stop(w);
	worker_stop(w);
	assert_true(s.stopped);
	mailbox_post(worker_mailbox(w), &late);
	assert_int_equal(s.delivered, 0);
	worker_join(w);
	assert_int_equal(s.delivered, 1);
}

static void
test_a_start_that_fails_is_the_outcome(void **state)
{
	struct shop s = { .start_as = LR_DENIED };
	struct worker *w = NULL;

	(void)state;
	assert_int_equal(worker_start(0, &HOOKS, &s, &w), LR_DENIED);
	assert_null(w);
	assert_false(s.stopped);
	worker_join(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_worker_starts_reads_its_mail_and_stops),
		cmocka_unit_test(
		    test_mail_for_a_stopped_worker_is_delivered_when_joined),
		cmocka_unit_test(test_a_start_that_fails_is_the_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
