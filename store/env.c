/* store/env.c: opening, closing and measuring the environment */
#include "store/env.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/aside.h"
#include "store/base/codec.h"
#include "store/mark.h"
#include "store/meta.h"

#define FREE_DB 0 /* LMDB's own handles */
#define MAIN_DB 1
#define META_PAGES 2
#define PROBE_MS 1000
#define SPARE_READERS 8		     /* the writer's, scrub's, loading, tools */
#define SPARE_MIN_BYTES (256u << 10) /* for deletions in a store cut down */
#define SPARE_MAX_BYTES (4u << 20)

enum lr
env_status(int code)
{
	switch (code) {
	case 0:
		return LR_OK;
	case MDB_NOTFOUND:
		return LR_NOTFOUND;
	case MDB_KEYEXIST:
		return LR_EXISTS;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case MDB_READERS_FULL:
	case MDB_DBS_FULL:
		return LR_FULL;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
	case MDB_CURSOR_FULL:
	case MDB_BAD_VALSIZE:
		return LR_CORRUPT;
	case MDB_VERSION_MISMATCH:
		return LR_VERSION;
	default:
		return code > 0 ? status_from_errno(code) : LR_IO;
	}
}

/* ---- sys ---- */

enum lr
env_get(struct env *env, MDB_txn *txn, const char *name, uint64_t *out)
{
	MDB_val key = { strlen(name), (void *)(uintptr_t)name };
	MDB_val data;
	int rc = mdb_get(txn, env->db[SCHEMA_SYS], &key, &data);

	if (rc != 0)
		return env_status(rc);
	if (data.mv_size != 8)
		return LR_CORRUPT;
	*out = codec_get_le64(data.mv_data);
	return LR_OK;
}

enum lr
env_put(struct env *env, MDB_txn *txn, const char *name, uint64_t v)
{
	unsigned char bytes[8];
	MDB_val key = { strlen(name), (void *)(uintptr_t)name };
	MDB_val data = { sizeof(bytes), bytes };

	codec_put_le64(bytes, v);
	return env_status(mdb_put(txn, env->db[SCHEMA_SYS], &key, &data, 0));
}

enum lr
env_pages_used(struct env *env, MDB_txn *txn, uint64_t *out)
{
	MDB_dbi all[SCHEMA_DBS + 2] = { FREE_DB, MAIN_DB };
	uint64_t used = META_PAGES;
	MDB_stat ms;
	unsigned i;
	int rc;

	memcpy(all + 2, env->db, sizeof(env->db));
	for (i = 0; i < SCHEMA_DBS + 2; i++) {
		if ((rc = mdb_stat(txn, all[i], &ms)) != 0)
			return env_status(rc);
		used += ms.ms_branch_pages + ms.ms_leaf_pages +
		    ms.ms_overflow_pages;
	}
	*out = used;
	return LR_OK;
}

/* Adds up the free lists: a row per transaction that freed pages, each
 * beginning with how many. */
static enum lr
count_free(MDB_cursor *cur, uint64_t before_txn, uint64_t *pages)
{
	MDB_val key, data;
	size_t id, n;
	int code;

	while ((code = mdb_cursor_get(cur, &key, &data, MDB_NEXT)) == 0) {
		if (key.mv_size != sizeof(id) || data.mv_size < sizeof(n))
			return LR_CORRUPT;
		memcpy(&id, key.mv_data, sizeof(id));
		memcpy(&n, data.mv_data, sizeof(n));
		if (id >= before_txn)
			break;
		*pages += n;
	}
	return code == MDB_NOTFOUND ? LR_OK : env_status(code);
}

enum lr
env_pages_usable(struct env *env, MDB_txn *txn, uint64_t *out)
{
	MDB_envinfo info;
	MDB_cursor *cur;
	uint64_t pages = 0;
	enum lr rc;
	int code;

	if ((code = mdb_env_info(env->mdb, &info)) != 0 ||
	    (code = mdb_cursor_open(txn, FREE_DB, &cur)) != 0)
		return env_status(code);
	if (info.me_last_pgno + 1 < env->pages)
		pages = env->pages - info.me_last_pgno - 1;
	rc = count_free(cur, mdb_txn_id(txn), &pages);
	mdb_cursor_close(cur);
	if (rc == LR_OK)
		*out = pages;
	return rc;
}

/* ---- opening ---- */

static enum lr
open_dbs(struct env *env, MDB_txn *txn)
{
	MDB_stat ms;
	uint64_t format;
	enum lr rc;
	int i, code;

	if ((code = mdb_stat(txn, MAIN_DB, &ms)) != 0)
		return env_status(code);
	env->fresh = ms.ms_entries == 0;
	for (i = 0; i < SCHEMA_DBS; i++) {
		code = mdb_dbi_open(txn, SCHEMA[i].name,
		    SCHEMA[i].flags | MDB_CREATE, &env->db[i]);
		if (code != 0)
			return env_status(code);
	}
	if (env->fresh)
		return env_put(env, txn, "format", SCHEMA_FORMAT);
	if ((rc = env_get(env, txn, "format", &format)) != LR_OK)
		return rc == LR_NOTFOUND ? LR_CORRUPT : rc;
	return format > SCHEMA_FORMAT ? LR_VERSION : LR_OK;
}

