/* proxy/http/structured.h: dictionaries of Structured Fields.
 *
 * A strict reader: whoever meets LR_INVALID must forget what it got from
 * that field before (4.2).  Nothing is copied or allocated; text is what
 * the field has between its delimiters, escapes left as they are.  Fields
 * of several lines are read line by line: no member may span two of them.
 * Source: RFC 9651, which RFC 8941 is a part of.  Pure. */
#ifndef PROXY_HTTP_STRUCTURED_H
#define PROXY_HTTP_STRUCTURED_H

#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"

enum structured_type {
	STRUCTURED_INTEGER, /* 3.3.1 */
	STRUCTURED_DECIMAL, /* 3.3.2 */
	STRUCTURED_STRING,  /* 3.3.3 */
	STRUCTURED_TOKEN,   /* 3.3.4 */
	STRUCTURED_BYTES,   /* 3.3.5; text is base64 */
	STRUCTURED_BOOLEAN, /* 3.3.6 */
	STRUCTURED_DATE,    /* 3.3.7 */
	STRUCTURED_DISPLAY, /* 3.3.8; text has its %xx */
	STRUCTURED_INNER    /* 3.1.1; text is what the parentheses hold */
};

struct structured_item {
	enum structured_type type;
	int64_t number;	   /* integer; decimal in thousandths; date in seconds;
			    * boolean 0 or 1 */
	struct slice text; /* without delimiters; of numbers, as written */
	struct slice params; /* for structured_param_next */
};

/* Takes the next member off a dictionary (3.2); a key may come again, and
 * then the later one counts.  LR_NOTFOUND at the end; LR_INVALID. */
enum lr structured_member_next(
    struct slice *rest, struct slice *key, struct structured_item *item);

/* Takes the next parameter off an item's params (3.1.2), which were checked
 * with the item.  LR_NOTFOUND at the end; LR_INVALID. */
enum lr structured_param_next(
    struct slice *rest, struct slice *key, struct structured_item *item);

/* Takes the next item off the text of an inner list (3.1.1), which was
 * checked with it.  LR_NOTFOUND at the end; LR_INVALID. */
enum lr structured_inner_next(struct slice *rest, struct structured_item *item);

#endif
