/* store/load.c: one pass over obj, by several threads
 *
 * A thread takes the next rows off the one cursor, decodes them beside the
 * others, and publishes them when all rows before them are published:
 *
 *   walk (one at a time) -> decode (all at once) -> publish (in turn)
 *
 * So the index gets the objects in the order of their ids, however many
 * threads there are, and no more than a portion for each is in memory. */
#include "store/load.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/record.h"

#define PORTION_ROWS 512
#define MAX_THREADS 4
#define ROWS_PER_THREAD 10000 /* fewer are not worth another thread */

struct row {
	struct store_ref ref;
	MDB_val data;	/* in the map */
	bool published; /* or else to be deleted */
};

struct portion {
	uint64_t number; /* the first is 0 */
	unsigned n;
	struct row rows[PORTION_ROWS];
};

struct load {
	struct store *st;
	pthread_mutex_t walking; /* over the cursor and what follows */
	MDB_cursor *cur;
	uint64_t last_id;
	uint64_t portions;    /* taken off the cursor */
	bool walked;	      /* to the end, or as far as it went */
	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t turned;
	uint64_t turn;	/* the number of the portion that may be published */
	enum lr failed; /* the first failure */
};

static void
fail(struct load *l, enum lr rc)
{
	pthread_mutex_lock(&l->lock);
	if (l->failed == LR_OK)
		l->failed = rc;
	pthread_mutex_unlock(&l->lock);
}

/* ---- walking ---- */

static enum lr
walk_rows(struct load *l, struct portion *p)
{
	MDB_val key;
	struct row *row;
	int code = 0;

	for (p->n = 0; p->n < PORTION_ROWS; p->n++) {
		row = &p->rows[p->n];
		code = mdb_cursor_get(l->cur, &key, &row->data, MDB_NEXT);
		if (code != 0)
			break;
		if (key.mv_size != sizeof(l->last_id))
			return LR_CORRUPT;
		memcpy(&l->last_id, key.mv_data, sizeof(l->last_id));
		row->ref = (struct store_ref){ .id = l->last_id };
	}
	l->walked = code != 0;
	return code == 0 || code == MDB_NOTFOUND ? LR_OK : env_status(code);
}

/* False: there is no further portion. */
static bool
walk(struct load *l, struct portion *p)
{
	enum lr rc = LR_OK;
	bool any = false;

	pthread_mutex_lock(&l->walking);
	if (!l->walked) {
		rc = walk_rows(l, p);
		l->walked |= rc != LR_OK;
		p->number = l->portions;
		any = rc == LR_OK && p->n > 0;
		l->portions += any;
	}
	pthread_mutex_unlock(&l->walking);
	if (rc != LR_OK)
		fail(l, rc);
	return any;
}

/* ---- decoding ---- */

static void
decode_row(struct store *st, struct row *row)
{
	struct record rec;

	row->published = false;
	if (record_decode(slice_make(row->data.mv_data, row->data.mv_size),
		&rec) != LR_OK) {
		stats_add(&st->stats.corrupt, 1);
		return;
	}
	row->published = record_is_published(&rec);
	row->ref.hash = rec.hash;
	row->ref.body_bytes = rec.body_bytes;
	row->ref.body0_bytes = rec.body0_bytes;
	index_prefetch_chain(st->index, rec.hash);
}

static void
decode(struct load *l, struct portion *p)
{
	unsigned i;

	for (i = 0; i < p->n; i++)
		decode_row(l->st, &p->rows[i]);
}

/* ---- publishing ---- */

/* Ids rise, so of two with one hash the newer stays. */
static enum lr
publish_row(struct index *ix, struct row *row)
{
	if (!row->published)
		return index_add_drained(ix, row->ref.id);
	return index_publish_alone(ix, &row->ref);
}

static enum lr
publish_rows(struct index *ix, struct portion *p)
{
	enum lr rc = LR_OK;
	unsigned i;

	for (i = 0; i < p->n; i++)
		index_prefetch_entry(ix, p->rows[i].ref.hash);
	for (i = 0; i < p->n && rc == LR_OK; i++)
		rc = publish_row(ix, &p->rows[i]);
	return rc;
}

