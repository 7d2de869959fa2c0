/* store/base/codec.h: integers to and from bytes.
 *
 * Structs are never copied to disk or wire (style rule 18): every integer
 * goes through these.  No alignment is asked for.  Pure. */
#ifndef STORE_BASE_CODEC_H
#define STORE_BASE_CODEC_H

#include <stdint.h>

static inline void
codec_put_le16(void *dst, uint16_t v)
{
	unsigned char *d = dst;

	d[0] = (unsigned char)v;
	d[1] = (unsigned char)(v >> 8);
}

static inline uint16_t
codec_get_le16(const void *src)
{
	const unsigned char *s = src;

	return (uint16_t)(s[0] | s[1] << 8);
}

static inline void
codec_put_le32(void *dst, uint32_t v)
{
	codec_put_le16(dst, (uint16_t)v);
	codec_put_le16((unsigned char *)dst + 2, (uint16_t)(v >> 16));
}

static inline uint32_t
codec_get_le32(const void *src)
{
	return codec_get_le16(src) |
	    (uint32_t)codec_get_le16((const unsigned char *)src + 2) << 16;
}

static inline void
codec_put_le64(void *dst, uint64_t v)
{
	codec_put_le32(dst, (uint32_t)v);
	codec_put_le32((unsigned char *)dst + 4, (uint32_t)(v >> 32));
}

static inline uint64_t
codec_get_le64(const void *src)
{
	return codec_get_le32(src) |
	    (uint64_t)codec_get_le32((const unsigned char *)src + 4) << 32;
}

/* Big-endian, so that memcmp order is numeric order (database keys). */
static inline void
codec_put_be32(void *dst, uint32_t v)
{
	unsigned char *d = dst;

	d[0] = (unsigned char)(v >> 24);
	d[1] = (unsigned char)(v >> 16);
	d[2] = (unsigned char)(v >> 8);
	d[3] = (unsigned char)v;
}

static inline uint32_t
codec_get_be32(const void *src)
{
	const unsigned char *s = src;

	return (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 |
	    (uint32_t)s[2] << 8 | s[3];
}

static inline void
codec_put_be64(void *dst, uint64_t v)
{
	codec_put_be32(dst, (uint32_t)(v >> 32));
	codec_put_be32((unsigned char *)dst + 4, (uint32_t)v);
}

static inline uint64_t
codec_get_be64(const void *src)
{
	return (uint64_t)codec_get_be32(src) << 32 |
	    codec_get_be32((const unsigned char *)src + 4);
}

#endif
