/* proxy/http/h1_parse.c: heads, line by line
 *
 * A line is looked at when its end has come.  The first call parses as it
 * goes; when the head was not all there, later calls check only the lines
 * that are new (the buffer may have moved, so nothing can be kept), and the
 * whole head is parsed once more at its end. */
#include "proxy/http/h1_parse.h"

#include "proxy/http/field.h"
#include "proxy/http/uri.h"

#define EMPTY_LINES_MAX 2 /* before a request line (RFC 9112 2.2) */

/* What is parsed, and where it goes: m is NULL when lines are only
 * checked. */
struct head {
	struct h1_parser *parser;
	const struct h1_limits *lim;
	struct http_msg *m;
	bool is_request;
};

static enum lr
refuse(struct h1_parser *p, enum lr rc, int status, const char *why)
{
	p->error_status = status;
	p->error = why;
	return rc;
}

static enum lr
bad(struct head *h, const char *why)
{
	return refuse(h->parser, LR_INVALID, h->is_request ? 400 : 502, why);
}

static enum lr
too_big(struct head *h, int status, const char *why)
{
	return refuse(h->parser, LR_TOOBIG, h->is_request ? status : 502, why);
}

/* ---- the first line ---- */

/* "HTTP/" DIGIT "." DIGIT at the start of s, which has no other use for
 * these eight characters (RFC 9112 2.3). */
static enum lr
parse_version(struct head *h, struct slice s)
{
	if (s.n < 8 || memcmp(s.p, "HTTP/", 5) != 0 || s.p[6] != '.' ||
	    s.p[5] < '0' || s.p[5] > '9' || s.p[7] < '0' || s.p[7] > '9')
		return bad(h, "malformed HTTP version");
	if (s.p[5] != '1')
		return refuse(h->parser, LR_INVALID, h->is_request ? 505 : 502,
		    "HTTP version not supported");
	/* A higher minor version is ours and more (RFC 9110 2.5). */
	if (h->m != NULL)
		h->m->version_minor = s.p[7] != '0';
	return LR_OK;
}

