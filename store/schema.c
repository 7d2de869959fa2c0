/* store/schema.c: builds the keys */
#include "store/schema.h"

#include <lmdb.h>
#include <string.h>

#include "store/base/check.h"
#include "store/base/codec.h"

const struct schema_def SCHEMA[SCHEMA_DBS] = {
	[SCHEMA_SYS] = { "sys", 0 },
	[SCHEMA_OBJ] = { "obj", MDB_INTEGERKEY },
	[SCHEMA_DAT] = { "dat", 0 },
	[SCHEMA_URL] = { "url", 0 },
	[SCHEMA_TAG] = { "tag", 0 },
	[SCHEMA_PURGE] = { "purge", MDB_INTEGERKEY },
};

void
schema_dat_key(
    unsigned char key[SCHEMA_DAT_KEY_BYTES], uint64_t id, uint32_t page)
{
	codec_put_be64(key, id);
	codec_put_be32(key + 8, page);
}

uint64_t
schema_dat_id(const void *key)
{
	return codec_get_be64(key);
}

uint32_t
schema_dat_page(const void *key)
{
	return codec_get_be32((const unsigned char *)key + 8);
}

/* Appends s to text as far as there is room. */
static size_t
text_add(char text[SCHEMA_URL_TEXT_MAX], size_t n, struct slice s)
{
	size_t room = SCHEMA_URL_TEXT_MAX - n;

	if (s.n > room)
		s.n = room;
	if (s.n > 0)
		memcpy(text + n, s.p, s.n);
	return n + s.n;
}

/* Where the labels of the host end: at the port or the path.  An address
 * in brackets has no labels to turn round. */
static size_t
labels_end(struct slice url)
{
	size_t n = slice_find(url, '/');
	struct slice host = slice_cut(url, 0, n);

	if (host.n > 0 && host.p[0] == '[')
		return 0;
	return slice_find(host, ':');
}

size_t
schema_url_text(char text[SCHEMA_URL_TEXT_MAX], struct slice url)
{
	size_t end = labels_end(url);
	size_t stop = end, at = end, n = 0;

	while (at > 0) {
		at--;
		if (url.p[at] != '.')
			continue;
		n = text_add(text, n, slice_cut(url, at + 1, stop));
		n = text_add(text, n, SLICE("."));
		stop = at;
	}
	n = text_add(text, n, slice_cut(url, 0, stop));
	return text_add(text, n, slice_cut(url, end, url.n));
}

size_t
schema_url_key(
    unsigned char key[SCHEMA_URL_KEY_MAX], struct slice text, uint64_t id)
{
	CHECK(text.n <= SCHEMA_URL_TEXT_MAX);
	if (text.n > 0)
		memcpy(key, text.p, text.n);
	codec_put_be64(key + text.n, id);
	return text.n + 8;
}
