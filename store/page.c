/* store/page.c: rows and their checks */
#include "store/page.h"

#include "store/base/codec.h"
#include "store/base/hash.h"

#define ODD 0x9e3779b97f4a7c15u /* spreads neighbouring places */

static uint64_t
check_of(const void *bytes, size_t n, uint64_t id, uint32_t number)
{
	uint64_t place = (id << 32 | id >> 32) ^ number;

	return hash_bytes(bytes, n) ^ place * ODD;
}

void
page_seal(unsigned char *row, size_t n, uint64_t id, uint32_t number)
{
	codec_put_le64(row,
	    check_of(row + PAGE_CHECK_BYTES, n - PAGE_CHECK_BYTES, id, number));
}

enum lr
page_cut_first(struct slice row, uint32_t body0_bytes, struct slice *head,
    struct slice *body0)
{
	if (row.n < (size_t)PAGE_HEAD_AT + body0_bytes)
		return LR_CORRUPT;
	*head = slice_cut(row, PAGE_HEAD_AT, row.n - body0_bytes);
	*body0 = slice_make(head->p + head->n, body0_bytes);
	return LR_OK;
}

enum lr
page_cut_other(struct slice row, uint64_t body_bytes, struct slice *out)
{
	if (row.n != PAGE_CHECK_BYTES + body_bytes)
		return LR_CORRUPT;
	*out = slice_cut(row, PAGE_CHECK_BYTES, row.n);
	return LR_OK;
}

bool
page_other_is_sound(struct slice row, uint64_t id, uint32_t number)
{
	if (row.n < PAGE_CHECK_BYTES)
		return false;
	return codec_get_le64(row.p) ==
	    check_of(
		row.p + PAGE_CHECK_BYTES, row.n - PAGE_CHECK_BYTES, id, number);
}

bool
page_first_is_sound(struct slice row, uint32_t body0_bytes, uint64_t id)
{
	uint64_t n = PAGE_HEAD_AT + (uint64_t)body0_bytes;

	if (row.n < n)
		return false;
	n += codec_get_le32((const unsigned char *)row.p + PAGE_CHECK_BYTES);
	return row.n == n && page_other_is_sound(row, id, 0);
}

uint64_t
page_body_bytes(const struct store_ref *ref, uint32_t number)
{
	uint64_t before = ref->body0_bytes +
	    (uint64_t)(number - 1) * STORE_PAGE_BYTES;
	uint64_t left = before < ref->body_bytes ? ref->body_bytes - before : 0;

	return left < STORE_PAGE_BYTES ? left : STORE_PAGE_BYTES;
}

uint32_t
page_last(const struct store_ref *ref)
{
	uint64_t behind = ref->body_bytes - ref->body0_bytes;

	return (uint32_t)((behind + STORE_PAGE_BYTES - 1) / STORE_PAGE_BYTES);
}
