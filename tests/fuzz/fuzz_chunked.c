/* tests/fuzz/fuzz_chunked.c: a chunked body of any bytes
 *
 * The outcome must not depend on how the bytes arrive; and what was decoded
 * comes back when it is coded anew. */
#include "proxy/http/chunked.h"
#include "proxy/http/h1_write.h"
#include "store/base/check.h"
#include "tests/support/body_pieces.h"
#include "tests/support/msg.h"

/* Splitting takes time that grows with the square of the size. */
#define INPUT_MAX_BYTES 600
#define TRAILER_LIMIT 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Codes data as chunks of up to chunk_bytes. */
static void
encode(struct slice data, size_t chunk_bytes, struct strbuf *out)
{
	char head[H1_CHUNK_HEAD_CHARS];

	while (data.n > 0) {
		struct slice chunk = slice_cut(data, 0, chunk_bytes);

		strbuf_add(out, head, h1_write_chunk_head(head, chunk.n));
		strbuf_add_slice(out, chunk);
		strbuf_add(out, "\r\n", 2);
		data = slice_cut(data, chunk.n, data.n);
	}
	strbuf_add_cstr(out, "0\r\n\r\n");
}

static void
check_coded_anew(struct slice data, size_t chunk_bytes)
{
	struct strbuf text = { 0 };
	struct body_outcome again;

	encode(data, chunk_bytes, &text);
	again = body_decode_whole(strbuf_slice(&text), TRAILER_LIMIT);
	CHECK(again.rc == LR_CLOSED && again.used == text.n);
	CHECK(slice_eq(strbuf_slice(&again.data), data));
	body_outcome_free(&again);
	strbuf_free(&text);
}

/* Whole lines, within the limit; whether they are fields is for
 * h1_parse_fields to say. */
static void
check_trailers(struct slice trailers)
{
	const struct h1_limits lim = { 0, 0, TRAILER_LIMIT };
	struct http_msg *m = test_msg();

	CHECK(trailers.n <= TRAILER_LIMIT);
	CHECK(trailers.n == 0 || slice_ends(trailers, SLICE("\r\n")));
	CHECK(!slice_starts(trailers, SLICE("\r\n")));
	h1_parse_fields(trailers, &lim, m);
	test_msg_free(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice text = slice_make((const char *)data, n);
	struct body_outcome o;

	if (n > INPUT_MAX_BYTES)
		return 0;
	o = body_decode_pieces(text, TRAILER_LIMIT);
	CHECK(o.rc == LR_CLOSED || o.rc == LR_AGAIN || o.rc == LR_INVALID ||
	    o.rc == LR_TOOBIG);
	if (o.rc == LR_CLOSED) {
		check_coded_anew(strbuf_slice(&o.data), 1);
		check_coded_anew(strbuf_slice(&o.data), 17);
		check_trailers(strbuf_slice(&o.trailers));
	}
	body_outcome_free(&o);
	return 0;
}
