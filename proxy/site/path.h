/* proxy/site/path.h: a request's path as the configuration speaks of it.
 *
 * Sections and ProxyPass are matched against the decoded path with runs of
 * slashes taken as one; what goes on to the backend is cut from the path
 * as it was received.  So each character of the one knows its place in
 * the other.  Pure. */
#ifndef PROXY_SITE_PATH_H
#define PROXY_SITE_PATH_H

#include <stdint.h>

#include "store/base/arena.h"
#include "store/base/slice.h"
#include "store/base/status.h"

struct path {
	struct slice raw;
	struct slice text; /* decoded; raw itself where nothing differs */
	/* raw_at[i]: where text's character i begins in raw, for i up to
	 * text.n; NULL: at i */
	const uint32_t *raw_at;
};

/* Decodes %XX but %2F, which is no separator; uses the arena only when
 * something differs.  LR_INVALID: %00 or a malformed %XX; LR_NOMEM. */
enum lr path_read(struct slice raw, struct arena *arena, struct path *out);

/* The part of raw that is text[from, to). */
struct slice path_raw(const struct path *p, size_t from, size_t to);

/* Is prefix the front of text, in whole segments?  "/a" is of "/a" and
 * "/a/b", not of "/ab"; "/a/" is not of "/a". */
bool path_is_under(struct slice text, struct slice prefix);

/* s with runs of slashes made one; s itself where there are none.
 * LR_NOMEM. */
enum lr path_merge_slashes(
    struct slice s, struct arena *arena, struct slice *out);

#endif
