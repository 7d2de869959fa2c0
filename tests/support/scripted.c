/* tests/support/scripted.c: the thread that plays a script */
#include "tests/support/scripted.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/sockets.h"

#define PIECE_BYTES 65536
#define LONGEST_TEXT 65536
#define PATIENCE_S 10

struct scripted {
	const struct scripted_step *steps;
	size_t n;
	int listener, fd;
	struct address at;
	char url[256];
	char failure[160];
	sem_t signalled, may_go;
	pthread_t thread;
};

static bool
wait_for(sem_t *sem)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	while (sem_timedwait(sem, &end) != 0) {
		if (errno != EINTR)
			return false;
	}
	return true;
}

static void
hang_up(struct scripted *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static bool
take_connection(struct scripted *s)
{
	hang_up(s);
	s->fd = accept(s->listener, NULL, NULL); /* has a timeout, too */
	if (s->fd < 0)
		return false;
	sockets_set_timeout(s->fd);
	return true;
}

static bool
send_all(struct scripted *s, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = send(s->fd, p, n, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

static bool
send_split(struct scripted *s, const char *text)
{
	for (; *text != '\0'; text++) {
		if (!send_all(s, text, 1))
			return false;
		sched_yield(); /* let the other side see it alone */
	}
	return true;
}

static bool
send_bytes(struct scripted *s, uint64_t n)
{
	char *piece = malloc(PIECE_BYTES);
	uint64_t done = 0;
	bool ok = true;

	while (ok && done < n) {
		size_t some = n - done < PIECE_BYTES ? (size_t)(n - done)
						     : PIECE_BYTES;

		for (size_t i = 0; i < some; i++)
			piece[i] = scripted_byte(done + i);
		ok = send_all(s, piece, some);
		done += some;
	}
	free(piece);
	return ok;
}

static bool
read_bytes(struct scripted *s, uint64_t n)
{
	char *piece = malloc(PIECE_BYTES);
	ssize_t got = 1;

	while (got > 0 && n > 0) {
		got = read(
		    s->fd, piece, n < PIECE_BYTES ? (size_t)n : PIECE_BYTES);
		n -= got > 0 ? (uint64_t)got : 0;
	}
	free(piece);
	return n == 0;
}

static bool
read_end(struct scripted *s)
{
	char piece[4096];
	ssize_t got;

	while ((got = read(s->fd, piece, sizeof(piece))) > 0)
		;
	return got == 0 || errno == ECONNRESET;
}

/* Byte by byte, so that nothing of what follows is lost. */
static bool
expect(struct scripted *s, const char *text)
{
	char *seen = malloc(LONGEST_TEXT);
	struct slice wanted = slice_of(text);
	size_t n = 0;
	bool found = false;

	while (!found && n < LONGEST_TEXT && read(s->fd, seen + n, 1) == 1) {
		n++;
		found = slice_ends(slice_make(seen, n), wanted);
	}
	if (!found)
		snprintf(s->failure, sizeof(s->failure),
		    "expected \"%.40s\", got \"%.*s\"", text,
		    (int)(n < 80 ? n : 80), seen);
	free(seen);
	return found;
}

static bool
play(struct scripted *s, const struct scripted_step *step)
{
	switch (step->act) {
	case SCRIPT_ACCEPT:
		return take_connection(s);
	case SCRIPT_EXPECT:
		return expect(s, step->text);
	case SCRIPT_READ_BYTES:
		return read_bytes(s, step->n);
	case SCRIPT_READ_END:
		return read_end(s);
	case SCRIPT_SEND:
		return send_all(s, step->text, strlen(step->text));
	case SCRIPT_SEND_SPLIT:
		return send_split(s, step->text);
	case SCRIPT_SEND_BYTES:
		return send_bytes(s, step->n);
	case SCRIPT_END:
		return shutdown(s->fd, SHUT_WR) == 0;
	case SCRIPT_CLOSE:
		hang_up(s);
		return true;
	case SCRIPT_RESET:
		sockets_reset(s->fd);
		s->fd = -1;
		return true;
	case SCRIPT_SIGNAL:
		return sem_post(&s->signalled) == 0;
	case SCRIPT_WAIT:
		return wait_for(&s->may_go);
	}
	return false;
}

static void *
play_all(void *arg)
{
	struct scripted *s = arg;

	for (size_t i = 0; i < s->n; i++) {
		if (play(s, &s->steps[i]))
			continue;
		if (s->failure[0] == '\0')
			snprintf(s->failure, sizeof(s->failure),
			    "step %zu failed: errno %d", i, errno);
		break;
	}
	hang_up(s);
	close(s->listener);
	return NULL;
}

static void
write_url(struct scripted *s)
{
	char where[ADDRESS_CHARS];

	address_format(&s->at, where);
	if (s->at.u.any.sa_family == AF_UNIX)
		snprintf(s->url, sizeof(s->url), "%s|http://localhost", where);
	else
		snprintf(s->url, sizeof(s->url), "http://%s", where);
}

struct scripted *
scripted_start(int family, const struct scripted_step *steps, size_t n)
{
	struct scripted *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->steps = steps;
	s->n = n;
	s->fd = -1;
	s->listener = sockets_listen(family, &s->at);
	sockets_set_timeout(s->listener);
	write_url(s);
	sem_init(&s->signalled, 0, 0);
	sem_init(&s->may_go, 0, 0);
	if (pthread_create(&s->thread, NULL, play_all, s) != 0)
		abort();
	return s;
}

struct slice
scripted_url(const struct scripted *s)
{
	return slice_of(s->url);
}

void
scripted_wait(struct scripted *s)
{
	if (!wait_for(&s->signalled))
		abort();
}

void
scripted_go(struct scripted *s)
{
	sem_post(&s->may_go);
}

const char *
scripted_join(struct scripted *s)
{
	static char failure[sizeof(s->failure)];
	bool failed;

	pthread_join(s->thread, NULL);
	if (s->at.u.any.sa_family == AF_UNIX)
		unlink(s->at.u.local.sun_path);
	failed = s->failure[0] != '\0';
	if (failed)
		memcpy(failure, s->failure, sizeof(failure));
	sem_destroy(&s->signalled);
	sem_destroy(&s->may_go);
	free(s);
	return failed ? failure : NULL;
}
