/* proxy/http/uri.c: targets and URIs, their parts and their normal form */
#include "proxy/http/uri.h"

#include "store/base/num.h"

enum {
	UNRESERVED = 1, /* RFC 3986 2.3 */
	REG_NAME = 2,	/* unreserved or sub-delims (3.2.2), without "%" */
	SCHEME = 4,	/* ALPHA, DIGIT, "+", "-", "." (3.1) */
	TARGET = 8,	/* may stand in a target: visible ASCII, no "#", "%" */
	HEX = 16
};

#define A (UNRESERVED | REG_NAME | SCHEME | TARGET) /* letters */
#define X (A | HEX)				    /* digits, a to f */
#define P (UNRESERVED | REG_NAME | SCHEME | TARGET) /* - . */
#define U (UNRESERVED | REG_NAME | TARGET)	    /* _ ~ */
#define S (REG_NAME | TARGET)			    /* sub-delims */
#define B (REG_NAME | SCHEME | TARGET)		    /* + */
#define G TARGET				    /* anything else */
static const uint8_t CLASS[256] = {
	/* 00 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 10 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/*    SP ! " # $ % & ' ( ) * + , - . / */
	/* 20 */ 0, S, G, 0, S, 0, S, S, S, S, S, B, S, P, P, G,
	/*    0 1 2 3 4 5 6 7 8 9 : ; < = > ? */
	/* 30 */ X, X, X, X, X, X, X, X, X, X, G, S, G, S, G, G,
	/*    @ A B C … */
	/* 40 */ G, X, X, X, X, X, X, A, A, A, A, A, A, A, A, A,
	/*    P … Z [ \ ] ^ _ */
	/* 50 */ A, A, A, A, A, A, A, A, A, A, A, G, G, G, G, U,
	/*    ` a b c … */
	/* 60 */ G, X, X, X, X, X, X, A, A, A, A, A, A, A, A, A,
	/*    p … z { | } ~ DEL */
	/* 70 */ A, A, A, A, A, A, A, A, A, A, A, G, G, G, U, 0
};
#undef A
#undef X
#undef P
#undef U
#undef S
#undef B
#undef G

static bool
is(char c, unsigned class)
{
	return (CLASS[(unsigned char)c] & class) != 0;
}

static bool
all_are(struct slice s, unsigned class)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is(s.p[i], class))
			return false;
	}
	return true;
}

static struct slice
from(struct slice s, size_t at)
{
	return slice_cut(s, at, s.n);
}

static unsigned
hex_value(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Is there a "%XX" at offset `at`? */
static bool
is_escape(struct slice s, size_t at)
{
	return s.p[at] == '%' && s.n - at >= 3 && is(s.p[at + 1], HEX) &&
	    is(s.p[at + 2], HEX);
}

static char
escaped(struct slice s, size_t at)
{
	return (char)(hex_value(s.p[at + 1]) << 4 | hex_value(s.p[at + 2]));
}

/* ---- parsing ---- */

/* Only bytes that a target may have, and whole percent-encodings. */
static bool
is_target_text(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is(s.p[i], TARGET) && !is_escape(s, i))
			return false;
	}
	return true;
}

static void
split_query(struct slice s, struct uri *out)
{
	size_t mark = slice_find(s, '?');

	out->path = slice_cut(s, 0, mark);
	out->query = from(s, mark + 1);
	out->has_query = mark < s.n;
}

static bool
is_port(struct slice s, uint16_t *out)
{
	uint64_t v;

	if (num_parse_u64(s, UINT16_MAX, &v) != LR_OK || v == 0)
		return false;
	*out = (uint16_t)v;
	return true;
}

/* An IP literal without a look at its inside but for the bytes: connecting
 * to it would fail, and as a name it is only compared (RFC 3986 3.2.2). */
static bool
is_ip_literal(struct slice s)
{
	if (s.n < 4 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (!is(s.p[i], HEX) && s.p[i] != ':' && s.p[i] != '.')
			return false;
	}
	return true;
}

static bool
is_reg_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is(s.p[i], REG_NAME) && !is_escape(s, i))
			return false;
	}
	return s.n > 0;
}

enum lr
uri_parse_authority(struct slice text, struct slice *host, uint16_t *port)
{
	size_t end;
	struct slice name;
	uint16_t number = 0;

	if (text.n > 0 && text.p[0] == '[') {
		end = slice_find(text, ']') + 1;
		name = slice_cut(text, 0, end);
		if (!is_ip_literal(name))
			return LR_INVALID;
	} else {
		end = slice_find(text, ':');
		name = slice_cut(text, 0, end);
		if (!is_reg_name(name))
			return LR_INVALID;
	}
	if (end < text.n && text.p[end] != ':')
		return LR_INVALID;
	/* port may be empty (RFC 3986 3.2.3) */
	if (end + 1 < text.n && !is_port(from(text, end + 1), &number))
		return LR_INVALID;
	*host = name;
	*port = number;
	return LR_OK;
}

