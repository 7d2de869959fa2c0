/* store/base/log.h: a levelled log with one level per module.
 *
 * A line is formatted in one buffer and written with one write(2): lines
 * of several threads never mix.  The format is Apache's 2.4 ErrorLog:
 *   [Sat Nov 21 01:02:03.456789 2026] [proxy:error] [pid 7:tid 9] text
 * Any thread may log; log_reopen may run beside. */
#ifndef STORE_BASE_LOG_H
#define STORE_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"

/* Apache's levels, in its order. */
enum log_level {
	LOG_L_EMERG,
	LOG_L_ALERT,
	LOG_L_CRIT,
	LOG_L_ERROR,
	LOG_L_WARN,
	LOG_L_NOTICE,
	LOG_L_INFO,
	LOG_L_DEBUG,
	LOG_L_TRACE1,
	LOG_L_TRACE2,
	LOG_L_TRACE3,
	LOG_L_TRACE4,
	LOG_L_TRACE5,
	LOG_L_TRACE6,
	LOG_L_TRACE7,
	LOG_L_TRACE8,
	LOG_L_COUNT
};

enum log_module {
	LOG_CORE,
	LOG_CONFIG,
	LOG_HTTP,
	LOG_PROXY,
	LOG_CACHE,
	LOG_STORE,
	LOG_SSL,
	LOG_CONTROL,
	LOG_MODULE_COUNT
};

struct log;

/* Levels as a plain value, so that a configuration can carry them. */
struct log_levels {
	uint8_t of[LOG_MODULE_COUNT]; /* enum log_level */
};

/* "warn", "trace2", …; any letter case.  LR_NOTFOUND when it is none. */
enum lr log_level_parse(struct slice s, enum log_level *out);
/* "core", "proxy", …, also Apache's module names and their forms
 * ("proxy_http", "mod_proxy", "proxy_module", "cache_disk").
 * LR_NOTFOUND when larder has no such module. */
enum lr log_module_parse(struct slice s, enum log_module *out);

/* path NULL or "/dev/stderr": standard error, never reopened.  The default
 * level is warn for every module.  LR_IO, LR_DENIED, LR_NOMEM. */
enum lr log_open(const char *path, struct log **out);
void log_close(struct log *log);
/* Opens the file of the same name again (after a rotation); on failure
 * the old one stays in use. */
enum lr log_reopen(struct log *log);
void log_set_levels(struct log *log, const struct log_levels *levels);
bool log_wants(const struct log *log, enum log_module m, enum log_level l);

/* Writes a line when the module's level lets it pass.  log may be NULL:
 * then nothing happens.  Control bytes in the text are written as \xHH. */
void log_write(struct log *log, enum log_module m, enum log_level l,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* For messages that a failing disk or backend would repeat: true at most
 * once per interval_ms; the count of those held back since is put in
 * *held.  A zeroed limiter is ready. */
struct log_limiter {
	_Atomic int64_t next_at_ms;
	_Atomic uint64_t held;
};
bool log_limit(struct log_limiter *lim, int64_t mono_ms, int64_t interval_ms,
    uint64_t *held);

#endif
