/* proxy/cache/x_cache.c: words and phrases are mod_cache's */
#include "proxy/cache/x_cache.h"

#include "proxy/cache/text.h"
#include "store/base/num.h"

/* All but the detail and twice the host:
 * "X-Cache: REVALIDATE from \r\n", "X-Cache-Detail: "" from \r\n",
 * "conditional cache hit: entity refreshed" or "cache hit: 999 status; stale
 * content returned" or "cache miss: " */
#define MOST_OTHER_BYTES 128

static bool
has_result(const struct x_cache *x, const char *result)
{
	return strcmp(x->result, result) == 0;
}

/* What is served stale is a hit, whether or not the backend was asked. */
static bool
is_hit(const struct x_cache *x)
{
	return x->status->fwd == CACHE_STATUS_HIT || has_result(x, "stale");
}

static struct slice
word(const struct x_cache *x)
{
	if (is_hit(x))
		return SLICE("HIT");
	return has_result(x, "revalidated") ? SLICE("REVALIDATE")
					    : SLICE("MISS");
}

static struct slice
why(const struct x_cache *x)
{
	return slice_of(x->status->detail);
}

static void
put_hit(struct text *t, const struct x_cache *x)
{
	text_put(t, SLICE("cache hit"));
	if (x->status->fwd != CACHE_STATUS_HIT) {
		text_put(t, SLICE(": "));
		if (x->status->fwd_status != 0) {
			t->n += num_put_u64(
			    t->p + t->n, (uint64_t)x->status->fwd_status);
			text_put(t, SLICE(" status; "));
		}
		text_put(t, SLICE("stale content returned"));
	} else if (why(x).n > 0) {
		text_put(t, SLICE(": "));
		text_put(t, why(x));
	}
}

/* Apache has a sentence for each reason not to store; ours is the one that
 * Cache-Status gives. */
static void
put_miss(struct text *t, const struct x_cache *x)
{
	text_put(t, SLICE("cache miss: "));
	if (x->status->stored)
		text_put(t, SLICE("attempting entity save"));
	else if (why(x).n > 0)
		text_put(t, why(x));
	else
		text_put(t, SLICE("cache unwilling to store response"));
}

static void
put_detail(struct text *t, const struct x_cache *x)
{
	if (is_hit(x))
		put_hit(t, x);
	else if (has_result(x, "revalidated"))
		text_put(t, SLICE("conditional cache hit: entity refreshed"));
	else
		put_miss(t, x);
}

static void
put_host(struct text *t, const struct x_cache *x)
{
	text_put(t, SLICE(" from "));
	text_put(t, x->host);
	text_put(t, SLICE("\r\n"));
}

size_t
x_cache_room(const struct x_cache *x)
{
	return MOST_OTHER_BYTES + 2 * x->host.n + why(x).n;
}

size_t
x_cache_write(char *dst, const struct x_cache *x)
{
	struct text t = { dst, 0 };

	if (x->with_word) {
		text_put(&t, SLICE("X-Cache: "));
		text_put(&t, word(x));
		put_host(&t, x);
	}
	if (x->with_detail) {
		text_put(&t, SLICE("X-Cache-Detail: \""));
		put_detail(&t, x);
		text_put_char(&t, '"');
		put_host(&t, x);
	}
	return t.n;
}
