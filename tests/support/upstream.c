/* tests/support/upstream.c: loop, mailbox, offload, resolver, pool */
#include "tests/support/upstream.h"

#include <stdlib.h>

#include "tests/support/turning.h"

static void
must(enum lr rc)
{
	if (rc != LR_OK)
		abort();
}

void
upstream_open(struct upstream *u)
{
	*u = (struct upstream){ .loop = turning_loop() };
	must(mailbox_create(u->loop, NULL, &u->box));
	must(offload_create(1, &u->offload));
	must(resolver_create(
	    u->loop, u->box, u->offload, 60000, NULL, &u->resolver));
	must(pool_create(u->loop, u->resolver, NULL, &u->pool));
}

void
upstream_close(struct upstream *u)
{
	pool_free(u->pool);
	resolver_free(u->resolver);
	offload_free(u->offload);
	mailbox_free(u->box);
	loop_free(u->loop);
	arena_free(&u->arena);
}

struct backend
upstream_backend(struct upstream *u, struct slice url)
{
	struct backend be;
	const char *why;

	must(backend_parse(url, &u->arena, &be, &why));
	return be;
}
