#include "proxy/request/respond.h"

#include "proxy/http/date.h"
#include "proxy/http/h1_write.h"

#define ALLOW "Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n"

static const char PAGE[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<title>%d %s</title></head>\n<body><h1>%d %s</h1>%s%s%s</body></html>\n";

static void
write_page(struct strbuf *out, int status, const char *detail)
{
	const char *reason = http_reason(status);

	strbuf_addf(out, PAGE, status, reason, status, reason,
	    detail != NULL ? "\n<p>" : "", detail != NULL ? detail : "",
	    detail != NULL ? "</p>" : "");
}

static void
write_head(struct strbuf *out, int status, size_t body_bytes, int64_t now_s)
{
	char date[DATE_CHARS];

	date_format(date, now_s);
	strbuf_addf(out, "HTTP/1.1 %d %s\r\nDate: %.*s\r\n", status,
	    http_reason(status), DATE_CHARS, date);
	if (body_bytes > 0)
		strbuf_add_cstr(
		    out, "Content-Type: text/html; charset=utf-8\r\n");
	strbuf_addf(out, "Content-Length: %zu\r\nCache-Control: no-store\r\n",
	    body_bytes);
}

void
respond_raw(struct strbuf *out, int status, const char *reason, int64_t now_s)
{
	struct strbuf page = { 0 };

	write_page(&page, status, reason);
	write_head(out, status, page.n, now_s);
	strbuf_add_cstr(out, "Connection: close\r\n\r\n");
	strbuf_add_slice(out, strbuf_slice(&page));
	out->failed |= page.failed;
	strbuf_free(&page);
}

static bool
must_close(const struct request *rq, int status)
{
	return status == 400 || status == 408 || status == 413 ||
	    rq->body.framing != H1_BODY_NONE;
}

/* Why there was no answer from the cache, when it was forwarded. */
static struct slice
cache_status_field(struct request *rq)
{
	char *dst = rq->delivery.extra;
	static const char NAME[] = "Cache-Status: ";
	size_t n = sizeof(NAME) - 1;

	if (rq->status.fwd == CACHE_STATUS_HIT)
		return SLICE("");
	memcpy(dst, NAME, n);
	n += cache_status_write(dst + n, &rq->status);
	memcpy(dst + n, "\r\n", 2);
	return slice_make(dst, n + 2);
}

/* Head and page in the arena, as the only part. */
static const struct step *
settle(struct request *rq, int status, struct slice page, struct slice fields)
{
	struct delivery *d = &rq->delivery;
	struct strbuf *sb = &rq->env->scratch;
	struct slice wire;

	strbuf_reset(sb);
	write_head(sb, status, page.n, env_now_s(rq->env));
	strbuf_add_slice(sb, fields);
	wire = arena_dup(&rq->arena, strbuf_slice(sb));
	if (sb->failed || wire.p == NULL)
		return &STEP_FINISH; /* no memory for a page: cut */
	*d = (struct delivery){ .source = DELIVERY_TEXT, .begun = true };
	d->head = (struct response_head){ .status = status,
		.wire = wire,
		.sized = true,
		.has_body = rq->msg.method != HTTP_HEAD,
		.close = must_close(rq, status),
		.extra = cache_status_field(rq) };
	d->whole.text = page;
	d->whole.n = page.n;
	d->parts = &d->whole;
	d->n_parts = d->head.has_body && page.n > 0 ? 1 : 0;
	return &STEP_DELIVER;
}

const struct step *
respond_error(struct request *rq, int status, const char *detail)
{
	struct strbuf *sb = &rq->env->scratch;
	struct slice page;

	if (rq->delivery.head_sent)
		return &STEP_FINISH; /* too late for a page: cut */
	strbuf_reset(sb);
	write_page(sb, status, detail);
	page = arena_dup(&rq->arena, strbuf_slice(sb));
	if (sb->failed || page.p == NULL)
		return &STEP_FINISH;
	rq->status.detail = detail;
	rq->result = "error";
	counter_add(rq->env->counters,
	    status >= 500 ? COUNTER_ERRORS : COUNTER_REQUESTS_BAD, 1);
	/* RFC 9110 15.5.6: a 405 says what there is instead. */
	return settle(
	    rq, status, page, status == 405 ? SLICE(ALLOW) : SLICE(""));
}

const struct step *
respond_options(struct request *rq)
{
	rq->result = "-";
	return settle(rq, 200, SLICE(""), SLICE(ALLOW));
}

int
respond_status_for(enum lr why)
{
	switch (why) {
	case LR_TIMEOUT:
		return 504;
	case LR_TOOBIG:
		return 413;
	case LR_CORRUPT: /* the request's own body */
		return 400;
	case LR_REFUSED:
	case LR_UNREACHABLE:
	case LR_RESOLVE:
	case LR_NOMEM:
		return 503;
	default:
		return 502;
	}
}
