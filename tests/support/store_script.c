/* tests/support/store_script.c: what each turn does, and what it leaves */
#include "tests/support/store_script.h"

#include <stdio.h>

#define HEAD_SPREAD 5000u /* some do not fit a page */
#define UNFINISHED 1000000u
#define UNFINISHED_BYTES 100000u
#define SPARSE_BYTES 60000u
#define TURNS_PER_VERSION 300u /* of a sparse object */

enum kind { PUT, PART, UPDATE, REMOVE, LEAVE };

struct step {
	enum kind kind;
	unsigned object; /* its place; the hash is one more */
	struct temp_object o;
	uint64_t first, n_bytes; /* of a part */
};

/* A number below bound that looks random; the same for the same turn. */
static uint64_t
pick(uint64_t turn, unsigned what, uint64_t bound)
{
	uint64_t word;

	temp_bytes((char *)&word, sizeof(word), turn * 16 + what, 0);
	return (word >> 16) % bound;
}

static enum kind
kind_of(uint64_t turn)
{
	static const enum kind KINDS[] = { PUT, PUT, PUT, PUT, PUT, PUT, PART,
		PART, PART, UPDATE, UPDATE, REMOVE, REMOVE, LEAVE };

	return KINDS[pick(turn, 0, sizeof(KINDS) / sizeof(KINDS[0]))];
}

static bool
is_sparse(unsigned object)
{
	return object >= SCRIPT_WHOLE;
}

static struct step
step_of(uint64_t turn)
{
	struct step s = { .kind = kind_of(turn) };

	s.object = (unsigned)pick(turn, 1, SCRIPT_WHOLE);
	if (s.kind == PART || (s.kind == REMOVE && turn % 4 == 0))
		s.object = SCRIPT_WHOLE +
		    (unsigned)pick(turn, 1, SCRIPT_SPARSE);
	s.o.hash = s.object + 1;
	s.o.seed = turn;
	s.o.head_bytes = TEMP_HEAD_MIN + pick(turn, 2, HEAD_SPREAD);
	s.o.body_bytes = pick(turn, 3, 12000);
	if (pick(turn, 4, 20) == 0)
		s.o.body_bytes *= 10;
	if (s.kind == PART) {
		s.o.seed = turn / TURNS_PER_VERSION + 1;
		s.o.body_bytes = SPARSE_BYTES;
		s.first = pick(turn, 5, SPARSE_BYTES);
		s.n_bytes = 1 + pick(turn, 6, SPARSE_BYTES - s.first);
	}
	return s;
}

/* ---- playing ---- */

static enum lr
append(struct fill *f, uint64_t seed, uint64_t at, uint64_t n)
{
	struct block *b = block_create((uint32_t)n);
	enum lr rc;

	if (b == NULL)
		return LR_NOMEM;
	temp_bytes(b->data, n, seed, at);
	rc = fill_append(f, (struct span){ b, 0, (uint32_t)n });
	block_unref(b);
	return rc;
}

static enum lr
put_part(struct temp_store *ts, const struct step *s)
{
	struct store_object obj = { .hash = s->o.hash,
		.primary_hash = s->o.hash,
		.url = SLICE("www.example.com/sparse"),
		.tag = s->o.seed };
	struct store_part part = { s->first, s->n_bytes, SPARSE_BYTES };
	char head[TEMP_HEAD_MIN + HEAD_SPREAD];
	struct fill *f;
	enum lr rc;

	temp_head(head, &s->o);
	rc = fill_begin_part(ts->st, &obj, slice_make(head, s->o.head_bytes),
	    &part, NULL, NULL, &f);
	if (rc != LR_OK)
		return rc;
	rc = append(f, s->o.seed, s->first, s->n_bytes);
	fill_finish(f);
	fill_free(f);
	return rc;
}

/* Begins an object, has some of it committed and gives it up. */
static enum lr
leave_unfinished(struct temp_store *ts, uint64_t turn)
{
	struct store_object obj = { .hash = UNFINISHED + turn,
		.primary_hash = UNFINISHED + turn };
	struct fill *f;
	enum lr rc;

	rc = fill_begin(
	    ts->st, &obj, SLICE("head"), UINT64_MAX, NULL, NULL, &f);
	if (rc != LR_OK)
		return rc;
	rc = append(f, turn, 0, UNFINISHED_BYTES);
	store_flush(ts->st);
	fill_free(f);
	return rc;
}

/* Another head for what is stored, as long as before or not. */
static enum lr
update(struct temp_store *ts, const struct step *s)
{
	struct store_object obj = { .hash = s->o.hash,
		.primary_hash = s->o.hash };
	char bytes[TEMP_HEAD_MIN + HEAD_SPREAD];
	struct temp_object o = s->o;
	struct slice head, body0;
	struct store_ref ref;
	enum lr rc;

	store_flush(ts->st); /* what came before is found */
	if (store_find(ts->st, o.hash, &ref) != LR_OK)
		return LR_OK;
	if ((rc = store_read_begin(ts->rd)) == LR_OK) {
		rc = store_read_head(ts->rd, &ref, &head, &body0);
		if (rc == LR_OK)
			temp_head_read(head, &o);
		store_read_end(ts->rd);
	}
	temp_head(bytes, &o);
	if (rc == LR_OK)
		rc = store_update(ts->st, &ref, &obj,
		    slice_make(bytes, o.head_bytes), NULL, NULL);
	store_unpin(ts->st, &ref);
	return rc;
}

