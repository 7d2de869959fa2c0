/* store/queue.h: what waits for the writer.
 *
 * Any thread pushes; the writer's thread takes.  To wake a sleeping thread
 * costs more than to queue a job, so the writer is woken once per group:
 * by the first job, and again only when a group is full before its time.
 *
 * Bytes are charged when they begin to wait and refunded when the commit
 * is over; the bound is on all of them. */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"

struct group;
struct job;

enum job_next {
	JOB_DONE, /* the queue's hold on it has ended */
	JOB_AGAIN /* there is more to do: first in the next group */
};

struct job_ops {
	/* Makes the changes in the group's transaction.  LR_AGAIN: not in
	 * this group, nothing was changed.  Others spoil the group. */
	enum lr (*apply)(struct job *job, struct group *g);
	/* How the commit went. */
	enum job_next (*settle)(
	    struct job *job, struct group *g, enum lr outcome);
};

/* First member of whatever is queued. */
struct job {
	const struct job_ops *ops;
	struct job *next;
};

/* A chain of jobs in order. */
struct job_list {
	struct job *first;
	struct job **end; /* &first when empty */
};
void job_list_init(struct job_list *l);
void job_list_add(struct job_list *l, struct job *job);
struct job *job_list_take(struct job_list *l); /* NULL when empty */
/* Moves all of from behind, or before, what l has. */
void job_list_join(struct job_list *l, struct job_list *from);
void job_list_prepend(struct job_list *l, struct job_list *from);

/* How long the writer may wait for jobs. */
enum queue_wait {
	QUEUE_FIRST, /* until there is something to do, or idle_us is over */
	QUEUE_GROUP, /* it has something to do, as if a job had just come */
	QUEUE_POLL   /* not at all */
};

enum queue_reader {
	QUEUE_BUSY,    /* the writer is at work and will look again */
	QUEUE_ASLEEP,  /* waits for a first job */
	QUEUE_GATHERS, /* has one, lets others join for a while */
};

struct queue {
	pthread_mutex_t lock; /* over all but bytes */
	pthread_cond_t wake;
	struct job_list jobs;
	unsigned n;
	int64_t first_at_us; /* when the oldest came; 0: nothing waits */
	enum queue_reader reader;
	bool nudged, hurry, stop;
	int64_t wait_us;
	int64_t idle_us; /* 0: no end; may be set by the writer */
	uint64_t limit_bytes, full_bytes;
	_Atomic uint64_t bytes;
};

/* Most jobs and bytes of one group. */
#define QUEUE_GROUP_JOBS 256u

void queue_init(struct queue *q, int64_t wait_ms, uint64_t limit_bytes,
    uint64_t group_bytes);
void queue_destroy(struct queue *q);

/* False, and nothing charged, when the bound would be passed. */
bool queue_charge(struct queue *q, uint64_t bytes);
void queue_refund(struct queue *q, uint64_t bytes);
/* More than half of the bound is in use. */
bool queue_pressed(const struct queue *q);

void queue_push(struct queue *q, struct job *job);
/* Something else than a job is to be done (pages to delete). */
void queue_nudge(struct queue *q);
/* Do not gather any longer. */
void queue_hurry(struct queue *q);
/* The writer is to end when all is done. */
void queue_stop(struct queue *q);
uint64_t queue_jobs(struct queue *q);

/* Waits as told, then moves the jobs behind what *out has.  False: stop
 * was called, nothing is left and nothing came. */
bool queue_take(struct queue *q, enum queue_wait how, struct job_list *out);
/* Sleeps for ms, or until stop or hurry; false: stop was called. */
bool queue_pause(struct queue *q, int64_t ms);

#endif
