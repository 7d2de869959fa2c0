/* proxy/event/worker.c: the life of a thread with a loop */
#include "proxy/event/worker.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/event/thread.h"
#include "store/base/check.h"

#define WORKER_MAGIC MAGIC('W', 'O', 'R', 'K')

struct worker {
	uint32_t magic;
	unsigned index;
	const struct worker_hooks *hooks;
	void *ctx;
	struct loop *loop;
	struct mailbox *mailbox;
	pthread_t thread;
	bool alive;	     /* the thread is to be joined */
	sem_t ready;	     /* posted when started holds the outcome */
	enum lr started;     /* of the start hook */
	struct mail stopper; /* the last message */
};

static void
on_stop(struct mail *m, void *owner)
{
	struct worker *w = (struct worker *)(void *)((char *)m -
	    offsetof(struct worker, stopper));

	(void)owner;
	MAGIC_CHECK(w, WORKER_MAGIC);
	loop_stop(w->loop);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	enum lr rc;

	MAGIC_CHECK(w, WORKER_MAGIC);
	rc = w->hooks->start(w, w->ctx);
	w->started = rc;
	sem_post(&w->ready);
	if (rc != LR_OK)
		return NULL;
	loop_run(w->loop);
	w->hooks->stop(w, w->ctx);
	return NULL;
}

static enum lr
thread_begin(struct worker *w)
{
	char name[32];
	enum lr rc;

	snprintf(name, sizeof(name), "larder/%u", w->index);
	if ((rc = thread_start(name, worker_main, w, &w->thread)) != LR_OK)
		return rc;
	while (sem_wait(&w->ready) != 0)
		; /* a signal came in between */
	if (w->started == LR_OK)
		w->alive = true;
	else
		pthread_join(w->thread, NULL);
	return w->started;
}

enum lr
worker_start(unsigned index, const struct worker_hooks *hooks, void *ctx,
    struct worker **out)
{
	struct worker *w = calloc(1, sizeof(*w));
	enum lr rc;

	if (w == NULL)
		return LR_NOMEM;
	w->magic = WORKER_MAGIC;
	w->index = index;
	w->hooks = hooks;
	w->ctx = ctx;
	w->stopper.deliver = on_stop;
	sem_init(&w->ready, 0, 0);
	if ((rc = loop_create(&w->loop)) != LR_OK)
		goto fail;
	if ((rc = mailbox_create(w->loop, ctx, &w->mailbox)) != LR_OK)
		goto fail;
	if ((rc = thread_begin(w)) != LR_OK)
		goto fail;
	*out = w;
	return LR_OK;
fail:
	worker_join(w);
	return rc;
}

void
worker_stop(struct worker *w)
{
	MAGIC_CHECK(w, WORKER_MAGIC);
	if (!w->alive)
		return;
	mailbox_post(w->mailbox, &w->stopper);
	pthread_join(w->thread, NULL);
	w->alive = false;
}

void
worker_join(struct worker *w)
{
	if (w == NULL)
		return;
	worker_stop(w);
	mailbox_free(w->mailbox);
	loop_free(w->loop);
	sem_destroy(&w->ready);
	w->magic = 0;
	free(w);
}

unsigned
worker_index(const struct worker *w)
{
	return w->index;
}

struct loop *
worker_loop(struct worker *w)
{
	return w->loop;
}

struct mailbox *
worker_mailbox(struct worker *w)
{
	return w->mailbox;
}
