/* tests/fuzz/fuzz_record.c: records and page keys of any bytes
 *
 * What decodes must encode to the same bytes.  A second round repairs the
 * check first, so that the fields behind it are reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/check.h"
#include "store/base/codec.h"
#include "store/base/hash.h"
#include "store/extents.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
decode(const uint8_t *data, size_t n)
{
	unsigned char again[RECORD_MAX_BYTES];
	struct record rec;

	if (record_decode(slice_make((const char *)data, n), &rec) != LR_OK)
		return;
	CHECK(rec.body0_bytes <= STORE_PAGE_BYTES);
	CHECK(rec.url.n <= SCHEMA_URL_TEXT_MAX);
	CHECK(record_encode(again, &rec) == n);
	/* Reserved bytes may differ, and with them the check. */
	CHECK(memcmp(again + 8, data + 8, 64) == 0);
	CHECK(memcmp(again + 96, data + 96, 16) == 0);
	CHECK(memcmp(again + RECORD_FIXED_BYTES, data + RECORD_FIXED_BYTES,
		  n - RECORD_FIXED_BYTES) == 0);
}

static void
reverse(const uint8_t *data, size_t n)
{
	char text[SCHEMA_URL_TEXT_MAX];
	unsigned char key[SCHEMA_URL_KEY_MAX];
	struct slice url = slice_make((const char *)data, n);
	size_t len = schema_url_text(text, url);

	CHECK(len <= SCHEMA_URL_TEXT_MAX && len <= n);
	CHECK(len == n || len == SCHEMA_URL_TEXT_MAX);
	CHECK(schema_url_key(key, slice_make(text, len), 1) == len + 8);
}

/* A list that is taken for one is in order and comes back as it was. */
static void
list(const uint8_t *data, size_t n)
{
	unsigned char again[EXTENTS_ROW_MAX];
	struct extents ex;

	if (extents_decode(
		slice_make((const char *)data, n), UINT64_MAX, &ex) != LR_OK)
		return;
	for (uint32_t i = 0; i < ex.n; i++)
		CHECK(extents_cover(&ex, ex.v[i].first, ex.v[i].end));
	CHECK(extents_encode(again, &ex) == n && memcmp(again, data, n) == 0);
}

/* The same with a check that fits, as the fuzzer will not guess it. */
static void
list_with_check(const uint8_t *data, size_t n)
{
	uint8_t copy[EXTENTS_ROW_MAX];

	if (n < 8 || n > sizeof(copy))
		return;
	memcpy(copy, data, n);
	codec_put_le64(copy + n - 8, hash_bytes(copy, n - 8));
	list(copy, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy;

	decode(data, n);
	reverse(data, n);
	list(data, n);
	list_with_check(data, n);
	if (n < RECORD_FIXED_BYTES || (copy = malloc(n)) == NULL)
		return 0;
	memcpy(copy, data, n);
	codec_put_le32(copy + 4,
	    (uint32_t)hash_bytes_seeded(copy + 8, n - 8, codec_get_le32(copy)));
	decode(copy, n);
	free(copy);
	return 0;
}
