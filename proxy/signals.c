/* proxy/signals.c: a signalfd on the loop */
#include "proxy/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "store/base/check.h"

#define SIGNALS_MAGIC MAGIC('S', 'I', 'G', 'S')

struct signals {
	uint32_t magic;
	int fd;
	struct watch watch;
	signals_fn *fn;
	void *ctx;
};

static const int HANDLED[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

static void
on_readable(void *ctx, unsigned what)
{
	struct signals *s = ctx;
	struct signalfd_siginfo info;

	(void)what;
	MAGIC_CHECK(s, SIGNALS_MAGIC);
	/* One at a time: level-triggered, the next one calls again. */
	if (read(s->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->fn(s->ctx, (int)info.ssi_signo);
}

static enum lr
block(int *fd)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(HANDLED) / sizeof(HANDLED[0]); i++)
		sigaddset(&set, HANDLED[i]);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return LR_IO;
	*fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return *fd >= 0 ? LR_OK : LR_IO;
}

enum lr
signals_create(
    struct loop *loop, signals_fn *fn, void *ctx, struct signals **out)
{
	struct signals *s = calloc(1, sizeof(*s));
	enum lr rc;

	if (s == NULL)
		return LR_NOMEM;
	s->magic = SIGNALS_MAGIC;
	s->fd = -1;
	s->fn = fn;
	s->ctx = ctx;
	if ((rc = block(&s->fd)) != LR_OK)
		goto fail;
	if ((rc = watch_level(loop, &s->watch, s->fd, on_readable, s)) != LR_OK)
		goto fail;
	*out = s;
	return LR_OK;
fail:
	signals_free(s);
	return rc;
}

void
signals_free(struct signals *s)
{
	if (s == NULL)
		return;
	watch_stop(&s->watch);
	if (s->fd >= 0)
		close(s->fd);
	s->magic = 0;
	free(s);
}
