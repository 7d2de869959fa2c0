/* proxy/conf/include.h: the files that make up a configuration. */
#ifndef PROXY_CONF_INCLUDE_H
#define PROXY_CONF_INCLUDE_H

#include "store/base/arena.h"
#include "store/base/slice.h"
#include "store/base/status.h"

#define INCLUDE_FILE_MAX (16u << 20) /* bytes of one file */

struct include_list { /* paths in the arena, each with a NUL behind it */
	struct slice *files;
	size_t n;
};

/* path itself when absolute, else below root; NUL-terminated, in arena.
 * LR_NOMEM. */
enum lr include_path(struct slice root, struct slice path, struct arena *arena,
    struct slice *out);

/* The absolute path of a file, without links; of NULL, of the current
 * directory.  LR_NOMEM, LR_IO. */
enum lr include_full_path(
    const char *file, struct arena *arena, struct slice *out);
/* The directory that an absolute path lies in. */
struct slice include_parent(struct slice full);

/* The files that an Include means, in order of their names: one file, all
 * files under a directory, or what a shell pattern matches.
 * LR_NOTFOUND, LR_DENIED, LR_IO, LR_TOOBIG (nested too deep), LR_NOMEM. */
enum lr include_expand(
    struct slice path, struct arena *arena, struct include_list *out);

/* The text of a file.  LR_NOTFOUND, LR_DENIED, LR_IO, LR_NOMEM; LR_TOOBIG;
 * LR_INVALID: a directory. */
enum lr include_read(const char *path, struct arena *arena, struct slice *out);

#endif
