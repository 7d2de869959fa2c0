/* store/reader.c: short read transactions, straight from the map */
#include <lmdb.h>
#include <stdlib.h>

#include "store/damage.h"
#include "store/internal.h"
#include "store/page.h"
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

/* ---- checking ---- */

/* What has no slot yet is being written by this process. */
static bool
is_trusted(const struct store_reader *rd, const struct store_ref *ref)
{
	return ref->verified || ref->slot == INDEX_NO_SLOT ||
	    index_is_verified(rd->st->index, ref->slot);
}

static enum lr
check(struct store_reader *rd, const struct store_ref *ref, struct slice row,
    uint32_t page)
{
	bool sound = page == 0
	    ? page_first_is_sound(row, ref->body0_bytes, ref->id)
	    : page_other_is_sound(row, ref->id, page);

	stats_add(&rd->st->stats.verified, 1);
	return sound ? LR_OK : LR_CORRUPT;
}

/* Drops the object if that is what rc says. */
static enum lr
judge(struct store_reader *rd, const struct store_ref *ref, enum lr rc)
{
	if (rc == LR_CORRUPT && ref->slot != INDEX_NO_SLOT)
		damage_found(rd->st, rd->txn, ref);
	return rc;
}

static enum lr
read_head(struct store_reader *rd, const struct store_ref *ref, bool trusted,
    struct slice *head, struct slice *body0)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, data;
	struct slice row;
	enum lr rc;
	int code;

	schema_dat_key(bytes, ref->id, 0);
	if ((code = mdb_get(rd->txn, rd->dat, &key, &data)) != 0)
		return env_status(code);
	row = slice_make(data.mv_data, data.mv_size);
	rc = page_cut_first(row, ref->body0_bytes, head, body0);
	if (rc == LR_OK && !trusted)
		rc = check(rd, ref, row, 0);
	return rc;
}

enum lr
store_read_head(struct store_reader *rd, const struct store_ref *ref,
    struct slice *head, struct slice *body0)
{
	bool trusted = is_trusted(rd, ref);
	enum lr rc = read_head(rd, ref, trusted, head, body0);

	if (rc == LR_OK && !trusted && ref->body_bytes == ref->body0_bytes)
		index_set_verified(rd->st->index, ref->slot);
	return judge(rd, ref, rc);
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
	return judge(rd, ref,
	    extents_decode(
		slice_make(data.mv_data, data.mv_size), ref->body_bytes, out));
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

/* The body's part of a row, from pos on. */
static enum lr
body_part(struct store_reader *rd, const struct store_ref *ref,
    struct position pos, const MDB_val *data, bool trusted, struct slice *out)
{
	struct slice row = slice_make(data->mv_data, data->mv_size);
	struct slice head, part;
	enum lr rc;

	if (pos.page == 0)
		rc = page_cut_first(row, ref->body0_bytes, &head, &part);
	else
		rc = page_cut_other(row, page_body_bytes(ref, pos.page), &part);
	if (rc == LR_OK && !trusted)
		rc = check(rd, ref, row, pos.page);
	if (rc == LR_OK)
		*out = slice_cut(part, pos.skip, part.n);
	return rc;
}

/* Why a row is missing: an object that was published has all of them. */
static enum lr
missing(const struct store_ref *ref)
{
	return ref->slot != INDEX_NO_SLOT ? LR_CORRUPT : LR_NOTFOUND;
}

/* All of the body has been checked at once: then, with the head, it need not
 * be again. */
static void
note_whole(struct store_reader *rd, const struct store_ref *ref)
{
	struct slice head, body0;

	if (ref->body0_bytes > 0 ||
	    read_head(rd, ref, false, &head, &body0) == LR_OK)
		index_set_verified(rd->st->index, ref->slot);
}

/* Up to *n pieces, as many as can be read; why it are not more. */
static enum lr
read_pieces(struct store_reader *rd, const struct store_ref *ref,
    uint64_t offset, uint64_t bytes, struct iovec *iov, int *n)
{
	struct position pos = position_of(ref, offset);
	bool trusted = is_trusted(rd, ref);
	bool whole = offset == 0 && bytes == ref->body_bytes;
	int most = *n;
	struct slice part;
	MDB_val data;
	enum lr rc;

	for (*n = 0; bytes > 0 && *n < most; ++*n) {
		rc = move_to(rd, ref->id, pos.page, *n == 0, &data);
		if (rc == LR_OK)
			rc = body_part(rd, ref, pos, &data, trusted, &part);
		if (rc != LR_OK)
			return rc == LR_NOTFOUND ? missing(ref) : rc;
		part = slice_cut(part, 0, bytes);
		iov[*n].iov_base = (void *)(uintptr_t)part.p;
		iov[*n].iov_len = part.n;
		bytes -= part.n;
		pos = (struct position){ pos.page + 1, 0 };
	}
	if (!trusted && whole && bytes == 0)
		note_whole(rd, ref);
	return LR_OK;
}

enum lr
store_read_body(struct store_reader *rd, const struct store_ref *ref,
    uint64_t offset, uint64_t max_bytes, struct iovec *iov, int *n)
{
	int count = *n;
	enum lr rc;

	if (offset >= ref->body_bytes)
		max_bytes = 0;
	else if (max_bytes > ref->body_bytes - offset)
		max_bytes = ref->body_bytes - offset;
	if ((rc = renew_cursor(rd)) != LR_OK)
		return rc;
	rc = read_pieces(rd, ref, offset, max_bytes, iov, &count);
	judge(rd, ref, rc);
	if (rc != LR_OK && count == 0)
		return rc;
	*n = count;
	return LR_OK;
}
