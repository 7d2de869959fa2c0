/* proxy/http/date.h: HTTP-date in its three formats.
 * Source: RFC 9110 section 5.6.7.  Pure; safe on any thread. */
#ifndef PROXY_HTTP_DATE_H
#define PROXY_HTTP_DATE_H

#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"

#define DATE_CHARS 29 /* an IMF-fixdate, without NUL */

/* IMF-fixdate, RFC 850 (two-digit years more than 50 years ahead of now_s
 * are in the past) or asctime; seconds since 1970 UTC.
 * LR_INVALID for anything else. */
enum lr date_parse(struct slice s, int64_t now_s, int64_t *out_s);

/* Writes "Sat, 21 Nov 2026 01:02:03 GMT". */
void date_format(char dst[DATE_CHARS], int64_t at_s);

#endif
