/* proxy/event/offload.c: a queue and the threads that work on it */
#include "proxy/event/offload.h"

#include <stdlib.h>

#include "proxy/event/thread.h"
#include "store/base/check.h"

#define OFFLOAD_MAGIC MAGIC('O', 'F', 'F', 'L')

struct offload {
	uint32_t magic;
	pthread_mutex_t lock;	/* over what follows */
	pthread_cond_t changed; /* a job came, or ending was set */
	struct offload_job *first, *last;
	bool ending;
	unsigned started; /* threads */
	pthread_t threads[];
};

static void
on_done(struct mail *m, void *owner)
{
	struct offload_job *job = (struct offload_job *)(void *)((char *)m -
	    offsetof(struct offload_job, mail));

	(void)owner;
	job->done(job);
}

/* The next job; NULL when there will be none. */
static struct offload_job *
wait_for_job(struct offload *pool)
{
	struct offload_job *job;

	pthread_mutex_lock(&pool->lock);
	while (pool->first == NULL && !pool->ending)
		pthread_cond_wait(&pool->changed, &pool->lock);
	if ((job = pool->first) != NULL)
		pool->first = job->next;
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void *
offload_main(void *arg)
{
	struct offload *pool = arg;
	struct offload_job *job;

	MAGIC_CHECK(pool, OFFLOAD_MAGIC);
	while ((job = wait_for_job(pool)) != NULL) {
		job->run(job);
		job->mail.deliver = on_done;
		mailbox_post(job->home, &job->mail);
	}
	return NULL;
}

enum lr
offload_create(unsigned threads, struct offload **out)
{
	struct offload *pool = calloc(
	    1, sizeof(*pool) + threads * sizeof(pool->threads[0]));
	enum lr rc;

	if (pool == NULL)
		return LR_NOMEM;
	pool->magic = OFFLOAD_MAGIC;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	for (; pool->started < threads; pool->started++) {
		rc = thread_start("larder/offload", offload_main, pool,
		    &pool->threads[pool->started]);
		if (rc != LR_OK)
			goto fail;
	}
	*out = pool;
	return LR_OK;
fail:
	offload_free(pool);
	return rc;
}

void
offload_free(struct offload *pool)
{
	if (pool == NULL)
		return;
	MAGIC_CHECK(pool, OFFLOAD_MAGIC);
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	pool->magic = 0;
	free(pool);
}

void
offload_submit(struct offload *pool, struct offload_job *job)
{
	MAGIC_CHECK(pool, OFFLOAD_MAGIC);
	job->next = NULL;
	pthread_mutex_lock(&pool->lock);
	if (pool->first == NULL)
		pool->first = job;
	else
		pool->last->next = job;
	pool->last = job;
	pthread_cond_signal(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}
