/* store/fill_part.c: the writer's side of storing a part of an object
 *
 * The object can be found from its first commit on; which of its bytes are
 * there is said in a row of its own, by each commit anew. */
#include <string.h>

#include "store/content.h"
#include "store/damage.h"
#include "store/evict.h"
#include "store/fill_job.h"

/* Do a and b belong to one object? */
static bool
belongs(const struct record *a, const struct record *b)
{
	return a->tag != 0 && a->tag == b->tag && a->hash == b->hash &&
	    a->body_bytes == b->body_bytes;
}

/* The id of the object that a job of this very group has begun and that f
 * belongs to; 0: there is none. */
static uint64_t
begun_in_group(const struct fill *f, const struct group *g)
{
	for (struct job *job = g->jobs.first; job != NULL; job = job->next) {
		const struct fill *other;

		if (job->ops != &FILL_PART_JOB)
			continue;
		other = fill_job_fill(job);
		if (other->w.place.begun && !other->w.dropped &&
		    belongs(&other->w.rec, &f->w.rec))
			return other->w.id;
	}
	return 0;
}

/* The id of the published object that f belongs to; 0: there is none, or
 * one whose head cannot be read, which a new one then replaces. */
static uint64_t
published(struct fill *f, struct group *g)
{
	struct store *st = f->st;
	struct store_ref ref;
	struct slice head, body0;
	struct record rec;
	uint64_t id = 0;

	if (index_find(st->index, f->w.rec.hash, &ref) != LR_OK)
		return 0;
	if (content_get_record(&g->tx, ref.id, &rec) == LR_OK &&
	    record_is_published(&rec) && belongs(&rec, &f->w.rec) &&
	    content_get_first_page(
		&g->tx, ref.id, ref.body0_bytes, &head, &body0) == LR_OK)
		id = ref.id;
	store_unpin(st, &ref);
	return id;
}

/* A new object without a body.  LR_DENIED: it is not admitted. */
static enum lr
begin(struct fill *f, struct group *g)
{
	struct fill_writing *w = &f->w;
	struct content_room room;
	enum lr rc;

	rc = evict_admit(g, w->rec.hash, f->head.n + f->part.n_bytes);
	if (rc != LR_OK)
		return rc;
	w->id = group_new_id(g);
	w->place.begun = true;
	w->rec.use = evict_first_use(g->st, w->rec.hash);
	rc = content_first_page(&g->tx, w->id, f->head, 0, true, &room);
	if (rc != LR_OK)
		return rc;
	content_seal(&room);
	group_use(g, f->head.n);
	return content_put_record(&g->tx, w->id, &w->rec, true);
}

/* The head of what f belongs to becomes f's, unless that came later. */
static enum lr
join(struct fill *f, struct group *g)
{
	struct record rec;
	enum lr rc = content_get_record(&g->tx, f->w.id, &rec);

	if (rc != LR_OK || rec.stored_at_s > f->w.rec.stored_at_s)
		return rc;
	group_use(g, f->head.n);
	return content_set_head(&g->tx, f->w.id, f->head, &f->w.rec);
}

/* Finds or makes the object.  LR_AGAIN: in the next group. */
static enum lr
settle_place(struct fill *f, struct group *g)
{
	struct fill_writing *w = &f->w;

	if (!group_fits(g, f->head.n + STORE_PAGE_BYTES))
		return LR_AGAIN;
	w->step = FILL_MOVED;
	if (w->rec.tag == 0)
		return begin(f, g);
	w->id = begun_in_group(f, g);
	if (w->id == 0)
		w->id = published(f, g);
	if (w->id == 0)
		return begin(f, g);
	return join(f, g);
}

/* ---- bytes ---- */

/* What the object is now.  LR_NOTFOUND: it was deleted meanwhile;
 * LR_CORRUPT. */
static enum lr
read_state(struct fill *f, struct group *g, struct extents *ex)
{
	struct record rec;
	enum lr rc = content_get_record(&g->tx, f->w.id, &rec);

	if (rc == LR_OK && !record_is_published(&rec))
		rc = LR_NOTFOUND;
	if (rc != LR_OK)
		return rc == LR_IO || rc == LR_CORRUPT ? rc : LR_NOTFOUND;
	ex->n = 0;
	f->w.place.whole = rec.state == RECORD_COMPLETE;
	f->w.place.there_bytes = rec.body_bytes;
	if (f->w.place.whole)
		return LR_OK;
	rc = content_get_extents(&g->tx, f->w.id, rec.body_bytes, ex);
	return rc == LR_NOTFOUND ? LR_OK : rc; /* begun in this group */
}

/* Copies into page, which begins at offset at of the body, those of the
 * n_bytes at src that are not there yet. */
static void
overlay(char *page, uint64_t at, const char *src, uint64_t first,
    uint64_t n_bytes, const struct extents *ex)
{
	uint64_t from = first, end = first + n_bytes;
	struct extent gap;

	while (extents_gap(ex, from, end, &gap)) {
		memcpy(page + (gap.first - at), src + (gap.first - first),
		    gap.end - gap.first);
		from = gap.end;
	}
}

/* The next n bytes, all of one page.  LR_CORRUPT: what is there of it is
 * not what was stored. */
