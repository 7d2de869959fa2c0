/* proxy/http/structured.c: the parsing algorithms of RFC 9651 section 4.2
 *
 * Each parse_… takes what it reads off the front of *in and says whether
 * it was right; what is left in *in after a failure means nothing. */
#include "proxy/http/structured.h"

#include "proxy/http/field.h"

#define MOST_INTEGER_DIGITS 15 /* 4.2.4 */
#define MOST_WHOLE_DIGITS 12
#define MOST_FRACTION_DIGITS 3

/* ---- characters ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_alpha(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool
is_key_char(char c)
{
	return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' ||
	    c == '*';
}

static bool
is_base64(char c)
{
	return is_alpha(c) || is_digit(c) || c == '+' || c == '/';
}

static bool
is_printable(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* ---- moving on ---- */

static void
skip(struct slice *in, size_t n)
{
	*in = slice_cut(*in, n, in->n);
}

static bool
begins_with(struct slice in, char c)
{
	return in.n > 0 && in.p[0] == c;
}

static bool
take(struct slice *in, char c)
{
	if (!begins_with(*in, c))
		return false;
	skip(in, 1);
	return true;
}

static void
skip_spaces(struct slice *in)
{
	while (take(in, ' '))
		;
}

static void
skip_blanks(struct slice *in)
{
	while (take(in, ' ') || take(in, '\t'))
		;
}

/* What was taken off since `before`. */
static struct slice
taken(struct slice before, struct slice in)
{
	return slice_cut(before, 0, before.n - in.n);
}

/* ---- bare items (4.2.3.1) ---- */

/* Digits, at most `most`, onto *v. */
static bool
take_digits(struct slice *in, size_t most, int64_t *v, size_t *n)
{
	for (*n = 0; in->n > 0 && is_digit(in->p[0]); ++*n) {
		if (*n == most)
			return false;
		*v = 10 * *v + (in->p[0] - '0');
		skip(in, 1);
	}
	return *n > 0;
}

/* 4.2.4.  A fraction of fewer than three digits is filled up. */
static bool
parse_number(struct slice *in, struct structured_item *out)
{
	struct slice before = *in;
	bool negative = take(in, '-');
	size_t whole, fraction;
	int64_t v = 0;

	if (!take_digits(in, MOST_INTEGER_DIGITS, &v, &whole))
		return false;
	out->type = STRUCTURED_INTEGER;
	if (take(in, '.')) {
		out->type = STRUCTURED_DECIMAL;
		if (whole > MOST_WHOLE_DIGITS ||
		    !take_digits(in, MOST_FRACTION_DIGITS, &v, &fraction))
			return false;
		for (; fraction < MOST_FRACTION_DIGITS; fraction++)
			v *= 10;
	}
	out->number = negative ? -v : v;
	out->text = taken(before, *in);
	return true;
}

/* 4.2.5 */
static bool
parse_string(struct slice *in, struct structured_item *out)
{
	struct slice before = *in;

	out->type = STRUCTURED_STRING;
	while (in->n > 0 && is_printable(in->p[0])) {
		out->text = taken(before, *in);
		if (take(in, '"'))
			return true;
		if (take(in, '\\') && !begins_with(*in, '"') &&
		    !begins_with(*in, '\\'))
			return false;
		skip(in, 1);
	}
	return false;
}

/* 4.2.6 */
static bool
parse_token(struct slice *in, struct structured_item *out)
{
	size_t n = 1;

	while (n < in->n &&
	    (field_is_tchar((unsigned char)in->p[n]) || in->p[n] == ':' ||
		in->p[n] == '/'))
		n++;
	out->type = STRUCTURED_TOKEN;
	out->text = slice_cut(*in, 0, n);
	skip(in, n);
	return true;
}

/* 4.2.7.  Padding may be missing; what is there must be right. */
static bool
parse_bytes(struct slice *in, struct structured_item *out)
{
	size_t n = 0, pads = 0;

	while (n < in->n && is_base64(in->p[n]))
		n++;
	while (n + pads < in->n && in->p[n + pads] == '=')
		pads++;
	out->type = STRUCTURED_BYTES;
	out->text = slice_cut(*in, 0, n + pads);
	skip(in, n + pads);
	if (n % 4 == 1 || pads > 2 || (pads > 0 && (n + pads) % 4 != 0))
		return false;
	return take(in, ':');
}

/* 4.2.8 */
static bool
parse_boolean(struct slice *in, struct structured_item *out)
{
	out->type = STRUCTURED_BOOLEAN;
	out->number = begins_with(*in, '1');
	out->text = slice_cut(*in, 0, 1);
	return take(in, '0') || take(in, '1');
}

/* 4.2.9 */
static bool
parse_date(struct slice *in, struct structured_item *out)
{
	if (!parse_number(in, out) || out->type != STRUCTURED_INTEGER)
		return false;
	out->type = STRUCTURED_DATE;
	return true;
}

/* ---- display strings (4.2.10) ---- */

/* UTF-8 (RFC 3629) as it comes, byte by byte. */
struct utf8 {
	unsigned more;	     /* continuation bytes that are to come */
	uint8_t least, most; /* bounds of the next one */
};

static bool
utf8_begin(struct utf8 *u, uint8_t c)
{
	u->least = 0x80;
	u->most = 0xbf;
	u->more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (c == 0xe0)
		u->least = 0xa0; /* no longer than needed */
	else if (c == 0xed)
		u->most = 0x9f; /* no surrogates */
	else if (c == 0xf0)
		u->least = 0x90;
	else if (c == 0xf4)
		u->most = 0x8f; /* not above U+10FFFF */
	return c < 0x80 || (c >= 0xc2 && c <= 0xf4);
}

