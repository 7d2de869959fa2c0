/* store/load.c: one pass over obj */
#include "store/load.h"

#include <string.h>

#include "store/record.h"

/* How much of it is there.  The rows of a sparse object say so; one that
 * cannot be read counts as whole, until it is found out. */
static uint64_t
bytes_there(
    struct store *st, MDB_txn *txn, uint64_t id, const struct record *rec)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, row;
	struct extents ex;

	if (rec->state == RECORD_SPARSE) {
		schema_dat_key(bytes, id, SCHEMA_EXTENTS_PAGE);
		if (mdb_get(txn, st->env->db[SCHEMA_DAT], &key, &row) == 0 &&
		    extents_decode(slice_make(row.mv_data, row.mv_size),
			rec->body_bytes, &ex) == LR_OK)
			return rec->head_bytes + extents_bytes(&ex);
	}
	return rec->head_bytes + rec->body_bytes;
}

static enum lr
load_row(struct store *st, MDB_txn *txn, uint64_t id, const MDB_val *data)
{
	struct store_ref ref = { .id = id };
	struct record rec;
	enum lr rc;

	rc = record_decode(slice_make(data->mv_data, data->mv_size), &rec);
	if (rc != LR_OK) {
		stats_add(&st->stats.corrupt, 1);
		return index_add_drained(st->index, id);
	}
	if (!record_is_published(&rec))
		return index_add_drained(st->index, id);
	ref.hash = rec.hash;
	ref.body_bytes = rec.body_bytes;
	ref.body0_bytes = rec.body0_bytes;
	/* Ids rise, so of two with one hash the newer stays. */
	if ((rc = index_publish(st->index, &ref, false)) != LR_OK)
		return rc;
	return policy_restore(
	    st->policy, ref.slot, bytes_there(st, txn, id, &rec), rec.use);
}

static enum lr
load_rows(struct store *st, MDB_txn *txn, MDB_cursor *cur)
{
	MDB_val key, data;
	uint64_t id = 0;
	enum lr rc;
	int code;

	while ((code = mdb_cursor_get(cur, &key, &data, MDB_NEXT)) == 0) {
		if (key.mv_size != sizeof(id))
			return LR_CORRUPT;
		memcpy(&id, key.mv_data, sizeof(id));
		if ((rc = load_row(st, txn, id, &data)) != LR_OK)
			return rc;
	}
	policy_restored(st->policy);
	if (st->next_id <= id)
		st->next_id = id + 1;
	return code == MDB_NOTFOUND ? LR_OK : env_status(code);
}

static enum lr
load_all(struct store *st, MDB_txn *txn)
{
	struct env *env = st->env;
	MDB_cursor *cur;
	uint64_t next;
	enum lr rc;
	int code;

	st->next_id = 1;
	rc = env_get(env, txn, "next_id", &next);
	if (rc == LR_OK)
		st->next_id = next;
	else if (rc != LR_NOTFOUND)
		return rc;
	code = mdb_cursor_open(txn, env->db[SCHEMA_OBJ], &cur);
	if (code != 0)
		return env_status(code);
	rc = load_rows(st, txn, cur);
	mdb_cursor_close(cur);
	return rc;
}

enum lr
load_index(struct store *st)
{
	MDB_txn *txn;
	uint64_t used;
	enum lr rc;
	int code = mdb_txn_begin(st->env->mdb, NULL, MDB_RDONLY, &txn);

	if (code != 0)
		return env_status(code);
	if ((rc = load_all(st, txn)) == LR_OK &&
	    (rc = env_pages_used(st->env, txn, &used)) == LR_OK)
		stats_set(&st->stats.pages_used, used);
	mdb_txn_abort(txn);
	return rc;
}
