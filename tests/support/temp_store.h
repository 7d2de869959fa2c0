/* tests/support/temp_store.h: a store in a temporary folder, and objects
 * whose content can be checked without remembering it.
 *
 * An object's head begins with what it is made of (seed, body length); all
 * other bytes follow from the seed.  One thread, except where said. */
#ifndef TESTS_SUPPORT_TEMP_STORE_H
#define TESTS_SUPPORT_TEMP_STORE_H

#include "store/store.h"

struct temp_store {
	char dir[64];
	struct store_conf conf; /* may be changed before temp_store_open */
	struct store *st;
	struct store_reader *rd;
};

struct temp_object {
	uint64_t hash;
	uint64_t primary_hash; /* 0: the same */
	const char *url;       /* NULL: one made of the hash */
	uint64_t seed;
	size_t head_bytes; /* at least TEMP_HEAD_MIN */
	uint64_t body_bytes;
	size_t piece_bytes; /* of fill_append; 0: 16 KiB */
	bool length_known;
};

#define TEMP_HEAD_MIN 24

/* Makes the folder; aborts the test program when it cannot. */
void temp_store_init(struct temp_store *ts, uint64_t size_bytes);
enum lr temp_store_open(struct temp_store *ts);
void temp_store_close(struct temp_store *ts);
/* Closes, and deletes the folder. */
void temp_store_delete(struct temp_store *ts);
/* A file in the folder. */
void temp_store_path(
    const struct temp_store *ts, const char *name, char path[4096]);

/* Bytes [offset, offset + n) of seed's endless content. */
void temp_bytes(char *dst, size_t n, uint64_t seed, uint64_t offset);
/* head must have o->head_bytes. */
void temp_head(char *head, const struct temp_object *o);
/* Seed and body_bytes of the object that head belongs to. */
void temp_head_read(struct slice head, struct temp_object *o);

/* Any thread.  Fills and finishes; *out (may be NULL: freed) is the
 * handle.  Whatever fill_begin or fill_append say. */
enum lr temp_put(
    struct store *st, const struct temp_object *o, struct fill **out);
/* Finds the object and compares every byte.  LR_NOTFOUND; LR_CORRUPT: not
 * what was put. */
enum lr temp_check(struct store *st, struct store_reader *rd, uint64_t hash);
/* Likewise for what ref names, up to so many bytes of its body. */
enum lr temp_check_ref(
    struct store_reader *rd, const struct store_ref *ref, uint64_t body_bytes);
/* Finds what may be sparse, and compares every byte that is there.  *o says
 * what was found, *there which bytes.  As temp_check. */
enum lr temp_check_parts(struct store *st, struct store_reader *rd,
    uint64_t hash, struct temp_object *o, struct extents *there);

#endif
