/* proxy/http/chunked.c: a state for every place between two bytes
 *
 *   SIZE_FIRST ─> SIZE ─> BLANK ─> EXTENSION ─> SIZE_LF
 *    ^                                           │   │
 *    └── DATA_LF <── DATA_CR <── DATA <──────────┘   │ last chunk
 *                                                    v
 *   DONE <── END_LF <── empty line ── TRAILER_START <───┐
 *                       a field line ─> TRAILER_LINE ─> TRAILER_LF */
#include "proxy/http/chunked.h"

#define OVERHEAD_MAX_BYTES 4096
/* Sizes beyond it would not fit off_t and are nobody's honest chunk. */
#define SIZE_DIGITS_MAX 15

enum state {
	SIZE_FIRST, /* the first digit of a chunk size */
	SIZE,
	BLANK, /* between a size and the ";" of its extension */
	EXTENSION,
	SIZE_LF, /* CR seen at the end of the size line */
	DATA,
	DATA_CR, /* the data is complete */
	DATA_LF,
	TRAILER_START, /* at the start of a trailer line */
	TRAILER_LINE,
	TRAILER_LF,
	END_LF, /* CR seen at the start of a trailer line */
	DONE
};

void
chunked_init(struct chunked *c, size_t trailer_limit_bytes)
{
	*c = (struct chunked){ .state = SIZE_FIRST,
		.trailer_limit_bytes = trailer_limit_bytes };
}

void
chunked_free(struct chunked *c)
{
	strbuf_free(&c->trailers);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum lr
to(struct chunked *c, enum state next)
{
	c->state = (int)next;
	return LR_OK;
}

static enum lr
expect_lf(struct chunked *c, char byte, enum state next)
{
	return byte == '\n' ? to(c, next) : LR_INVALID;
}

static enum lr
take_blank(struct chunked *c, char byte)
{
	if (byte == ' ' || byte == '\t')
		return to(c, BLANK);
	return byte == ';' ? to(c, EXTENSION) : LR_INVALID;
}

static enum lr
take_size(struct chunked *c, char byte)
{
	int digit = hex_digit(byte);

	if (digit >= 0) {
		if (c->left >> 4 * (SIZE_DIGITS_MAX - 1) != 0)
			return LR_TOOBIG;
		c->left = c->left << 4 | (uint64_t)digit;
		return to(c, SIZE);
	}
	if (c->state == SIZE_FIRST)
		return LR_INVALID;
	if (byte == '\r')
		return to(c, SIZE_LF);
	return take_blank(c, byte);
}

/* Read over as a whole: nothing in an extension concerns a proxy, so long
 * as no reader can take a part of it for the end of the line. */
static enum lr
take_extension(struct chunked *c, char byte)
{
	unsigned char u = (unsigned char)byte;

	if (byte == '\r')
		return to(c, SIZE_LF);
	return (u >= ' ' || u == '\t') && u != 0x7f ? LR_OK : LR_INVALID;
}

static enum lr
take_trailer(struct chunked *c, char byte)
{
	if (c->trailers.n >= c->trailer_limit_bytes)
		return LR_TOOBIG;
	strbuf_add_char(&c->trailers, byte);
	if (c->trailers.failed)
		return LR_NOMEM;
	if (c->state == TRAILER_LF)
		return expect_lf(c, byte, TRAILER_START);
	if (byte == '\n' || byte == '\0')
		return LR_INVALID;
	return to(c, byte == '\r' ? TRAILER_LF : TRAILER_LINE);
}

/* One byte that is not data. */
static enum lr
take(struct chunked *c, char byte)
{
	switch ((enum state)c->state) {
	case SIZE_FIRST:
	case SIZE:
		return take_size(c, byte);
	case BLANK:
		return take_blank(c, byte);
	case EXTENSION:
		return take_extension(c, byte);
	case SIZE_LF:
		return expect_lf(c, byte, c->left > 0 ? DATA : TRAILER_START);
	case DATA_CR:
		return byte == '\r' ? to(c, DATA_LF) : LR_INVALID;
	case DATA_LF:
		return expect_lf(c, byte, SIZE_FIRST);
	case TRAILER_START:
		if (byte == '\r')
			return to(c, END_LF);
		return take_trailer(c, byte);
	case TRAILER_LINE:
	case TRAILER_LF:
		return take_trailer(c, byte);
	case END_LF:
		return expect_lf(c, byte, DONE);
	case DATA:
	case DONE:
		break;
	}
	return LR_INVALID;
}

static bool
in_size_line(const struct chunked *c)
{
	return c->state == SIZE_FIRST || c->state == SIZE ||
	    c->state == BLANK || c->state == EXTENSION;
}

/* Framing up to data, the end of the body or the end of in. */
static enum lr
take_framing(struct chunked *c, struct slice in, size_t *used)
{
	enum lr rc;
	size_t i = 0;

	for (; i < in.n && c->state != DATA && c->state != DONE; i++) {
		if (in_size_line(c) && ++c->overhead > OVERHEAD_MAX_BYTES)
			return LR_TOOBIG;
		if ((rc = take(c, in.p[i])) != LR_OK)
			return rc;
	}
	*used = i;
	return LR_OK;
}

static struct slice
take_data(struct chunked *c, struct slice in)
{
	size_t n = in.n < c->left ? in.n : (size_t)c->left;

	c->left -= n;
	c->overhead = 0;
	if (c->left == 0)
		to(c, DATA_CR);
	return slice_cut(in, 0, n);
}

enum lr
chunked_decode(
    struct chunked *c, struct slice in, size_t *used, struct slice *data)
{
	size_t framing = 0;
	struct slice run = { in.p, 0 };
	enum lr rc = take_framing(c, in, &framing);

	if (rc != LR_OK)
		return rc;
	in = slice_cut(in, framing, in.n);
	if (c->state == DATA && in.n > 0)
		run = take_data(c, in);
	*used = framing + run.n;
	*data = run;
	if (c->state == DONE)
		return LR_CLOSED;
	return run.n < in.n ? LR_OK : LR_AGAIN;
}

struct slice
chunked_trailers(const struct chunked *c)
{
	return c->trailers.n > 0 ? strbuf_slice(&c->trailers) : SLICE("");
}
