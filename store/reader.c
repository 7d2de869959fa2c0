/* store/reader.c: short read transactions, straight from the map */
#include <lmdb.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/schema.h"

#define READER_MAGIC MAGIC('R', 'E', 'A', 'D')

/* One thread's.  The transaction and the cursor are made once and renewed:
 * that costs a few nanoseconds where making them costs a lock and malloc. */
struct store_reader {
	uint32_t magic;
	struct store *st;
	MDB_txn *txn;	    /* reset between begin and end */
	MDB_cursor *cursor; /* over dat */
	MDB_dbi dat;
	bool cursor_ready; /* renewed in this transaction */
};

/* Takes one of the places for readers; false when all are taken. */
static bool
take_place(struct store *st)
{
	if (atomic_fetch_add(&st->readers, 1) < st->max_readers)
		return true;
	atomic_fetch_sub(&st->readers, 1);
	return false;
}

enum lr
store_reader_open(struct store *st, struct store_reader **out)
{
	struct store_reader *rd;
	int code;

	MAGIC_CHECK(st, STORE_MAGIC);
	if (!take_place(st))
		return LR_FULL;
	if ((rd = calloc(1, sizeof(*rd))) == NULL) {
		atomic_fetch_sub(&st->readers, 1);
		return LR_NOMEM;
	}
	rd->magic = READER_MAGIC;
	rd->st = st;
	rd->dat = st->env->db[SCHEMA_DAT];
	code = mdb_txn_begin(st->env->mdb, NULL, MDB_RDONLY, &rd->txn);
	if (code == 0)
		code = mdb_cursor_open(rd->txn, rd->dat, &rd->cursor);
	if (code != 0) {
		store_reader_close(rd);
		return env_status(code);
	}
	mdb_txn_reset(rd->txn);
	*out = rd;
	return LR_OK;
}

void
store_reader_close(struct store_reader *rd)
{
	if (rd == NULL)
		return;
	MAGIC_CHECK(rd, READER_MAGIC);
	mdb_cursor_close(rd->cursor);
	if (rd->txn != NULL)
		mdb_txn_abort(rd->txn);
	atomic_fetch_sub(&rd->st->readers, 1);
	rd->magic = 0;
	free(rd);
}

enum lr
store_read_begin(struct store_reader *rd)
{
	MAGIC_CHECK(rd, READER_MAGIC);
	rd->cursor_ready = false;
	return mdb_txn_renew(rd->txn) == 0 ? LR_OK : LR_IO;
}

void
store_read_end(struct store_reader *rd)
{
	mdb_txn_reset(rd->txn);
}

enum lr
store_read_head(struct store_reader *rd, const struct store_ref *ref,
    struct slice *head, struct slice *body0)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, data;
	int code;

	schema_dat_key(bytes, ref->id, 0);
	if ((code = mdb_get(rd->txn, rd->dat, &key, &data)) != 0)
		return env_status(code);
	if (data.mv_size < ref->body0_bytes)
		return LR_CORRUPT;
	*head = slice_make(data.mv_data, data.mv_size - ref->body0_bytes);
	*body0 = slice_make(head->p + head->n, ref->body0_bytes);
	return LR_OK;
}

enum lr
store_read_extents(
    struct store_reader *rd, const struct store_ref *ref, struct extents *out)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, data;
	int code;

	schema_dat_key(bytes, ref->id, SCHEMA_EXTENTS_PAGE);
	if ((code = mdb_get(rd->txn, rd->dat, &key, &data)) != 0)
		return env_status(code);
	return extents_decode(
	    slice_make(data.mv_data, data.mv_size), ref->body_bytes, out);
}

/* ---- the body ---- */

/* Where reading stands: page 0 has body0, the others a page each. */
struct position {
	uint32_t page;
	uint32_t skip; /* bytes of the page's body part before the offset */
};

static struct position
position_of(const struct store_ref *ref, uint64_t offset)
{
	if (offset < ref->body0_bytes)
		return (struct position){ 0, (uint32_t)offset };
	offset -= ref->body0_bytes;
	return (struct position){
		.page = (uint32_t)(offset / STORE_PAGE_BYTES) + 1,
		.skip = (uint32_t)(offset % STORE_PAGE_BYTES),
	};
}

static enum lr
renew_cursor(struct store_reader *rd)
{
	int code;

	if (rd->cursor_ready)
		return LR_OK;
	if ((code = mdb_cursor_renew(rd->txn, rd->cursor)) != 0)
		return env_status(code);
	rd->cursor_ready = true;
	return LR_OK;
}

/* Moves to a page: sought the first time, then the next row.
 * LR_NOTFOUND: there is none. */
static enum lr
move_to(struct store_reader *rd, uint64_t id, uint32_t page, bool first,
    MDB_val *data)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes };
	int code;

	schema_dat_key(bytes, id, page);
	code = mdb_cursor_get(
	    rd->cursor, &key, data, first ? MDB_SET_KEY : MDB_NEXT);
	if (code != 0)
		return env_status(code);
	if (schema_dat_id(key.mv_data) != id ||
	    schema_dat_page(key.mv_data) != page)
		return LR_NOTFOUND;
	return LR_OK;
}

/* The body's part of a row, from pos on.  The length of each row is known,
 * except for the last of an object whose end is not. */
static enum lr
body_part(const struct store_ref *ref, struct position pos, const MDB_val *data,
    struct slice *out)
{
	uint64_t before, want;
	struct slice part = slice_make(data->mv_data, data->mv_size);

	if (pos.page == 0) {
		if (part.n < ref->body0_bytes)
			return LR_CORRUPT;
		part = slice_cut(part, part.n - ref->body0_bytes, part.n);
	} else {
		before = ref->body0_bytes +
		    (uint64_t)(pos.page - 1) * STORE_PAGE_BYTES;
		want = ref->body_bytes - before;
		if (want > STORE_PAGE_BYTES)
			want = STORE_PAGE_BYTES;
		if (part.n != want)
			return LR_CORRUPT;
	}
	*out = slice_cut(part, pos.skip, part.n);
	return LR_OK;
}

/* Why a row is missing: an object that was published has all of them. */
static enum lr
missing(const struct store_ref *ref)
{
	return ref->slot != INDEX_NO_SLOT ? LR_CORRUPT : LR_NOTFOUND;
}

enum lr
store_read_body(struct store_reader *rd, const struct store_ref *ref,
    uint64_t offset, uint64_t max_bytes, struct iovec *iov, int *n)
{
	struct position pos = position_of(ref, offset);
	struct slice part;
	MDB_val data;
	int count = 0;
	enum lr rc;

	if (offset >= ref->body_bytes)
		max_bytes = 0;
	if (max_bytes > ref->body_bytes - offset)
		max_bytes = ref->body_bytes - offset;
	if ((rc = renew_cursor(rd)) != LR_OK)
		return rc;
	while (max_bytes > 0 && count < *n) {
		rc = move_to(rd, ref->id, pos.page, count == 0, &data);
		if (rc == LR_OK)
			rc = body_part(ref, pos, &data, &part);
		if (rc != LR_OK)
			break;
		part = slice_cut(part, 0, max_bytes);
		iov[count].iov_base = (void *)(uintptr_t)part.p;
		iov[count++].iov_len = part.n;
		max_bytes -= part.n;
		pos = (struct position){ pos.page + 1, 0 };
	}
	if (rc == LR_NOTFOUND)
		rc = missing(ref);
	if (rc != LR_OK && count == 0)
		return rc;
	*n = count;
	return LR_OK;
}
