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
	bool sparse;
	uint64_t bytes; /* head and body, as far as the record knows */
	uint64_t use;
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
	row->sparse = rec.state == RECORD_SPARSE;
	row->bytes = rec.head_bytes + rec.body_bytes;
	row->use = rec.use;
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

/* Of a sparse object its rows tell how much of it is there: load_finish asks
 * them. */
static enum lr
note_part(struct store *st, const struct store_ref *ref)
{
	struct load_parts *parts = &st->parts;
	size_t cap = parts->cap > 0 ? 2 * parts->cap : 64;
	struct store_ref *v;

	if (parts->n == parts->cap) {
		if ((v = realloc(parts->v, cap * sizeof(*v))) == NULL)
			return LR_NOMEM;
		parts->v = v;
		parts->cap = cap;
	}
	parts->v[parts->n++] = *ref;
	return LR_OK;
}

/* Ids rise, so of two with one hash the newer stays. */
static enum lr
publish_row(struct store *st, struct row *row)
{
	enum lr rc;

	if (!row->published)
		return index_add_drained(st->index, row->ref.id);
	if ((rc = index_publish_alone(st->index, &row->ref)) != LR_OK)
		return rc;
	rc = policy_restore(st->policy, row->ref.slot, row->bytes, row->use);
	return rc == LR_OK && row->sparse ? note_part(st, &row->ref) : rc;
}

static enum lr
publish_rows(struct store *st, struct portion *p)
{
	enum lr rc = LR_OK;
	unsigned i;

	for (i = 0; i < p->n; i++)
		index_prefetch_entry(st->index, p->rows[i].ref.hash);
	for (i = 0; i < p->n && rc == LR_OK; i++)
		rc = publish_row(st, &p->rows[i]);
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

	if (rc == LR_OK && (rc = publish_rows(l->st, p)) != LR_OK)
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

/* ---- behind the start ---- */

/* What cannot be read counts as whole, until it is found out. */
static void
measure_part(struct store *st, MDB_txn *txn, const struct store_ref *ref)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, row;
	struct extents ex;

	schema_dat_key(bytes, ref->id, SCHEMA_EXTENTS_PAGE);
	if (mdb_get(txn, st->env->db[SCHEMA_DAT], &key, &row) == 0 &&
	    extents_decode(slice_make(row.mv_data, row.mv_size),
		ref->body_bytes, &ex) == LR_OK &&
	    index_alive(st->index, ref->slot, ref->id))
		policy_resize(st->policy, ref->slot, extents_bytes(&ex));
}

void
load_finish(struct store *st)
{
	struct load_parts *parts = &st->parts;
	MDB_txn *txn;

	if (parts->n > 0 &&
	    mdb_txn_begin(st->env->mdb, NULL, MDB_RDONLY, &txn) == 0) {
		for (size_t i = 0; i < parts->n; i++)
			measure_part(st, txn, &parts->v[i]);
		mdb_txn_abort(txn);
	}
	free(parts->v);
	*parts = (struct load_parts){ 0 };
	policy_restored(st->policy);
}
