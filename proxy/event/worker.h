/* proxy/event/worker.h: a thread that runs a loop and reads its mail. */
#ifndef PROXY_EVENT_WORKER_H
#define PROXY_EVENT_WORKER_H

#include "proxy/event/mailbox.h"

struct worker;

struct worker_hooks {
	/* On the new thread, before the loop runs; a failure ends it and is
	 * what worker_start returns. */
	enum lr (*start)(struct worker *w, void *ctx);
	/* On the thread, after the loop has stopped. */
	void (*stop)(struct worker *w, void *ctx);
};

/* Starts thread number index ("larder/0" in ps); returns when its start hook
 * has.  Every deliver of its mailbox is handed ctx as the owner.
 * LR_NOMEM, LR_IO, or what the hook returned. */
enum lr worker_start(unsigned index, const struct worker_hooks *hooks,
    void *ctx, struct worker **out);
/* Asks the loop to stop and waits for the thread.  The mailbox stays open
 * for others that still run: stop all of them before the first is joined.
 * A second call does nothing. */
void worker_stop(struct worker *w);
/* Stops it if need be, delivers the mail that came after its end (on the
 * caller's thread; ctx must still be there), frees.  Takes NULL. */
void worker_join(struct worker *w);

unsigned worker_index(const struct worker *w);
struct loop *worker_loop(struct worker *w);
struct mailbox *worker_mailbox(struct worker *w);

#endif
