/* tests/support/failing_disk.c: a disk that says no when a test says so
 *
 * A library for LD_PRELOAD, not linked into anything.  The file that
 * FAILING_DISK_FILE names is mapped and holds a struct orders, which a test
 * may change at any time; as long as it is zero nothing fails.  Only what
 * goes to a store's data file counts. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct orders {
	uint32_t what;	  /* counts: FAIL_…, or nothing */
	uint32_t error;	  /* errno of what fails */
	uint32_t first;	  /* the first that fails, ... */
	uint32_t last;	  /* ... and the last */
	uint32_t counted; /* so far; a test sets it back */
	uint32_t failed;
};

#define FAIL_WRITES 1u
#define FAIL_SYNCS 2u
#define FAIL_RESERVING 4u
#define FAIL_META 8u	      /* writes of LMDB's meta pages */
#define META_BYTES (2 * 4096) /* the first so many of the file */

/* Set before there are threads, and never again. */
static struct orders *orders;

__attribute__((constructor)) static void
map_orders(void)
{
	const char *path = getenv("FAILING_DISK_FILE");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(
	    NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		orders = p;
	close(fd);
}

static uint32_t
load(const uint32_t *order)
{
	return __atomic_load_n(order, __ATOMIC_RELAXED);
}

static bool
is_data(int fd)
{
	static const char END[] = "/data.mdb";
	char link[64], path[4096];
	ssize_t n, end = sizeof(END) - 1;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	return n > end && memcmp(path + n - end, END, (size_t)end) == 0;
}

static bool
fails(int fd, uint32_t what)
{
	uint32_t nth;

	if (orders == NULL || (load(&orders->what) & what) == 0 || !is_data(fd))
		return false;
	nth = __atomic_add_fetch(&orders->counted, 1, __ATOMIC_RELAXED);
	if (nth < load(&orders->first) || nth > load(&orders->last))
		return false;
	__atomic_add_fetch(&orders->failed, 1, __ATOMIC_RELAXED);
	errno = (int)load(&orders->error);
	return true;
}

ssize_t
pwrite(int fd, const void *src, size_t n, off_t at)
{
	if (fails(fd, at < META_BYTES ? FAIL_META : FAIL_WRITES))
		return -1;
	return syscall(SYS_pwrite64, fd, src, n, at);
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	if (fails(fd, FAIL_WRITES))
		return -1;
	return syscall(SYS_writev, fd, iov, n);
}

int
fdatasync(int fd)
{
	return fails(fd, FAIL_SYNCS) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return fails(fd, FAIL_SYNCS) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
fallocate(int fd, int mode, off_t at, off_t n)
{
	if (fails(fd, FAIL_RESERVING))
		return -1;
	return (int)syscall(SYS_fallocate, fd, mode, at, n);
}
