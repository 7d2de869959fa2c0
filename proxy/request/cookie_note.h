/* proxy/request/cookie_note.h: says that a cookie is handed to everybody.
 * Source: RFC 9111 section 7.3.  Runs on the flight's home worker. */
#ifndef PROXY_REQUEST_COOKIE_NOTE_H
#define PROXY_REQUEST_COOKIE_NOTE_H

#include "proxy/request/save.h"

/* resp was stored.  Where that took a Set-Cookie along, it is counted, and
 * the log warns of it: each worker once a minute. */
void cookie_note(const struct save *s, const struct http_msg *resp,
    const struct control_response *cc);

#endif
