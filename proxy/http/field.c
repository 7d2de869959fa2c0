/* proxy/http/field.c: lists, parameters and numbers in field values */
#include "proxy/http/field.h"

#define DELTA_SECONDS_MAX ((int64_t)1 << 31)

enum {
	TCHAR = 1, /* RFC 9110 5.6.2 */
	VALUE = 2  /* field-vchar, obs-text, SP and HTAB (5.5) */
};

#define V VALUE
#define T (TCHAR | VALUE)
static const uint8_t CLASS[256] = {
	/* 00 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, V, 0, 0, 0, 0, 0, 0,
	/* 10 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/*    SP ! " # $ % & ' ( ) * + , - . / */
	/* 20 */ V, T, V, T, T, T, T, T, V, V, T, T, V, T, T, V,
	/*    0 1 2 3 4 5 6 7 8 9 : ; < = > ? */
	/* 30 */ T, T, T, T, T, T, T, T, T, T, V, V, V, V, V, V,
	/*    @ A B C … */
	/* 40 */ V, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
	/*    P … Z [ \ ] ^ _ */
	/* 50 */ T, T, T, T, T, T, T, T, T, T, T, V, V, V, T, T,
	/*    ` a b c … */
	/* 60 */ T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
	/*    p … z { | } ~ DEL */
	/* 70 */ T, T, T, T, T, T, T, T, T, T, T, V, T, V, T, 0,
	/* 80 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* 90 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* a0 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* b0 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* c0 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* d0 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* e0 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	/* f0 */ V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V
};
#undef V
#undef T

bool
field_is_tchar(unsigned char c)
{
	return CLASS[c] & TCHAR;
}

size_t
field_token_length(struct slice s)
{
	size_t n = 0;

	while (n < s.n && (CLASS[(unsigned char)s.p[n]] & TCHAR))
		n++;
	return n;
}

bool
field_is_token(struct slice s)
{
	return s.n > 0 && field_token_length(s) == s.n;
}

/* Sixteen bytes that the compiler keeps in one register. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

static sixteen
load(const char *p)
{
	sixteen v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* All ones where a byte is a control other than HTAB. */
static sixteen
controls(sixteen v)
{
	return (sixteen)(((v < 0x20) & (v != '\t')) | (v == 0x7f));
}

static bool
any(sixteen v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof(half));
	return (half[0] | half[1]) != 0;
}

bool
field_is_value(struct slice s)
{
	sixteen bad = { 0 };
	unsigned all = VALUE;

	if (s.n < sizeof(bad)) {
		for (size_t i = 0; i < s.n; i++)
			all &= CLASS[(unsigned char)s.p[i]];
		return all != 0;
	}
	for (size_t i = 0; i + sizeof(bad) <= s.n; i += sizeof(bad))
		bad |= controls(load(s.p + i));
	/* The rest, with bytes that were seen already. */
	bad |= controls(load(s.p + s.n - sizeof(bad)));
	return !any(bad);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where the quoted string that begins at `at` ends: behind its closing
 * quote, or at the end of s when it has none. */
static size_t
quoted_end(struct slice s, size_t at)
{
	for (at++; at < s.n; at++) {
		if (s.p[at] == '"')
			return at + 1;
		if (s.p[at] == '\\')
			at++;
	}
	return s.n;
}

/* Offset of the first c from `at` on that is not in a quoted string. */
static size_t
find_unquoted(struct slice s, size_t at, char c)
{
	while (at < s.n && s.p[at] != c)
		at = s.p[at] == '"' ? quoted_end(s, at) : at + 1;
	return at;
}

bool
field_list_next(struct slice *rest, struct slice *element)
{
	struct slice s = *rest;
	size_t from = 0, to;

	while (from < s.n && (is_blank(s.p[from]) || s.p[from] == ','))
		from++;
	if (from == s.n) {
		*rest = slice_cut(s, s.n, s.n);
		return false;
	}
	to = find_unquoted(s, from, ',');
	*element = slice_trim(slice_cut(s, from, to));
	*rest = slice_cut(s, to + 1, s.n);
	return true;
}

bool
field_list_has(struct slice list, struct slice token)
{
	struct slice element;

	while (field_list_next(&list, &element)) {
		if (slice_ieq(element, token))
			return true;
	}
	return false;
}

static size_t
skip_blanks(struct slice s, size_t at)
{
	while (at < s.n && is_blank(s.p[at]))
		at++;
	return at;
}

static size_t
token_end(struct slice s, size_t at)
{
	return at + field_token_length(slice_cut(s, at, s.n));
}

/* Blanks around "=" are read over: real fields have them, though
 * RFC 9110 5.6.6 does not. */
bool
field_param_next(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice s = *rest;
	size_t at = skip_blanks(s, 0), from, to;

	/* Empty parameters (5.6.6) */
	while (at < s.n && s.p[at] == ';')
		at = skip_blanks(s, at + 1);
	if (at == 0 || at == s.n || s.p[skip_blanks(s, 0)] != ';')
		return false;
	from = at;
	if ((to = token_end(s, from)) == from)
		return false;
	*name = slice_cut(s, from, to);
	*value = slice_cut(s, to, to);
	at = skip_blanks(s, to);
	if (at < s.n && s.p[at] == '=') {
		from = skip_blanks(s, at + 1);
		to = from < s.n && s.p[from] == '"' ? quoted_end(s, from)
						    : token_end(s, from);
		*value = slice_cut(s, from, to);
	}
	*rest = slice_cut(s, to, s.n);
	return true;
}

static bool
is_quoted(struct slice s)
{
	return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
}

struct slice
field_unquote(struct slice s)
{
	return is_quoted(s) ? slice_cut(s, 1, s.n - 1) : s;
}

size_t
field_unquote_to(struct slice s, char *dst)
{
	struct slice inside = field_unquote(s);
	size_t n = 0;

	for (size_t i = 0; i < inside.n; i++) {
		if (is_quoted(s) && inside.p[i] == '\\' && i + 1 < inside.n)
			i++;
		dst[n++] = inside.p[i];
	}
	return n;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
field_delta_seconds(struct slice s, int64_t *out_s)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		v = 10 * v + (s.p[i] - '0');
		if (v > DELTA_SECONDS_MAX)
			v = DELTA_SECONDS_MAX;
	}
	if (s.n == 0)
		return false;
	*out_s = v;
	return true;
}

bool
field_qvalue(struct slice s, unsigned *out_milli)
{
	unsigned milli, weight = 100;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1'))
		return false;
	if (s.n > 1 && s.p[1] != '.')
		return false;
	milli = s.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		milli += weight * (unsigned)(s.p[i] - '0');
		weight /= 10;
	}
	if (milli > 1000)
		return false;
	*out_milli = milli;
	return true;
}
