/* store/queue.c: the writer's queue */
#include "store/queue.h"

#include <time.h>

#include "store/base/clock.h"

void
job_list_init(struct job_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

void
job_list_add(struct job_list *l, struct job *job)
{
	job->next = NULL;
	*l->end = job;
	l->end = &job->next;
}

struct job *
job_list_take(struct job_list *l)
{
	struct job *job = l->first;

	if (job == NULL)
		return NULL;
	l->first = job->next;
	if (l->first == NULL)
		l->end = &l->first;
	return job;
}

void
job_list_join(struct job_list *l, struct job_list *from)
{
	if (from->first == NULL)
		return;
	*l->end = from->first;
	l->end = from->end;
	job_list_init(from);
}

void
job_list_prepend(struct job_list *l, struct job_list *from)
{
	job_list_join(from, l);
	job_list_join(l, from);
}

void
queue_init(struct queue *q, int64_t wait_ms, uint64_t limit_bytes,
    uint64_t group_bytes)
{
	pthread_condattr_t attr;

	*q = (struct queue){ .wait_us = wait_ms * 1000,
		.limit_bytes = limit_bytes,
		.full_bytes = group_bytes };
	job_list_init(&q->jobs);
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->wake, &attr);
	pthread_condattr_destroy(&attr);
}

void
queue_destroy(struct queue *q)
{
	pthread_cond_destroy(&q->wake);
	pthread_mutex_destroy(&q->lock);
}

/* ---- bytes ---- */

bool
queue_charge(struct queue *q, uint64_t bytes)
{
	uint64_t before = atomic_fetch_add_explicit(
	    &q->bytes, bytes, memory_order_relaxed);

	if (before + bytes <= q->limit_bytes)
		return true;
	queue_refund(q, bytes);
	return false;
}

void
queue_refund(struct queue *q, uint64_t bytes)
{
	atomic_fetch_sub_explicit(&q->bytes, bytes, memory_order_relaxed);
}

static uint64_t
bytes_now(const struct queue *q)
{
	return atomic_load_explicit(&q->bytes, memory_order_relaxed);
}

bool
queue_pressed(const struct queue *q)
{
	return bytes_now(q) > q->limit_bytes / 2;
}

/* ---- the pushing side ---- */

static bool
group_is_full(const struct queue *q)
{
	return q->n >= QUEUE_GROUP_JOBS || bytes_now(q) >= q->full_bytes;
}

/* Wakes the writer if it sleeps for less than what there is now.  It is
 * called busy from here on, so that nobody wakes it twice. */
static void
wake_reader(struct queue *q)
{
	bool enough = group_is_full(q) || q->hurry || q->stop;

	if (q->first_at_us == 0)
		q->first_at_us = clock_mono_us();
	if (q->reader == QUEUE_ASLEEP ||
	    (q->reader == QUEUE_GATHERS && enough)) {
		q->reader = QUEUE_BUSY;
		pthread_cond_signal(&q->wake);
	}
}

void
queue_push(struct queue *q, struct job *job)
{
	pthread_mutex_lock(&q->lock);
	job_list_add(&q->jobs, job);
	q->n++;
	wake_reader(q);
	pthread_mutex_unlock(&q->lock);
}

void
queue_nudge(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->nudged = true;
	wake_reader(q);
	pthread_mutex_unlock(&q->lock);
}

void
queue_hurry(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->hurry = true;
	wake_reader(q);
	pthread_mutex_unlock(&q->lock);
}

void
queue_stop(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->stop = true;
	wake_reader(q);
	pthread_mutex_unlock(&q->lock);
}

uint64_t
queue_jobs(struct queue *q)
{
	uint64_t n;

	pthread_mutex_lock(&q->lock);
	n = q->n;
	pthread_mutex_unlock(&q->lock);
	return n;
}

/* ---- the writer's side ---- */

static struct timespec
timespec_of(int64_t us)
{
	return (struct timespec){ .tv_sec = us / 1000000,
		.tv_nsec = us % 1000000 * 1000 };
}

static bool
is_idle(const struct queue *q)
{
	return q->jobs.first == NULL && !q->nudged && !q->hurry && !q->stop;
}

/* Lets jobs join the first one until its time is over. */
static void
gather(struct queue *q)
{
	int64_t until_us = q->first_at_us + q->wait_us;
	struct timespec ts = timespec_of(until_us);

	while (!group_is_full(q) && !q->hurry && !q->stop &&
	    clock_mono_us() < until_us) {
		q->reader = QUEUE_GATHERS;
		pthread_cond_timedwait(&q->wake, &q->lock, &ts);
	}
	q->reader = QUEUE_BUSY;
}

/* Until there is something to do, or for idle_us. */
static void
sleep_idle(struct queue *q)
{
	struct timespec ts = timespec_of(clock_mono_us() + q->idle_us);
	int code = 0;

	while (code == 0 && is_idle(q)) {
		q->reader = QUEUE_ASLEEP;
		if (q->idle_us > 0)
			code = pthread_cond_timedwait(&q->wake, &q->lock, &ts);
		else
			pthread_cond_wait(&q->wake, &q->lock);
	}
}

/* The caller has the lock. */
static void
wait_for_jobs(struct queue *q, enum queue_wait how)
{
	if (how == QUEUE_GROUP && q->first_at_us == 0)
		q->first_at_us = clock_mono_us();
	if (how == QUEUE_FIRST)
		sleep_idle(q);
	q->reader = QUEUE_BUSY;
	if (how != QUEUE_POLL)
		gather(q);
}

bool
queue_take(struct queue *q, enum queue_wait how, struct job_list *out)
{
	bool more;

	pthread_mutex_lock(&q->lock);
	wait_for_jobs(q, how);
	more = how != QUEUE_FIRST || q->jobs.first != NULL || q->nudged ||
	    !q->stop;
	job_list_join(out, &q->jobs);
	q->n = 0;
	q->first_at_us = 0;
	q->nudged = q->hurry = false;
	pthread_mutex_unlock(&q->lock);
	return more;
}

bool
queue_pause(struct queue *q, int64_t ms)
{
	bool stopping;
	struct timespec ts = timespec_of(clock_mono_us() + ms * 1000);

	pthread_mutex_lock(&q->lock);
	q->reader = QUEUE_GATHERS; /* so that stop and hurry wake us */
	while (!q->stop && !q->hurry &&
	    pthread_cond_timedwait(&q->wake, &q->lock, &ts) == 0)
		;
	q->reader = QUEUE_BUSY;
	stopping = q->stop;
	pthread_mutex_unlock(&q->lock);
	return !stopping;
}
