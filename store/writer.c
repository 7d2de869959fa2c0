/* store/writer.c: gathers jobs, commits them in groups */
#include "store/writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "store/base/clock.h"
#include "store/evict.h"
#include "store/group.h"
#include "store/load.h"
#include "store/space.h"
#include "store/uses.h"

#define ID_RESERVE 65536u /* ids that one row in sys is good for */
#define PAUSE_MS 200	  /* after a group that failed */
#define LOG_EVERY_MS 60000
#define PAGE_BYTES 4096
#define PATIENCE 3 /* groups that an insert waits for space */

struct writer {
	struct store *st;
	pthread_t thread;
	struct job_list backlog; /* taken from the queue, not settled */
	struct space space;
	uint64_t reserved_id; /* sys says: smaller ones may be in use */
	MDB_txn *reader;      /* to look at the free pages; reset */
	bool room_wanted;     /* a group could not delete all that it should */
	unsigned waited;  /* groups that applied nothing for want of space */
	unsigned deletes; /* most objects deleted in a group */
	enum lr last;	  /* how the last group went */
	struct uses uses;
};

/* ---- one group ---- */

/* Ids are never used twice, also after a crash: sys has a number that is
 * larger than any given out. */
static enum lr
reserve_ids(struct writer *w, struct group *g, uint64_t *reserved)
{
	*reserved = w->reserved_id;
	if (g->st->next_id + QUEUE_GROUP_JOBS < w->reserved_id)
		return LR_OK;
	*reserved = g->st->next_id + ID_RESERVE;
	return env_put(g->st->env, g->tx.mdb, "next_id", *reserved);
}

/* What inserts may take. */
static enum lr
measure_space(struct writer *w, struct group *g)
{
	struct env *env = w->st->env;
	uint64_t usable;
	enum lr rc;
	int code;

	if ((code = mdb_txn_renew(w->reader)) != 0)
		return env_status(code);
	rc = env_pages_usable(env, w->reader, &usable);
	mdb_txn_reset(w->reader);
	if (rc == LR_OK && usable > w->space.hard)
		g->space_left = (usable - w->space.hard) * PAGE_BYTES;
	return rc;
}

/* Applies jobs while they fit. */
static enum lr
apply_jobs(struct writer *w, struct group *g)
{
	struct job *job;
	enum lr rc;

	while (g->n < QUEUE_GROUP_JOBS && (job = w->backlog.first) != NULL) {
		rc = job->ops->apply(job, g);
		if (rc == LR_AGAIN)
			return LR_OK;
		job_list_add(&g->jobs, job_list_take(&w->backlog));
		g->n++;
		if (rc != LR_OK)
			return rc;
	}
	return LR_OK;
}

static enum lr
commit(struct writer *w, struct group *g)
{
	struct stats *stats = &w->st->stats;
	int64_t start_us = clock_mono_us();
	enum lr rc = txn_commit(&g->tx);

	stats_add(&stats->commits, 1);
	stats_add(&stats->commit_us, (uint64_t)(clock_mono_us() - start_us));
	return rc;
}

/* An insert waits for pages that were freed by the last two commits: they
 * can be used after commits that write something. */
static enum lr
wait_for_space(struct writer *w, struct group *g, uint64_t reserved)
{
	if (g->n > 0 || w->backlog.first == NULL) {
		w->waited = 0;
		return LR_OK;
	}
	w->waited++;
	return env_put(g->st->env, g->tx.mdb, "next_id", reserved);
}

/* How the space stands after a group. */
static void
note_space(struct writer *w, const struct group *g, uint64_t used)
{
	struct store *st = w->st;
	uint64_t pages = st->env->pages;
	bool tight = used + w->space.low > pages;
	bool was_full = atomic_load(&st->full);

	w->room_wanted = evict_is_due(g, used);
	stats_set(&st->stats.pages_used, used);
	atomic_store(&st->full,
	    used + w->space.hard > pages ||
		(tight && (g->refused || was_full)));
}

static enum lr
begin(struct writer *w, struct group *g)
{
	enum lr rc = measure_space(w, g);

	return rc == LR_OK ? txn_begin(&g->tx, w->st->env) : rc;
}

static enum lr
run(struct writer *w, struct group *g)
{
	uint64_t used, reserved;
	enum lr rc;

	if ((rc = reserve_ids(w, g, &reserved)) != LR_OK ||
	    (rc = apply_jobs(w, g)) != LR_OK ||
	    (rc = wait_for_space(w, g, reserved)) != LR_OK ||
	    (rc = evict_reap(g)) != LR_OK ||
	    (rc = evict_make_room(g, &used)) != LR_OK ||
	    (rc = uses_write(&w->uses, g)) != LR_OK ||
	    (rc = commit(w, g)) != LR_OK)
		return rc;
	w->reserved_id = reserved;
	note_space(w, g, used);
	return LR_OK;
}

static void
settle(struct writer *w, struct group *g, enum lr outcome)
{
	struct job_list again;
	struct job *job;

	job_list_init(&again);
	while ((job = job_list_take(&g->jobs)) != NULL) {
		if (job->ops->settle(job, g, outcome) == JOB_AGAIN)
			job_list_add(&again, job);
	}
	job_list_prepend(&w->backlog, &again);
	evict_settle(g, outcome);
	uses_settle(&w->uses, w->st, outcome);
}