static enum lr
write_page(struct fill *f, struct group *g, const struct extents *ex, size_t n)
{
	struct fill_writing *w = &f->w;
	uint64_t first = w->place.end;
	uint64_t at = first - first % STORE_PAGE_BYTES;
	uint64_t size = w->rec.body_bytes - at;
	uint32_t number = (uint32_t)(at / STORE_PAGE_BYTES) + 1;
	char page[STORE_PAGE_BYTES] = { 0 }, bytes[STORE_PAGE_BYTES];
	struct content_room room;
	struct slice old;
	enum lr rc;

	if (size > STORE_PAGE_BYTES)
		size = STORE_PAGE_BYTES;
	rc = content_get_page(&g->tx, w->id, number, size, &old);
	if (rc == LR_OK)
		memcpy(page, old.p, size);
	else if (rc != LR_NOTFOUND)
		return rc;
	spans_read(&w->spans, bytes, n);
	overlay(page, at, bytes, first, n, ex);
	rc = content_page(&g->tx, w->id, number, size, false, &room);
	if (rc != LR_OK)
		return rc;
	memcpy(room.body, page, size);
	content_seal(&room);
	return LR_OK;
}

/* How many of the bytes at hand go to the page that is next; 0: it waits
 * for more of them. */
static size_t
share_of_page(const struct fill *f)
{
	const struct fill_writing *w = &f->w;
	uint64_t n = STORE_PAGE_BYTES - w->place.end % STORE_PAGE_BYTES;
	uint64_t missing = f->part.n_bytes - w->body_bytes;

	if (n > missing)
		n = missing;
	if (w->spans.bytes >= n)
		return (size_t)n;
	return w->last ? (size_t)w->spans.bytes : 0;
}

static enum lr
write_pages(struct fill *f, struct group *g, const struct extents *ex)
{
	struct fill_writing *w = &f->w;
	enum lr rc;
	size_t n;

	while ((n = share_of_page(f)) > 0 && n <= g->bytes_left) {
		if ((rc = write_page(f, g, ex, n)) != LR_OK)
			return rc;
		w->body_bytes += n;
		w->place.end += n;
		w->step = FILL_MOVED;
		group_use(g, STORE_PAGE_BYTES);
	}
	return LR_OK;
}

/* All is there already: what comes is not needed. */
static void
let_go(struct fill *f)
{
	struct fill_writing *w = &f->w;

	w->body_bytes += w->spans.bytes;
	w->place.end += w->spans.bytes;
	spans_clear(&w->spans);
	w->step = FILL_MOVED;
}

/* ---- what is there ---- */

/* An object that was whole from the beginning has a head now that may be one
 * of a sparse object. */
static enum lr
say_all(struct fill *f, struct group *g)
{
	struct extents all = { 0 };
	enum lr rc = extents_add(&all, 0, f->part.total_bytes);

	return rc == LR_OK ? content_put_extents(&g->tx, f->w.id, &all) : rc;
}

static enum lr
say_complete(struct fill *f, struct group *g)
{
	char text[SCHEMA_URL_TEXT_MAX];
	struct record rec;
	enum lr rc = content_get_record(&g->tx, f->w.id, &rec);

	if (rc != LR_OK)
		return rc;
	if (rec.url.n > 0)
		memcpy(text, rec.url.p, rec.url.n);
	rec.url.p = text;
	rec.state = RECORD_COMPLETE;
	return content_put_record(&g->tx, f->w.id, &rec, false);
}

/* LR_TOOBIG: too many stretches, or too many bytes for one object; nothing was
 * changed. */
static enum lr
note_extent(struct fill *f, struct group *g, struct extents *ex)
{
	enum lr rc;

	if (extents_add(ex, f->part.first, f->w.place.end) != LR_OK ||
	    extents_bytes(ex) > f->st->object_max_bytes)
		return LR_TOOBIG;
	f->w.place.there_bytes = extents_bytes(ex);
	rc = content_put_extents(&g->tx, f->w.id, ex);
	if (rc == LR_OK && extents_cover(ex, 0, f->part.total_bytes))
		rc = say_complete(f, g);
	return rc;
}

static enum lr
give_up(struct fill *f)
{
	f->w.dropped = true;
	f->w.step = FILL_DROPPED;
	return LR_OK;
}

/* The object is damaged: nobody is to find it, nor what was just changed of
 * it. */
static enum lr
drop_object(struct fill *f, struct group *g)
{
	struct store *st = f->st;
	struct store_ref ref;

	if (index_find(st->index, f->w.rec.hash, &ref) == LR_OK) {
		if (ref.id == f->w.id)
			damage_found(st, g->tx.mdb, &ref);
		store_unpin(st, &ref);
	}
	return give_up(f);
}

/* What is at hand, into pages. */
static enum lr
store_bytes(struct fill *f, struct group *g)
{
	struct extents ex;
	enum lr rc = read_state(f, g, &ex);

	if (rc == LR_NOTFOUND)
		return give_up(f);
	if (rc == LR_OK && f->w.place.whole) {
		let_go(f);
		rc = say_all(f, g);
	} else if (rc == LR_OK) {
		rc = write_pages(f, g, &ex);
		if (rc == LR_OK)
			rc = note_extent(f, g, &ex);
	}
	if (rc == LR_TOOBIG)
		return give_up(f);
	if (rc == LR_CORRUPT)
		return drop_object(f, g);
	if (rc != LR_OK)
		return rc;
	if (f->w.last && f->w.spans.bytes == 0)
		f->w.step = FILL_WHOLE;
	return LR_OK;
}

static enum lr
apply(struct job *job, struct group *g)
{
	struct fill *f = fill_job_fill(job);
	enum lr rc;

	fill_job_take(f);
	if (f->w.dropped || fill_is_outdated(f))
		return give_up(f);
	if (!fill_job_reserve(f, g)) {
		if (!g->may_refuse)
			return LR_AGAIN;
		g->refused = true;
		return give_up(f);
	}
	if (f->w.id == 0 && (rc = settle_place(f, g)) != LR_OK)
		return rc == LR_DENIED ? give_up(f) : rc;
	return store_bytes(f, g);
}

const struct job_ops FILL_PART_JOB = { apply, fill_job_settle };
