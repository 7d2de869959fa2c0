/* store/mark.h: who has the directory, and how it was left.
 *
 *   dir/lock   held with flock(2) while a larder uses the store
 *   dir/state  one line: "clean", "running safe", or
 *              "running fast <boot id>"
 *
 * Used while the store is opened and closed only; one thread. */
#ifndef STORE_MARK_H
#define STORE_MARK_H

#include <stdbool.h>

#include "store/base/status.h"

enum mark_left {
	MARK_CLEAN,   /* closed in order, or never used */
	MARK_UNCLEAN, /* the process died; what is there may need a look */
	MARK_LOST     /* ran without syncing, and the machine was restarted
		       * since: nothing in it can be trusted */
};

/* *fd stays open for as long as the directory is ours.
 * LR_BUSY: another process has it; LR_DENIED, LR_IO. */
enum lr mark_lock(const char *dir, int *fd);

enum mark_left mark_read(const char *dir);
/* Says, durably, that the store is in use from now on.  LR_IO, LR_FULL. */
enum lr mark_running(const char *dir, bool fast);
/* Likewise that it was closed in order. */
enum lr mark_clean(const char *dir);

#endif