static bool
utf8_add(struct utf8 *u, uint8_t c)
{
	if (u->more == 0)
		return utf8_begin(u, c);
	if (c < u->least || c > u->most)
		return false;
	u->more--;
	u->least = 0x80;
	u->most = 0xbf;
	return true;
}

/* -1 for what is no lower-case hexadecimal digit. */
static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte, written as it is or as %xx. */
static bool
take_display_byte(struct slice *in, uint8_t *out)
{
	int high, low;

	if (in->n == 0 || !is_printable(in->p[0]))
		return false;
	*out = (uint8_t)in->p[0];
	skip(in, 1);
	if (*out != '%')
		return true;
	if (in->n < 2)
		return false;
	high = hex_value(in->p[0]);
	low = hex_value(in->p[1]);
	skip(in, 2);
	*out = (uint8_t)(high * 16 + low);
	return high >= 0 && low >= 0;
}

static bool
parse_display(struct slice *in, struct structured_item *out)
{
	struct utf8 utf8 = { 0 };
	struct slice before;
	uint8_t c;

	out->type = STRUCTURED_DISPLAY;
	if (!take(in, '"'))
		return false;
	before = *in;
	while (!begins_with(*in, '"')) {
		if (!take_display_byte(in, &c) || !utf8_add(&utf8, c))
			return false;
	}
	out->text = taken(before, *in);
	return take(in, '"') && utf8.more == 0;
}

/* ---- items ---- */

static bool
parse_bare(struct slice *in, struct structured_item *out)
{
	*out = (struct structured_item){ 0 };
	if (in->n == 0)
		return false;
	if (is_digit(in->p[0]) || in->p[0] == '-')
		return parse_number(in, out);
	if (is_alpha(in->p[0]) || in->p[0] == '*')
		return parse_token(in, out);
	if (take(in, '"'))
		return parse_string(in, out);
	if (take(in, ':'))
		return parse_bytes(in, out);
	if (take(in, '?'))
		return parse_boolean(in, out);
	if (take(in, '@'))
		return parse_date(in, out);
	return take(in, '%') && parse_display(in, out);
}

/* 4.2.3.3 */
static bool
parse_key(struct slice *in, struct slice *out)
{
	size_t n = 0;

	if (in->n == 0 || (!is_lower(in->p[0]) && in->p[0] != '*'))
		return false;
	while (n < in->n && is_key_char(in->p[n]))
		n++;
	*out = slice_cut(*in, 0, n);
	skip(in, n);
	return true;
}

/* A key alone is true (4.2.2, 4.2.3.2). */
static void
set_true(struct structured_item *out)
{
	*out = (struct structured_item){ .type = STRUCTURED_BOOLEAN,
		.number = 1 };
}

enum lr
structured_param_next(
    struct slice *rest, struct slice *key, struct structured_item *item)
{
	if (rest->n == 0)
		return LR_NOTFOUND;
	if (!take(rest, ';'))
		return LR_INVALID;
	skip_spaces(rest);
	if (!parse_key(rest, key))
		return LR_INVALID;
	if (take(rest, '='))
		return parse_bare(rest, item) ? LR_OK : LR_INVALID;
	set_true(item);
	return LR_OK;
}

/* 4.2.3.2 */
static bool
parse_params(struct slice *in, struct slice *out)
{
	struct slice before = *in, key;
	struct structured_item item;

	while (begins_with(*in, ';')) {
		if (structured_param_next(in, &key, &item) != LR_OK)
			return false;
	}
	*out = taken(before, *in);
	return true;
}

/* 4.2.3 */
static bool
parse_item(struct slice *in, struct structured_item *out)
{
	return parse_bare(in, out) && parse_params(in, &out->params);
}

enum lr
structured_inner_next(struct slice *rest, struct structured_item *item)
{
	skip_spaces(rest);
	if (rest->n == 0)
		return LR_NOTFOUND;
	if (!parse_item(rest, item))
		return LR_INVALID;
	return rest->n == 0 || begins_with(*rest, ' ') ? LR_OK : LR_INVALID;
}

/* 4.2.1.2, behind the opening parenthesis */
static bool
parse_inner(struct slice *in, struct structured_item *out)
{
	struct slice before = *in;
	struct structured_item item;

	skip_spaces(in);
	while (!begins_with(*in, ')')) {
		if (!parse_item(in, &item) ||
		    (!begins_with(*in, ' ') && !begins_with(*in, ')')))
			return false;
		skip_spaces(in);
	}
	*out = (struct structured_item){ .type = STRUCTURED_INNER,
		.text = taken(before, *in) };
	skip(in, 1);
	return parse_params(in, &out->params);
}

static bool
parse_value(struct slice *in, struct structured_item *out)
{
	if (!take(in, '=')) {
		set_true(out);
		return parse_params(in, &out->params);
	}
	return take(in, '(') ? parse_inner(in, out) : parse_item(in, out);
}

/* 4.2.2.  The comma is looked for at once, so that one with nothing behind
 * it is seen. */
enum lr
structured_member_next(
    struct slice *rest, struct slice *key, struct structured_item *item)
{
	skip_spaces(rest);
	if (rest->n == 0)
		return LR_NOTFOUND;
	if (!parse_key(rest, key) || !parse_value(rest, item))
		return LR_INVALID;
	skip_blanks(rest);
	if (rest->n == 0)
		return LR_OK;
	if (!take(rest, ','))
		return LR_INVALID;
	skip_blanks(rest);
	return rest->n > 0 ? LR_OK : LR_INVALID;
}
