/* proxy/http/message.c: fields by identity, and the tables behind it */
#include "proxy/http/message.h"

#include "proxy/http/date.h"

#define FIRST_CAPACITY 16

/* Every field with an identity: its name, and the name's first and last
 * letter for the hash below. */
#define FIELD_TABLE(ROW) \
	ROW(FIELD_ACCEPT, "Accept", 'a', 't') \
	ROW(FIELD_ACCEPT_ENCODING, "Accept-Encoding", 'a', 'g') \
	ROW(FIELD_ACCEPT_LANGUAGE, "Accept-Language", 'a', 'e') \
	ROW(FIELD_ACCEPT_RANGES, "Accept-Ranges", 'a', 's') \
	ROW(FIELD_AGE, "Age", 'a', 'e') \
	ROW(FIELD_AUTHORIZATION, "Authorization", 'a', 'n') \
	ROW(FIELD_CACHE_CONTROL, "Cache-Control", 'c', 'l') \
	ROW(FIELD_CACHE_STATUS, "Cache-Status", 'c', 's') \
	ROW(FIELD_CDN_CACHE_CONTROL, "CDN-Cache-Control", 'c', 'l') \
	ROW(FIELD_CONNECTION, "Connection", 'c', 'n') \
	ROW(FIELD_CONTENT_ENCODING, "Content-Encoding", 'c', 'g') \
	ROW(FIELD_CONTENT_LANGUAGE, "Content-Language", 'c', 'e') \
	ROW(FIELD_CONTENT_LENGTH, "Content-Length", 'c', 'h') \
	ROW(FIELD_CONTENT_LOCATION, "Content-Location", 'c', 'n') \
	ROW(FIELD_CONTENT_RANGE, "Content-Range", 'c', 'e') \
	ROW(FIELD_CONTENT_TYPE, "Content-Type", 'c', 'e') \
	ROW(FIELD_COOKIE, "Cookie", 'c', 'e') \
	ROW(FIELD_DATE, "Date", 'd', 'e') \
	ROW(FIELD_ETAG, "ETag", 'e', 'g') \
	ROW(FIELD_EXPECT, "Expect", 'e', 't') \
	ROW(FIELD_EXPIRES, "Expires", 'e', 's') \
	ROW(FIELD_FORWARDED, "Forwarded", 'f', 'd') \
	ROW(FIELD_HOST, "Host", 'h', 't') \
	ROW(FIELD_IF_MATCH, "If-Match", 'i', 'h') \
	ROW(FIELD_IF_MODIFIED_SINCE, "If-Modified-Since", 'i', 'e') \
	ROW(FIELD_IF_NONE_MATCH, "If-None-Match", 'i', 'h') \
	ROW(FIELD_IF_RANGE, "If-Range", 'i', 'e') \
	ROW(FIELD_IF_UNMODIFIED_SINCE, "If-Unmodified-Since", 'i', 'e') \
	ROW(FIELD_KEEP_ALIVE, "Keep-Alive", 'k', 'e') \
	ROW(FIELD_LAST_MODIFIED, "Last-Modified", 'l', 'd') \
	ROW(FIELD_LOCATION, "Location", 'l', 'n') \
	ROW(FIELD_MAX_FORWARDS, "Max-Forwards", 'm', 's') \
	ROW(FIELD_PRAGMA, "Pragma", 'p', 'a') \
	ROW(FIELD_PROXY_AUTHENTICATE, "Proxy-Authenticate", 'p', 'e') \
	ROW(FIELD_PROXY_AUTHORIZATION, "Proxy-Authorization", 'p', 'n') \
	ROW(FIELD_PROXY_CONNECTION, "Proxy-Connection", 'p', 'n') \
	ROW(FIELD_RANGE, "Range", 'r', 'e') \
	ROW(FIELD_REFERER, "Referer", 'r', 'r') \
	ROW(FIELD_SERVER, "Server", 's', 'r') \
	ROW(FIELD_SET_COOKIE, "Set-Cookie", 's', 'e') \
	ROW(FIELD_TE, "TE", 't', 'e') \
	ROW(FIELD_TRAILER, "Trailer", 't', 'r') \
	ROW(FIELD_TRANSFER_ENCODING, "Transfer-Encoding", 't', 'g') \
	ROW(FIELD_UPGRADE, "Upgrade", 'u', 'e') \
	ROW(FIELD_USER_AGENT, "User-Agent", 'u', 't') \
	ROW(FIELD_VARY, "Vary", 'v', 'y') \
	ROW(FIELD_VIA, "Via", 'v', 'a') \
	ROW(FIELD_WARNING, "Warning", 'w', 'g') \
	ROW(FIELD_WWW_AUTHENTICATE, "WWW-Authenticate", 'w', 'e') \
	ROW(FIELD_X_FORWARDED_FOR, "X-Forwarded-For", 'x', 'r') \
	ROW(FIELD_X_FORWARDED_HOST, "X-Forwarded-Host", 'x', 't') \
	ROW(FIELD_X_FORWARDED_PROTO, "X-Forwarded-Proto", 'x', 'o') \
	ROW(FIELD_X_FORWARDED_SERVER, "X-Forwarded-Server", 'x', 'r')

