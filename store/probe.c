/* store/probe.c: the forked walk */
#include "store/probe.h"

#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/base/codec.h"
#include "store/page.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/tree.h"

#define OBJECTS_GOOD 'o' /* what the child says */
#define ALL_GOOD '+'
#define FREE_DB 0	 /* LMDB's list of free pages is always this handle */
#define CLOCK_EVERY 4096 /* entries between two looks at the clock */

struct walk {
	MDB_txn *txn;
	size_t last_page;
	int64_t stop_at_us;
	unsigned seen;
};

typedef bool entry_ok(
    const struct walk *w, const MDB_val *key, const MDB_val *data);

static size_t
number_at(const MDB_val *data, size_t i)
{
	size_t v; /* in a damaged page it may stand anywhere */

	memcpy(&v, (const char *)data->mv_data + i * sizeof(v), sizeof(v));
	return v;
}

/* Free lists: a count and so many page numbers, falling, all inside. */
static bool
free_ok(const struct walk *w, const MDB_val *key, const MDB_val *data)
{
	size_t i, n;

	if (key->mv_size != sizeof(size_t) || data->mv_size < sizeof(size_t))
		return false;
	n = number_at(data, 0);
	if (n > data->mv_size / sizeof(size_t) - 1)
		return false;
	for (i = 1; i <= n; i++) {
		size_t page = number_at(data, i);

		if (page < 2 || page > w->last_page)
			return false;
		if (i > 1 && page >= number_at(data, i - 1))
			return false;
	}
	return true;
}

/* Damage inside one record costs that object only; here the tree counts. */
static bool
obj_ok(const struct walk *w, const MDB_val *key, const MDB_val *data)
{
	(void)w;
	return key->mv_size == sizeof(uint64_t) &&
	    data->mv_size <= RECORD_MAX_BYTES;
}

/* Does not touch the pages of bodies: they may be many and cold. */
static bool
dat_ok(const struct walk *w, const MDB_val *key, const MDB_val *data)
{
	(void)w;
	if (key->mv_size != SCHEMA_DAT_KEY_BYTES)
		return false;
	return schema_dat_page(key->mv_data) == 0 ||
	    data->mv_size <= PAGE_ROW_MAX;
}

static bool
url_ok(const struct walk *w, const MDB_val *key, const MDB_val *data)
{
	(void)w;
	return key->mv_size >= 8 && key->mv_size <= SCHEMA_URL_KEY_MAX &&
	    data->mv_size == 0;
}

/* Only the tree counts. */
static bool
any_ok(const struct walk *w, const MDB_val *key, const MDB_val *data)
{
	(void)w;
	(void)data;
	return key->mv_size > 0;
}

static bool
time_left(struct walk *w)
{
	if (++w->seen % CLOCK_EVERY != 0)
		return true;
	return clock_mono_us() < w->stop_at_us;
}

static bool
walk_db(struct walk *w, MDB_dbi db, entry_ok *ok)
{
	MDB_cursor *cur;
	MDB_val key, data;
	int rc;

	if (mdb_cursor_open(w->txn, db, &cur) != 0)
		return false;
	rc = mdb_cursor_get(cur, &key, &data, MDB_FIRST);
	while (rc == 0 && time_left(w)) {
		if (!ok(w, &key, &data))
			return false;
		rc = mdb_cursor_get(cur, &key, &data, MDB_NEXT);
	}
	mdb_cursor_close(cur);
	return rc == 0 || rc == MDB_NOTFOUND;
}

static bool
walk_named(struct walk *w, enum schema_db which, entry_ok *ok)
{
	MDB_dbi db;
	unsigned flags;
	int rc = mdb_dbi_open(
	    w->txn, SCHEMA[which].name, SCHEMA[which].flags, &db);

	if (rc == MDB_NOTFOUND)
		return true; /* died while it was being made */
	if (rc != 0 || mdb_dbi_flags(w->txn, db, &flags) != 0 ||
	    flags != SCHEMA[which].flags)
		return false;
	return walk_db(w, db, ok);
}

/* What a newer larder wrote is not ours to judge. */
static bool
is_newer(struct walk *w)
{
	MDB_val key = { 6, "format" }, data;
	MDB_dbi db;

	return mdb_dbi_open(w->txn, SCHEMA[SCHEMA_SYS].name,
		   SCHEMA[SCHEMA_SYS].flags, &db) == 0 &&
	    mdb_get(w->txn, db, &key, &data) == 0 &&
	    data.mv_size == sizeof(uint64_t) &&
	    codec_get_le64(data.mv_data) > SCHEMA_FORMAT;
}