static void
complain(struct writer *w, enum lr why)
{
	struct store *st = w->st;
	uint64_t held;

	if (!log_limit(
		&st->log_limit, clock_read().mono_ms, LOG_EVERY_MS, &held))
		return;
	log_write(st->log, LOG_STORE, LOG_L_ERROR,
	    "%s: could not write to the store: %s; responses pass unstored "
	    "(%llu such messages held back)",
	    st->env->dir, status_text(why), (unsigned long long)held);
}

/* A full map may be for the deletions themselves: they need pages to
 * write to.  Fewer at a time need fewer.  Or another process, that looked
 * into the store, died and keeps pages from being used again. */
static void
adapt_deletes(struct writer *w)
{
	unsigned most = space_deletes(&w->space);
	int dead;

	if (w->last == LR_OK) {
		w->deletes = w->deletes < most / 2 ? w->deletes * 2 : most;
	} else if (w->last == LR_FULL) {
		w->deletes = (w->deletes + 1) / 2;
		w->room_wanted = true;
		mdb_reader_check(w->st->env->mdb, &dead);
	}
}

/* Nobody waits for what is not going to be done. */
static void
fail_backlog(struct writer *w, enum lr why)
{
	struct job_list again;
	struct job *job;

	job_list_init(&again);
	while ((job = job_list_take(&w->backlog)) != NULL) {
		if (job->ops->settle(job, NULL, why) == JOB_AGAIN)
			job_list_add(&again, job);
	}
	job_list_prepend(&w->backlog, &again);
}

static void
run_group(struct writer *w)
{
	struct group g = { .st = w->st,
		.bytes_left = w->st->group_bytes,
		.may_refuse = w->waited >= PATIENCE,
		.low_pages = w->space.low,
		.delete_pages_left = GROUP_DELETE_PAGES,
		.delete_objects = w->deletes };

	job_list_init(&g.jobs);
	if ((w->last = begin(w, &g)) == LR_OK)
		w->last = run(w, &g);
	else
		fail_backlog(w, w->last);
	if (w->last != LR_OK) {
		txn_abort(&g.tx);
		complain(w, w->last);
	}
	adapt_deletes(w);
	settle(w, &g, w->last);
}

/* ---- the thread ---- */

static enum queue_wait
how_long(const struct writer *w)
{
	if (w->backlog.first != NULL || w->room_wanted)
		return QUEUE_POLL;
	/* These can wait for company. */
	return index_has_drained(w->st->index) || w->uses.in_round
	    ? QUEUE_GROUP
	    : QUEUE_FIRST;
}

/* The store cannot be written to and is to end. */
static void
abandon(struct writer *w)
{
	queue_take(&w->st->queue, QUEUE_POLL, &w->backlog);
	fail_backlog(w, LR_CLOSED);
}

/* Whether that succeeds is no matter for what is stored. */
static void
save_uses(struct writer *w)
{
	enum lr before = w->last;
	uint32_t at;

	uses_begin(&w->uses, clock_mono_us());
	do {
		at = w->uses.next_slot;
		run_group(w);
	} while (
	    w->last == LR_OK && w->uses.in_round && w->uses.next_slot != at);
	w->last = before;
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;
	struct queue *q = &w->st->queue;

	load_finish(w->st);
	while (queue_take(q, how_long(w), &w->backlog)) {
		uses_tick(&w->uses, clock_mono_us());
		run_group(w);
		if (w->last != LR_OK && !queue_pause(q, PAUSE_MS)) {
			abandon(w);
			return NULL;
		}
	}
	save_uses(w);
	return NULL;
}

/* Signals are for the main thread. */
static int
create_thread(struct writer *w)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err == 0)
		pthread_setname_np(w->thread, "larder-writer");
	return err;
}

enum lr
writer_start(struct store *st, int64_t uses_every_ms, struct writer **out)
{
	struct writer *w = calloc(1, sizeof(*w));
	int code;

	if (w == NULL)
		return LR_NOMEM;
	w->st = st;
	w->space = space_of(st->env->pages);
	w->deletes = space_deletes(&w->space);
	w->room_wanted = true; /* CacheSize may be smaller than it was */
	w->uses.every_us = uses_every_ms * 1000;
	w->uses.began_at_us = clock_mono_us();
	st->queue.idle_us = w->uses.every_us;
	job_list_init(&w->backlog);
	code = mdb_txn_begin(st->env->mdb, NULL, MDB_RDONLY, &w->reader);
	if (code != 0) {
		free(w);
		return env_status(code);
	}
	mdb_txn_reset(w->reader);
	if (create_thread(w) != 0) {
		mdb_txn_abort(w->reader);
		free(w);
		return LR_NOMEM;
	}
	*out = w;
	return LR_OK;
}

enum lr
writer_stop(struct writer *w)
{
	enum lr rc;

	if (w == NULL)
		return LR_OK;
	queue_stop(&w->st->queue);
	pthread_join(w->thread, NULL);
	rc = w->last;
	mdb_txn_abort(w->reader);
	free(w);
	return rc;
}
