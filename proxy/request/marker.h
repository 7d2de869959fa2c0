/* proxy/request/marker.h: the object in the primary's place of a resource
 * that varies (RFC 9111 4.1).
 *
 * Its text is a generation, a line end, then the specifications and the
 * aliases of languages (cache/vary_marker.h).  A variant is found by a hash
 * over generation, specification and values, so that removing the marker makes
 * all variants unreachable at once. */
#ifndef PROXY_REQUEST_MARKER_H
#define PROXY_REQUEST_MARKER_H

#include "proxy/request/save.h"

/* Takes the generation off the front of a marker's text. */
struct slice marker_generation(struct slice *marker);
uint64_t marker_variant_hash(uint64_t primary_hash, struct slice generation,
    struct slice spec, struct slice values);

/* vary_selects_language of an entry. */
bool marker_selects_language(const struct http_msg *req, struct slice values,
    const struct entry *stored, struct arena *arena);

/* Sees to it that the resource's marker holds spec, in front, and an alias
 * where resp is in one language; gives the variant's hash.  LR_FULL,
 * LR_NOMEM. */
enum lr marker_settle(const struct save *s, const struct http_msg *resp,
    struct slice spec, struct slice values, uint64_t *hash);

#endif
