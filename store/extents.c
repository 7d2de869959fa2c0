/* store/extents.c: adding to a list of stretches, and looking into it */
#include "store/extents.h"

#include <string.h>

#include "store/base/codec.h"
#include "store/base/hash.h"

#define ENTRY_BYTES 16

/* The first stretch that ends at or behind offset. */
static uint32_t
at_or_behind(const struct extents *ex, uint64_t offset)
{
	uint32_t low = 0, high = ex->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (ex->v[middle].end < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum lr
extents_add(struct extents *ex, uint64_t first, uint64_t end)
{
	uint32_t from, to;

	if (first >= end)
		return LR_OK;
	from = to = at_or_behind(ex, first);
	while (to < ex->n && ex->v[to].first <= end)
		to++;
	if (from == to && ex->n == EXTENTS_MAX)
		return LR_FULL;
	if (from < to) {
		if (ex->v[from].first < first)
			first = ex->v[from].first;
		if (ex->v[to - 1].end > end)
			end = ex->v[to - 1].end;
	}
	/* Those from `from` to `to` become one. */
	memmove(&ex->v[from + 1], &ex->v[to], (ex->n - to) * sizeof(ex->v[0]));
	ex->v[from] = (struct extent){ first, end };
	ex->n = ex->n - (to - from) + 1;
	return LR_OK;
}

bool
extents_gap(
    const struct extents *ex, uint64_t first, uint64_t end, struct extent *out)
{
	uint32_t i = at_or_behind(ex, first);

	while (i < ex->n && first < end && ex->v[i].first <= first) {
		if (ex->v[i].end > first)
			first = ex->v[i].end;
		i++;
	}
	if (first >= end)
		return false;
	if (i < ex->n && ex->v[i].first < end)
		end = ex->v[i].first;
	*out = (struct extent){ first, end };
	return true;
}

bool
extents_cover(const struct extents *ex, uint64_t first, uint64_t end)
{
	struct extent gap;

	return !extents_gap(ex, first, end, &gap);
}

uint64_t
extents_bytes(const struct extents *ex)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < ex->n; i++)
		bytes += ex->v[i].end - ex->v[i].first;
	return bytes;
}

/* ---- on disk ---- */

size_t
extents_encode(unsigned char dst[EXTENTS_ROW_MAX], const struct extents *ex)
{
	size_t n = 0;

	for (uint32_t i = 0; i < ex->n; i++, n += ENTRY_BYTES) {
		codec_put_le64(dst + n, ex->v[i].first);
		codec_put_le64(dst + n + 8, ex->v[i].end);
	}
	codec_put_le64(dst + n, hash_bytes(dst, n));
	return n + 8;
}

enum lr
extents_decode(struct slice src, uint64_t total_bytes, struct extents *out)
{
	size_t n = src.n < 8 ? 1 : src.n - 8;

	if (n % ENTRY_BYTES != 0 || n / ENTRY_BYTES > EXTENTS_MAX ||
	    codec_get_le64(src.p + n) != hash_bytes(src.p, n))
		return LR_CORRUPT;
	out->n = (uint32_t)(n / ENTRY_BYTES);
	for (uint32_t i = 0; i < out->n; i++) {
		struct extent *e = &out->v[i];

		e->first = codec_get_le64(src.p + i * ENTRY_BYTES);
		e->end = codec_get_le64(src.p + i * ENTRY_BYTES + 8);
		if (e->end <= e->first || e->end > total_bytes ||
		    (i > 0 && e->first <= out->v[i - 1].end))
			return LR_CORRUPT;
	}
	return LR_OK;
}