static enum lr
set_up_dbs(struct env *env)
{
	MDB_txn *txn;
	enum lr rc;
	int code = mdb_txn_begin(env->mdb, NULL, 0, &txn);

	if (code != 0)
		return env_status(code);
	if ((rc = open_dbs(env, txn)) != LR_OK) {
		mdb_txn_abort(txn);
		return rc;
	}
	return env_status(mdb_txn_commit(txn));
}

/* Is there room for the part of the file that has no blocks yet?  Asked
 * first, since a failing fallocate may leave the disk full behind it. */
static bool
disk_has(int fd, uint64_t missing_bytes)
{
	struct statvfs vfs;

	if (fstatvfs(fd, &vfs) != 0)
		return true;
	return (uint64_t)vfs.f_bavail * vfs.f_frsize >= missing_bytes;
}

/* Gives the file its full size on the disk, through LMDB's own handle: to
 * close another one would drop LMDB's lock. */
static enum lr
reserve(struct env *env, int fd)
{
	uint64_t have;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return status_from_errno(errno);
	have = (uint64_t)st.st_blocks * 512;
	if (have < env->size_bytes && !disk_has(fd, env->size_bytes - have))
		return LR_FULL;
	if (fallocate(fd, 0, 0, (off_t)env->size_bytes) == 0)
		return LR_OK;
	switch (errno) {
	case EOPNOTSUPP:
		log_write(env->log, LOG_STORE, LOG_L_NOTICE,
		    "%s: the file system cannot reserve space for the store",
		    env->dir);
		return LR_OK;
	case ENOSPC:
	case EFBIG:
	case EDQUOT:
		return LR_FULL;
	default:
		return status_from_errno(errno);
	}
}

static uint64_t
spare_bytes(uint64_t size_bytes)
{
	uint64_t n = size_bytes / 32;

	if (n > SPARE_MAX_BYTES)
		return SPARE_MAX_BYTES;
	return n < SPARE_MIN_BYTES ? SPARE_MIN_BYTES : n;
}

/* CacheSize was reduced below what the file has in use.  It cannot shrink
 * in place; objects are evicted until they fit, and for that LMDB needs
 * some pages to write to. */
static enum lr
keep_larger(struct env *env, uint64_t last_bytes)
{
	log_write(env->log, LOG_STORE, LOG_L_WARN,
	    "%s: was made larger than CacheSize now is; the file keeps its "
	    "%llu bytes until the store is made anew",
	    env->dir, (unsigned long long)last_bytes);
	return env_status(mdb_env_set_mapsize(
	    env->mdb, last_bytes + spare_bytes(env->size_bytes)));
}

/* The file against what its meta page says, and against its bound. */
static enum lr
fit_file(struct env *env)
{
	MDB_envinfo info;
	MDB_stat ms;
	struct stat st;
	uint64_t last;
	int fd;

	if (mdb_env_get_fd(env->mdb, &fd) != 0 || fstat(fd, &st) != 0 ||
	    mdb_env_info(env->mdb, &info) != 0 ||
	    mdb_env_stat(env->mdb, &ms) != 0)
		return LR_IO;
	env->pages = env->size_bytes / ms.ms_psize;
	last = ((uint64_t)info.me_last_pgno + 1) * ms.ms_psize;
	if ((uint64_t)st.st_size < last)
		return LR_CORRUPT; /* somebody cut it off */
	if ((uint64_t)st.st_size <= env->size_bytes)
		return reserve(env, fd);
	if (last + spare_bytes(env->size_bytes) > env->size_bytes)
		return keep_larger(env, last);
	if (ftruncate(fd, (off_t)env->size_bytes) != 0)
		return status_from_errno(errno);
	return LR_OK;
}

static void
unmap(struct env *env)
{
	if (env->mdb != NULL)
		mdb_env_close(env->mdb);
	env->mdb = NULL;
}

static enum lr
open_mdb(struct env *env)
{
	unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMETASYNC;
	int code, dead;

	if (env->fast)
		flags |= MDB_NOSYNC;
	if ((code = mdb_env_create(&env->mdb)) != 0 ||
	    (code = mdb_env_set_mapsize(env->mdb, env->size_bytes)) != 0 ||
	    (code = mdb_env_set_maxdbs(env->mdb, SCHEMA_DBS)) != 0 ||
	    (code = mdb_env_set_maxreaders(
		 env->mdb, env->readers + SPARE_READERS)) != 0 ||
	    (code = mdb_env_open(env->mdb, env->dir, flags, 0600)) != 0)
		return env_status(code);
	return env_status(mdb_reader_check(env->mdb, &dead));
}

