/* tests/support/store_script.h: a life of a store, turn by turn, of which
 * it is known what must be found when it ended suddenly.
 *
 * What a turn does follows from its number alone: it stores, replaces,
 * stores a part, updates a head, removes, or begins what is never finished.
 * So whoever knows how far a life came, and how far of it is safe, can tell
 * each state that the store may be in.  One thread. */
#ifndef TESTS_SUPPORT_STORE_SCRIPT_H
#define TESTS_SUPPORT_STORE_SCRIPT_H

#include "store/extents.h"
#include "tests/support/temp_store.h"

#define SCRIPT_WHOLE 200u /* hashes of whole objects */
#define SCRIPT_SPARSE 8u  /* and of sparse ones */
#define SCRIPT_HASHES (SCRIPT_WHOLE + SCRIPT_SPARSE)

struct script_object { /* what is under a hash */
	uint64_t seed; /* 0: nothing */
	size_t head_bytes;
	uint64_t removed_at;  /* the turn that did it last */
	struct extents there; /* of a sparse one */
};

struct store_script {  /* zeroed: nothing was played yet */
	bool evicts;   /* any object may be gone, any insert be refused */
	uint64_t turn; /* the last that is in */
	struct script_object objects[SCRIPT_HASHES];
	char wrong[128];
};

/* Does what the turn says.  LR_FULL: it was refused. */
enum lr store_script_play(struct temp_store *ts, uint64_t turn);
/* All up to that turn is safe. */
void store_script_advance(struct store_script *sc, uint64_t turn);
/* Compares all that is found with what may be there when none, some or all
 * of the turns up to last were done, too; it becomes what sc knows.  NULL,
 * or what is wrong, which sc keeps. */
const char *store_script_check(
    struct store_script *sc, struct temp_store *ts, uint64_t last);

#endif
