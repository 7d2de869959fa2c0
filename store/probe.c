/* store/probe.c: the forked walk */
#include "store/probe.h"

#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/page.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/store.h"

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

/* Free lists: a count and so many page numbers, falling, all inside. */
static bool
free_ok(const struct walk *w, const MDB_val *key, const MDB_val *data)
{
	const size_t *list = data->mv_data;
	size_t i, n;

	if (key->mv_size != sizeof(size_t) || data->mv_size < sizeof(size_t))
		return false;
	n = list[0];
	if (n > data->mv_size / sizeof(size_t) - 1)
		return false;
	for (i = 1; i <= n; i++) {
		if (list[i] < 2 || list[i] > w->last_page)
			return false;
		if (i > 1 && list[i] >= list[i - 1])
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
	int rc = mdb_dbi_open(
	    w->txn, SCHEMA[which].name, SCHEMA[which].flags, &db);

	if (rc == MDB_NOTFOUND)
		return true; /* died while it was being made */
	return rc == 0 && walk_db(w, db, ok);
}

/* What the child does; false when something is wrong. */
static bool
walk_all(const char *dir, int64_t limit_ms)
{
	struct walk w = { .stop_at_us = clock_mono_us() + limit_ms * 1000 };
	MDB_env *env;
	MDB_envinfo info;
	int rc;

	if (mdb_env_create(&env) != 0 ||
	    mdb_env_set_maxdbs(env, SCHEMA_DBS) != 0)
		return true;
	rc = mdb_env_open(env, dir, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc > 0)
		return true; /* the system's, not the file's fault */
	if (rc != 0 || mdb_env_info(env, &info) != 0 ||
	    mdb_txn_begin(env, NULL, MDB_RDONLY, &w.txn) != 0)
		return false;
	w.last_page = info.me_last_pgno;
	return walk_db(&w, FREE_DB, free_ok) &&
	    walk_named(&w, SCHEMA_OBJ, obj_ok) &&
	    walk_named(&w, SCHEMA_DAT, dat_ok) &&
	    walk_named(&w, SCHEMA_URL, url_ok);
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
	bool good;

	expect_crash(limit_ms);
	good = walk_all(dir, limit_ms);
	if (good && write(fd, "+", 1) != 1)
		_exit(1);
	_exit(good ? 0 : 1);
}

/* A dead child writes nothing; its exit status is not asked for, since
 * the program around us may have set SIGCHLD aside. */
static bool
verdict(int fd)
{
	char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

enum lr
probe_check(const char *dir, int64_t limit_ms)
{
	int fd[2];
	pid_t pid;
	bool good;

	if (pipe(fd) != 0)
		return LR_OK; /* cannot look; the opening itself will tell */
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child(fd[1], dir, limit_ms);
	}
	close(fd[1]);
	good = pid < 0 || verdict(fd[0]);
	close(fd[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return good ? LR_OK : LR_CORRUPT;
}
