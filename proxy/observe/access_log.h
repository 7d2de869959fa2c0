/* proxy/observe/access_log.h: CustomLog, an open file and its format.
 *
 * Lines are gathered in a buffer per worker and written when it is full, at
 * access_log_flush (main calls it about once a second) and at the end; a
 * worker never waits for the disk beyond a write(2).  Lines of one worker keep
 * their order, those of two workers may change places. */
#ifndef PROXY_OBSERVE_ACCESS_LOG_H
#define PROXY_OBSERVE_ACCESS_LOG_H

#include "proxy/observe/log_format.h"

struct access_log;

/* "/dev/stdout" and "/dev/stderr" are the process's own, never reopened.
 * LR_IO, LR_DENIED, LR_NOMEM; LR_UNSUPPORTED: a pipe ("|command").  Takes
 * the format, also on failure. */
enum lr access_log_open(
    const char *path, struct log_format *take_format, struct access_log **out);
/* Writes out what is buffered.  Takes NULL. */
void access_log_close(struct access_log *l);
/* Any thread.  Writes out what is buffered, then opens the file of the same
 * name again; on failure the old one stays in use.  LR_IO, LR_DENIED. */
enum lr access_log_reopen(struct access_log *l);
/* Any thread.  Takes the lock of the record's worker's buffer, which only
 * flush and reopen want beside it. */
void access_log_add(struct access_log *l, const struct record *r);
/* Any thread. */
void access_log_flush(struct access_log *l);

#endif
