/* proxy/http/message.h: one HTTP message head, request or response.
 *
 * Fields keep their order and spelling; names are compared without case.
 * All text is borrowed: it lives in the buffer it was parsed from or in
 * the arena.  Pure; one thread.  Source: RFC 9110 section 5 and 6. */
#ifndef PROXY_HTTP_MESSAGE_H
#define PROXY_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/arena.h"
#include "store/base/slice.h"
#include "store/base/status.h"

enum http_method {
	HTTP_OTHER,
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_CONNECT,
	HTTP_OPTIONS,
	HTTP_TRACE,
	HTTP_PATCH,
	HTTP_PURGE
};

/* Fields that larder itself looks at; found by identity, not by text.
 * message.c holds the table of their names. */
enum http_field_id {
	FIELD_OTHER,
	FIELD_ACCEPT,
	FIELD_ACCEPT_ENCODING,
	FIELD_ACCEPT_LANGUAGE,
	FIELD_ACCEPT_RANGES,
	FIELD_AGE,
	FIELD_AUTHORIZATION,
	FIELD_CACHE_CONTROL,
	FIELD_CACHE_STATUS,
	FIELD_CDN_CACHE_CONTROL,
	FIELD_CONNECTION,
	FIELD_CONTENT_ENCODING,
	FIELD_CONTENT_LANGUAGE,
	FIELD_CONTENT_LENGTH,
	FIELD_CONTENT_LOCATION,
	FIELD_CONTENT_RANGE,
	FIELD_CONTENT_TYPE,
	FIELD_COOKIE,
	FIELD_DATE,
	FIELD_ETAG,
	FIELD_EXPECT,
	FIELD_EXPIRES,
	FIELD_FORWARDED,
	FIELD_HOST,
	FIELD_IF_MATCH,
	FIELD_IF_MODIFIED_SINCE,
	FIELD_IF_NONE_MATCH,
	FIELD_IF_RANGE,
	FIELD_IF_UNMODIFIED_SINCE,
	FIELD_KEEP_ALIVE,
	FIELD_LAST_MODIFIED,
	FIELD_LOCATION,
	FIELD_MAX_FORWARDS,
	FIELD_PRAGMA,
	FIELD_PROXY_AUTHENTICATE,
	FIELD_PROXY_AUTHORIZATION,
	FIELD_PROXY_CONNECTION,
	FIELD_RANGE,
	FIELD_REFERER,
	FIELD_SERVER,
	FIELD_SET_COOKIE,
	FIELD_TE,
	FIELD_TRAILER,
	FIELD_TRANSFER_ENCODING,
	FIELD_UPGRADE,
	FIELD_USER_AGENT,
	FIELD_VARY,
	FIELD_VIA,
	FIELD_WARNING,
	FIELD_WWW_AUTHENTICATE,
	FIELD_X_FORWARDED_FOR,
	FIELD_X_FORWARDED_HOST,
	FIELD_X_FORWARDED_PROTO,
	FIELD_X_FORWARDED_SERVER,
	FIELD_ID_COUNT
};

struct http_field {
	struct slice name;  /* as received */
	struct slice value; /* without surrounding blanks */
	enum http_field_id id;
};

struct http_msg {
	struct arena *arena;   /* borrowed; the field array grows there */
	uint8_t version_minor; /* of HTTP/1.x: 0 or 1 */
	/* request */
	enum http_method method;
	struct slice method_text;
	struct slice target; /* as received */
	/* response */
	int status; /* 100…999; 0 in a request */
	struct slice reason;
	/* both */
	struct http_field *fields;
	size_t n_fields, cap_fields;
};

/* An empty message whose fields will live in arena. */
void http_msg_init(struct http_msg *m, struct arena *arena);

/* The method of this exact (case-sensitive) name. */
enum http_method http_method_from(struct slice name);
/* RFC 9110 9.2.1 and 9.2.2; HTTP_OTHER is neither. */
bool http_method_safe(enum http_method m);
bool http_method_idempotent(enum http_method m);

/* The standard reason phrase, "" for an unknown status. */
const char *http_reason(int status);

/* FIELD_OTHER when larder has no identity for it. */
enum http_field_id http_field_id_from(struct slice name);
/* The canonical spelling; "" for FIELD_OTHER. */
struct slice http_field_name(enum http_field_id id);

/* Appends; name and value are borrowed and must outlive the message.
 * LR_NOMEM. */
enum lr http_msg_add(struct http_msg *m, struct slice name, struct slice value);
enum lr http_msg_add_id(
    struct http_msg *m, enum http_field_id id, struct slice value);

/* The first field of that identity or name, NULL when there is none. */
const struct http_field *http_msg_get(
    const struct http_msg *m, enum http_field_id id);
const struct http_field *http_msg_find(
    const struct http_msg *m, struct slice name);
/* Value of the first field, an empty slice when there is none. */
struct slice http_msg_value(const struct http_msg *m, enum http_field_id id);
/* The date in that field; `otherwise` when it is absent or none.  now_s: for
 * years of two digits. */
int64_t http_msg_date(const struct http_msg *m, enum http_field_id id,
    int64_t now_s, int64_t otherwise);
/* How many fields have that identity. */
size_t http_msg_count(const struct http_msg *m, enum http_field_id id);

/* All values of that name joined by ", " (RFC 9110 5.3): the field's own
 * slice when there is one, else built in the arena.  LR_NOTFOUND,
 * LR_NOMEM. */
enum lr http_msg_combined(
    const struct http_msg *m, struct slice name, struct slice *out);

/* Removes every field of that identity or name; returns how many. */
size_t http_msg_remove(struct http_msg *m, enum http_field_id id);
size_t http_msg_remove_name(struct http_msg *m, struct slice name);
/* Replaces all fields of that identity by one.  LR_NOMEM. */
enum lr http_msg_set(
    struct http_msg *m, enum http_field_id id, struct slice value);

/* A deep copy into arena: head and all text.  LR_NOMEM. */
enum lr http_msg_copy(
    const struct http_msg *m, struct arena *arena, struct http_msg *out);

#endif
