/* store/txn.c: beginning and ending write transactions */
#include "store/txn.h"

#include <stddef.h>

static void
close_cursors(struct txn *tx)
{
	mdb_cursor_close(tx->obj); /* takes NULL */
	mdb_cursor_close(tx->dat);
	mdb_cursor_close(tx->url);
	tx->obj = tx->dat = tx->url = NULL;
}

enum lr
txn_begin(struct txn *tx, struct env *env)
{
	int code;

	*tx = (struct txn){ .env = env };
	if ((code = mdb_txn_begin(env->mdb, NULL, 0, &tx->mdb)) != 0) {
		tx->mdb = NULL;
		return env_status(code);
	}
	if ((code = mdb_cursor_open(tx->mdb, env->db[SCHEMA_OBJ], &tx->obj)) !=
		0 ||
	    (code = mdb_cursor_open(tx->mdb, env->db[SCHEMA_DAT], &tx->dat)) !=
		0 ||
	    (code = mdb_cursor_open(tx->mdb, env->db[SCHEMA_URL], &tx->url)) !=
		0) {
		txn_abort(tx);
		return env_status(code);
	}
	return LR_OK;
}

enum lr
txn_commit(struct txn *tx)
{
	int code;

	close_cursors(tx);
	code = mdb_txn_commit(tx->mdb);
	tx->mdb = NULL;
	return env_status(code);
}

void
txn_abort(struct txn *tx)
{
	close_cursors(tx);
	if (tx->mdb != NULL)
		mdb_txn_abort(tx->mdb);
	tx->mdb = NULL;
}
