/* store/base/log.c: formatting and writing log lines */
#include "store/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "store/base/clock.h"

#define TEXT_BYTES 8192	 /* a formatted message, before escaping */
#define LINE_BYTES 12288 /* the whole line; what is longer is cut */

struct log {
	int fd;	    /* its number never changes; log_reopen swaps the file */
	char *path; /* owned; NULL for standard error */
	_Atomic uint8_t levels[LOG_MODULE_COUNT];
};

/* A line being built; what does not fit is dropped. */
struct line {
	size_t n;
	char p[LINE_BYTES];
};

static const char *const LEVELS[LOG_L_COUNT] = {
	[LOG_L_EMERG] = "emerg",
	[LOG_L_ALERT] = "alert",
	[LOG_L_CRIT] = "crit",
	[LOG_L_ERROR] = "error",
	[LOG_L_WARN] = "warn",
	[LOG_L_NOTICE] = "notice",
	[LOG_L_INFO] = "info",
	[LOG_L_DEBUG] = "debug",
	[LOG_L_TRACE1] = "trace1",
	[LOG_L_TRACE2] = "trace2",
	[LOG_L_TRACE3] = "trace3",
	[LOG_L_TRACE4] = "trace4",
	[LOG_L_TRACE5] = "trace5",
	[LOG_L_TRACE6] = "trace6",
	[LOG_L_TRACE7] = "trace7",
	[LOG_L_TRACE8] = "trace8",
};

static const char *const MODULES[LOG_MODULE_COUNT] = {
	[LOG_CORE] = "core",
	[LOG_CONFIG] = "config",
	[LOG_HTTP] = "http",
	[LOG_PROXY] = "proxy",
	[LOG_CACHE] = "cache",
	[LOG_STORE] = "store",
	[LOG_SSL] = "ssl",
	[LOG_CONTROL] = "control",
};

/* Apache's modules whose work is done by one of ours under another name. */
static const struct {
	const char *name;
	enum log_module module;
} ALIASES[] = {
	{ "mpm_event", LOG_CORE },
	{ "mpm_prefork", LOG_CORE },
	{ "mpm_worker", LOG_CORE },
	{ "unixd", LOG_CORE },
	{ "log_config", LOG_CORE },
	{ "so", LOG_CONFIG },
	{ "http2", LOG_HTTP },
	{ "reqtimeout", LOG_HTTP },
	{ "proxy_http", LOG_PROXY },
	{ "proxy_http2", LOG_PROXY },
	{ "proxy_balancer", LOG_PROXY },
	{ "proxy_hcheck", LOG_PROXY },
	{ "proxy_connect", LOG_PROXY },
	{ "proxy_fcgi", LOG_PROXY },
	{ "proxy_ajp", LOG_PROXY },
	{ "proxy_ftp", LOG_PROXY },
	{ "proxy_wstunnel", LOG_PROXY },
	{ "lbmethod_byrequests", LOG_PROXY },
	{ "lbmethod_bytraffic", LOG_PROXY },
	{ "lbmethod_bybusyness", LOG_PROXY },
	{ "lbmethod_heartbeat", LOG_PROXY },
	{ "cache_disk", LOG_STORE },
	{ "cache_socache", LOG_STORE },
	{ "socache_shmcb", LOG_SSL },
};

enum lr
log_level_parse(struct slice s, enum log_level *out)
{
	for (int i = 0; i < LOG_L_COUNT; i++) {
		if (slice_ieq(s, slice_of(LEVELS[i]))) {
			*out = (enum log_level)i;
			return LR_OK;
		}
	}
	return LR_NOTFOUND;
}

/* "mod_proxy.c", "mod_proxy" and "proxy_module" are all "proxy". */
static struct slice
bare_module_name(struct slice s)
{
	struct slice mod = SLICE("mod_"), module = SLICE("_module");

	if (slice_istarts(s, mod)) {
		s = slice_cut(s, mod.n, s.n);
		if (slice_ends(s, SLICE(".c")))
			s.n -= 2;
	} else if (s.n > module.n &&
	    slice_ieq(slice_cut(s, s.n - module.n, s.n), module))
		s.n -= module.n;
	return s;
}

enum lr
log_module_parse(struct slice s, enum log_module *out)
{
	s = bare_module_name(s);
	for (int i = 0; i < LOG_MODULE_COUNT; i++) {
		if (slice_ieq(s, slice_of(MODULES[i]))) {
			*out = (enum log_module)i;
			return LR_OK;
		}
	}
	for (size_t i = 0; i < sizeof(ALIASES) / sizeof(ALIASES[0]); i++) {
		if (slice_ieq(s, slice_of(ALIASES[i].name))) {
			*out = ALIASES[i].module;
			return LR_OK;
		}
	}
	return LR_NOTFOUND;
}

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

