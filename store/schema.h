/* store/schema.h: the databases and their keys.
 *
 * One LMDB environment, six named databases:
 *
 *   sys    name                     -> "format" u32, "next_id" u64
 *   obj    id (u64, native order,   -> the object's record (record.h)
 *          MDB_INTEGERKEY)
 *   dat    id be64 | page be32      -> a check and at most STORE_PAGE_BYTES
 *                                      bytes (page.h)
 *   url    url text | id be64       -> nothing
 *   tag    made empty, for later    -> (tag hash, id) to nothing
 *   purge  made empty, for later    -> the journal of purges
 *
 * Pages of an object in dat:
 *
 *   page 0   [ head ........ | first body0 bytes of the body ]
 *   page k   [ body from body0 + (k - 1) * 4,072, at most 4,072 bytes ]
 *
 * body0 is chosen when the object is stored and fixed for its life: a new
 * head may make page 0 longer than one LMDB page, the body never moves.
 * A head of 4,068 bytes or more has page 0 for itself.
 * No page of a body has a number from SCHEMA_TABLE_PAGE on; the last of
 * all, SCHEMA_EXTENTS_PAGE, says which bytes of a sparse object are there
 * (extents.h).  A sparse object has body0 0, and every page of it that
 * holds a byte is as long as it will be, with zeros where bytes are missing.
 *
 * An url text is the URL with the labels of its host reversed, so that a
 * host and all its subdomains are neighbours, cut to SCHEMA_URL_TEXT_MAX:
 *   "www.example.com:8080/a?b" -> "com.example.www:8080/a?b"
 * Keys of one very URL are neighbours too: an id starts with a zero byte
 * (it stays under 2^56), which no longer URL has in that place.
 *
 * Pure; safe on any thread. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"

#define SCHEMA_FORMAT 1u /* sys "format"; raised when old code must stop */

enum schema_db {
	SCHEMA_SYS,
	SCHEMA_OBJ,
	SCHEMA_DAT,
	SCHEMA_URL,
	SCHEMA_TAG,
	SCHEMA_PURGE,
	SCHEMA_DBS
};

/* A named database and how mdb_dbi_open must be called for it. */
struct schema_def {
	const char *name;
	unsigned flags; /* besides MDB_CREATE */
};
extern const struct schema_def SCHEMA[SCHEMA_DBS];

#define SCHEMA_DAT_KEY_BYTES 12
#define SCHEMA_TABLE_PAGE 0x80000000u
#define SCHEMA_EXTENTS_PAGE 0xffffffffu
#define SCHEMA_URL_TEXT_MAX 480
#define SCHEMA_URL_KEY_MAX (SCHEMA_URL_TEXT_MAX + 8)

void schema_dat_key(
    unsigned char key[SCHEMA_DAT_KEY_BYTES], uint64_t id, uint32_t page);
uint64_t schema_dat_id(const void *key);
uint32_t schema_dat_page(const void *key);

/* Writes the text of url ("host:port/path?query"), returns its length. */
size_t schema_url_text(char text[SCHEMA_URL_TEXT_MAX], struct slice url);
/* Writes the key of a text (at most SCHEMA_URL_TEXT_MAX bytes) and an id,
 * returns its length. */
size_t schema_url_key(
    unsigned char key[SCHEMA_URL_KEY_MAX], struct slice text, uint64_t id);

#endif
