/* proxy/listen_set.h: the listening sockets of all workers.
 *
 * For each Listen of a configuration, one socket per worker.  At a reload
 * the addresses that stay are not opened again: their sockets remain with
 * the workers.  Main thread. */
#ifndef PROXY_LISTEN_SET_H
#define PROXY_LISTEN_SET_H

#include "proxy/site/site.h"
#include "store/base/strbuf.h"

struct listen_set { /* a plain value; zeroed is empty */
	size_t n;   /* Listen directives */
	unsigned workers;
	struct address *asked; /* n of them, as configured */
	struct address *bound; /* n of them, as it turned out (port 0) */
	int *fds; /* of worker w: fds[w * n] and following; -1: it has it */
};

/* Opens what site asks for and before (may be empty) does not have.  On
 * failure nothing stays open and why says which address and what to do:
 * LR_BUSY, LR_DENIED, LR_UNREACHABLE, LR_IO, LR_NOMEM. */
enum lr listen_set_open(const struct site *site, unsigned workers,
    const struct listen_set *before, struct listen_set *out,
    struct strbuf *why);

/* The n sockets of that worker, for service_start and service_reload; the
 * set forgets them. */
void listen_set_take(struct listen_set *l, unsigned worker, int *fds);

/* Closes what nobody took, and frees. */
void listen_set_close(struct listen_set *l);

#endif
