/* tests/support/upstream.h: a pool with all that it stands on. */
#ifndef TESTS_SUPPORT_UPSTREAM_H
#define TESTS_SUPPORT_UPSTREAM_H

#include "proxy/upstream/pool.h"

struct upstream { /* plain; for tests */
	struct loop *loop;
	struct mailbox *box;
	struct offload *offload;
	struct resolver *resolver;
	struct pool *pool;
	struct arena arena;
};

/* These abort when something fails. */
void upstream_open(struct upstream *u);
void upstream_close(struct upstream *u);
/* The backend of that URL, in u's arena. */
struct backend upstream_backend(struct upstream *u, struct slice url);

#endif
