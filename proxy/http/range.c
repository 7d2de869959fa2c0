/* proxy/http/range.c: byte ranges read, simplified and written */
#include "proxy/http/range.h"

#include "proxy/http/field.h"
#include "store/base/num.h"

/* ---- Range ---- */

/* 1*DIGIT; what is beyond 64 bits is beyond every representation. */
static enum lr
parse_position(struct slice s, uint64_t *out)
{
	enum lr rc = num_parse_u64(s, UINT64_MAX, out);

	if (rc == LR_TOOBIG)
		*out = UINT64_MAX;
	return rc == LR_TOOBIG ? LR_OK : rc;
}

/* "-500": the last bytes.  LR_TOOBIG: not satisfiable. */
static enum lr
parse_suffix(struct slice digits, uint64_t size_bytes, struct range *out)
{
	uint64_t n;

	if (parse_position(digits, &n) != LR_OK)
		return LR_INVALID;
	if (n == 0)
		return LR_TOOBIG;
	/* Satisfiable, but no Content-Range could say with what. */
	if (size_bytes == 0)
		return LR_INVALID;
	out->first = n < size_bytes ? size_bytes - n : 0;
	out->last = size_bytes - 1;
	return LR_OK;
}

/* One range-spec (RFC 9110 14.1.1).  LR_TOOBIG: not satisfiable. */
static enum lr
parse_spec(struct slice spec, uint64_t size_bytes, struct range *out)
{
	size_t dash = slice_find(spec, '-');
	struct slice end = slice_cut(spec, dash + 1, spec.n);
	struct range r = { 0, UINT64_MAX };

	if (dash == spec.n)
		return LR_INVALID;
	if (dash == 0)
		return parse_suffix(end, size_bytes, out);
	if (parse_position(slice_cut(spec, 0, dash), &r.first) != LR_OK)
		return LR_INVALID;
	if (end.n > 0 && parse_position(end, &r.last) != LR_OK)
		return LR_INVALID;
	if (r.last < r.first)
		return LR_INVALID;
	if (r.first >= size_bytes)
		return LR_TOOBIG;
	if (r.last >= size_bytes)
		r.last = size_bytes - 1;
	*out = r;
	return LR_OK;
}

static bool
touch(const struct range *a, const struct range *b)
{
	return a->first <= b->last + 1 && b->first <= a->last + 1;
}

/* Joins ranges that overlap or meet into the one asked for first. */
static size_t
merge(struct range *r, size_t n)
{
	size_t i = 0;

	/* Those before r[i] meet none behind them, joined or not. */
	while (i < n) {
		size_t k = i + 1;

		while (k < n && !touch(&r[i], &r[k]))
			k++;
		if (k == n) {
			i++;
			continue;
		}
		if (r[k].first < r[i].first)
			r[i].first = r[k].first;
		if (r[k].last > r[i].last)
			r[i].last = r[k].last;
		memmove(&r[k], &r[k + 1], (--n - k) * sizeof(*r));
	}
	return n;
}

static bool
take_unit(struct slice *value)
{
	const struct slice unit = SLICE("bytes=");

	if (!slice_istarts(*value, unit))
		return false;
	*value = slice_cut(*value, unit.n, value->n);
	return true;
}

enum lr
range_parse(struct slice value, uint64_t size_bytes,
    struct range out[RANGE_MAX], size_t *n)
{
	struct range found[RANGE_MAX];
	struct slice spec;
	size_t n_found = 0, n_specs = 0;

	if (!take_unit(&value))
		return LR_NOTFOUND;
	while (field_list_next(&value, &spec)) {
		enum lr rc;

		if (n_specs++ == RANGE_MAX)
			return LR_NOTFOUND;
		rc = parse_spec(spec, size_bytes, &found[n_found]);
		if (rc == LR_INVALID)
			return LR_NOTFOUND;
		n_found += rc == LR_OK;
	}
	if (n_found == 0)
		return n_specs > 0 ? LR_TOOBIG : LR_NOTFOUND;
	if (n_found > 2)
		n_found = merge(found, n_found);
	memcpy(out, found, n_found * sizeof(*found));
	*n = n_found;
	return LR_OK;
}

/* ---- Content-Range ---- */

enum lr
range_parse_content(
    struct slice value, struct range *out, uint64_t *total_bytes)
{
	const struct slice unit = SLICE("bytes ");
	struct slice s = slice_cut(value, unit.n, value.n);
	size_t dash = slice_find(s, '-'), slash = slice_find(s, '/');
	struct slice total = slice_cut(s, slash + 1, s.n);
	uint64_t size = UINT64_MAX;
	struct range r;

	if (!slice_istarts(value, unit) || dash > slash || slash == s.n)
		return LR_INVALID;
	if (num_parse_u64(slice_cut(s, 0, dash), INT64_MAX, &r.first) != LR_OK)
		return LR_INVALID;
	if (num_parse_u64(slice_cut(s, dash + 1, slash), INT64_MAX, &r.last) !=
	    LR_OK)
		return LR_INVALID;
	if (!slice_eq(total, SLICE("*")) &&
	    num_parse_u64(total, INT64_MAX, &size) != LR_OK)
		return LR_INVALID;
	if (r.first > r.last || r.last >= size)
		return LR_INVALID;
	*out = r;
	*total_bytes = size;
	return LR_OK;
}

void
range_write_content(
    struct strbuf *out, const struct range *r, uint64_t total_bytes)
{
	strbuf_add_cstr(out, "bytes ");
	strbuf_add_u64(out, r->first);
	strbuf_add_char(out, '-');
	strbuf_add_u64(out, r->last);
	strbuf_add_char(out, '/');
	if (total_bytes == UINT64_MAX)
		strbuf_add_char(out, '*');
	else
		strbuf_add_u64(out, total_bytes);
}

/* ---- multipart/byteranges (14.6) ---- */

void
range_write_part(struct strbuf *out, struct slice boundary, int first,
    struct slice content_type, const struct range *r, uint64_t total_bytes)
{
	/* The CRLF before a delimiter belongs to it (RFC 2046 5.1.1). */
	strbuf_add_cstr(out, first ? "--" : "\r\n--");
	strbuf_add_slice(out, boundary);
	if (content_type.n > 0) {
		strbuf_add_cstr(out, "\r\nContent-Type: ");
		strbuf_add_slice(out, content_type);
	}
	strbuf_add_cstr(out, "\r\nContent-Range: ");
	range_write_content(out, r, total_bytes);
	strbuf_add_cstr(out, "\r\n\r\n");
}

void
range_write_end(struct strbuf *out, struct slice boundary)
{
	strbuf_add_cstr(out, "\r\n--");
	strbuf_add_slice(out, boundary);
	strbuf_add_cstr(out, "--\r\n");
}
