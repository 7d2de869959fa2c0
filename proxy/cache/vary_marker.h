/* proxy/cache/vary_marker.h: the text that stands for a resource that
 * varies: its specifications and aliases.
 *
 * Lines, without an end of line behind the last one:
 *
 *   accept-language,cookie              a specification (vary.h)
 *   accept-language                     an older one
 *   =0123456789abcdef fedcba9876543210  an alias: two hashes
 *
 * An alias leads from the hash of values that nobody need have sent, those
 * with one language alone, to that of a variant in it.  Newest first; what
 * is over the bounds is forgotten.  Source: RFC 9111 section 4.1.  Pure. */
#ifndef PROXY_CACHE_VARY_MARKER_H
#define PROXY_CACHE_VARY_MARKER_H

#include <stdint.h>

#include "store/base/arena.h"
#include "store/base/slice.h"
#include "store/base/status.h"

#define VARY_MARKER_SPECS 8    /* specifications kept for one resource */
#define VARY_MARKER_ALIASES 16 /* aliases */

/* Puts spec (not empty) in front, once; the aliases stay.  LR_NOMEM. */
enum lr vary_marker_add(struct slice marker, struct slice spec,
    struct arena *arena, struct slice *out);
/* Takes the next specification off; false behind the last one. */
bool vary_marker_next(struct slice *rest, struct slice *spec);

/* Puts an alias in front of the others; one that led elsewhere goes.
 * Gives `marker` itself when it is the newest already.  LR_NOMEM. */
enum lr vary_marker_add_alias(struct slice marker, uint64_t alias,
    uint64_t variant, struct arena *arena, struct slice *out);
/* Where the alias leads.  LR_NOTFOUND; LR_INVALID: not written by us. */
enum lr vary_marker_find_alias(
    struct slice marker, uint64_t alias, uint64_t *variant);

#endif