/* What a run without syncs has left in the page cache goes to the disk
 * before the state file may call this run safe. */
static enum lr
sync_left(struct env *env)
{
	return env->fast ? LR_OK : env_status(mdb_env_sync(env->mdb, 1));
}

/* The state file speaks before the first change. */
static enum lr
map(struct env *env)
{
	enum lr rc;

	if ((rc = open_mdb(env)) != LR_OK || (rc = fit_file(env)) != LR_OK ||
	    (rc = sync_left(env)) != LR_OK ||
	    (rc = mark_running(env->dir, env->fast)) != LR_OK ||
	    (rc = set_up_dbs(env)) != LR_OK)
		unmap(env);
	return rc;
}

static void
remove_file(const struct env *env, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", env->dir, name) <
	    (int)sizeof(path))
		unlink(path);
}

static bool
has_data(const struct env *env)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/data.mdb", env->dir) <
	    (int)sizeof(path) &&
	    access(path, F_OK) == 0;
}

/* A new store where no data file is (any more).  What was set aside goes
 * when the disk has no room for both. */
static enum lr
map_new(struct env *env)
{
	enum lr rc = map(env);

	if (rc == LR_FULL && aside_forget(env->dir)) {
		remove_file(env, "data.mdb");
		rc = map(env);
	}
	if (rc != LR_OK)
		remove_file(env, "data.mdb");
	return rc;
}

enum lr
env_restart(struct env *env, const char *why)
{
	enum lr rc;

	probe_cancel(&env->probe);
	unmap(env);
	env->how = STORE_ANEW;
	env->why = why;
	log_write(env->log, LOG_STORE, LOG_L_ERROR,
	    "%s: the store cannot be read: %s; it is set aside and a new one "
	    "begun",
	    env->dir, why);
	if ((rc = aside_move(env->dir)) != LR_OK)
		return rc;
	return map_new(env);
}

/* The store ran without syncs when the machine stopped. */
static enum lr
discard(struct env *env)
{
	env->how = STORE_ANEW;
	env->why = "it ran with CacheDurability Fast when the machine stopped";
	log_write(env->log, LOG_STORE, LOG_L_WARN,
	    "%s: ran with CacheDurability fast when the machine "
	    "stopped; its content is discarded",
	    env->dir);
	remove_file(env, "data.mdb");
	return map_new(env);
}

static enum lr
begin_check(struct env *env)
{
	env->probe = probe_begin(env->dir, PROBE_MS);
	return probe_await_objects(&env->probe);
}

/* Opens what is there, by the state it was left in.  A store that was closed
 * in order is looked over, too: disks forget, and people copy. */
static enum lr
map_left(struct env *env)
{
	enum mark_left left = mark_read(env->dir);
	enum lr rc;

	if (!has_data(env)) {
		env->how = STORE_NEW;
		return map_new(env);
	}
	if (left == MARK_LOST)
		return discard(env);
	env->how = left == MARK_UNCLEAN ? STORE_CHECKED : STORE_CLEAN;
	if (meta_check(env->dir) == LR_CORRUPT)
		return env_restart(env, ENV_CUT);
	if (begin_check(env) == LR_CORRUPT)
		return env_restart(env, ENV_DAMAGED);
	rc = map(env);
	return rc == LR_CORRUPT ? env_restart(env, ENV_CUT) : rc;
}

enum lr
env_checked(struct env *env)
{
	return probe_end(&env->probe);
}

static enum lr
make_dir(const char *dir)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return LR_OK;
	return status_from_errno(errno);
}

enum lr
env_open(const struct store_conf *conf, struct env **out)
{
	struct env *env;
	enum lr rc;

	if (conf->size_bytes < ENV_MIN_BYTES)
		return LR_INVALID;
	if ((env = calloc(1, sizeof(*env))) == NULL)
		return LR_NOMEM;
	env->lock_fd = -1;
	env->probe = PROBE_NONE;
	env->size_bytes = conf->size_bytes & ~(uint64_t)4095;
	env->readers = conf->readers;
	env->fast = conf->fast;
	env->log = conf->log;
	if ((env->dir = strdup(conf->dir)) == NULL) {
		rc = LR_NOMEM;
		goto fail;
	}
	if ((rc = make_dir(env->dir)) != LR_OK ||
	    (rc = mark_lock(env->dir, &env->lock_fd)) != LR_OK ||
	    (rc = map_left(env)) != LR_OK)
		goto fail;
	*out = env;
	return LR_OK;
fail:
	env_close(env, false);
	return rc;
}

void
env_close(struct env *env, bool clean)
{
	if (env == NULL)
		return;
	probe_cancel(&env->probe);
	if (env->mdb != NULL && clean && mdb_env_sync(env->mdb, 1) == 0) {
		unmap(env);
		mark_clean(env->dir);
	}
	unmap(env);
	if (env->lock_fd >= 0)
		close(env->lock_fd); /* and with it, the flock */
	free(env->dir);
	free(env);
}
