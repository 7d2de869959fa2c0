/* proxy/http/field.h: the grammar that field values share.
 * Source: RFC 9110 section 5.6.  Pure; safe on any thread. */
#ifndef PROXY_HTTP_FIELD_H
#define PROXY_HTTP_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/slice.h"

/* tchar (5.6.2), and a non-empty run of them. */
bool field_is_tchar(unsigned char c);
bool field_is_token(struct slice s);
/* How many bytes of tchar s begins with. */
size_t field_token_length(struct slice s);
/* field-vchar, SP and HTAB only (5.5). */
bool field_is_value(struct slice s);

/* Takes the next element off a comma-separated list (5.6.1): blanks and
 * empty elements are skipped, quoted strings and their commas are kept
 * together.  False at the end; *rest is what follows. */
bool field_list_next(struct slice *rest, struct slice *element);
/* Is token (ignoring case) an element of the list? */
bool field_list_has(struct slice list, struct slice token);

/* Takes the next `;name[=value]` parameter; value may be a quoted string,
 * then with its quotes.  False at the end or at what is no parameter. */
bool field_param_next(
    struct slice *rest, struct slice *name, struct slice *value);

/* The inside of a quoted string, or the token itself.  Escapes are left
 * as they are: use field_unquote_to where they matter. */
struct slice field_unquote(struct slice s);
/* With escapes resolved, into dst of at least s.n bytes; its length. */
size_t field_unquote_to(struct slice s, char *dst);

/* delta-seconds (RFC 9111 1.2.2): digits only; more than 2^31 becomes
 * 2^31.  False for anything else. */
bool field_delta_seconds(struct slice s, int64_t *out_s);

/* qvalue (12.4.2) in thousandths; false when malformed. */
bool field_qvalue(struct slice s, unsigned *out_milli);

#endif
