/* proxy/request/marker.h: the object in the primary's place of a resource
 * that varies (RFC 9111 4.1).
 *
 * Its text is a generation, a line end, then the specifications
 * (cache/vary.h).  A variant is found by a hash over generation,
 * specification and values, so that removing the marker makes all variants
 * unreachable at once. */
#ifndef PROXY_REQUEST_MARKER_H
#define PROXY_REQUEST_MARKER_H

#include "proxy/request/save.h"

/* Takes the generation off the front of a marker's text. */
struct slice marker_generation(struct slice *marker);
uint64_t marker_variant_hash(uint64_t primary_hash, struct slice generation,
    struct slice spec, struct slice values);

/* Sees to it that the resource's marker holds spec, in front, and gives
 * the variant's hash.  LR_FULL, LR_NOMEM. */
enum lr marker_settle(const struct save *s, struct slice spec,
    struct slice values, uint64_t *hash);

#endif
