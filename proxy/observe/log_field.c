/* proxy/observe/log_field.c: every field of a log line */
#include "proxy/observe/log_field.h"

#include <stdlib.h>
#include <unistd.h>

#include "proxy/http/uri.h"
#include "proxy/observe/log_time.h"
#include "proxy/observe/log_value.h"

#define US_PER_S 1000000

/* The parts of the request-target; false when it has none. */
static bool
target_of(const struct record *r, struct uri *out)
{
	return r->request != NULL &&
	    uri_parse_target(r->request->target, r->request->method, out) ==
	    LR_OK;
}

/* ---- fields that are members of the record ---- */

static const void *
member(const struct log_cell *c)
{
	return (const char *)c->record + c->field->offset;
}

static void
write_text(const struct log_cell *c)
{
	const struct slice *s = member(c);

	log_value_text(c->out, *s);
}

static void
write_number(const struct log_cell *c)
{
	const int64_t *v = member(c);

	log_value_number(c->out, *v < 0 ? *v : *v / c->field->divisor);
}

static void
write_count(const struct log_cell *c)
{
	const uint64_t *v = member(c);

	strbuf_add_u64(c->out, *v);
}

static void
write_address(const struct log_cell *c)
{
	const struct address *const *a = member(c);

	log_value_address(c->out, *a);
}

static void
write_port(const struct log_cell *c)
{
	const struct address *const *a = member(c);

	log_value_port(c->out, *a);
}

/* ---- the connection ---- */

static void
write_keepalive(const struct log_cell *c)
{
	strbuf_add_u64(c->out, c->record->keepalive_nth);
}

static void
write_ending(const struct log_cell *c)
{
	strbuf_add_char(c->out,
	    c->record->aborted		? 'X'
		: c->record->keep_alive ? '+'
					: '-');
}

static void
write_bytes_both(const struct log_cell *c)
{
	strbuf_add_u64(c->out, c->record->bytes_in + c->record->bytes_out);
}

/* ---- the request ---- */

static void
write_method(const struct log_cell *c)
{
	if (c->record->request == NULL)
		log_value_none(c->out);
	else
		log_value_text(c->out, c->record->request->method_text);
}

static void
write_protocol(const struct log_cell *c)
{
	if (c->record->request == NULL)
		log_value_none(c->out);
	else
		strbuf_add_cstr(c->out,
		    c->record->request->version_minor == 0 ? "HTTP/1.0"
							   : "HTTP/1.1");
}

static void
write_path(const struct log_cell *c)
{
	struct uri uri;

	if (target_of(c->record, &uri))
		log_value_text(
		    c->out, uri.form == URI_ASTERISK ? SLICE("*") : uri.path);
	else
		log_value_none(c->out);
}

static void
write_query(const struct log_cell *c)
{
	struct uri uri;

	if (!target_of(c->record, &uri) || !uri.has_query)
		return; /* nothing at all, as Apache does */
	strbuf_add_char(c->out, '?');
	log_value_escape(c->out, uri.query);
}

static void
write_request_field(const struct log_cell *c)
{
	if (!log_value_fields(c->out, c->record->request, c->arg))
		log_value_none(c->out);
}

/* The value of that cookie in one Cookie field; RFC 6265 4.2. */
static bool
cookie_find(struct slice cookies, struct slice name, struct slice *value)
{
	while (cookies.n > 0) {
		size_t n = slice_find(cookies, ';');
		struct slice pair = slice_trim(slice_cut(cookies, 0, n));
		size_t equals = slice_find(pair, '=');

		cookies = slice_cut(cookies, n + 1, cookies.n);
		if (equals < pair.n &&
		    slice_ieq(slice_trim(slice_cut(pair, 0, equals)), name)) {
			*value = slice_trim(
			    slice_cut(pair, equals + 1, pair.n));
			return true;
		}
	}
	return false;
}

static void
write_cookie(const struct log_cell *c)
{
	const struct http_msg *m = c->record->request;
	struct slice value;

	for (size_t i = 0; m != NULL && i < m->n_fields; i++) {
		if (m->fields[i].id == FIELD_COOKIE &&
		    cookie_find(m->fields[i].value, c->arg, &value)) {
			log_value_escape(c->out, value);
			return;
		}
	}
	log_value_none(c->out);
}

static void
write_host(const struct log_cell *c)
{
	log_value_text(c->out,
	    c->record->host.n > 0 ? c->record->host : c->record->server_name);
}

/* ---- the response ---- */

static void
write_status(const struct log_cell *c)
{
	log_value_number(
	    c->out, c->record->status > 0 ? c->record->status : -1);
}

static void
write_body_bytes_common(const struct log_cell *c)
{
	if (c->record->body_bytes_out == 0)
		log_value_none(c->out);
	else
		strbuf_add_u64(c->out, c->record->body_bytes_out);
}

