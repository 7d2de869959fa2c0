/* proxy/observe/access_log.c: gathering lines, writing them in blocks */
#include "proxy/observe/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <unistd.h>

#define SHARDS 16	  /* more workers than that share */
#define FULL_BYTES 32768u /* a buffer that holds so much is written */
#define CACHE_LINE 64

/* One worker's lines; a line of the processor's cache of its own, so that
 * workers do not slow each other down. */
struct shard {
	alignas(CACHE_LINE) pthread_mutex_t lock;
	struct strbuf lines;
};

struct access_log {
	struct shard shards[SHARDS];
	struct log_format *format;
	char *path; /* NULL: one of the process's own streams */
	int fd;	    /* its number never changes; reopen swaps the file */
};

static enum lr
open_file(const char *path, int *out)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) {
		enum lr rc = status_from_errno(errno);

		return rc == LR_DENIED || rc == LR_NOMEM ? rc : LR_IO;
	}
	*out = fd;
	return LR_OK;
}

/* The streams are duplicated: /dev/stdout itself cannot be opened when it
 * is a socket, as under systemd. */
static enum lr
open_target(struct access_log *l, const char *path)
{
	int fd = -1;

	if (path[0] == '|')
		return LR_UNSUPPORTED;
	if (strcmp(path, "/dev/stdout") == 0)
		fd = STDOUT_FILENO;
	else if (strcmp(path, "/dev/stderr") == 0)
		fd = STDERR_FILENO;
	if (fd >= 0) {
		l->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return l->fd >= 0 ? LR_OK : LR_IO;
	}
	if ((l->path = strdup(path)) == NULL)
		return LR_NOMEM;
	return open_file(path, &l->fd);
}

enum lr
access_log_open(
    const char *path, struct log_format *take_format, struct access_log **out)
{
	struct access_log *l = aligned_alloc(CACHE_LINE, sizeof(*l));
	enum lr rc;

	if (l == NULL) {
		log_format_free(take_format);
		return LR_NOMEM;
	}
	*l = (struct access_log){ .format = take_format, .fd = -1 };
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&l->shards[i].lock, NULL);
	if ((rc = open_target(l, path)) != LR_OK) {
		access_log_close(l);
		return rc;
	}
	*out = l;
	return LR_OK;
}

/* A disk that is full has no place to say so: what cannot be written is
 * dropped, and serving goes on. */
static void
write_all(int fd, struct slice s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s = slice_cut(s, (size_t)n, s.n);
	}
}

/* Called with the shard locked. */
static void
shard_write(struct access_log *l, struct shard *sh)
{
	if (l->fd >= 0)
		write_all(l->fd, strbuf_slice(&sh->lines));
	strbuf_reset(&sh->lines);
}

void
access_log_flush(struct access_log *l)
{
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *sh = &l->shards[i];

		pthread_mutex_lock(&sh->lock);
		shard_write(l, sh);
		pthread_mutex_unlock(&sh->lock);
	}
}

void
access_log_add(struct access_log *l, const struct record *r)
{
	struct shard *sh = &l->shards[r->worker % SHARDS];
	size_t before;

	pthread_mutex_lock(&sh->lock);
	before = sh->lines.n;
	log_format_write(l->format, r, &sh->lines);
	if (sh->lines.failed)
		sh->lines.n = before; /* no half lines */
	if (sh->lines.n >= FULL_BYTES || sh->lines.failed)
		shard_write(l, sh);
	pthread_mutex_unlock(&sh->lock);
}

enum lr
access_log_reopen(struct access_log *l)
{
	enum lr rc;
	int fd;

	access_log_flush(l);
	if (l->path == NULL)
		return LR_OK;
	if ((rc = open_file(l->path, &fd)) != LR_OK)
		return rc;
	/* One step: a thread that writes meanwhile meets the old file or the
	 * new, never none. */
	if (dup3(fd, l->fd, O_CLOEXEC) < 0)
		rc = LR_IO;
	close(fd);
	return rc;
}

void
access_log_close(struct access_log *l)
{
	if (l == NULL)
		return;
	access_log_flush(l);
	for (size_t i = 0; i < SHARDS; i++) {
		strbuf_free(&l->shards[i].lines);
		pthread_mutex_destroy(&l->shards[i].lock);
	}
	if (l->fd >= 0)
		close(l->fd);
	log_format_free(l->format);
	free(l->path);
	free(l);
}
