/* store/meta.h: looks at LMDB's two meta pages before LMDB does.
 *
 * LMDB believes them: with a damaged one it may ask for a map of any size,
 * or take the file for one of another version, and neither can be told from
 * an outcome that is no damage. */
#ifndef STORE_META_H
#define STORE_META_H

#include "store/base/status.h"

/* LR_CORRUPT: what they say does not go together, or with the file.
 * LR_OK: nothing was noticed, or there is nothing to look at; what else is
 * wrong, LMDB tells. */
enum lr meta_check(const char *dir);

#endif