/* Waits for the portion's turn.  LR_CANCELLED: another one has failed. */
static enum lr
await_turn(struct load *l, const struct portion *p)
{
	enum lr rc;

	pthread_mutex_lock(&l->lock);
	while (l->turn != p->number)
		pthread_cond_wait(&l->turned, &l->lock);
	rc = l->failed == LR_OK ? LR_OK : LR_CANCELLED;
	pthread_mutex_unlock(&l->lock);
	return rc;
}

static void
next_turn(struct load *l)
{
	pthread_mutex_lock(&l->lock);
	l->turn++;
	pthread_cond_broadcast(&l->turned);
	pthread_mutex_unlock(&l->lock);
}

static enum lr
publish(struct load *l, struct portion *p)
{
	enum lr rc = await_turn(l, p);

	if (rc == LR_OK && (rc = publish_rows(l->st->index, p)) != LR_OK)
		fail(l, rc);
	next_turn(l);
	return rc;
}

/* ---- all together ---- */

static void *
work(void *ctx)
{
	struct load *l = ctx;
	struct portion *p = malloc(sizeof(*p));

	if (p == NULL) {
		fail(l, LR_NOMEM);
		return NULL;
	}
	while (walk(l, p)) {
		decode(l, p);
		if (publish(l, p) != LR_OK)
			break;
	}
	free(p);
	return NULL;
}

static unsigned
thread_count(MDB_cursor *cur)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = MAX_THREADS;
	MDB_stat ms;

	if (cpus < MAX_THREADS)
		n = cpus > 1 ? (uint64_t)cpus : 1;
	if (mdb_stat(mdb_cursor_txn(cur), mdb_cursor_dbi(cur), &ms) == 0 &&
	    ms.ms_entries / ROWS_PER_THREAD < n)
		n = ms.ms_entries / ROWS_PER_THREAD;
	return (unsigned)n;
}

/* One that does not start is not needed. */
static void
work_together(struct load *l, unsigned n)
{
	pthread_t threads[MAX_THREADS];
	unsigned i, started = 0;

	for (i = 1; i < n; i++)
		if (pthread_create(&threads[started], NULL, work, l) == 0)
			started++;
	work(l);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

static enum lr
load_rows(struct store *st, MDB_cursor *cur)
{
	struct load l = { .st = st, .cur = cur };

	pthread_mutex_init(&l.walking, NULL);
	pthread_mutex_init(&l.lock, NULL);
	pthread_cond_init(&l.turned, NULL);
	work_together(&l, thread_count(cur));
	pthread_cond_destroy(&l.turned);
	pthread_mutex_destroy(&l.lock);
	pthread_mutex_destroy(&l.walking);
	if (st->next_id <= l.last_id)
		st->next_id = l.last_id + 1;
	return l.failed;
}

static enum lr
load_all(struct store *st, MDB_txn *txn)
{
	struct env *env = st->env;
	MDB_cursor *cur;
	uint64_t next;
	enum lr rc;
	int code;

	st->next_id = 1;
	rc = env_get(env, txn, "next_id", &next);
	if (rc == LR_OK)
		st->next_id = next;
	else if (rc != LR_NOTFOUND)
		return rc;
	code = mdb_cursor_open(txn, env->db[SCHEMA_OBJ], &cur);
	if (code != 0)
		return env_status(code);
	rc = load_rows(st, cur);
	mdb_cursor_close(cur);
	return rc;
}

enum lr
load_index(struct store *st)
{
	MDB_txn *txn;
	uint64_t used;
	enum lr rc;
	int code = mdb_txn_begin(st->env->mdb, NULL, MDB_RDONLY, &txn);

	if (code != 0)
		return env_status(code);
	if ((rc = load_all(st, txn)) == LR_OK &&
	    (rc = env_pages_used(st->env, txn, &used)) == LR_OK)
		stats_set(&st->stats.pages_used, used);
	mdb_txn_abort(txn);
	return rc;
}