#define NAME_ROW(id, text, first, last) [id] = { text, sizeof(text) - 1 },

static const struct slice NAMES[FIELD_ID_COUNT] = { [FIELD_OTHER] = { "", 0 },
	FIELD_TABLE(NAME_ROW) };

/* A perfect hash over the table; two rows in one slot would not compile
 * (a slot initialised twice). */
#define SLOTS 256
#define SLOT(n, first, last) \
	(((n) + 11u * (unsigned)(first) + 33u * (unsigned)(last)) % SLOTS)
#define SLOT_ROW(id, text, first, last) \
	[SLOT(sizeof(text) - 1, first, last)] = id,

static const uint8_t BY_SLOT[SLOTS] = { FIELD_TABLE(SLOT_ROW) };

struct method_row {
	struct slice name;
	bool safe, idempotent;
};

static const struct method_row METHODS[] = {
	[HTTP_OTHER] = { { "", 0 }, false, false },
	[HTTP_GET] = { { "GET", 3 }, true, true },
	[HTTP_HEAD] = { { "HEAD", 4 }, true, true },
	[HTTP_POST] = { { "POST", 4 }, false, false },
	[HTTP_PUT] = { { "PUT", 3 }, false, true },
	[HTTP_DELETE] = { { "DELETE", 6 }, false, true },
	[HTTP_CONNECT] = { { "CONNECT", 7 }, false, false },
	[HTTP_OPTIONS] = { { "OPTIONS", 7 }, true, true },
	[HTTP_TRACE] = { { "TRACE", 5 }, true, true },
	[HTTP_PATCH] = { { "PATCH", 5 }, false, false },
	[HTTP_PURGE] = { { "PURGE", 5 }, false, true },
};

