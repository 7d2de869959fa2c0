/* store/content.h: one object's rows inside a write transaction.
 *
 * The writer's thread only; the bytes are described in schema.h and
 * record.h.  Whatever fails here has spoilt the transaction: abort it. */
#ifndef STORE_CONTENT_H
#define STORE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/record.h"
#include "store/txn.h"

/* Room for page `page` of id, to be filled before the next call.  append:
 * no larger id has pages yet (much cheaper).  LR_FULL, LR_IO. */
enum lr content_page(struct txn *tx, uint64_t id, uint32_t page, size_t n_bytes,
    bool append, void **out);

/* A page as it is; valid until the next change.  LR_NOTFOUND, LR_IO. */
enum lr content_get_page(
    struct txn *tx, uint64_t id, uint32_t page, struct slice *out);

/* The body's checksum is a chain over the body parts of its pages, so that
 * each is hashed once, while it is in the processor's cache. */
uint64_t content_sum(uint64_t before, const void *part, size_t n);

/* Writes the record; first: it is new and its id the largest so far, and
 * the url row is made with it. */
enum lr content_put_record(
    struct txn *tx, uint64_t id, const struct record *rec, bool first);
/* out->url is valid until the next change.  LR_NOTFOUND, LR_CORRUPT. */
enum lr content_get_record(struct txn *tx, uint64_t id, struct record *out);

/* Puts another head before the body bytes of page 0 and rec's head and
 * times into the record.  LR_NOTFOUND: no complete object of this id;
 * LR_CORRUPT. */
enum lr content_set_head(
    struct txn *tx, uint64_t id, struct slice head, const struct record *times);

/* Notes the use in the record.  LR_NOTFOUND: no complete object of this id;
 * LR_CORRUPT. */
enum lr content_set_use(struct txn *tx, uint64_t id, uint64_t use);

/* Deletes rows of id until all are gone or *pages_left were deleted.
 * LR_AGAIN: some are left; the record then says removed. */
enum lr content_delete(struct txn *tx, uint64_t id, unsigned *pages_left);

#endif
