/* proxy/cache/cache_status.c: one member of Cache-Status, fast */
#include "proxy/cache/cache_status.h"

#include "proxy/cache/text.h"
#include "proxy/http/field.h"
#include "store/base/num.h"

/* The longest value without detail: "larder; fwd=vary-miss;
 * fwd-status=999; ttl=-9223372036854775808; stored; collapsed; detail=""" */
#define MOST_TOKEN_BYTES 88

static const struct slice FORWARDS[] = {
	[CACHE_STATUS_HIT] = SLICE("larder; hit"),
	[CACHE_STATUS_BYPASS] = SLICE("larder; fwd=bypass"),
	[CACHE_STATUS_METHOD] = SLICE("larder; fwd=method"),
	[CACHE_STATUS_URI_MISS] = SLICE("larder; fwd=uri-miss"),
	[CACHE_STATUS_VARY_MISS] = SLICE("larder; fwd=vary-miss"),
	[CACHE_STATUS_MISS] = SLICE("larder; fwd=miss"),
	[CACHE_STATUS_REQUEST] = SLICE("larder; fwd=request"),
	[CACHE_STATUS_STALE] = SLICE("larder; fwd=stale"),
	[CACHE_STATUS_PARTIAL] = SLICE("larder; fwd=partial"),
};

static void
put_integer(struct text *t, int64_t v)
{
	uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;

	if (v < 0)
		text_put_char(t, '-');
	t->n += num_put_u64(t->p + t->n, magnitude);
}

static bool
is_alpha(char c)
{
	c = text_lower(c);
	return c >= 'a' && c <= 'z';
}

/* RFC 8941 3.3.4, as far as it is an RFC 9110 token too. */
static bool
is_structured_token(struct slice s)
{
	return s.n > 0 && is_alpha(s.p[0]) && field_is_token(s);
}

/* A token where it can be one, else a string (RFC 8941 3.3.3). */
static void
put_detail(struct text *t, struct slice detail)
{
	text_put(t, SLICE("; detail="));
	if (detail.n <= MOST_TOKEN_BYTES && is_structured_token(detail)) {
		text_put(t, detail);
		return;
	}
	text_put_char(t, '"');
	for (size_t i = 0; i < detail.n && t->n + 3 <= CACHE_STATUS_MAX; i++) {
		if (detail.p[i] == '"' || detail.p[i] == '\\')
			text_put_char(t, '\\');
		text_put_char(t, detail.p[i]);
	}
	text_put_char(t, '"');
}

size_t
cache_status_write(char dst[CACHE_STATUS_MAX], const struct cache_status *cs)
{
	struct text t = { dst, 0 };

	text_put(&t, FORWARDS[cs->fwd]);
	if (cs->fwd_status != 0) {
		text_put(&t, SLICE("; fwd-status="));
		put_integer(&t, cs->fwd_status);
	}
	if (cs->has_ttl) {
		text_put(&t, SLICE("; ttl="));
		put_integer(&t, cs->ttl_s);
	}
	if (cs->stored)
		text_put(&t, SLICE("; stored"));
	if (cs->collapsed)
		text_put(&t, SLICE("; collapsed"));
	if (cs->detail != NULL)
		put_detail(&t, slice_of(cs->detail));
	return t.n;
}