/* RFC 9110 15, and the IANA registry where it goes further. */
static const char *const REASONS[600] = {
	[100] = "Continue",
	[101] = "Switching Protocols",
	[102] = "Processing",
	[103] = "Early Hints",
	[200] = "OK",
	[201] = "Created",
	[202] = "Accepted",
	[203] = "Non-Authoritative Information",
	[204] = "No Content",
	[205] = "Reset Content",
	[206] = "Partial Content",
	[207] = "Multi-Status",
	[208] = "Already Reported",
	[226] = "IM Used",
	[300] = "Multiple Choices",
	[301] = "Moved Permanently",
	[302] = "Found",
	[303] = "See Other",
	[304] = "Not Modified",
	[305] = "Use Proxy",
	[307] = "Temporary Redirect",
	[308] = "Permanent Redirect",
	[400] = "Bad Request",
	[401] = "Unauthorized",
	[402] = "Payment Required",
	[403] = "Forbidden",
	[404] = "Not Found",
	[405] = "Method Not Allowed",
	[406] = "Not Acceptable",
	[407] = "Proxy Authentication Required",
	[408] = "Request Timeout",
	[409] = "Conflict",
	[410] = "Gone",
	[411] = "Length Required",
	[412] = "Precondition Failed",
	[413] = "Content Too Large",
	[414] = "URI Too Long",
	[415] = "Unsupported Media Type",
	[416] = "Range Not Satisfiable",
	[417] = "Expectation Failed",
	[421] = "Misdirected Request",
	[422] = "Unprocessable Content",
	[423] = "Locked",
	[424] = "Failed Dependency",
	[425] = "Too Early",
	[426] = "Upgrade Required",
	[428] = "Precondition Required",
	[429] = "Too Many Requests",
	[431] = "Request Header Fields Too Large",
	[451] = "Unavailable For Legal Reasons",
	[500] = "Internal Server Error",
	[501] = "Not Implemented",
	[502] = "Bad Gateway",
	[503] = "Service Unavailable",
	[504] = "Gateway Timeout",
	[505] = "HTTP Version Not Supported",
	[506] = "Variant Also Negotiates",
	[507] = "Insufficient Storage",
	[508] = "Loop Detected",
	[511] = "Network Authentication Required",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void
http_msg_init(struct http_msg *m, struct arena *arena)
{
	*m = (struct http_msg){ .arena = arena, .version_minor = 1 };
}

enum http_method
http_method_from(struct slice name)
{
	for (size_t i = HTTP_GET; i < COUNT(METHODS); i++) {
		if (slice_eq(name, METHODS[i].name))
			return (enum http_method)i;
	}
	return HTTP_OTHER;
}

bool
http_method_safe(enum http_method m)
{
	return METHODS[m].safe;
}

bool
http_method_idempotent(enum http_method m)
{
	return METHODS[m].idempotent;
}

const char *
http_reason(int status)
{
	if (status < 0 || (size_t)status >= COUNT(REASONS))
		return "";
	return REASONS[status] != NULL ? REASONS[status] : "";
}

/* Letter case is one bit; set everywhere, it is out of the way. */
#define CASE_BITS 0x2020202020202020

static bool
same_eight(const char *a, const char *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return ((x ^ y) & ~(uint64_t)CASE_BITS) == 0;
}

/* b is of letters and "-" only.  (CR would pass for "-" in a, which no
 * parser lets into a name.) */
static bool
same_letters(const char *a, const char *b, size_t n)
{
	if (n < 8) {
		for (size_t i = 0; i < n; i++) {
			if ((a[i] | 0x20) != (b[i] | 0x20))
				return false;
		}
		return true;
	}
	for (size_t i = 0; i + 8 < n; i += 8) {
		if (!same_eight(a + i, b + i))
			return false;
	}
	/* The last ones, with bytes that were compared already. */
	return same_eight(a + n - 8, b + n - 8);
}

enum http_field_id
http_field_id_from(struct slice name)
{
	enum http_field_id id;
	unsigned first, last;

	if (name.n < 2)
		return FIELD_OTHER;
	first = (unsigned char)name.p[0] | 0x20u;
	last = (unsigned char)name.p[name.n - 1] | 0x20u;
	id = (enum http_field_id)BY_SLOT[SLOT(name.n, first, last)];
	if (name.n != NAMES[id].n)
		return FIELD_OTHER;
	return same_letters(name.p, NAMES[id].p, name.n) ? id : FIELD_OTHER;
}

struct slice
http_field_name(enum http_field_id id)
{
	return id < FIELD_ID_COUNT ? NAMES[id] : NAMES[FIELD_OTHER];
}

static enum lr
grow(struct http_msg *m)
{
	size_t cap = m->cap_fields > 0 ? 2 * m->cap_fields : FIRST_CAPACITY;
	struct http_field *fields = arena_alloc(
	    m->arena, cap * sizeof(*fields));

	if (fields == NULL)
		return LR_NOMEM;
	if (m->n_fields > 0)
		memcpy(fields, m->fields, m->n_fields * sizeof(*fields));
	m->fields = fields;
	m->cap_fields = cap;
	return LR_OK;
}

static enum lr
add(struct http_msg *m, struct slice name, struct slice value,
    enum http_field_id id)
{
	if (m->n_fields == m->cap_fields && grow(m) != LR_OK)
		return LR_NOMEM;
	m->fields[m->n_fields++] = (struct http_field){ name, value, id };
	return LR_OK;
}

enum lr
http_msg_add(struct http_msg *m, struct slice name, struct slice value)
{
	return add(m, name, value, http_field_id_from(name));
}

enum lr
http_msg_add_id(struct http_msg *m, enum http_field_id id, struct slice value)
{
	return add(m, http_field_name(id), value, id);
}

const struct http_field *
http_msg_get(const struct http_msg *m, enum http_field_id id)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		if (m->fields[i].id == id)
			return &m->fields[i];
	}
	return NULL;
}

/* Fields with an identity need no look at their text. */
static bool
is_named(const struct http_field *f, struct slice name, enum http_field_id id)
{
	return f->id == id && (id != FIELD_OTHER || slice_ieq(f->name, name));
}

const struct http_field *
http_msg_find(const struct http_msg *m, struct slice name)
{
	enum http_field_id id = http_field_id_from(name);

	for (size_t i = 0; i < m->n_fields; i++) {
		if (is_named(&m->fields[i], name, id))
			return &m->fields[i];
	}
	return NULL;
}

