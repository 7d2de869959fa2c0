/* store/scrub.c: checks what nobody reads */
#include "store/scrub.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/damage.h"
#include "store/page.h"
#include "store/record.h"

#define STEP_ROWS 16 /* of one transaction */
#define ROW_BYTES 4096
#define NAP_US 20000 /* shorter ones are saved up */
#define ROUND_US (3600 * INT64_C(1000000))
#define NICE 19

struct scrub {
	struct store *st;
	uint64_t bytes_s; /* 0: as fast as it goes */
	uint64_t owed_us; /* to be slept */
	MDB_txn *txn;	  /* reset between steps */
	MDB_cursor *cursor;
	pthread_t thread;
	pthread_mutex_t lock; /* over stop */
	pthread_cond_t wake;
	bool stop;
};

/* An object under way; it is pinned. */
struct visit {
	struct store_ref ref;
	uint32_t next_page;
	bool sparse; /* pages may be missing */
	bool done;
};

/* ---- waiting ---- */

/* False: it is to stop. */
static bool
rest(struct scrub *s, int64_t us)
{
	int64_t until_us = clock_mono_us() + us;
	struct timespec ts = { .tv_sec = until_us / 1000000,
		.tv_nsec = until_us % 1000000 * 1000 };
	bool go;

	pthread_mutex_lock(&s->lock);
	while (!s->stop &&
	    pthread_cond_timedwait(&s->wake, &s->lock, &ts) != ETIMEDOUT)
		;
	go = !s->stop;
	pthread_mutex_unlock(&s->lock);
	return go;
}

static bool
pace(struct scrub *s, uint64_t rows)
{
	uint64_t us;

	if (s->bytes_s == 0)
		return true;
	s->owed_us += rows * ROW_BYTES * 1000000 / s->bytes_s;
	if (s->owed_us < NAP_US)
		return true;
	us = s->owed_us;
	s->owed_us = 0;
	return rest(s, (int64_t)us);
}

/* ---- one object ---- */

static enum lr
check_record(struct scrub *s, struct visit *v)
{
	MDB_dbi obj = s->st->env->db[SCHEMA_OBJ];
	MDB_val key = { sizeof(v->ref.id), &v->ref.id }, data;
	struct record rec;
	enum lr rc;

	if (mdb_get(s->txn, obj, &key, &data) != 0)
		return LR_CORRUPT;
	rc = record_decode(slice_make(data.mv_data, data.mv_size), &rec);
	if (rc != LR_OK || rec.hash != v->ref.hash ||
	    rec.body_bytes != v->ref.body_bytes ||
	    rec.body0_bytes != v->ref.body0_bytes)
		return LR_CORRUPT;
	v->sparse = rec.state == RECORD_SPARSE;
	return LR_OK;
}

static enum lr
check_extents(const struct visit *v, struct slice row)
{
	struct extents ex;

	return extents_decode(row, v->ref.body_bytes, &ex);
}

/* A row of head or body.  Its length is checked first: where that is wrong,
 * bytes behind it may not be there to be read. */
static enum lr
check_page(struct visit *v, uint32_t page, struct slice row)
{
	const struct store_ref *ref = &v->ref;
	struct slice body;
	bool sound;

	if (page > page_last(ref) || (page > v->next_page && !v->sparse))
		return LR_CORRUPT;
	v->next_page = page + 1;
	if (page == 0)
		sound = page_first_is_sound(row, ref->body0_bytes, ref->id);
	else
		sound = page_cut_other(
			    row, page_body_bytes(ref, page), &body) == LR_OK &&
		    page_other_is_sound(row, ref->id, page);
	return sound ? LR_OK : LR_CORRUPT;
}

/* There are no more rows of pages. */
static enum lr
check_end(struct visit *v)
{
	v->done = true;
	return v->next_page > (v->sparse ? 0 : page_last(&v->ref)) ? LR_OK
								   : LR_CORRUPT;
}

/* As many rows as a transaction has, from next_page on. */
static enum lr
check_rows(struct scrub *s, struct visit *v, unsigned *n)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, data;
	enum lr rc = LR_OK;
	uint32_t page;
	int code;

	schema_dat_key(bytes, v->ref.id, v->next_page);
	code = mdb_cursor_get(s->cursor, &key, &data, MDB_SET_RANGE);
	for (*n = 0; rc == LR_OK && *n < STEP_ROWS; ++*n) {
		if (code == MDB_NOTFOUND ||
		    (code == 0 && schema_dat_id(key.mv_data) != v->ref.id))
			return check_end(v);
		if (code != 0)
			return env_status(code);
		page = schema_dat_page(key.mv_data);
		rc = page == SCHEMA_EXTENTS_PAGE
		    ? check_extents(v, slice_make(data.mv_data, data.mv_size))
		    : check_page(
			  v, page, slice_make(data.mv_data, data.mv_size));
		code = mdb_cursor_get(s->cursor, &key, &data, MDB_NEXT);
	}
	return rc;
}