enum lr
log_open(const char *path, struct log **out)
{
	struct log *log = calloc(1, sizeof(*log));
	enum lr rc = LR_NOMEM;

	if (log == NULL)
		return LR_NOMEM;
	log->fd = STDERR_FILENO;
	for (int m = 0; m < LOG_MODULE_COUNT; m++)
		atomic_init(&log->levels[m], LOG_L_WARN);
	if (path != NULL && strcmp(path, "/dev/stderr") != 0) {
		if ((log->path = strdup(path)) == NULL)
			goto fail;
		if ((rc = open_file(path, &log->fd)) != LR_OK)
			goto fail;
	}
	*out = log;
	return LR_OK;
fail:
	log_close(log);
	return rc;
}

void
log_close(struct log *log)
{
	if (log == NULL)
		return;
	if (log->fd != STDERR_FILENO)
		close(log->fd);
	free(log->path);
	free(log);
}

enum lr
log_reopen(struct log *log)
{
	enum lr rc = LR_OK;
	int fd;

	if (log->path == NULL)
		return LR_OK;
	if ((rc = open_file(log->path, &fd)) != LR_OK)
		return rc;
	/* dup3 swaps the file behind the number in one step: a thread that
	 * writes meanwhile meets the old file or the new, never none. */
	if (dup3(fd, log->fd, O_CLOEXEC) < 0)
		rc = LR_IO;
	close(fd);
	return rc;
}

void
log_set_levels(struct log *log, const struct log_levels *levels)
{
	for (int m = 0; m < LOG_MODULE_COUNT; m++)
		atomic_store_explicit(
		    &log->levels[m], levels->of[m], memory_order_relaxed);
}

bool
log_wants(const struct log *log, enum log_module m, enum log_level l)
{
	return log != NULL &&
	    l <= atomic_load_explicit(&log->levels[m], memory_order_relaxed);
}

static void
line_head(struct line *line, enum log_module m, enum log_level l)
{
	int64_t now_ms = clock_read().wall_ms;
	time_t now_s = (time_t)(now_ms / 1000);
	char day[sizeof("Sat Nov 21 01:02:03")], year[sizeof("2026") + 8];
	struct tm tm = { 0 };
	int n;

	localtime_r(&now_s, &tm);
	strftime(day, sizeof(day), "%a %b %d %H:%M:%S", &tm);
	strftime(year, sizeof(year), "%Y", &tm);
	n = snprintf(line->p, sizeof(line->p),
	    "[%s.%06d %s] [%s:%s] [pid %ld:tid %ld] ", day,
	    (int)(now_ms % 1000) * 1000, year, MODULES[m], LEVELS[l],
	    (long)getpid(), (long)gettid());
	line->n = n > 0 ? (size_t)n : 0;
}

/* Peers choose parts of the text: a line break or an escape sequence of
 * theirs must reach neither the file's structure nor a terminal. */
static void
line_add_escaped(struct line *line, const char *text)
{
	static const char HEX[] = "0123456789abcdef";
	const size_t room = sizeof(line->p) - sizeof("\\xHH\n");

	for (; *text != '\0' && line->n < room; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			line->p[line->n++] = *text;
			continue;
		}
		line->p[line->n++] = '\\';
		line->p[line->n++] = 'x';
		line->p[line->n++] = HEX[c >> 4];
		line->p[line->n++] = HEX[c & 15];
	}
	line->p[line->n++] = '\n';
}

/* A log that cannot be written has nowhere to say so: errors are dropped,
 * and a short write is not completed, since the rest would mix with other
 * threads' lines. */
static void
line_write(const struct line *line, int fd)
{
	ssize_t n;

	do
		n = write(fd, line->p, line->n);
	while (n < 0 && errno == EINTR);
}

void
log_write(
    struct log *log, enum log_module m, enum log_level l, const char *fmt, ...)
{
	char text[TEXT_BYTES];
	struct line line;
	va_list args;
	int errno_before = errno;

	if (!log_wants(log, m, l))
		return;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	line_head(&line, m, l);
	line_add_escaped(&line, text);
	line_write(&line, log->fd);
	errno = errno_before;
}

bool
log_limit(struct log_limiter *lim, int64_t mono_ms, int64_t interval_ms,
    uint64_t *held)
{
	int64_t next_at_ms = atomic_load(&lim->next_at_ms);

	/* Of several threads that are due at once, one wins the exchange. */
	if (mono_ms < next_at_ms ||
	    !atomic_compare_exchange_strong(
		&lim->next_at_ms, &next_at_ms, mono_ms + interval_ms)) {
		atomic_fetch_add(&lim->held, 1);
		return false;
	}
	*held = atomic_exchange(&lim->held, 0);
	return true;
}
