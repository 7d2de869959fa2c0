/* proxy/event/offload.h: a small pool of threads for what may block
 * (getaddrinfo, cold pages, scans). */
#ifndef PROXY_EVENT_OFFLOAD_H
#define PROXY_EVENT_OFFLOAD_H

#include "proxy/event/mailbox.h"

struct offload;

struct offload_job {	  /* embedded; must live until done ran */
	struct mail mail; /* the pool's own */
	void (*run)(struct offload_job *job);  /* on a pool thread */
	void (*done)(struct offload_job *job); /* on home's loop */
	struct mailbox *home;
	struct offload_job *next;
};

/* LR_NOMEM, LR_IO. */
enum lr offload_create(unsigned threads, struct offload **out);
/* Finishes what is queued, joins.  Takes NULL. */
void offload_free(struct offload *pool);
/* Any thread. */
void offload_submit(struct offload *pool, struct offload_job *job);

#endif