/* Opens what is to be walked.  LR_UNSUPPORTED: that is the system's fault and
 * not the file's; LR_CORRUPT. */
static enum lr
open_walk(const char *dir, struct walk *w)
{
	MDB_env *env;
	MDB_envinfo info;
	int rc;

	if (mdb_env_create(&env) != 0 ||
	    mdb_env_set_maxdbs(env, SCHEMA_DBS) != 0)
		return LR_UNSUPPORTED;
	rc = mdb_env_open(env, dir, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc > 0 || rc == MDB_VERSION_MISMATCH)
		return LR_UNSUPPORTED;
	if (rc != 0 || mdb_env_info(env, &info) != 0 ||
	    mdb_txn_begin(env, NULL, MDB_RDONLY, &w->txn) != 0)
		return LR_CORRUPT;
	w->last_page = info.me_last_pgno;
	return LR_OK;
}

static bool
say(int fd, char what)
{
	return write(fd, &what, 1) == 1;
}

/* What loading reads. */
static bool
walk_objects(struct walk *w)
{
	return walk_db(w, FREE_DB, free_ok) &&
	    walk_named(w, SCHEMA_SYS, any_ok) &&
	    walk_named(w, SCHEMA_OBJ, obj_ok);
}

static bool
walk_rest(struct walk *w, const char *dir)
{
	return tree_check(dir, w->stop_at_us) != LR_CORRUPT &&
	    walk_named(w, SCHEMA_DAT, dat_ok) &&
	    walk_named(w, SCHEMA_URL, url_ok) &&
	    walk_named(w, SCHEMA_TAG, any_ok) &&
	    walk_named(w, SCHEMA_PURGE, any_ok);
}

/* What the child does. */
static bool
walk_all(int fd, const char *dir, int64_t limit_ms)
{
	struct walk w = { .stop_at_us = clock_mono_us() + limit_ms * 1000 };
	enum lr rc = open_walk(dir, &w);

	if (rc == LR_UNSUPPORTED || (rc == LR_OK && is_newer(&w)))
		return say(fd, OBJECTS_GOOD) && say(fd, ALL_GOOD);
	return rc == LR_OK && walk_objects(&w) && say(fd, OBJECTS_GOOD) &&
	    walk_rest(&w, dir) && say(fd, ALL_GOOD);
}

/* A crash is an answer here, not an accident: no handlers, no core. */
static void
expect_crash(int64_t limit_ms)
{
	static const int SIGNALS[] = { SIGSEGV, SIGBUS, SIGABRT, SIGALRM,
		SIGFPE, SIGILL };
	struct rlimit none = { 0, 0 };
	sigset_t all;
	size_t i;

	setrlimit(RLIMIT_CORE, &none);
	for (i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++)
		signal(SIGNALS[i], SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	alarm((unsigned)(limit_ms / 1000 + 2)); /* a loop in the tree */
}

_Noreturn static void
child(int fd, const char *dir, int64_t limit_ms)
{
	expect_crash(limit_ms);
	_exit(walk_all(fd, dir, limit_ms) ? 0 : 1);
}

struct probe
probe_begin(const char *dir, int64_t limit_ms)
{
	struct probe p = PROBE_NONE;
	int fd[2];

	if (pipe(fd) != 0)
		return p; /* cannot look; the opening itself will tell */
	p.pid = fork();
	if (p.pid == 0) {
		close(fd[0]);
		child(fd[1], dir, limit_ms);
	}
	close(fd[1]);
	if (p.pid > 0)
		p.fd = fd[0];
	else
		close(fd[0]);
	return p;
}

/* A dead child writes nothing; its exit status is not asked for, since
 * the program around us may have set SIGCHLD aside. */
static bool
hear(const struct probe *p, char what)
{
	char c;
	ssize_t n;

	do
		n = read(p->fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 && c == what;
}

static void
let_go(struct probe *p)
{
	close(p->fd);
	waitpid(p->pid, NULL, 0);
	*p = PROBE_NONE;
}

enum lr
probe_await_objects(struct probe *p)
{
	if (p->fd < 0 || hear(p, OBJECTS_GOOD))
		return LR_OK;
	let_go(p);
	return LR_CORRUPT;
}

enum lr
probe_end(struct probe *p)
{
	bool good;

	if (p->fd < 0)
		return LR_OK;
	good = hear(p, ALL_GOOD);
	let_go(p);
	return good ? LR_OK : LR_CORRUPT;
}

void
probe_cancel(struct probe *p)
{
	if (p->fd < 0)
		return;
	kill(p->pid, SIGKILL);
	let_go(p);
}
