/* store/meta.c: reading LMDB's meta pages
 *
 * Page 0 and page 1, in the machine's own byte order:
 *
 *   16 u32 magic     20 u32 version    40 u32 page bytes
 *   44 u16 flags of the free list      92 u16 of all else
 *  136 u64 the last page in use       144 u64 the transaction's number
 */
#include "store/meta.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define META_BYTES 152

struct meta {
	uint32_t magic, version, page_bytes;
	uint16_t free_flags, main_flags;
	uint64_t last_page, txn;
};

static bool
read_meta(int fd, off_t at, struct meta *out)
{
	unsigned char bytes[META_BYTES];

	if (pread(fd, bytes, sizeof(bytes), at) != (ssize_t)sizeof(bytes))
		return false;
	memcpy(&out->magic, bytes + 16, 4);
	memcpy(&out->version, bytes + 20, 4);
	memcpy(&out->page_bytes, bytes + 40, 4);
	memcpy(&out->free_flags, bytes + 44, 2);
	memcpy(&out->main_flags, bytes + 92, 2);
	memcpy(&out->last_page, bytes + 136, 8);
	memcpy(&out->txn, bytes + 144, 8);
	return true;
}

/* Only the last two ever change. */
static bool
fits(const struct meta v[2], uint64_t file_bytes)
{
	const struct meta *newer = &v[v[1].txn > v[0].txn];

	if (v[0].magic != v[1].magic || v[0].version != v[1].version ||
	    v[0].page_bytes != v[1].page_bytes ||
	    v[0].free_flags != v[1].free_flags ||
	    v[0].main_flags != v[1].main_flags)
		return false;
	return newer->last_page < file_bytes / PAGE_BYTES;
}

enum lr
meta_check(const char *dir)
{
	char path[PATH_MAX];
	struct meta v[2];
	struct stat st;
	bool bad;
	int fd;

	if (snprintf(path, sizeof(path), "%s/data.mdb", dir) >=
		(int)sizeof(path) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return LR_OK;
	bad = fstat(fd, &st) == 0 && read_meta(fd, 0, &v[0]) &&
	    read_meta(fd, PAGE_BYTES, &v[1]) && !fits(v, (uint64_t)st.st_size);
	close(fd); /* LMDB's locks are not on it yet */
	return bad ? LR_CORRUPT : LR_OK;
}
