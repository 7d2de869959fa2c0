/* proxy/cache/vary.h: which variant a request selects.
 *
 * A resource that varies has a marker in the primary's place: a list of
 * specifications, newest first, each a normalised list of lower-case
 * field names.  For each the request's values, normalised, give a variant
 * hash.  Source: RFC 9111 section 4.1.  Pure. */
#ifndef PROXY_CACHE_VARY_H
#define PROXY_CACHE_VARY_H

#include "proxy/http/message.h"
#include "store/base/strbuf.h"

#define VARY_SPECS 8 /* specifications kept for one resource */

/* The normalised specification of a response's Vary fields: lower-case
 * names, sorted, without repeats, joined by ",".  Built in arena; empty
 * when there is none.  LR_DENIED: "*" or not a list of names (never reused).
 * LR_NOMEM. */
enum lr vary_spec(
    const struct http_msg *resp, struct arena *arena, struct slice *out);

/* Are the response's Vary fields such a list?  False exactly where
 * vary_spec says LR_DENIED. */
bool vary_is_list(const struct http_msg *resp);

/* The request's values for spec, normalised, as text that is equal
 * exactly when the requests select the same variant: "name:value\n"…, an absent
 * field as "name\n". Accept-Encoding and Accept-Language: case, order, blanks
 * and q-values normalised; others: blanks around commas, lines combined.
 * LR_NOMEM. */
enum lr vary_values(const struct http_msg *req, struct slice spec,
    struct arena *arena, struct slice *out);

/* The marker's blob: specs joined by "\n", newest first. */
/* Puts spec (not empty) in front, once, and keeps at most VARY_SPECS.
 * LR_NOMEM. */
enum lr vary_marker_add(struct slice marker, struct slice spec,
    struct arena *arena, struct slice *out);
/* Takes the next specification off; false at the end. */
bool vary_marker_next(struct slice *rest, struct slice *spec);

#endif