enum lr
store_script_play(struct temp_store *ts, uint64_t turn)
{
	struct step s = step_of(turn);

	switch (s.kind) {
	case PUT:
		return temp_put(ts->st, &s.o, NULL);
	case PART:
		return put_part(ts, &s);
	case UPDATE:
		return update(ts, &s);
	case REMOVE:
		store_remove(ts->st, s.o.hash);
		return LR_OK;
	case LEAVE:
		return leave_unfinished(ts, turn);
	}
	return LR_INVALID;
}

/* ---- what is left ---- */

/* What a turn makes of its object. */
static void
apply(struct script_object *object, const struct step *s, uint64_t turn)
{
	switch (s->kind) {
	case PUT:
		object->seed = s->o.seed;
		object->head_bytes = s->o.head_bytes;
		break;
	case PART:
		if (object->seed != s->o.seed)
			object->there.n = 0;
		object->seed = s->o.seed;
		object->head_bytes = s->o.head_bytes;
		extents_add(&object->there, s->first, s->first + s->n_bytes);
		break;
	case UPDATE:
		object->head_bytes = s->o.head_bytes;
		break;
	case REMOVE:
		object->seed = 0;
		object->removed_at = turn;
		break;
	case LEAVE:
		break;
	}
}

void
store_script_advance(struct store_script *sc, uint64_t turn)
{
	struct step s;

	while (sc->turn < turn) {
		s = step_of(++sc->turn);
		apply(&sc->objects[s.object], &s, sc->turn);
	}
}

static bool
covers(const struct extents *all, const struct extents *some)
{
	for (uint32_t i = 0; i < some->n; i++) {
		if (!extents_cover(all, some->v[i].first, some->v[i].end))
			return false;
	}
	return true;
}

/* Is found what stands here, or, of a sparse object, something between
 * what was safe of it and that? */
static bool
is_state(const struct script_object *found, const struct script_object *state,
    const struct extents *safe)
{
	if (found->seed != state->seed)
		return false;
	if (found->seed == 0)
		return true;
	return found->head_bytes == state->head_bytes &&
	    covers(&found->there, safe) && covers(&state->there, &found->there);
}

/* Where inserts may be refused: was it ever put, and not removed since? */
static bool
was_put(unsigned object, const struct script_object *found,
    const struct script_object *safe, uint64_t last)
{
	struct step s;

	if (found->seed == 0 || is_sparse(object))
		return true;
	s = step_of(found->seed);
	return s.kind == PUT && s.object == object && found->seed <= last &&
	    found->seed > safe->removed_at;
}

static bool
may_be(const struct store_script *sc, unsigned object,
    const struct script_object *found, uint64_t last)
{
	struct script_object state = sc->objects[object];
	struct extents safe = state.there;
	uint64_t before = state.seed;
	struct step s;

	if (sc->evicts)
		return was_put(object, found, &sc->objects[object], last);
	if (is_state(found, &state, &safe))
		return true;
	for (uint64_t turn = sc->turn + 1; turn <= last; turn++) {
		s = step_of(turn);
		if (s.object != object)
			continue;
		apply(&state, &s, turn);
		if (state.seed != before)
			safe.n = 0; /* another object */
		if (is_state(found, &state, &safe))
			return true;
	}
	return false;
}

/* What is under a hash, every byte of it compared. */
static enum lr
look(struct temp_store *ts, unsigned object, struct script_object *found)
{
	struct temp_object o = { 0 };
	enum lr rc;

	rc = temp_check_parts(ts->st, ts->rd, object + 1, &o, &found->there);
	found->seed = o.seed;
	found->head_bytes = o.head_bytes;
	if (!is_sparse(object) || rc != LR_OK)
		found->there.n = 0;
	return rc == LR_NOTFOUND ? LR_OK : rc;
}

const char *
store_script_check(
    struct store_script *sc, struct temp_store *ts, uint64_t last)
{
	struct store_stats stats;
	uint64_t n = 0;

	for (unsigned i = 0; i < SCRIPT_HASHES; i++) {
		struct script_object found = {
			.removed_at = sc->objects[i].removed_at
		};
		enum lr rc = look(ts, i, &found);

		snprintf(sc->wrong, sizeof(sc->wrong),
		    "%s: object %u, seed %llu", status_text(rc), i,
		    (unsigned long long)found.seed);
		if (rc != LR_OK || !may_be(sc, i, &found, last))
			return sc->wrong;
		sc->objects[i] = found;
		n += found.seed != 0;
	}
	sc->turn = last;
	store_stats_read(ts->st, &stats);
	if (stats.corrupt != 0 || stats.objects != n)
		return "there are others";
	return NULL;
}
