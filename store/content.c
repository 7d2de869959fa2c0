/* store/content.c: writing and deleting an object's rows */
#include "store/content.h"

#include <string.h>

#include "store/base/codec.h"
#include "store/page.h"

static MDB_val
id_key(const uint64_t *id)
{
	return (MDB_val){ sizeof(*id), (void *)(uintptr_t)id };
}

static enum lr
put_row(struct txn *tx, uint64_t id, uint32_t page, size_t n_bytes,
    unsigned flags, void **out)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes };
	MDB_val data = { n_bytes, NULL };
	int code;

	schema_dat_key(bytes, id, page);
	code = mdb_cursor_put(tx->dat, &key, &data, flags | MDB_RESERVE);
	if (code != 0)
		return env_status(code);
	*out = data.mv_data;
	return LR_OK;
}

static enum lr
get_row(struct txn *tx, uint64_t id, uint32_t page, struct slice *out)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, data;
	int code;

	schema_dat_key(bytes, id, page);
	code = mdb_cursor_get(tx->dat, &key, &data, MDB_SET_KEY);
	if (code != 0)
		return env_status(code);
	*out = slice_make(data.mv_data, data.mv_size);
	return LR_OK;
}

enum lr
content_page(struct txn *tx, uint64_t id, uint32_t page, size_t n_bytes,
    bool append, struct content_room *out)
{
	size_t n = PAGE_CHECK_BYTES + n_bytes;
	void *row = NULL;
	enum lr rc = put_row(tx, id, page, n, append ? MDB_APPEND : 0, &row);

	if (rc != LR_OK)
		return rc;
	*out = (struct content_room){ .row = row,
		.row_bytes = n,
		.id = id,
		.page = page,
		.body = (char *)row + PAGE_CHECK_BYTES };
	return LR_OK;
}

enum lr
content_first_page(struct txn *tx, uint64_t id, struct slice head,
    size_t body0_bytes, bool append, struct content_room *out)
{
	size_t n = PAGE_HEAD_AT - PAGE_CHECK_BYTES + head.n + body0_bytes;
	enum lr rc = content_page(tx, id, 0, n, append, out);

	if (rc != LR_OK)
		return rc;
	codec_put_le32(out->row + PAGE_CHECK_BYTES, (uint32_t)head.n);
	if (head.n > 0)
		memcpy(out->row + PAGE_HEAD_AT, head.p, head.n);
	out->body = out->row + PAGE_HEAD_AT + head.n;
	return LR_OK;
}

void
content_seal(const struct content_room *room)
{
	page_seal(room->row, room->row_bytes, room->id, room->page);
}

enum lr
content_get_first_page(struct txn *tx, uint64_t id, uint32_t body0_bytes,
    struct slice *head, struct slice *body0)
{
	struct slice row;
	enum lr rc = get_row(tx, id, 0, &row);

	if (rc == LR_OK)
		rc = page_cut_first(row, body0_bytes, head, body0);
	if (rc == LR_OK && !page_first_is_sound(row, body0_bytes, id))
		rc = LR_CORRUPT;
	return rc;
}

enum lr
content_get_page(struct txn *tx, uint64_t id, uint32_t page, size_t n_bytes,
    struct slice *out)
{
	struct slice row;
	enum lr rc = get_row(tx, id, page, &row);

	if (rc == LR_OK)
		rc = page_cut_other(row, n_bytes, out);
	if (rc == LR_OK && !page_other_is_sound(row, id, page))
		rc = LR_CORRUPT;
	return rc;
}

enum lr
content_put_extents(struct txn *tx, uint64_t id, const struct extents *ex)
{
	unsigned char bytes[EXTENTS_ROW_MAX];
	size_t n = extents_encode(bytes, ex);
	void *row = NULL;
	enum lr rc = put_row(tx, id, SCHEMA_EXTENTS_PAGE, n, 0, &row);

	if (rc == LR_OK)
		memcpy(row, bytes, n);
	return rc;
}

enum lr
content_get_extents(
    struct txn *tx, uint64_t id, uint64_t body_bytes, struct extents *out)
{
	struct slice row;
	enum lr rc = get_row(tx, id, SCHEMA_EXTENTS_PAGE, &row);

	return rc == LR_OK ? extents_decode(row, body_bytes, out) : rc;
}

static enum lr
put_url(struct txn *tx, uint64_t id, struct slice text)
{
	unsigned char bytes[SCHEMA_URL_KEY_MAX];
	MDB_val key = { schema_url_key(bytes, text, id), bytes };
	MDB_val data = { 0, NULL };

	return env_status(mdb_cursor_put(tx->url, &key, &data, 0));
}

enum lr
content_put_record(
    struct txn *tx, uint64_t id, const struct record *rec, bool first)
{
	unsigned char bytes[RECORD_MAX_BYTES];
	MDB_val key = id_key(&id);
	MDB_val data = { record_encode(bytes, rec), bytes };
	int code;

	code = mdb_cursor_put(tx->obj, &key, &data, first ? MDB_APPEND : 0);
	if (code != 0)
		return env_status(code);
	return first ? put_url(tx, id, rec->url) : LR_OK;
}

enum lr
content_get_record(struct txn *tx, uint64_t id, struct record *out)
{
	MDB_val key = id_key(&id), data;
	int code = mdb_cursor_get(tx->obj, &key, &data, MDB_SET_KEY);

	if (code != 0)
		return env_status(code);
	return record_decode(slice_make(data.mv_data, data.mv_size), out);
}