static enum lr
parse_request_line(struct head *h, struct slice line)
{
	size_t blank = slice_find(line, ' ');
	struct slice method = slice_cut(line, 0, blank);
	struct slice rest = slice_cut(line, blank + 1, line.n), target;
	enum http_method id;
	struct uri uri;
	enum lr rc;

	if (!field_is_token(method))
		return bad(h, "malformed method");
	blank = slice_find(rest, ' ');
	target = slice_cut(rest, 0, blank);
	rest = slice_cut(rest, blank + 1, rest.n);
	if (rest.n != 8)
		return bad(h, "malformed request line");
	if ((rc = parse_version(h, rest)) != LR_OK)
		return rc;
	id = http_method_from(method);
	if (uri_parse_target(target, id, &uri) != LR_OK)
		return bad(h, "malformed request target");
	if (h->m != NULL) {
		h->m->method = id;
		h->m->method_text = method;
		h->m->target = target;
	}
	return LR_OK;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The blank before an absent reason phrase may be absent too: many servers
 * leave it out, and RFC 9112 4 tells clients to accept that. */
static enum lr
parse_status_line(struct head *h, struct slice line)
{
	const char *code = line.p + 9;
	struct slice reason = slice_cut(line, 13, line.n);
	enum lr rc;

	if ((rc = parse_version(h, line)) != LR_OK)
		return rc;
	if (line.n < 12 || line.p[8] != ' ' || !is_digit(code[0]) ||
	    code[0] == '0' || !is_digit(code[1]) || !is_digit(code[2]))
		return bad(h, "malformed status code");
	if (line.n > 12 && line.p[12] != ' ')
		return bad(h, "malformed status line");
	if (!field_is_value(reason))
		return bad(h, "control character in reason phrase");
	if (h->m != NULL) {
		h->m->status = 100 * (code[0] - '0') + 10 * (code[1] - '0') +
		    (code[2] - '0');
		h->m->reason = reason;
	}
	return LR_OK;
}

/* ---- field lines ---- */

/* Why a line whose name is not followed at once by a colon is refused. */
static const char *
why_no_field(struct slice line, size_t name_end)
{
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return "line folding"; /* RFC 9112 5.2 */
	if (name_end == line.n)
		return "field line without a colon";
	if (line.p[name_end] == ' ' || line.p[name_end] == '\t')
		return "blank before the colon"; /* RFC 9112 5.1 */
	if (line.p[name_end] == ':')
		return "empty field name";
	return "invalid character in a field name";
}

static enum lr
parse_field_line(struct head *h, struct slice line)
{
	size_t end = field_token_length(line);
	struct slice name, value;

	/* This line and the first are among those counted. */
	if (h->lim->fields > 0 && h->parser->lines - 1 > h->lim->fields)
		return too_big(h, 431, "too many fields");
	if (end == 0 || end == line.n || line.p[end] != ':')
		return bad(h, why_no_field(line, end));
	name = slice_cut(line, 0, end);
	value = slice_trim(slice_cut(line, end + 1, line.n));
	if (!field_is_value(value))
		return bad(h, "control character in a field value");
	return h->m != NULL ? http_msg_add(h->m, name, value) : LR_OK;
}

/* ---- lines ---- */

static enum lr
check_first_byte(struct head *h, char c)
{
	if (c == '\r' || field_is_tchar((unsigned char)c))
		return LR_OK;
	return bad(h, "not HTTP");
}

static enum lr
check_line_size(struct head *h, size_t n)
{
	if (h->parser->lines == 0 && n > h->lim->line_bytes)
		return too_big(h, 414, "request or status line too long");
	if (h->parser->lines > 0 && n > h->lim->field_bytes)
		return too_big(h, 431, "field line too long");
	return LR_OK;
}

/* An empty line before the first one; where it ends tells how many there
 * were, as each has two bytes. */
static enum lr
skip_empty_line(struct head *h)
{
	if (!h->is_request)
		return bad(h, "empty line before the status line");
	if (h->parser->line_start > 2 * EMPTY_LINES_MAX)
		return bad(h, "too many empty lines before the request");
	return LR_OK;
}

/* What can be told of a line before its end: that it is no HTTP (a TLS
 * hello has no line end to wait for), or that it is too long. */
static enum lr
check_partial_line(struct head *h, struct slice part)
{
	enum lr rc = LR_OK;

	if (part.n > 0 && h->parser->lines == 0)
		rc = check_first_byte(h, part.p[0]);
	/* The last byte may be the CR of its end. */
	if (part.n > 0 && rc == LR_OK)
		rc = check_line_size(h, part.n - 1);
	return rc == LR_OK ? LR_AGAIN : rc;
}

/* The first line, or an empty one before it. */
static enum lr
parse_first_line(struct head *h, struct slice line)
{
	if (line.n == 0)
		return skip_empty_line(h);
	h->parser->lines = 1;
	return h->is_request ? parse_request_line(h, line)
			     : parse_status_line(h, line);
}

/* A line as far as its LF.  Whatever check_partial_line can find comes
 * first, so that an answer does not depend on how the bytes arrived. */
static enum lr
parse_line(struct head *h, struct slice line)
{
	bool first = h->parser->lines == 0;
	bool ended = line.n > 0 && line.p[line.n - 1] == '\r';
	enum lr rc;

	line.n -= ended;
	if (first && line.n > 0 &&
	    (rc = check_first_byte(h, line.p[0])) != LR_OK)
		return rc;
	if ((rc = check_line_size(h, line.n)) != LR_OK)
		return rc;
	if (!ended)
		return bad(h, "line ends in a bare LF");
	if (first)
		return parse_first_line(h, line);
	h->parser->lines++;
	return parse_field_line(h, line);
}

/* Takes lines from buf up to the empty one that ends the head; then
 * line_start is behind it.  LR_AGAIN: it has not come. */
static enum lr
take_lines(struct head *h, struct slice buf)
{
	struct h1_parser *p = h->parser;
	enum lr rc;

	while (p->scanned < buf.n) {
		const char *from = buf.p + p->scanned;
		const char *lf = memchr(from, '\n', buf.n - p->scanned);
		struct slice line;

		if (lf == NULL)
			break;
		line = slice_cut(buf, p->line_start, (size_t)(lf - buf.p));
		p->line_start = p->scanned = (size_t)(lf + 1 - buf.p);
		if (p->lines > 0 && line.n == 1 && line.p[0] == '\r')
			return LR_OK;
		if ((rc = parse_line(h, line)) != LR_OK)
			return rc;
	}
	p->scanned = buf.n;
	return check_partial_line(h, slice_cut(buf, p->line_start, buf.n));
}

/* ---- whole heads ---- */

/* Exactly one valid Host, but in HTTP/1.0 none will do (RFC 9112 3.2). */
static enum lr
check_host(struct head *h, const struct http_msg *m)
{
	const struct http_field *host = NULL;
	struct slice name;
	uint16_t port;

	for (size_t i = 0; i < m->n_fields; i++) {
		if (m->fields[i].id != FIELD_HOST)
			continue;
		if (host != NULL)
			return bad(h, "more than one Host");
		host = &m->fields[i];
	}
	if (host == NULL)
		return m->version_minor == 0 ? LR_OK : bad(h, "no Host");
	if (uri_parse_authority(host->value, &name, &port) != LR_OK)
		return bad(h, "malformed Host");
	return LR_OK;
}

static void
rewind_parser(struct h1_parser *p)
{
	*p = (struct h1_parser){ 0 };
}

static enum lr
parse_head(struct head *h, struct slice buf, struct http_msg *out, size_t *used)
{
	struct h1_parser *p = h->parser;
	bool first_call = p->scanned == 0;
	struct http_msg m = *out;
	enum lr rc;

	m.n_fields = 0;
	h->m = first_call ? &m : NULL;
	rc = take_lines(h, buf);
	if (rc == LR_OK && !first_call) {
		rewind_parser(p);
		h->m = &m;
		rc = take_lines(h, buf);
	}
	if (rc == LR_OK && h->is_request)
		rc = check_host(h, &m);
	if (rc != LR_OK)
		return rc;
	*out = m;
	*used = p->line_start;
	return LR_OK;
}

void
h1_parser_reset(struct h1_parser *p)
{
	rewind_parser(p);
}

enum lr
h1_parse_request(struct h1_parser *p, struct slice buf,
    const struct h1_limits *lim, struct http_msg *out, size_t *used)
{
	struct head h = { .parser = p, .lim = lim, .is_request = true };

	return parse_head(&h, buf, out, used);
}

enum lr
h1_parse_response(struct h1_parser *p, struct slice buf,
    const struct h1_limits *lim, struct http_msg *out, size_t *used)
{
	struct head h = { .parser = p, .lim = lim, .is_request = false };

	return parse_head(&h, buf, out, used);
}

enum lr
h1_parse_fields(
    struct slice text, const struct h1_limits *lim, struct http_msg *out)
{
	struct h1_parser p = { .lines = 1 };
	struct head h = { .parser = &p, .lim = lim, .m = out };
	enum lr rc = take_lines(&h, text);

	/* No empty line ends them, so all is well when no part of a line
	 * is left. */
	if (rc == LR_AGAIN)
		return p.line_start == text.n ? LR_OK : LR_INVALID;
	return rc == LR_OK ? LR_INVALID : rc;
}
