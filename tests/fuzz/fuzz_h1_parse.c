/* tests/fuzz/fuzz_h1_parse.c: a head of any bytes
 *
 * A response when it begins like one, else a request.  The outcome must not
 * depend on how the bytes arrive; and what is let through must mean the
 * same to the next parser when it is written anew. */
#include "proxy/http/field.h"
#include "proxy/http/h1_parse.h"
#include "proxy/http/h1_write.h"
#include "proxy/http/uri.h"
#include "store/base/check.h"
#include "tests/support/head_pieces.h"
#include "tests/support/msg.h"

/* Splitting takes time that grows with the square of the size. */
#define INPUT_MAX_BYTES 600

/* Small, so that fuzzing finds them. */
static const struct h1_limits LIMITS = { 100, 12, 80 };
static const struct h1_limits WIDE = { 1000, 0, 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_refusal(const struct head_outcome *o)
{
	int status = o->parser.error_status;

	CHECK(o->rc == LR_INVALID || o->rc == LR_TOOBIG);
	CHECK(o->parser.error != NULL);
	CHECK(status == 400 || status == 414 || status == 431 ||
	    status == 502 || status == 505);
}

static void
check_fields(const struct http_msg *m)
{
	CHECK(m->n_fields <= LIMITS.fields);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct http_field *f = &m->fields[i];

		CHECK(field_is_token(f->name));
		CHECK(field_is_value(f->value));
		CHECK(slice_eq(f->value, slice_trim(f->value)));
		CHECK(f->id == http_field_id_from(f->name));
	}
}

/* A body has one length, or the request is refused. */
static void
check_request(const struct http_msg *m)
{
	struct h1_body body;
	struct uri uri;
	int status = 0;

	CHECK(uri_parse_target(m->target, m->method, &uri) == LR_OK);
	CHECK(http_msg_count(m, FIELD_HOST) == 1 || m->version_minor == 0);
	if (h1_request_body(m, &body, &status) != LR_OK) {
		CHECK(status == 400 || status == 501);
		return;
	}
	CHECK(body.framing != H1_BODY_CLOSE);
	CHECK(http_msg_get(m, FIELD_CONTENT_LENGTH) == NULL ||
	    http_msg_get(m, FIELD_TRANSFER_ENCODING) == NULL);
}

static void
check_response(const struct http_msg *m)
{
	struct h1_body body;

	CHECK(m->status >= 100 && m->status <= 999);
	CHECK(field_is_value(m->reason));
	h1_response_body(m, HTTP_GET, &body);
	h1_response_body(m, HTTP_HEAD, &body);
}

static void
check_rewritten(const struct http_msg *m, head_parse_fn *parse)
{
	struct strbuf text = { 0 };
	struct head_outcome again;

	if (m->status > 0)
		h1_write_response(&text, m);
	else
		h1_write_request(&text, m);
	again = head_parse_whole(parse, &WIDE, strbuf_slice(&text));
	/* Only the version may have changed, and with it what it asks for. */
	if (m->version_minor > 0) {
		CHECK(again.rc == LR_OK && again.used == text.n);
		CHECK(slice_eq(again.msg->target, m->target));
		CHECK(again.msg->status == m->status);
		CHECK(strcmp(test_msg_fields(again.msg), test_msg_fields(m)) ==
		    0);
	}
	test_msg_free(again.msg);
	strbuf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice text = slice_make((const char *)data, n);
	bool is_response = slice_starts(text, SLICE("HTTP/"));
	head_parse_fn *parse = is_response ? h1_parse_response
					   : h1_parse_request;
	struct head_outcome o;

	if (n > INPUT_MAX_BYTES)
		return 0;
	o = head_parse_pieces(parse, &LIMITS, text);
	if (o.rc == LR_OK) {
		check_fields(o.msg);
		if (is_response)
			check_response(o.msg);
		else
			check_request(o.msg);
		check_rewritten(o.msg, parse);
	} else if (o.rc != LR_AGAIN) {
		check_refusal(&o);
	}
	test_msg_free(o.msg);
	return 0;
}