/* The scheme's length when text begins with "scheme:", else 0. */
static size_t
scheme_length(struct slice text)
{
	size_t n = slice_find(text, ':');
	char first = text.n > 0 ? (char)(text.p[0] | 0x20) : '0';

	if (n == text.n || first < 'a' || first > 'z')
		return 0;
	return all_are(slice_cut(text, 0, n), SCHEME) ? n : 0;
}

static size_t
authority_length(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
		n++;
	return n;
}

enum lr
uri_parse(struct slice text, struct uri *out)
{
	struct uri uri = { .form = URI_ABSOLUTE };
	size_t n = scheme_length(text);
	struct slice rest = from(text, n);

	if (n == 0 || !slice_starts(rest, SLICE("://")))
		return LR_INVALID;
	uri.scheme = slice_cut(text, 0, n);
	rest = from(rest, 3);
	n = authority_length(rest);
	/* userinfo is refused with all else that no host has (RFC 9110
	 * 4.2.4): "@" is in neither a reg-name nor a port. */
	if (uri_parse_authority(slice_cut(rest, 0, n), &uri.host, &uri.port) !=
	    LR_OK)
		return LR_INVALID;
	rest = from(rest, n);
	if (!is_target_text(rest))
		return LR_INVALID;
	split_query(rest, &uri);
	*out = uri;
	return LR_OK;
}

/* authority-form: host ":" port, both there (RFC 9112 3.2.3) */
static enum lr
parse_authority_form(struct slice target, struct uri *out)
{
	struct uri uri = { .form = URI_AUTHORITY };

	if (uri_parse_authority(target, &uri.host, &uri.port) != LR_OK ||
	    uri.port == 0)
		return LR_INVALID;
	*out = uri;
	return LR_OK;
}

enum lr
uri_parse_target(struct slice target, enum http_method method, struct uri *out)
{
	if (method == HTTP_CONNECT)
		return parse_authority_form(target, out);
	if (target.n > 0 && target.p[0] == '/') {
		if (!is_target_text(target))
			return LR_INVALID;
		*out = (struct uri){ .form = URI_ORIGIN };
		split_query(target, out);
		return LR_OK;
	}
	if (method == HTTP_OPTIONS && slice_eq(target, SLICE("*"))) {
		*out = (struct uri){ .form = URI_ASTERISK };
		return LR_OK;
	}
	return uri_parse(target, out);
}

uint16_t
uri_default_port(struct slice scheme)
{
	if (slice_ieq(scheme, SLICE("http")) || slice_ieq(scheme, SLICE("ws")))
		return 80;
	if (slice_ieq(scheme, SLICE("https")) ||
	    slice_ieq(scheme, SLICE("wss")))
		return 443;
	return 0;
}

/* ---- the normal form ---- */

/* Decodes unreserved characters and writes other encodings in upper case
 * (RFC 3986 6.2.2.1 and 6.2.2.2); dst has room for s.  Its length. */
static size_t
put_normal_escapes(struct slice s, char *dst)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!is_escape(s, i)) {
			dst[n++] = s.p[i];
			continue;
		}
		if (is(escaped(s, i), UNRESERVED)) {
			dst[n++] = escaped(s, i);
		} else {
			dst[n++] = '%';
			dst[n++] = "0123456789ABCDEF"[hex_value(s.p[i + 1])];
			dst[n++] = "0123456789ABCDEF"[hex_value(s.p[i + 2])];
		}
		i += 2;
	}
	return n;
}

static bool
is_dots(struct slice segment)
{
	return slice_eq(segment, SLICE(".")) || slice_eq(segment, SLICE(".."));
}

/* Removes dot segments (RFC 3986 5.2.4) of a path that begins with "/", in
 * place.  Its new length. */
static size_t
remove_dot_segments(char *p, size_t n)
{
	struct slice rest = { p, n };
	size_t kept = 0; /* of the result, which never overtakes rest */

	while (rest.n > 0) {
		size_t end = 1 + slice_find(from(rest, 1), '/');
		struct slice segment = slice_cut(rest, 1, end);
		bool last = end == rest.n;

		if (slice_eq(segment, SLICE(".."))) {
			while (kept > 0 && p[--kept] != '/')
				continue;
		}
		if (is_dots(segment)) {
			/* A directory's name ends in its slash. */
			if (last)
				p[kept++] = '/';
		} else {
			memmove(p + kept, rest.p, end);
			kept += end;
		}
		rest = from(rest, end);
	}
	return kept;
}

static bool
has_dot_segment(struct slice path)
{
	for (size_t i = 0; i + 1 < path.n; i++) {
		if (path.p[i] == '/' && path.p[i + 1] == '.')
			return true;
	}
	return false;
}

