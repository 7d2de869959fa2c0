/* proxy/listen_set.c: opening sockets by configuration */
#include "proxy/listen_set.h"

#include <stdlib.h>
#include <unistd.h>

#include "proxy/net/listener.h"

static const char *
advice(enum lr rc)
{
	switch (rc) {
	case LR_BUSY:
		return "another program listens there; stop it or choose "
		       "another port";
	case LR_DENIED:
		return "ports below 1024 are root's; start as root and set "
		       "User, or choose another port";
	case LR_UNREACHABLE:
		return "this machine has no such address";
	default:
		return status_text(rc);
	}
}

static enum lr
allocate(struct listen_set *l, size_t n, unsigned workers)
{
	*l = (struct listen_set){ .n = n, .workers = workers };
	l->asked = calloc(n + 1, sizeof(*l->asked));
	l->bound = calloc(n + 1, sizeof(*l->bound));
	l->fds = calloc(n * workers + 1, sizeof(*l->fds));
	if (l->asked == NULL || l->bound == NULL || l->fds == NULL) {
		l->n = 0; /* nothing is open yet */
		listen_set_close(l);
		return LR_NOMEM;
	}
	for (size_t i = 0; i < n * workers; i++)
		l->fds[i] = -1;
	return LR_OK;
}

/* Which of l's addresses that is; l->n when it is none. */
static size_t
index_of(const struct listen_set *l, const struct address *a)
{
	size_t i = 0;

	while (i < l->n && !address_eq(&l->asked[i], a))
		i++;
	return i;
}

/* Opens number i for every worker. */
static enum lr
open_all(struct listen_set *l, size_t i, int backlog)
{
	int *fds = calloc(l->workers, sizeof(*fds));
	enum lr rc;

	if (fds == NULL)
		return LR_NOMEM;
	rc = listener_open(
	    &l->asked[i], backlog, l->workers, fds, &l->bound[i]);
	for (unsigned w = 0; rc == LR_OK && w < l->workers; w++)
		l->fds[w * l->n + i] = fds[w];
	free(fds);
	return rc;
}

enum lr
listen_set_open(const struct site *site, unsigned workers,
    const struct listen_set *before, struct listen_set *out, struct strbuf *why)
{
	size_t n;
	const struct listen *listens = site_listens(site, &n);
	struct listen_set l;
	enum lr rc = allocate(&l, n, workers);

	for (size_t i = 0; rc == LR_OK && i < n; i++) {
		size_t old = index_of(before, &listens[i].at);

		l.asked[i] = listens[i].at;
		if (old < before->n) {
			l.bound[i] = before->bound[old];
			continue;
		}
		rc = open_all(&l, i, site_server(site)->backlog);
		if (rc != LR_OK)
			strbuf_addf(why, "cannot listen on %.*s: %s",
			    SLICE_ARG(listens[i].text), advice(rc));
	}
	if (rc != LR_OK) {
		listen_set_close(&l);
		return rc;
	}
	*out = l;
	return LR_OK;
}

void
listen_set_take(struct listen_set *l, unsigned worker, int *fds)
{
	for (size_t i = 0; i < l->n; i++) {
		fds[i] = l->fds[worker * l->n + i];
		l->fds[worker * l->n + i] = -1;
	}
}

void
listen_set_close(struct listen_set *l)
{
	for (size_t i = 0; i < l->n * l->workers; i++) {
		if (l->fds[i] >= 0)
			close(l->fds[i]);
	}
	free(l->asked);
	free(l->bound);
	free(l->fds);
	*l = (struct listen_set){ 0 };
}
