/* store/content.h: one object's rows inside a write transaction.
 *
 * The writer's thread only; the bytes are described in schema.h and
 * record.h.  Whatever fails here has spoilt the transaction: abort it. */
#ifndef STORE_CONTENT_H
#define STORE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/extents.h"
#include "store/record.h"
#include "store/txn.h"

/* Room in a row, to be filled and sealed before the next call: then its bytes
 * are hashed while they are in the processor's cache. */
struct content_room {
	void *body; /* where the body's bytes go */
	unsigned char *row;
	size_t row_bytes;
	uint64_t id;
	uint32_t page;
};

/* Room for page 0 of id, the head being there already, and for another page.
 * append: no larger id has pages yet (much cheaper).  LR_FULL, LR_IO. */
enum lr content_first_page(struct txn *tx, uint64_t id, struct slice head,
    size_t body0_bytes, bool append, struct content_room *out);
enum lr content_page(struct txn *tx, uint64_t id, uint32_t page, size_t n_bytes,
    bool append, struct content_room *out);
void content_seal(const struct content_room *room);

/* Pages as they are, checked; valid until the next change.  LR_NOTFOUND,
 * LR_CORRUPT, LR_IO. */
enum lr content_get_first_page(struct txn *tx, uint64_t id,
    uint32_t body0_bytes, struct slice *head, struct slice *body0);
enum lr content_get_page(struct txn *tx, uint64_t id, uint32_t page,
    size_t n_bytes, struct slice *out);

/* Which bytes of a sparse object are there. */
enum lr content_put_extents(
    struct txn *tx, uint64_t id, const struct extents *ex);
/* LR_NOTFOUND, LR_CORRUPT, LR_IO. */
enum lr content_get_extents(
    struct txn *tx, uint64_t id, uint64_t body_bytes, struct extents *out);

/* Writes the record; first: it is new and its id the largest so far, and
 * the url row is made with it. */
enum lr content_put_record(
    struct txn *tx, uint64_t id, const struct record *rec, bool first);
/* out->url is valid until the next change.  LR_NOTFOUND, LR_CORRUPT. */
enum lr content_get_record(struct txn *tx, uint64_t id, struct record *out);

/* Puts another head before the body bytes of page 0 and rec's head and
 * times into the record.  LR_NOTFOUND: no complete object of this id;
 * LR_CORRUPT: nothing was changed. */
enum lr content_set_head(
    struct txn *tx, uint64_t id, struct slice head, const struct record *times);

/* Notes the use in the record.  LR_NOTFOUND: no complete object of this id;
 * LR_CORRUPT. */
enum lr content_set_use(struct txn *tx, uint64_t id, uint64_t use);

/* Deletes rows of id until all are gone or *pages_left were deleted.
 * LR_AGAIN: some are left; the record then says removed. */
enum lr content_delete(struct txn *tx, uint64_t id, unsigned *pages_left);

#endif
