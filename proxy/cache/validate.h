/* proxy/cache/validate.h: asking the origin whether it changed.
 * Source: RFC 9111 section 4.3.  Pure. */
#ifndef PROXY_CACHE_VALIDATE_H
#define PROXY_CACHE_VALIDATE_H

#include "proxy/cache/entry.h"

/* Turns a request for the backend into a conditional one for the stored
 * entry (4.3.1): the client's own conditions and Range are replaced by
 * If-None-Match and If-Modified-Since.  LR_NOTFOUND: the entry has no
 * validator, the request is sent without conditions.  LR_NOMEM. */
enum lr validate_request(struct http_msg *req, const struct entry *e);

/* Does this 304 select the entry (4.3.3)? */
bool validate_selects(
    const struct http_msg *not_modified, const struct entry *e, int64_t now_s);

/* Does this 200 to a HEAD speak of the entry, whose body has that many bytes
 * (4.3.5)?  The validators that it has must be the entry's, and so must its
 * Content-Length; what it leaves out contradicts nothing. */
bool validate_head_matches(const struct http_msg *head, const struct entry *e,
    uint64_t body_bytes, int64_t now_s);

/* The stored head updated by the 304, or by the 200 to a HEAD (3.2, 4.3.4), in
 * out (initialised; fields borrow from both).  LR_NOMEM, LR_CORRUPT. */
enum lr validate_merge(const struct http_msg *not_modified,
    const struct entry *e, struct http_msg *out);

#endif
