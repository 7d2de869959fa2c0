/* proxy/http/uri.h: request targets, http URIs and their normal form.
 * Source: RFC 3986, RFC 9110 section 4, RFC 9112 section 3.2.  Pure. */
#ifndef PROXY_HTTP_URI_H
#define PROXY_HTTP_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/http/message.h"
#include "store/base/arena.h"
#include "store/base/slice.h"
#include "store/base/status.h"

enum uri_form { /* RFC 9112 3.2.1 to 3.2.4 */
	URI_ORIGIN,
	URI_ABSOLUTE,
	URI_AUTHORITY,
	URI_ASTERISK
};

/* Slices of the text it was parsed from. */
struct uri {
	enum uri_form form;
	struct slice scheme; /* empty in origin-form */
	struct slice host;   /* IPv6 literals with their brackets */
	uint16_t port;	     /* 0: none given */
	struct slice path;   /* "" or from its slash on */
	struct slice query;  /* without "?" */
	bool has_query;
};

/* A request-target as the method allows it; strict about bytes (no
 * controls, blanks, DEL, non-ASCII, fragment, malformed %XX).
 * LR_INVALID. */
enum lr uri_parse_target(
    struct slice target, enum http_method method, struct uri *out);

/* An absolute http, https, ws, wss, … URI as configurations and Location fields
 * give it: scheme "://" authority [path] ["?" query].  userinfo is
 * refused.  LR_INVALID. */
enum lr uri_parse(struct slice text, struct uri *out);

/* host [":" port] as in Host (RFC 9110 7.2).  LR_INVALID. */
enum lr uri_parse_authority(
    struct slice text, struct slice *host, uint16_t *port);

/* 80, 443 (also ws, wss); 0 for other schemes. */
uint16_t uri_default_port(struct slice scheme);

/* The normal form of RFC 9110 4.2.3: path with dot segments resolved
 * ("" becomes "/"), unreserved characters decoded, %XX in upper case.
 * Gives `path` itself when nothing changes.  LR_NOMEM. */
enum lr uri_normalize_path(
    struct slice path, struct arena *arena, struct slice *out);
/* Likewise for a query: percent-encodings only. */
enum lr uri_normalize_query(
    struct slice query, struct arena *arena, struct slice *out);
/* Percent-decodes a path for matching sections (Location): %2F stays
 * encoded, %00 is LR_INVALID.  LR_NOMEM. */
enum lr uri_decode_path(
    struct slice path, struct arena *arena, struct slice *out);

/* Resolves a reference (as in Location) against an absolute base
 * (RFC 3986 5.2).  LR_INVALID, LR_NOMEM. */
enum lr uri_resolve(const struct uri *base, struct slice reference,
    struct arena *arena, struct uri *out);

/* Scheme, host and port of two absolute URIs (RFC 6454 4). */
bool uri_is_same_origin(const struct uri *a, const struct uri *b);

#endif
