/* tests/unit/proxy/event/test_offload.c: work on other threads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "proxy/event/offload.h"
#include "tests/support/turning.h"

#define JOBS 500

struct home {
	struct loop *loop;
	struct mailbox *box;
	struct offload *pool;
	pthread_t thread;
	unsigned done;
};

struct square {
	struct offload_job job;
	struct home *home;
	unsigned number, result;
	pthread_t ran_on;
};

static void
run(struct offload_job *job)
{
	struct square *s = (struct square *)(void *)job;

	s->result = s->number * s->number;
	s->ran_on = pthread_self();
}

static void
done(struct offload_job *job)
{
	struct square *s = (struct square *)(void *)job;

	assert_int_equal(s->result, s->number * s->number);
	assert_false(pthread_equal(s->ran_on, s->home->thread));
	assert_true(pthread_equal(pthread_self(), s->home->thread));
	if (++s->home->done == JOBS)
		loop_stop(s->home->loop);
	free(s);
}

static void
home_open(struct home *h, unsigned threads)
{
	*h = (struct home){ .loop = turning_loop(), .thread = pthread_self() };
	assert_int_equal(mailbox_create(h->loop, h, &h->box), LR_OK);
	assert_int_equal(offload_create(threads, &h->pool), LR_OK);
}

static void
submit_all(struct home *h)
{
	for (unsigned i = 0; i < JOBS; i++) {
		struct square *s = calloc(1, sizeof(*s));

		assert_non_null(s);
		s->job.run = run;
		s->job.done = done;
		s->job.home = h->box;
		s->home = h;
		s->number = i;
		offload_submit(h->pool, &s->job);
	}
}

static void
test_jobs_run_elsewhere_and_come_home(void **state)
{
	struct home h;

	(void)state;
	home_open(&h, 3);
	submit_all(&h);
	assert_true(turning_run(h.loop));
	assert_int_equal(h.done, JOBS);
	offload_free(h.pool);
	mailbox_free(h.box);
	loop_free(h.loop);
}

static void
test_the_queue_is_finished_before_the_pool_goes(void **state)
{
	struct home h;

	(void)state;
	home_open(&h, 1);
	submit_all(&h);
	offload_free(h.pool);
	mailbox_free(h.box); /* brings the last of them home */
	assert_int_equal(h.done, JOBS);
	offload_free(NULL);
	loop_free(h.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_run_elsewhere_and_come_home),
		cmocka_unit_test(
		    test_the_queue_is_finished_before_the_pool_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
