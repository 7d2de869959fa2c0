/* tests/unit/store/test_queue.c: the writer's queue */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <time.h>

#include "store/base/clock.h"
#include "store/queue.h"

#define FAR_MS 60000 /* a test never waits so long */

static struct job jobs[QUEUE_GROUP_JOBS];

static void
sleep_ms(int64_t ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void
test_jobs_come_out_in_order(void **state)
{
	struct queue q;
	struct job_list out;
	int i;

	(void)state;
	queue_init(&q, 0, 1000, 1000);
	job_list_init(&out);
	for (i = 0; i < 3; i++)
		queue_push(&q, &jobs[i]);
	assert_int_equal(queue_jobs(&q), 3);
	assert_true(queue_take(&q, QUEUE_FIRST, &out));
	queue_push(&q, &jobs[3]);
	assert_true(queue_take(&q, QUEUE_POLL, &out));
	for (i = 0; i < 4; i++)
		assert_ptr_equal(job_list_take(&out), &jobs[i]);
	assert_null(job_list_take(&out));
	assert_int_equal(queue_jobs(&q), 0);
	queue_destroy(&q);
}

static void
test_lists_join_at_both_ends(void **state)
{
	struct job_list a, b;
	int i;

	(void)state;
	job_list_init(&a);
	job_list_init(&b);
	job_list_join(&a, &b);
	job_list_prepend(&a, &b);
	assert_null(a.first);
	job_list_add(&b, &jobs[1]);
	job_list_join(&a, &b);
	job_list_add(&b, &jobs[0]);
	job_list_prepend(&a, &b);
	job_list_add(&a, &jobs[2]);
	assert_null(b.first);
	for (i = 0; i < 3; i++)
		assert_ptr_equal(job_list_take(&a), &jobs[i]);
	job_list_add(&a, &jobs[0]); /* usable when it was emptied */
	job_list_prepend(&b, &a);
	assert_ptr_equal(job_list_take(&b), &jobs[0]);
}

static void
test_bytes_are_bounded(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, 0, 1000, 1000);
	assert_true(queue_charge(&q, 500));
	assert_false(queue_pressed(&q));
	assert_true(queue_charge(&q, 500));
	assert_true(queue_pressed(&q));
	assert_false(queue_charge(&q, 1));
	queue_refund(&q, 1);
	assert_true(queue_charge(&q, 1));
	queue_refund(&q, 1000);
	assert_int_equal(q.bytes, 0);
	queue_destroy(&q);
}

/* ---- waiting ---- */

struct taker {
	struct queue *q;
	int64_t took_ms;
	unsigned n;
	bool more;
};

static void *
take_once(void *arg)
{
	struct taker *t = arg;
	int64_t start = clock_mono_us();
	struct job_list out;

	job_list_init(&out);
	t->more = queue_take(t->q, QUEUE_FIRST, &out);
	t->took_ms = (clock_mono_us() - start) / 1000;
	while (job_list_take(&out) != NULL)
		t->n++;
	return NULL;
}

static struct taker
take_while(struct queue *q, void (*f)(struct queue *q))
{
	struct taker t = { .q = q };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, take_once, &t), 0);
	sleep_ms(20);
	f(q);
	pthread_join(thread, NULL);
	return t;
}

static void
push_some(struct queue *q)
{
	int i;

	for (i = 0; i < 5; i++) {
		queue_push(q, &jobs[i]);
		sleep_ms(2);
	}
}

static void
push_a_group(struct queue *q)
{
	unsigned i;

	for (i = 0; i < QUEUE_GROUP_JOBS; i++)
		queue_push(q, &jobs[i]);
}

static void
push_and_hurry(struct queue *q)
{
	queue_push(q, &jobs[0]);
	sleep_ms(5);
	queue_hurry(q);
}

static void
charge_and_push(struct queue *q)
{
	queue_push(q, &jobs[0]);
	sleep_ms(20);
	queue_charge(q, 500);
	queue_push(q, &jobs[1]);
}

static void
test_jobs_gather_for_the_given_time(void **state)
{
	struct queue q;
	struct taker t;

	(void)state;
	queue_init(&q, 200, 1000, 1000);
	t = take_while(&q, push_some);
	assert_true(t.more);
	assert_int_equal(t.n, 5);
	assert_true(t.took_ms >= 200 && t.took_ms < FAR_MS);
	queue_destroy(&q);
}

static void
test_a_full_group_is_not_kept_waiting(void **state)
{
	struct queue q;
	struct taker t;

	(void)state;
	queue_init(&q, FAR_MS, 1000, 500);
	t = take_while(&q, push_a_group);
	assert_int_equal(t.n, QUEUE_GROUP_JOBS);
	t = take_while(&q, charge_and_push);
	assert_int_equal(t.n, 2);
	queue_refund(&q, 500);
	t = take_while(&q, push_and_hurry);
	assert_int_equal(t.n, 1);
	assert_true(t.took_ms < FAR_MS);
	queue_destroy(&q);
}

static void
test_stop_ends_an_empty_queue_only(void **state)
{
	struct queue q;
	struct taker t;
	struct job_list out;

	(void)state;
	queue_init(&q, FAR_MS, 1000, 1000);
	job_list_init(&out);
	t = take_while(&q, queue_stop);
	assert_false(t.more);
	queue_push(&q, &jobs[0]);
	assert_true(queue_take(&q, QUEUE_FIRST, &out));
	assert_ptr_equal(job_list_take(&out), &jobs[0]);
	queue_nudge(&q);
	assert_true(queue_take(&q, QUEUE_FIRST, &out));
	assert_true(queue_take(&q, QUEUE_GROUP, &out));
	assert_false(queue_take(&q, QUEUE_FIRST, &out));
	assert_false(queue_pause(&q, FAR_MS));
	queue_destroy(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_come_out_in_order),
		cmocka_unit_test(test_lists_join_at_both_ends),
		cmocka_unit_test(test_bytes_are_bounded),
		cmocka_unit_test(test_jobs_gather_for_the_given_time),
		cmocka_unit_test(test_a_full_group_is_not_kept_waiting),
		cmocka_unit_test(test_stop_ends_an_empty_queue_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
