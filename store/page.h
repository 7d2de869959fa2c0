/* store/page.h: how the bytes of head and body lie in rows of dat.
 *
 *   page 0   0 u64 check   8 u32 head bytes   12 head, body0 bytes of body
 *   page k   0 u64 check   8 body
 *
 * All little-endian.  The check is a hash of all that stands behind it, mixed
 * with the object's id and the page's number: an id is never used again, so
 * no other page passes for this one.  A reader checks what it touches, page
 * by page, whatever else of the object is there.  Pure; safe on any thread. */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"
#include "store/store.h"

#define PAGE_CHECK_BYTES 8
#define PAGE_HEAD_AT 12				/* in page 0 */
#define PAGE_ZERO_BYTES (STORE_PAGE_BYTES - 4u) /* head and body0 */
#define PAGE_ROW_MAX (PAGE_CHECK_BYTES + STORE_PAGE_BYTES)

/* Writes the check of a row of n bytes, all the others being there. */
void page_seal(unsigned char *row, size_t n, uint64_t id, uint32_t number);
/* The parts of page 0, and the body's of another page, by the row's length
 * alone.  LR_CORRUPT: it cannot be so long. */
enum lr page_cut_first(struct slice row, uint32_t body0_bytes,
    struct slice *head, struct slice *body0);
enum lr page_cut_other(
    struct slice row, uint64_t body_bytes, struct slice *out);
/* Is a row that could be cut so as it was sealed?  Reads all of it, and
 * nothing behind it though its length be wrong. */
bool page_first_is_sound(struct slice row, uint32_t body0_bytes, uint64_t id);
bool page_other_is_sound(struct slice row, uint64_t id, uint32_t number);

/* How long the body's part of page `number` is, which is not 0. */
uint64_t page_body_bytes(const struct store_ref *ref, uint32_t number);
/* The number of the last page. */
uint32_t page_last(const struct store_ref *ref);

#endif
