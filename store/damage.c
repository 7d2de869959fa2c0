/* store/damage.c: drops damaged objects */
#include "store/damage.h"

#include "store/record.h"

/* Its url text; empty if the record cannot be read either. */
static struct slice
name_of(const struct env *env, MDB_txn *txn, uint64_t id)
{
	MDB_val key = { sizeof(id), &id }, data;
	struct record rec;

	if (mdb_get(txn, env->db[SCHEMA_OBJ], &key, &data) != 0 ||
	    record_decode(slice_make(data.mv_data, data.mv_size), &rec) !=
		LR_OK)
		return SLICE("");
	return rec.url;
}

void
damage_found(struct store *st, MDB_txn *txn, const struct store_ref *ref)
{
	struct slice name;

	if (store_remove_ref(st, ref) != LR_OK)
		return; /* another was first, or it has been replaced */
	stats_add(&st->stats.corrupt, 1);
	name = name_of(st->env, txn, ref->id);
	log_write(st->log, LOG_STORE, LOG_L_ERROR,
	    "%s: object %llu (%.*s) is damaged; dropped", st->env->dir,
	    (unsigned long long)ref->id, SLICE_ARG(name));
}
