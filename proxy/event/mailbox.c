/* proxy/event/mailbox.c: a stack that all push to and one empties */
#include "proxy/event/mailbox.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/base/check.h"

#define MAILBOX_MAGIC MAGIC('M', 'A', 'I', 'L')

struct mailbox {
	uint32_t magic;
	int fd;
	void *owner;
	_Atomic(struct mail *) newest; /* each points to the one before it */
	struct watch watch;
};

static struct mail *
oldest_first(struct mail *newest)
{
	struct mail *list = NULL;

	while (newest != NULL) {
		struct mail *before = newest->next;

		newest->next = list;
		list = newest;
		newest = before;
	}
	return list;
}

static bool
deliver_all(struct mailbox *box)
{
	struct mail *m, *next;

	m = oldest_first(
	    atomic_exchange_explicit(&box->newest, NULL, memory_order_acquire));
	if (m == NULL)
		return false;
	for (; m != NULL; m = next) {
		next = m->next; /* deliver may free it */
		m->deliver(m, box->owner);
	}
	return true;
}

/* The descriptor is never read: being watched by edge, it is told anew
 * with every write, and its count takes centuries to run over. */
static void
on_post(void *ctx, unsigned what)
{
	struct mailbox *box = ctx;

	(void)what;
	MAGIC_CHECK(box, MAILBOX_MAGIC);
	deliver_all(box);
}

enum lr
mailbox_create(struct loop *loop, void *owner, struct mailbox **out)
{
	struct mailbox *box = calloc(1, sizeof(*box));
	enum lr rc = LR_IO;

	if (box == NULL)
		return LR_NOMEM;
	box->magic = MAILBOX_MAGIC;
	box->owner = owner;
	if ((box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
		goto fail;
	if ((rc = watch_edge(loop, &box->watch, box->fd, on_post, box)) !=
	    LR_OK)
		goto fail;
	*out = box;
	return LR_OK;
fail:
	mailbox_free(box);
	return rc;
}

void
mailbox_free(struct mailbox *box)
{
	if (box == NULL)
		return;
	MAGIC_CHECK(box, MAILBOX_MAGIC);
	watch_stop(&box->watch);
	while (deliver_all(box))
		; /* a delivery may post again */
	if (box->fd >= 0)
		close(box->fd);
	box->magic = 0;
	free(box);
}

void
mailbox_post(struct mailbox *box, struct mail *m)
{
	struct mail *before = atomic_load_explicit(
	    &box->newest, memory_order_relaxed);
	uint64_t one = 1;

	do {
		m->next = before;
	} while (!atomic_compare_exchange_weak_explicit(&box->newest, &before,
	    m, memory_order_release, memory_order_relaxed));
	/* Who finds the box empty wakes the loop; the mail itself may be
	 * gone by now. */
	if (before == NULL)
		CHECK(write(box->fd, &one, sizeof(one)) == sizeof(one));
}