struct slice
http_msg_value(const struct http_msg *m, enum http_field_id id)
{
	const struct http_field *f = http_msg_get(m, id);

	return f != NULL ? f->value : slice_make("", 0);
}

int64_t
http_msg_date(const struct http_msg *m, enum http_field_id id, int64_t now_s,
    int64_t otherwise)
{
	int64_t at_s;

	return date_parse(http_msg_value(m, id), now_s, &at_s) == LR_OK
	    ? at_s
	    : otherwise;
}

size_t
http_msg_count(const struct http_msg *m, enum http_field_id id)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_fields; i++)
		n += m->fields[i].id == id;
	return n;
}

/* Joins the values of all fields of that name, which are n bytes long
 * together with their separators. */
static enum lr
join(const struct http_msg *m, struct slice name, size_t n, struct slice *out)
{
	enum http_field_id id = http_field_id_from(name);
	char *text = arena_alloc(m->arena, n);
	size_t at = 0;

	if (text == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct http_field *f = &m->fields[i];

		if (!is_named(f, name, id))
			continue;
		if (at > 0) {
			memcpy(text + at, ", ", 2);
			at += 2;
		}
		if (f->value.n > 0)
			memcpy(text + at, f->value.p, f->value.n);
		at += f->value.n;
	}
	*out = slice_make(text, at);
	return LR_OK;
}

enum lr
http_msg_combined(
    const struct http_msg *m, struct slice name, struct slice *out)
{
	enum http_field_id id = http_field_id_from(name);
	const struct http_field *first = NULL;
	size_t n_found = 0, bytes = 0;

	for (size_t i = 0; i < m->n_fields; i++) {
		if (!is_named(&m->fields[i], name, id))
			continue;
		if (n_found++ == 0)
			first = &m->fields[i];
		bytes += m->fields[i].value.n + 2;
	}
	if (n_found == 0)
		return LR_NOTFOUND;
	if (n_found > 1)
		return join(m, name, bytes, out);
	*out = first->value;
	return LR_OK;
}

static size_t
remove_all(struct http_msg *m, struct slice name, enum http_field_id id)
{
	size_t kept = 0, removed;

	for (size_t i = 0; i < m->n_fields; i++) {
		if (is_named(&m->fields[i], name, id))
			continue;
		if (kept != i)
			m->fields[kept] = m->fields[i];
		kept++;
	}
	removed = m->n_fields - kept;
	m->n_fields = kept;
	return removed;
}

size_t
http_msg_remove(struct http_msg *m, enum http_field_id id)
{
	return remove_all(m, http_field_name(id), id);
}

size_t
http_msg_remove_name(struct http_msg *m, struct slice name)
{
	return remove_all(m, name, http_field_id_from(name));
}

enum lr
http_msg_set(struct http_msg *m, enum http_field_id id, struct slice value)
{
	/* Room first, so that a failure changes nothing. */
	if (m->n_fields == m->cap_fields && grow(m) != LR_OK)
		return LR_NOMEM;
	http_msg_remove(m, id);
	return http_msg_add_id(m, id, value);
}

/* Copies s to *at and moves it on. */
static struct slice
copy_text(char **at, struct slice s)
{
	char *p = *at;

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	*at = p + s.n;
	return slice_make(p, s.n);
}

static size_t
text_bytes(const struct http_msg *m)
{
	size_t n = m->method_text.n + m->target.n + m->reason.n;

	for (size_t i = 0; i < m->n_fields; i++)
		n += m->fields[i].name.n + m->fields[i].value.n;
	return n;
}

enum lr
http_msg_copy(
    const struct http_msg *m, struct arena *arena, struct http_msg *out)
{
	struct http_msg copy = *m;
	char *text = arena_alloc(arena, text_bytes(m));

	copy.arena = arena;
	copy.cap_fields = m->n_fields;
	copy.fields = arena_alloc(arena, m->n_fields * sizeof(*copy.fields));
	if (text == NULL || copy.fields == NULL)
		return LR_NOMEM;
	copy.method_text = copy_text(&text, m->method_text);
	copy.target = copy_text(&text, m->target);
	copy.reason = copy_text(&text, m->reason);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct http_field *f = &m->fields[i];

		copy.fields[i].name = copy_text(&text, f->name);
		copy.fields[i].value = copy_text(&text, f->value);
		copy.fields[i].id = f->id;
	}
	*out = copy;
	return LR_OK;
}
