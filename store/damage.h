/* store/damage.h: what happens to an object that is not as it was stored. */
#ifndef STORE_DAMAGE_H
#define STORE_DAMAGE_H

#include "store/internal.h"

/* Nobody finds the object any more; it is counted and logged, once however
 * many meet it.  Any thread; the caller has a pin.  txn, which is open, is to
 * look its name up. */
void damage_found(struct store *st, MDB_txn *txn, const struct store_ref *ref);

#endif
