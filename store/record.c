/* store/record.c: an object's record to and from bytes */
#include "store/record.h"

#include <string.h>

#include "store/base/check.h"
#include "store/base/codec.h"
#include "store/base/hash.h"
#include "store/store.h"

#define VERSION 3
#define CHECK_END 8

/* Of all bytes but its own: those before it are the seed. */
static uint32_t
check_of(const unsigned char *src, size_t n)
{
	return (uint32_t)hash_bytes_seeded(
	    src + CHECK_END, n - CHECK_END, codec_get_le32(src));
}

size_t
record_encode(unsigned char dst[RECORD_MAX_BYTES], const struct record *rec)
{
	size_t n = RECORD_FIXED_BYTES + rec->url.n;

	CHECK(rec->url.n <= SCHEMA_URL_TEXT_MAX);
	dst[0] = VERSION;
	dst[1] = (unsigned char)rec->state;
	dst[2] = rec->coding;
	dst[3] = 0;
	codec_put_le64(dst + 8, rec->hash);
	codec_put_le64(dst + 16, rec->primary_hash);
	codec_put_le64(dst + 24, rec->body_bytes);
	codec_put_le64(dst + 32, rec->plain_bytes);
	codec_put_le64(dst + 40, (uint64_t)rec->stored_at_s);
	codec_put_le64(dst + 48, (uint64_t)rec->expires_at_s);
	codec_put_le32(dst + 56, rec->stale_s);
	codec_put_le32(dst + 60, rec->flags);
	codec_put_le32(dst + 64, rec->head_bytes);
	codec_put_le16(dst + 68, (uint16_t)rec->body0_bytes);
	codec_put_le16(dst + 70, (uint16_t)rec->url.n);
	memset(dst + 72, 0, 24);
	codec_put_le64(dst + 96, rec->use);
	codec_put_le64(dst + 104, rec->tag);
	if (rec->url.n > 0)
		memcpy(dst + RECORD_FIXED_BYTES, rec->url.p, rec->url.n);
	codec_put_le32(dst + 4, check_of(dst, n));
	return n;
}

static enum lr
validate(const struct record *rec)
{
	if (rec->state < RECORD_FILLING || rec->state > RECORD_SPARSE)
		return LR_CORRUPT;
	if (rec->body0_bytes > STORE_PAGE_BYTES)
		return LR_CORRUPT;
	if (rec->body0_bytes > rec->body_bytes)
		return LR_CORRUPT;
	return LR_OK;
}

enum lr
record_decode(struct slice src, struct record *out)
{
	const unsigned char *p = (const unsigned char *)src.p;
	struct record rec;

	if (src.n < RECORD_FIXED_BYTES || src.n > RECORD_MAX_BYTES)
		return LR_CORRUPT;
	if (p[0] != VERSION)
		return p[0] > VERSION ? LR_VERSION : LR_CORRUPT;
	if (codec_get_le32(p + 4) != check_of(p, src.n))
		return LR_CORRUPT;
	rec.state = (enum record_state)p[1];
	rec.coding = p[2];
	rec.hash = codec_get_le64(p + 8);
	rec.primary_hash = codec_get_le64(p + 16);
	rec.body_bytes = codec_get_le64(p + 24);
	rec.plain_bytes = codec_get_le64(p + 32);
	rec.stored_at_s = (int64_t)codec_get_le64(p + 40);
	rec.expires_at_s = (int64_t)codec_get_le64(p + 48);
	rec.stale_s = codec_get_le32(p + 56);
	rec.flags = codec_get_le32(p + 60);
	rec.head_bytes = codec_get_le32(p + 64);
	rec.body0_bytes = codec_get_le16(p + 68);
	rec.url = slice_cut(src, RECORD_FIXED_BYTES, src.n);
	rec.use = codec_get_le64(p + 96);
	rec.tag = codec_get_le64(p + 104);
	if (rec.url.n != codec_get_le16(p + 70) || validate(&rec) != LR_OK)
		return LR_CORRUPT;
	*out = rec;
	return LR_OK;
}