/* One transaction. */
static enum lr
step(struct scrub *s, struct visit *v, unsigned *n)
{
	enum lr rc;
	int code;

	if ((code = mdb_txn_renew(s->txn)) != 0)
		return env_status(code);
	if ((code = mdb_cursor_renew(s->txn, s->cursor)) != 0)
		rc = env_status(code);
	else if ((rc = check_record(s, v)) == LR_OK)
		rc = check_rows(s, v, n);
	if (rc == LR_CORRUPT)
		damage_found(s->st, s->txn, &v->ref);
	mdb_txn_reset(s->txn);
	return rc;
}

/* False: it is to stop. */
static bool
visit(struct scrub *s, uint32_t slot)
{
	struct visit v = { 0 };
	bool go = true;
	enum lr rc = LR_OK;

	if (!index_pin_slot(s->st->index, slot, &v.ref))
		return true;
	while (go && rc == LR_OK && !v.done &&
	    index_alive(s->st->index, slot, v.ref.id)) {
		unsigned n = 0;

		rc = step(s, &v, &n);
		go = pace(s, n + 1);
	}
	if (rc == LR_OK && v.done && !v.ref.verified)
		index_set_verified(s->st->index, slot);
	if (v.done || rc == LR_CORRUPT)
		stats_add(&s->st->stats.scrubbed, 1);
	store_unpin(s->st, &v.ref);
	return go;
}

/* ---- all of them ---- */

static bool
visit_all(struct scrub *s)
{
	uint32_t n = index_slots(s->st->index);

	for (uint32_t slot = INDEX_NO_SLOT + 1; slot < n; slot++) {
		if (!visit(s, slot))
			return false;
	}
	stats_add(&s->st->stats.scrub_rounds, 1);
	return true;
}

static void *
scrub_main(void *arg)
{
	struct scrub *s = arg;
	int64_t begun_us, left_us;

	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* of this thread */
	do {
		begun_us = clock_mono_us();
		if (!visit_all(s))
			break;
		left_us = ROUND_US - (clock_mono_us() - begun_us);
	} while (rest(s, left_us > NAP_US ? left_us : NAP_US));
	return NULL;
}

static void
destroy(struct scrub *s)
{
	mdb_cursor_close(s->cursor);
	if (s->txn != NULL)
		mdb_txn_abort(s->txn);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static enum lr
create(struct store *st, uint64_t bytes_s, struct scrub **out)
{
	struct scrub *s = calloc(1, sizeof(*s));
	struct env *env = st->env;
	pthread_condattr_t attr;
	int code;

	if (s == NULL)
		return LR_NOMEM;
	s->st = st;
	s->bytes_s = bytes_s;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	code = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &s->txn);
	if (code == 0)
		code = mdb_cursor_open(s->txn, env->db[SCHEMA_DAT], &s->cursor);
	if (code != 0) {
		destroy(s);
		return env_status(code);
	}
	mdb_txn_reset(s->txn);
	*out = s;
	return LR_OK;
}

/* Signals are for the main thread. */
static int
create_thread(struct scrub *s)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&s->thread, NULL, scrub_main, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err == 0)
		pthread_setname_np(s->thread, "larder-scrub");
	return err;
}

enum lr
scrub_start(struct store *st, uint64_t bytes_s, struct scrub **out)
{
	struct scrub *s = NULL;
	enum lr rc;

	if (bytes_s == 0)
		return LR_OK;
	if ((rc = create(st, bytes_s, &s)) != LR_OK)
		return rc;
	if (create_thread(s) != 0) {
		destroy(s);
		return LR_NOMEM;
	}
	*out = s;
	return LR_OK;
}

void
scrub_stop(struct scrub *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	destroy(s);
}

enum lr
scrub_round(struct store *st)
{
	struct scrub *s = NULL;
	enum lr rc = create(st, 0, &s);

	if (rc != LR_OK)
		return rc;
	visit_all(s);
	destroy(s);
	return LR_OK;
}