/* A hit is sent from its stored head: the fields that are made anew for
 * each answer come from the record. */
static void
write_response_field(const struct log_cell *c)
{
	if (c->record->response != NULL &&
	    log_value_fields(c->out, c->record->response, c->arg))
		return;
	if (c->record->age_s >= 0 && slice_ieq(c->arg, SLICE("Age")))
		log_value_number(c->out, c->record->age_s);
	else if (slice_ieq(c->arg, SLICE("Cache-Status")))
		log_value_text(c->out, c->record->cache_status);
	else if (!log_value_wire_fields(
		     c->out, c->record->response_wire, c->arg))
		log_value_none(c->out);
}

/* ---- times ---- */

static void
write_time(const struct log_cell *c)
{
	int64_t begin_us = c->record->started_wall_ms * 1000;

	log_time_write(c->arg, begin_us, begin_us + c->record->took_us, c->out);
}

/* ---- the cache and the backend ---- */

static void
write_cache(const struct log_cell *c)
{
	log_value_text(c->out, slice_of(c->record->cache_result));
}

/* Negative once stale, as the ttl of Cache-Status (RFC 9211 2.4). */
static void
write_ttl(const struct log_cell *c)
{
	if (c->record->ttl_s == INT64_MIN)
		log_value_none(c->out);
	else
		strbuf_addf(c->out, "%lld", (long long)c->record->ttl_s);
}

static void
write_backend_file(const struct log_cell *c)
{
	if (c->record->backend.n > 0)
		strbuf_add_cstr(c->out, "proxy:");
	log_value_text(c->out, c->record->backend);
}

static void
write_handler(const struct log_cell *c)
{
	strbuf_add_cstr(
	    c->out, c->record->backend.n > 0 ? "proxy-server" : "-");
}

/* ---- the process ---- */

static void
write_pid(const struct log_cell *c)
{
	log_value_number(c->out, getpid());
}

static void
write_tid(const struct log_cell *c)
{
	log_value_number(c->out, gettid());
}

static void
write_hextid(const struct log_cell *c)
{
	strbuf_addf(c->out, "%lx", (long)gettid());
}

static void
write_worker(const struct log_cell *c)
{
	strbuf_add_u64(c->out, c->record->worker);
}

static void
write_environment(const struct log_cell *c)
{
	log_value_text(c->out, slice_of(getenv(c->arg.p)));
}

static void
write_percent(const struct log_cell *c)
{
	strbuf_add_char(c->out, '%');
}

/* What Apache knows and larder does not have. */
static void
write_unknown(const struct log_cell *c)
{
	log_value_none(c->out);
}

/* ---- the table ---- */

#define TEXT(m) write_text, offsetof(struct record, m), 1
#define COUNT(m) write_count, offsetof(struct record, m), 1
#define NUMBER(m, divisor) write_number, offsetof(struct record, m), divisor
#define ADDRESS(m) write_address, offsetof(struct record, m), 1
#define PORT(m) write_port, offsetof(struct record, m), 1
#define CALL(fn) fn, 0, 1

