/* store/tree.c: a walk over LMDB's pages
 *
 * In the machine's own byte order, as LMDB 0.9 writes them:
 *
 *   page   0 u64 its number   10 u16 flags   12 u16 lower   14 u16 upper
 *          16 u16 offsets of nodes, up to lower; nodes from upper on
 *   node   0 u32 bytes of the value   4 u16 flags   6 u16 bytes of the key
 *          8 the key, then the value, or the number of the page it is on
 *   branch node: the number of the child in the first 6 bytes
 *   a value that is a tree: 40 u64 its root
 *   meta page: 80, 128 u64 the roots of the free list and of all else,
 *          136 u64 the last page in use   144 u64 the transaction
 */
#include "store/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/clock.h"

#define PAGE_BYTES 4096u
#define PAGE_HEAD 16u
#define NODE_HEAD 8u
#define BRANCH 1u /* kinds of pages */
#define LEAF 2u
#define KINDS 7u
#define BIG 1u /* kinds of values */
#define SUB 2u
#define TREE_BYTES 48u
#define NO_ROOT UINT64_MAX
#define MAX_DEPTH 32
#define CLOCK_EVERY 256 /* pages between two looks at the clock */

struct tree {
	const unsigned char *map;
	uint64_t file_pages, last_page;
	unsigned char *seen; /* a bit for each page */
	int64_t stop_at_us;
	unsigned looked;
	bool late;
	bool lists; /* second pass: over the lists of free pages */
};

struct node {
	const unsigned char *key;
	uint32_t key_bytes, value_bytes, flags;
};

static uint16_t
u16(const unsigned char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t
u32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
u64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Pages are in one place; false: one is not, or is outside. */
static bool
take(struct tree *t, uint64_t first, uint64_t n)
{
	if (first < 2 || first > t->last_page || n > t->last_page - first + 1)
		return false;
	for (uint64_t i = first; i < first + n; i++) {
		unsigned char bit = (unsigned char)(1u << i % 8);

		if ((t->seen[i / 8] & bit) != 0)
			return false;
		t->seen[i / 8] |= bit;
	}
	return true;
}

static bool
time_left(struct tree *t)
{
	if (++t->looked % CLOCK_EVERY == 0 && clock_mono_us() >= t->stop_at_us)
		t->late = true;
	return !t->late;
}

/* Where its first byte is; NULL: not inside. */
static const unsigned char *
value_of(struct tree *t, const unsigned char *page, const struct node *n)
{
	const unsigned char *at = n->key + n->key_bytes;
	size_t left = PAGE_BYTES - (size_t)(at - page);
	uint64_t first, pages;

	if ((n->flags & BIG) == 0)
		return n->value_bytes <= left ? at : NULL;
	if (left < sizeof(first))
		return NULL;
	first = u64(at);
	pages = ((uint64_t)PAGE_HEAD + n->value_bytes - 1) / PAGE_BYTES + 1;
	if (first > t->last_page || pages > t->last_page - first + 1)
		return NULL;
	if (!t->lists && !take(t, first, pages))
		return NULL;
	return t->map + first * PAGE_BYTES + PAGE_HEAD;
}

/* A count and so many numbers of pages that nothing else uses. */
static bool
take_list(struct tree *t, const unsigned char *list, uint32_t n_bytes)
{
	uint64_t n;

	if (n_bytes < 8 || (n = u64(list)) > n_bytes / 8 - 1)
		return false;
	for (uint64_t i = 1; i <= n; i++) {
		if (!take(t, u64(list + i * 8), 1))
			return false;
	}
	return true;
}

static bool walk(struct tree *t, uint64_t number, int depth);

static bool
leaf_node_ok(
    struct tree *t, const unsigned char *page, const struct node *n, int depth)
{
	const unsigned char *value = value_of(t, page, n);

	if (value == NULL)
		return false;
	if (t->lists)
		return take_list(t, value, n->value_bytes);
	if ((n->flags & SUB) == 0)
		return true;
	return n->value_bytes == TREE_BYTES && walk(t, u64(value + 40), depth);
}

static bool
node_ok(struct tree *t, const unsigned char *page, uint16_t at, int depth)
{
	const unsigned char *p = page + at;
	struct node n;

	if (at < u16(page + 14) || at > PAGE_BYTES - NODE_HEAD)
		return false;
	n = (struct node){ p + NODE_HEAD, u16(p + 6), u32(p), u16(p + 4) };
	if (n.key_bytes > PAGE_BYTES - NODE_HEAD - at)
		return false;
	if ((u16(page + 10) & KINDS) == LEAF)
		return leaf_node_ok(t, page, &n, depth);
	return walk(t, n.value_bytes | (uint64_t)n.flags << 32, depth + 1);
}

static bool
head_ok(const unsigned char *page, uint64_t number)
{
	unsigned kind = u16(page + 10) & KINDS;
	uint16_t lower = u16(page + 12), upper = u16(page + 14);

	return u64(page) == number && (kind == BRANCH || kind == LEAF) &&
	    lower >= PAGE_HEAD && lower % 2 == 0 && lower <= upper &&
	    upper <= PAGE_BYTES;
}

static bool
walk(struct tree *t, uint64_t number, int depth)
{
	const unsigned char *page;
	uint16_t lower;

	if (number == NO_ROOT || !time_left(t))
		return true;
	if (depth > MAX_DEPTH || number > t->last_page ||
	    (!t->lists && !take(t, number, 1)))
		return false;
	page = t->map + number * PAGE_BYTES;
	if (!head_ok(page, number))
		return false;
	lower = u16(page + 12);
	for (uint16_t at = PAGE_HEAD; at < lower; at += 2) {
		if (!node_ok(t, page, u16(page + at), depth))
			return false;
	}
	return true;
}

static bool
walk_all(struct tree *t)
{
	const unsigned char *meta = t->map;

	if (u64(meta + PAGE_BYTES + 144) > u64(meta + 144))
		meta += PAGE_BYTES;
	t->last_page = u64(meta + 136);
	if (t->last_page >= t->file_pages)
		return false;
	if (!walk(t, u64(meta + 80), 0) || !walk(t, u64(meta + 128), 0))
		return false;
	t->lists = true;
	return t->late || walk(t, u64(meta + 80), 0);
}

static enum lr
check_file(int fd, int64_t stop_at_us)
{
	struct tree t = { .stop_at_us = stop_at_us };
	struct stat st;
	void *map;
	bool good;

	if (fstat(fd, &st) != 0)
		return LR_IO;
	t.file_pages = (uint64_t)st.st_size / PAGE_BYTES;
	if (t.file_pages < 2)
		return LR_OK; /* LMDB will tell */
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return LR_IO;
	t.map = map;
	if ((t.seen = calloc(t.file_pages / 8 + 1, 1)) == NULL) {
		munmap(map, (size_t)st.st_size);
		return LR_NOMEM;
	}
	good = walk_all(&t);
	free(t.seen);
	munmap(map, (size_t)st.st_size);
	return good ? LR_OK : LR_CORRUPT;
}

enum lr
tree_check(const char *dir, int64_t stop_at_us)
{
	char path[PATH_MAX];
	enum lr rc;
	int fd;

	if (snprintf(path, sizeof(path), "%s/data.mdb", dir) >=
	    (int)sizeof(path))
		return LR_TOOBIG;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return status_from_errno(errno);
	rc = check_file(fd, stop_at_us);
	close(fd);
	return rc;
}
