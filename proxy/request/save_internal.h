/* proxy/request/save_internal.h: what save.c and save_update.c do alike.  On
 * the flight's home worker. */
#ifndef PROXY_REQUEST_SAVE_INTERNAL_H
#define PROXY_REQUEST_SAVE_INTERNAL_H

#include "proxy/request/save.h"

/* What the store is told of e under hash; borrows from s. */
struct store_object save_object(
    const struct save *s, const struct entry *e, uint64_t hash);
/* The flight's head for all: e with the fields of msg, for these Vary values.
 * LR_NOMEM, LR_CORRUPT. */
enum lr save_write_shared(const struct save *s, const struct http_msg *msg,
    const struct control_response *cc, struct entry *e, struct slice values);
/* Does the stored form leave out what the first client must see? */
bool save_stores_less(const struct save *s, const struct control_response *cc);

#endif