const struct log_field LOG_FIELDS[] = {
	{ "%", NULL, CALL(write_percent), "A percent sign" },
	{ "a", NULL, ADDRESS(client), "Address of the client" },
	{ "a", "c", ADDRESS(client), "Address of the connection's other end" },
	{ "A", NULL, ADDRESS(local), "Local address of the connection" },
	{ "b", NULL, CALL(write_body_bytes_common),
	    "Bytes of body sent, - when there were none" },
	{ "B", NULL, COUNT(body_bytes_out), "Bytes of body sent" },
	{ "C", "*name", CALL(write_cookie),
	    "The request's cookie of that name" },
	{ "D", NULL, NUMBER(took_us, 1), "Duration in microseconds" },
	{ "e", "*name", CALL(write_environment),
	    "Variable of that name in the environment of the process" },
	{ "f", NULL, CALL(write_backend_file),
	    "proxy: and the URL of the backend that was asked" },
	{ "^FB", NULL, NUMBER(first_byte_us, 1),
	    "Microseconds until the first byte of the response was sent" },
	{ "h", NULL, ADDRESS(client),
	    "Address of the client (never its name)" },
	{ "h", "c", ADDRESS(client), "Address of the connection's other end" },
	{ "H", NULL, CALL(write_protocol),
	    "Protocol of the request: HTTP/1.1" },
	{ "i", "*name", CALL(write_request_field),
	    "The request's field of that name" },
	{ "I", NULL, COUNT(bytes_in), "Bytes received, head and body" },
	{ "k", NULL, CALL(write_keepalive),
	    "Requests on this connection before this one" },
	{ "l", NULL, CALL(write_unknown), "Always -: larder asks no identd" },
	{ "L", NULL, TEXT(log_id), "Always -: requests have no identifiers" },
	{ "m", NULL, CALL(write_method), "Method of the request" },
	{ "n", "*name", CALL(write_unknown),
	    "Always -: larder keeps no notes" },
	{ "o", "*name", CALL(write_response_field),
	    "The response's field of that name" },
	{ "O", NULL, COUNT(bytes_out), "Bytes sent, head and body" },
	{ "p", NULL, PORT(local), "Port the request came in on" },
	{ "p", "canonical", PORT(local), "Port the request came in on" },
	{ "p", "local", PORT(local), "Port the request came in on" },
	{ "p", "remote", PORT(client), "Port of the client" },
	{ "P", NULL, CALL(write_pid), "Process id" },
	{ "P", "pid", CALL(write_pid), "Process id" },
	{ "P", "tid", CALL(write_tid), "Thread id" },
	{ "P", "hextid", CALL(write_hextid), "Thread id in hexadecimal" },
	{ "q", NULL, CALL(write_query),
	    "The query with its question mark; nothing when there is none" },
	{ "r", NULL, TEXT(request_line), "First line of the request" },
	{ "R", NULL, CALL(write_handler),
	    "proxy-server when a backend was asked" },
	{ "s", NULL, CALL(write_status),
	    "Status of the response (%>s and %<s are the same)" },
	{ "S", NULL, CALL(write_bytes_both), "Bytes received and sent" },
	{ "t", NULL, CALL(write_time),
	    "Time of the request: [21/Nov/2026:01:02:03 +0100]" },
	{ "t", "*format", CALL(write_time),
	    "Time in strftime's format, or sec, msec, usec, msec_frac, "
	    "usec_frac; with end: in front, of the end of the response" },
	{ "T", NULL, NUMBER(took_us, US_PER_S), "Duration in seconds" },
	{ "T", "s", NUMBER(took_us, US_PER_S), "Duration in seconds" },
	{ "T", "ms", NUMBER(took_us, 1000), "Duration in milliseconds" },
	{ "T", "us", NUMBER(took_us, 1), "Duration in microseconds" },
	{ "^ti", "*name", CALL(write_unknown),
	    "Always -: trailers are not kept" },
	{ "^to", "*name", CALL(write_unknown),
	    "Always -: trailers are not kept" },
	{ "u", NULL, CALL(write_unknown),
	    "Always -: larder authenticates nobody" },
	{ "U", NULL, CALL(write_path),
	    "Path of the request, without the query" },
	{ "v", NULL, TEXT(server_name), "ServerName of the virtual host" },
	{ "V", NULL, CALL(write_host), "Host as the client asked for it" },
	{ "X", NULL, CALL(write_ending),
	    "How it ended: X cut off, + connection kept, - closed" },
	{ "x", "cache", CALL(write_cache),
	    "What the cache did: hit, miss, stale, revalidated, collapsed, "
	    "pass, error" },
	{ "x", "cache-status", TEXT(cache_status),
	    "Value of the Cache-Status field (RFC 9211)" },
	{ "x", "age", NUMBER(age_s, 1), "Age of the response in seconds" },
	{ "x", "ttl", CALL(write_ttl),
	    "Seconds the response stays fresh; negative once stale" },
	{ "x", "backend", TEXT(backend), "URL of the backend that was asked" },
	{ "x", "backend-time", NUMBER(backend_us, 1),
	    "Microseconds until the backend's response head was in" },
	{ "x", "first-byte", NUMBER(first_byte_us, 1),
	    "Microseconds until the first byte of the response was sent" },
	{ "x", "worker", CALL(write_worker), "Number of the worker thread" },
	{ "x", "SSL_*", CALL(write_unknown), "Always -: no TLS yet" },
	{ NULL, NULL, NULL, 0, 1, NULL },
};

/* ---- finding a row ---- */

static bool
arg_fits(const struct log_field *f, bool braces, struct slice arg)
{
	struct slice want = slice_of(f->arg);

	if (f->arg == NULL || !braces)
		return f->arg == NULL && !braces;
	if (want.p[0] == '*')
		return arg.n > 0;
	if (want.p[want.n - 1] == '*')
		return slice_starts(arg, slice_cut(want, 0, want.n - 1));
	return slice_eq(arg, want);
}

enum lr
log_field_find(struct slice *rest, bool braces, struct slice arg,
    const struct log_field **out, const char **why)
{
	*why = "there is no such field; larder.conf(5) lists them";
	for (const struct log_field *f = LOG_FIELDS; f->name != NULL; f++) {
		struct slice name = slice_of(f->name);

		if (!slice_starts(*rest, name))
			continue;
		if (arg_fits(f, braces, arg)) {
			*rest = slice_cut(*rest, name.n, rest->n);
			*out = f;
			return LR_OK;
		}
		*why = braces ? "the field does not take what is in its braces"
			      : "the field needs braces, as in %{Referer}i";
	}
	return LR_INVALID;
}
