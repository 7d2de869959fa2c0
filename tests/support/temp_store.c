/* tests/support/temp_store.c: temporary stores and checkable objects */
#include "tests/support/temp_store.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/codec.h"

#define PIECE_BYTES 16384
#define IOVECS 16

/* ---- stores ---- */

void
temp_store_init(struct temp_store *ts, uint64_t size_bytes)
{
	*ts = (struct temp_store){ .dir = "/tmp/larder-store-XXXXXX" };
	if (mkdtemp(ts->dir) == NULL) {
		perror("mkdtemp");
		abort();
	}
	ts->conf = (struct store_conf){
		.dir = ts->dir,
		.size_bytes = size_bytes,
		.readers = 8,
		.group_wait_ms = 1,
		.queue_bytes = 32u << 20,
	};
}

enum lr
temp_store_open(struct temp_store *ts)
{
	enum lr rc;

	if ((rc = store_open(&ts->conf, &ts->st)) != LR_OK)
		return rc;
	return store_reader_open(ts->st, &ts->rd);
}

void
temp_store_close(struct temp_store *ts)
{
	store_reader_close(ts->rd);
	store_close(ts->st);
	ts->rd = NULL;
	ts->st = NULL;
}

static int
delete_entry(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
	(void)sb;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
temp_store_delete(struct temp_store *ts)
{
	temp_store_close(ts);
	nftw(ts->dir, delete_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void
temp_store_path(const struct temp_store *ts, const char *name, char path[4096])
{
	snprintf(path, 4096, "%s/%s", ts->dir, name);
}

/* ---- content ---- */

/* The finisher of splitmix64: eight bytes from a place in the stream. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

void
temp_bytes(char *dst, size_t n, uint64_t seed, uint64_t offset)
{
	unsigned char word[8];
	size_t skip, part;

	while (n > 0) {
		codec_put_le64(word, mix(seed * 0x10001 + offset / 8));
		skip = offset % 8;
		part = 8 - skip < n ? 8 - skip : n;
		memcpy(dst, word + skip, part);
		dst += part;
		n -= part;
		offset += part;
	}
}

static bool
bytes_are(const char *src, size_t n, uint64_t seed, uint64_t offset)
{
	char want[STORE_PAGE_BYTES];
	size_t part;

	while (n > 0) {
		part = n < sizeof(want) ? n : sizeof(want);
		temp_bytes(want, part, seed, offset);
		if (memcmp(src, want, part) != 0)
			return false;
		src += part;
		n -= part;
		offset += part;
	}
	return true;
}

void
temp_head(char *head, const struct temp_object *o)
{
	codec_put_le64(head, o->seed);
	codec_put_le64(head + 8, o->body_bytes);
	codec_put_le64(head + 16, o->hash);
	temp_bytes(
	    head + TEMP_HEAD_MIN, o->head_bytes - TEMP_HEAD_MIN, ~o->seed, 0);
}

void
temp_head_read(struct slice head, struct temp_object *o)
{
	o->seed = codec_get_le64(head.p);
	o->body_bytes = codec_get_le64(head.p + 8);
}

static bool
head_is_right(struct slice head, const struct store_ref *ref)
{
	if (head.n < TEMP_HEAD_MIN || codec_get_le64(head.p + 16) != ref->hash)
		return false;
	return bytes_are(head.p + TEMP_HEAD_MIN, head.n - TEMP_HEAD_MIN,
	    ~codec_get_le64(head.p), 0);
}

/* ---- putting ---- */

static enum lr
append_body(struct fill *f, const struct temp_object *o)
{
	size_t piece = o->piece_bytes != 0 ? o->piece_bytes : PIECE_BYTES;
	uint64_t at = 0;
	struct span span;
	enum lr rc = LR_OK;

	while (at < o->body_bytes && rc == LR_OK) {
		if (piece > o->body_bytes - at)
			piece = o->body_bytes - at;
		span.block = block_create((uint32_t)piece);
		if (span.block == NULL)
			return LR_NOMEM;
		span.off = 0;
		span.len = (uint32_t)piece;
		temp_bytes(span.block->data, piece, o->seed, at);
		rc = fill_append(f, span);
		block_unref(span.block);
		at += piece;
	}
	return rc;
}

enum lr
temp_put(struct store *st, const struct temp_object *o, struct fill **out)
{
	char url[64];
	struct store_object obj = {
		.hash = o->hash,
		.primary_hash = o->primary_hash != 0 ? o->primary_hash
						     : o->hash,
		.url = slice_of(o->url),
	};
	struct fill *f;
	char *head;
	enum lr rc;

	if (o->url == NULL) {
		snprintf(url, sizeof(url), "www.example.com/%016llx",
		    (unsigned long long)o->hash);
		obj.url = slice_of(url);
	}
	if ((head = malloc(o->head_bytes)) == NULL)
		return LR_NOMEM;
	temp_head(head, o);
	rc = fill_begin(st, &obj, slice_make(head, o->head_bytes),
	    o->length_known ? o->body_bytes : UINT64_MAX, NULL, NULL, &f);
	free(head);
	if (rc != LR_OK)
		return rc;
	rc = append_body(f, o);
	if (rc == LR_OK)
		fill_finish(f);
	if (out != NULL)
		*out = f;
	else
		fill_free(f);
	return rc;
}

/* ---- checking ---- */

/* Bytes [at, end) of the body. */
static enum lr
check_stretch(struct store_reader *rd, const struct store_ref *ref,
    uint64_t seed, uint64_t at, uint64_t end)
{
	struct iovec iov[IOVECS];
	enum lr rc;
	int i, n;

	while (at < end) {
		n = IOVECS;
		rc = store_read_body(rd, ref, at, end - at, iov, &n);
		if (rc != LR_OK)
			return rc;
		if (n == 0)
			return LR_CORRUPT;
		for (i = 0; i < n; i++) {
			if (!bytes_are(
				iov[i].iov_base, iov[i].iov_len, seed, at))
				return LR_CORRUPT;
			at += iov[i].iov_len;
		}
	}
	return at == end ? LR_OK : LR_CORRUPT;
}

static enum lr
check_open(
    struct store_reader *rd, const struct store_ref *ref, uint64_t body_bytes)
{
	struct slice head, body0;
	uint64_t seed;
	enum lr rc;

	if ((rc = store_read_head(rd, ref, &head, &body0)) != LR_OK)
		return rc;
	if (!head_is_right(head, ref))
		return LR_CORRUPT;
	seed = codec_get_le64(head.p);
	if (body_bytes >= body0.n && !bytes_are(body0.p, body0.n, seed, 0))
		return LR_CORRUPT;
	if (ref->slot != 0 && codec_get_le64(head.p + 8) != ref->body_bytes)
		return LR_CORRUPT;
	return check_stretch(rd, ref, seed, 0, body_bytes);
}

enum lr
temp_check_ref(
    struct store_reader *rd, const struct store_ref *ref, uint64_t body_bytes)
{
	enum lr rc;

	if ((rc = store_read_begin(rd)) != LR_OK)
		return rc;
	rc = check_open(rd, ref, body_bytes);
	store_read_end(rd);
	return rc;
}

enum lr
temp_check(struct store *st, struct store_reader *rd, uint64_t hash)
{
	struct store_ref ref;
	enum lr rc;

	if ((rc = store_find(st, hash, &ref)) != LR_OK)
		return rc;
	rc = temp_check_ref(rd, &ref, ref.body_bytes);
	store_unpin(st, &ref);
	return rc == LR_NOTFOUND ? LR_CORRUPT : rc;
}

static enum lr
check_there(struct store_reader *rd, const struct store_ref *ref,
    struct temp_object *o, struct extents *there)
{
	struct slice head, body0;
	enum lr rc;

	if ((rc = store_read_head(rd, ref, &head, &body0)) != LR_OK)
		return rc;
	if (!head_is_right(head, ref))
		return LR_CORRUPT;
	temp_head_read(head, o);
	o->head_bytes = head.n;
	if (o->body_bytes != ref->body_bytes)
		return LR_CORRUPT;
	rc = store_read_extents(rd, ref, there);
	if (rc == LR_NOTFOUND) {
		there->n = 0;
		rc = extents_add(there, 0, ref->body_bytes);
	}
	for (uint32_t i = 0; rc == LR_OK && i < there->n; i++)
		rc = check_stretch(
		    rd, ref, o->seed, there->v[i].first, there->v[i].end);
	return rc;
}

enum lr
temp_check_parts(struct store *st, struct store_reader *rd, uint64_t hash,
    struct temp_object *o, struct extents *there)
{
	struct store_ref ref;
	enum lr rc;

	if ((rc = store_find(st, hash, &ref)) != LR_OK)
		return rc;
	if ((rc = store_read_begin(rd)) == LR_OK) {
		rc = check_there(rd, &ref, o, there);
		store_read_end(rd);
	}
	store_unpin(st, &ref);
	return rc == LR_NOTFOUND ? LR_CORRUPT : rc;
}
