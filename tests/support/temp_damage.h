/* tests/support/temp_damage.h: changes bytes of objects behind the store's
 * back, while it is closed.
 *
 * Aborts the test program when it cannot.  One thread. */
#ifndef TESTS_SUPPORT_TEMP_DAMAGE_H
#define TESTS_SUPPORT_TEMP_DAMAGE_H

#include <lmdb.h>

#include "tests/support/temp_store.h"

struct temp_damage {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dat;
};

/* Closes the store; end opens it again, with what that says. */
void temp_damage_begin(struct temp_store *ts, struct temp_damage *d);
enum lr temp_damage_end(struct temp_store *ts, struct temp_damage *d);

/* Flips a bit in a row of dat; at counts round its bytes, or back from its
 * end if it is negative. */
void temp_damage_flip(
    struct temp_damage *d, uint64_t id, uint32_t page, int at);
void temp_damage_delete(struct temp_damage *d, uint64_t id, uint32_t page);

/* ---- a store to damage ---- */

#define TEMP_DAMAGE_TOTAL 100000 /* bytes of the sparse object, hash 7 */

/* A cmocka test's, of 64 MiB; *state is a struct temp_store. */
int temp_damage_set_up(void **state);
int temp_damage_tear_down(void **state);
void temp_damage_reopen(struct temp_store *ts);
struct store_stats temp_damage_stats(struct temp_store *ts);
/* Stores an object; or a part of the sparse one, and waits for it. */
void temp_damage_put(struct temp_store *ts, uint64_t hash, size_t head_bytes,
    uint64_t body_bytes);
void temp_damage_put_part(struct temp_store *ts, uint64_t first, uint32_t n);
uint64_t temp_damage_id(struct temp_store *ts, uint64_t hash);

#endif