enum lr
uri_normalize_path(struct slice path, struct arena *arena, struct slice *out)
{
	bool escapes = slice_find(path, '%') < path.n;
	char *p;
	size_t n;

	if (path.n == 0) {
		*out = SLICE("/");
		return LR_OK;
	}
	if (!escapes && !has_dot_segment(path)) {
		*out = path;
		return LR_OK;
	}
	if ((p = arena_alloc(arena, path.n + 1)) == NULL)
		return LR_NOMEM;
	n = put_normal_escapes(path, p);
	if (p[0] == '/')
		n = remove_dot_segments(p, n);
	*out = slice_eq(path, slice_make(p, n)) ? path : slice_make(p, n);
	return LR_OK;
}

enum lr
uri_normalize_query(struct slice query, struct arena *arena, struct slice *out)
{
	char *p;
	size_t n;

	if (slice_find(query, '%') == query.n) {
		*out = query;
		return LR_OK;
	}
	if ((p = arena_alloc(arena, query.n)) == NULL)
		return LR_NOMEM;
	n = put_normal_escapes(query, p);
	*out = slice_eq(query, slice_make(p, n)) ? query : slice_make(p, n);
	return LR_OK;
}

enum lr
uri_decode_path(struct slice path, struct arena *arena, struct slice *out)
{
	char *p;
	size_t n = 0;

	if (slice_find(path, '%') == path.n) {
		*out = path;
		return LR_OK;
	}
	if ((p = arena_alloc(arena, path.n)) == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (is_escape(path, i) && escaped(path, i) != '/') {
			if ((c = escaped(path, i)) == '\0')
				return LR_INVALID;
			i += 2;
		}
		p[n++] = c;
	}
	*out = slice_make(p, n);
	return LR_OK;
}

/* ---- references ---- */

/* base's path up to its last slash, then path (RFC 3986 5.2.3). */
static enum lr
merge_paths(const struct uri *base, struct slice path, struct arena *arena,
    struct slice *out)
{
	struct slice folder = base->path;
	char *p;

	while (folder.n > 0 && folder.p[folder.n - 1] != '/')
		folder.n--;
	if (folder.n == 0)
		folder = SLICE("/");
	if ((p = arena_alloc(arena, folder.n + path.n)) == NULL)
		return LR_NOMEM;
	memcpy(p, folder.p, folder.n);
	if (path.n > 0)
		memcpy(p + folder.n, path.p, path.n);
	*out = slice_make(p, folder.n + path.n);
	return LR_OK;
}

/* A copy without dot segments. */
static enum lr
without_dots(struct slice path, struct arena *arena, struct slice *out)
{
	struct slice copy;

	if (path.n == 0 || !has_dot_segment(path)) {
		*out = path;
		return LR_OK;
	}
	copy = arena_dup(arena, path);
	if (copy.p == NULL)
		return LR_NOMEM;
	*out = slice_make(copy.p, remove_dot_segments((char *)copy.p, copy.n));
	return LR_OK;
}

/* Fills in authority, path and query of a reference without a scheme. */
static enum lr
resolve_relative(const struct uri *base, struct slice reference,
    struct arena *arena, struct uri *uri)
{
	struct slice path;
	enum lr rc;

	if (slice_starts(reference, SLICE("//"))) {
		size_t n = authority_length(from(reference, 2));
		struct slice authority = slice_cut(reference, 2, 2 + n);

		if (uri_parse_authority(authority, &uri->host, &uri->port) !=
		    LR_OK)
			return LR_INVALID;
		split_query(from(reference, 2 + n), uri);
		return without_dots(uri->path, arena, &uri->path);
	}
	split_query(reference, uri);
	if (uri->path.n == 0) {
		uri->path = base->path;
		if (!uri->has_query) {
			uri->query = base->query;
			uri->has_query = base->has_query;
		}
		return LR_OK;
	}
	if (uri->path.p[0] == '/')
		return without_dots(uri->path, arena, &uri->path);
	if ((rc = merge_paths(base, uri->path, arena, &path)) != LR_OK)
		return rc;
	return without_dots(path, arena, &uri->path);
}

enum lr
uri_resolve(const struct uri *base, struct slice reference, struct arena *arena,
    struct uri *out)
{
	struct uri uri = *base;
	enum lr rc;

	/* The fragment never reaches a server. */
	reference = slice_cut(reference, 0, slice_find(reference, '#'));
	if (!is_target_text(reference))
		return LR_INVALID;
	if (scheme_length(reference) > 0) {
		if ((rc = uri_parse(reference, &uri)) == LR_OK)
			rc = without_dots(uri.path, arena, &uri.path);
	} else {
		rc = resolve_relative(base, reference, arena, &uri);
	}
	if (rc == LR_OK)
		*out = uri;
	return rc;
}

static uint16_t
port_of(const struct uri *uri)
{
	return uri->port != 0 ? uri->port : uri_default_port(uri->scheme);
}

bool
uri_is_same_origin(const struct uri *a, const struct uri *b)
{
	return slice_ieq(a->scheme, b->scheme) && slice_ieq(a->host, b->host) &&
	    port_of(a) == port_of(b);
}