/* ---- a new head ---- */

/* The old page is checked: a new check must not make damage look right. */
static enum lr
replace_page0(
    struct txn *tx, uint64_t id, struct slice head, uint32_t body0_bytes)
{
	char copy[STORE_PAGE_BYTES];
	struct slice old, body0;
	struct content_room room;
	enum lr rc;

	rc = content_get_first_page(tx, id, body0_bytes, &old, &body0);
	if (rc != LR_OK)
		return rc == LR_NOTFOUND ? LR_CORRUPT : rc;
	/* The put may move or free what body0 points to. */
	memcpy(copy, body0.p, body0_bytes);
	rc = content_first_page(tx, id, head, body0_bytes, false, &room);
	if (rc != LR_OK)
		return rc;
	memcpy(room.body, copy, body0_bytes);
	content_seal(&room);
	return LR_OK;
}

enum lr
content_set_head(
    struct txn *tx, uint64_t id, struct slice head, const struct record *times)
{
	char text[SCHEMA_URL_TEXT_MAX];
	struct record rec;
	enum lr rc;

	if ((rc = content_get_record(tx, id, &rec)) != LR_OK)
		return rc;
	if (!record_is_published(&rec))
		return LR_NOTFOUND;
	if (rec.url.n > 0)
		memcpy(text, rec.url.p, rec.url.n);
	rec.url.p = text;
	if ((rc = replace_page0(tx, id, head, rec.body0_bytes)) != LR_OK)
		return rc;
	rec.head_bytes = (uint32_t)head.n;
	rec.stored_at_s = times->stored_at_s;
	rec.expires_at_s = times->expires_at_s;
	rec.stale_s = times->stale_s;
	rec.flags = times->flags;
	rec.tag = times->tag;
	return content_put_record(tx, id, &rec, false);
}

enum lr
content_set_use(struct txn *tx, uint64_t id, uint64_t use)
{
	char text[SCHEMA_URL_TEXT_MAX];
	struct record rec;
	enum lr rc = content_get_record(tx, id, &rec);

	if (rc != LR_OK)
		return rc;
	if (!record_is_published(&rec))
		return LR_NOTFOUND;
	if (rec.url.n > 0)
		memcpy(text, rec.url.p, rec.url.n);
	rec.url.p = text;
	rec.use = use;
	return content_put_record(tx, id, &rec, false);
}

/* ---- deleting ---- */

/* LR_AGAIN when *pages_left ran out first. */
static enum lr
delete_pages(struct txn *tx, uint64_t id, unsigned *pages_left)
{
	unsigned char bytes[SCHEMA_DAT_KEY_BYTES];
	MDB_val key = { sizeof(bytes), bytes }, data;
	int code;

	schema_dat_key(bytes, id, 0);
	code = mdb_cursor_get(tx->dat, &key, &data, MDB_SET_RANGE);
	while (code == 0 && schema_dat_id(key.mv_data) == id) {
		if (*pages_left == 0)
			return LR_AGAIN;
		(*pages_left)--;
		if ((code = mdb_cursor_del(tx->dat, 0)) != 0)
			break;
		code = mdb_cursor_get(tx->dat, &key, &data, MDB_NEXT);
	}
	return code == MDB_NOTFOUND ? LR_OK : env_status(code);
}

static enum lr
delete_url(struct txn *tx, uint64_t id, struct slice text)
{
	unsigned char bytes[SCHEMA_URL_KEY_MAX];
	MDB_val key = { schema_url_key(bytes, text, id), bytes };
	int code = mdb_cursor_get(tx->url, &key, NULL, MDB_SET);

	if (code == 0)
		code = mdb_cursor_del(tx->url, 0);
	return code == MDB_NOTFOUND ? LR_OK : env_status(code);
}

static enum lr
delete_record(struct txn *tx, uint64_t id)
{
	MDB_val key = id_key(&id);
	int code = mdb_cursor_get(tx->obj, &key, NULL, MDB_SET);

	if (code == 0)
		code = mdb_cursor_del(tx->obj, 0);
	return code == MDB_NOTFOUND ? LR_OK : env_status(code);
}

/* So that a start after a crash never takes it for whole. */
static enum lr
say_removed(struct txn *tx, uint64_t id, const struct record *old)
{
	char text[SCHEMA_URL_TEXT_MAX];
	struct record rec = *old;

	if (rec.state == RECORD_REMOVED)
		return LR_OK;
	if (rec.url.n > 0)
		memcpy(text, rec.url.p, rec.url.n);
	rec.url.p = text;
	rec.state = RECORD_REMOVED;
	return content_put_record(tx, id, &rec, false);
}

enum lr
content_delete(struct txn *tx, uint64_t id, unsigned *pages_left)
{
	struct record rec;
	enum lr got, rc;

	got = content_get_record(tx, id, &rec);
	if (got != LR_OK && got != LR_NOTFOUND && got != LR_CORRUPT &&
	    got != LR_VERSION)
		return got;
	if ((rc = delete_pages(tx, id, pages_left)) != LR_OK) {
		if (rc != LR_AGAIN || got != LR_OK)
			return rc;
		rc = say_removed(tx, id, &rec);
		return rc == LR_OK ? LR_AGAIN : rc;
	}
	/* A record that cannot be read leaves its url row behind: whoever
	 * scans finds no object and skips it. */
	if (got == LR_OK && (rc = delete_url(tx, id, rec.url)) != LR_OK)
		return rc;
	return delete_record(tx, id);
}
