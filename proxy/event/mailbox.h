/* proxy/event/mailbox.h: how threads speak to a loop.
 *
 * A lock-free stack of messages and an eventfd that is written only when
 * the box was empty.  Messages arrive in the order each sender posted. */
#ifndef PROXY_EVENT_MAILBOX_H
#define PROXY_EVENT_MAILBOX_H

#include "proxy/event/loop.h"

struct mailbox;

/* Embedded in a typed message; the receiver owns the message when deliver
 * runs (on the loop's thread). */
struct mail {
	struct mail *next;
	void (*deliver)(struct mail *m, void *owner);
};

/* owner is handed to every deliver.  LR_NOMEM, LR_IO. */
enum lr mailbox_create(struct loop *loop, void *owner, struct mailbox **out);
/* Delivers what is left, then frees.  Nobody may be posting any more; not
 * from inside a delivery.  Takes NULL. */
void mailbox_free(struct mailbox *box);
/* Any thread; never blocks, never fails. */
void mailbox_post(struct mailbox *box, struct mail *m);

#endif
