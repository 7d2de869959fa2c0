/* proxy/cache/vary.h: which variant a request selects.
 *
 * A resource that varies has a marker in the primary's place
 * (vary_marker.h): a list of specifications, each a normalised list of
 * lower-case field names.  For each the request's values, normalised, give
 * a variant hash.  Source: RFC 9111 section 4.1.  Pure. */
#ifndef PROXY_CACHE_VARY_H
#define PROXY_CACHE_VARY_H

#include "proxy/http/message.h"
#include "store/base/strbuf.h"

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
 * exactly when the requests select the same variant (but for the languages
 * below): "name:value\n"…, an absent field as "name\n". Accept-Encoding and
 * Accept-Language: case, order, blanks and q-values normalised; others: blanks
 * around commas, lines combined. LR_NOMEM. */
enum lr vary_values(const struct http_msg *req, struct slice spec,
    struct arena *arena, struct slice *out);

/* ---- languages ---- */

/* RFC 9111 4.1 lets a cache use what it knows about a field's meaning:
 * when one language is preferred to all others, a response in just that
 * language is what the request selects, however the rest of the two
 * Accept-Language fields may differ. */

/* The language that req wants more than any other (RFC 9110 12.5.4).
 * False: none, several alike, or any. */
bool vary_preferred_language(const struct http_msg *req, struct slice *out);
/* The one language tag of a response's Content-Language (8.5).  False:
 * none, or several. */
bool vary_single_language(const struct http_msg *resp, struct slice *out);
/* vary_values' text with the value of Accept-Language replaced by that
 * language.  LR_NOTFOUND: the values have none of that field.  LR_NOMEM. */
enum lr vary_with_language(struct slice values, struct slice language,
    struct arena *arena, struct slice *out);
/* May a response that was stored with those values serve req, of these,
 * because of its language?  False without memory, too. */
bool vary_selects_language(const struct http_msg *req, struct slice values,
    const struct http_msg *stored, struct slice stored_values,
    struct arena *arena);

#endif
