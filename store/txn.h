/* store/txn.h: a write transaction and its cursors.
 *
 * The writer's thread only.  Ends within the call that began it. */
#ifndef STORE_TXN_H
#define STORE_TXN_H

#include <lmdb.h>
#include <stdint.h>

#include "store/base/status.h"
#include "store/env.h"

struct txn {
	struct env *env;
	MDB_txn *mdb; /* NULL when none is open */
	MDB_cursor *obj, *dat, *url;
};

/* LR_IO, LR_NOMEM, LR_CORRUPT. */
enum lr txn_begin(struct txn *tx, struct env *env);
/* Ends the transaction either way.  LR_FULL, LR_IO: nothing was changed. */
enum lr txn_commit(struct txn *tx);
void txn_abort(struct txn *tx);

#endif
