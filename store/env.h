/* store/env.h: the LMDB environment under CacheRoot.
 *
 * Opened and closed by store_open and store_close; in between the struct
 * is read-only and shared by all threads.  Write transactions belong to
 * the writer's thread, read transactions to readers (reader.h).
 *
 * The file has its full size from the start (fallocate), so that the bound
 * is hard and a disk without room is met at once, not in the middle of a
 * commit.  Never open the data file a second time in this process and
 * never use the environment in a forked child: both break LMDB's locks. */
#ifndef STORE_ENV_H
#define STORE_ENV_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/base/status.h"
#include "store/probe.h"
#include "store/schema.h"
#include "store/store.h"

#define ENV_MIN_BYTES (1u << 20) /* a smaller store cannot work */

/* Why a new one was begun, see env_restart. */
#define ENV_CUT "its first pages are damaged, or the file was cut off"
#define ENV_DAMAGED "the check met damage"
#define ENV_UNLOADABLE "its objects cannot be loaded"

struct env {
	MDB_env *mdb;
	MDB_dbi db[SCHEMA_DBS];
	uint64_t pages; /* how many the bound allows */
	char *dir;	/* owned */
	int lock_fd;
	bool fresh; /* nothing was in it */
	enum store_how how;
	const char *why;    /* of STORE_ANEW */
	struct probe probe; /* the check, until it ends */
	uint64_t size_bytes;
	unsigned readers;
	bool fast;
	struct log *log; /* borrowed */
};

/* What an LMDB code or errno stands for. */
enum lr env_status(int code);

/* Takes the directory and opens the store; what cannot be read is moved aside.
 * The store is looked over: of what loading reads the outcome is known when
 * this returns, the rest is told by env_checked. LR_INVALID: size_bytes under
 * ENV_MIN_BYTES; else as store_open. */
enum lr env_open(const struct store_conf *conf, struct env **out);
/* Waits for the end of the check; nothing may be written before.
 * LR_CORRUPT. */
enum lr env_checked(struct env *env);
/* Moves the store aside, though it could be opened, and makes a new one.  why:
 * a clause for the log and whoever asks; static storage. */
enum lr env_restart(struct env *env, const char *why);
/* clean: all was committed; syncs and says so in the state file. */
void env_close(struct env *env, bool clean);

/* Pages in use as txn sees it: all databases, LMDB's own, and the two
 * meta pages. */
enum lr env_pages_used(struct env *env, MDB_txn *txn, uint64_t *out);

/* Pages that the next write transaction can take: never used ones, and
 * those that were freed long enough ago.  txn is a read transaction, the
 * latest (LMDB shows its list of free pages to no other). */
enum lr env_pages_usable(struct env *env, MDB_txn *txn, uint64_t *out);

/* Numbers in sys.  get: LR_NOTFOUND. */
enum lr env_get(struct env *env, MDB_txn *txn, const char *name, uint64_t *out);
enum lr env_put(struct env *env, MDB_txn *txn, const char *name, uint64_t v);

#endif
