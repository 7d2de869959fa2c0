/* proxy/process.h: what a daemon does to its own process.
 *
 * Main thread, at start and end. */
#ifndef PROXY_PROCESS_H
#define PROXY_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/base/slice.h"
#include "store/base/status.h"

/* Whom to become. */
struct identity {
	bool drop; /* false: stay who we are */
	uid_t uid;
	gid_t gid;
	char user[64]; /* for its supplementary groups; empty: none */
};

/* As many open files as the system allows us: every connection is one. */
void process_raise_files(void);
/* The limit of open files; UINT64_MAX: none. */
uint64_t process_files(void);

/* User and Group as Apache has them: a name, or "#" and a number; empty:
 * unchanged, but Group follows User.  Only root can change: for others
 * the answer is always to stay.  LR_NOTFOUND: there is no such user or
 * group, *which is the slice that was not found. */
enum lr process_identity(struct slice user, struct slice group,
    struct identity *out, struct slice *which);
/* For good.  LR_DENIED. */
enum lr process_drop(const struct identity *id);

/* Makes dir and what is missing above it; gives it to id when it was made
 * now or is empty.  LR_EXISTS: it is no directory; LR_DENIED, LR_FULL,
 * LR_NOTFOUND, LR_IO, LR_NOMEM. */
enum lr process_make_dir(struct slice dir, const struct identity *id);

/* Is path, or the nearest folder above it that is there, on a file system
 * mounted read-only? */
bool process_is_read_only(struct slice path);

/* Writes our process id into path, replacing what was there.
 * LR_NOTFOUND (its directory), LR_DENIED, LR_FULL, LR_IO. */
enum lr process_write_pid(struct slice path);
/* Removes it if it is still ours. */
void process_remove_pid(struct slice path);

#endif
