/* tests/support/disk_log.c: records on the way to the system
 *
 * Only for a test that is to record: see tests/list-files.  What a store
 * uses is here (LMDB: pwrite, writev after lseek, fdatasync, ftruncate); a
 * test compares the log with the file in the end, and would miss the rest. */
#include "tests/support/disk_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Set before there are threads, and never again. */
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
disk_log_start(int fd)
{
	log_fd = fd;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* Does fd belong to the data file? */
static bool
is_data(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	if (log_fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((n = readlink(link, path, sizeof(path) - 1)) < 0)
		return false;
	path[n] = '\0';
	return ends_with(path, "/data.mdb");
}

/* A log with a hole would prove nothing. */
static void
put(const void *src, size_t n)
{
	if (syscall(SYS_write, log_fd, src, n) != (long)n)
		abort();
}

static void
record(
    enum disk_log_op op, uint64_t at, const struct iovec *iov, size_t n_bytes)
{
	struct disk_log_entry e = { (uint32_t)op, (uint32_t)n_bytes, at };
	size_t part;

	pthread_mutex_lock(&lock);
	put(&e, sizeof(e));
	for (; n_bytes > 0; n_bytes -= part, iov++) {
		part = iov->iov_len < n_bytes ? iov->iov_len : n_bytes;
		put(iov->iov_base, part);
	}
	pthread_mutex_unlock(&lock);
}

void
disk_log_mark(uint64_t number)
{
	record(DISK_LOG_MARK, number, NULL, 0);
}

/* ---- in front of libc ---- */

ssize_t
pwrite(int fd, const void *src, size_t n, off_t at)
{
	struct iovec iov = { (void *)(uintptr_t)src, n };
	ssize_t done = syscall(SYS_pwrite64, fd, src, n, at);

	if (done > 0 && is_data(fd))
		record(DISK_LOG_WRITE, (uint64_t)at, &iov, (size_t)done);
	return done;
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t done = syscall(SYS_writev, fd, iov, n);

	if (done > 0 && is_data(fd))
		record(DISK_LOG_WRITE, (uint64_t)at, iov, (size_t)done);
	return done;
}

static int
synced(int fd, int rc)
{
	if (rc == 0 && is_data(fd))
		record(DISK_LOG_SYNC, 0, NULL, 0);
	return rc;
}

int
fdatasync(int fd)
{
	return synced(fd, (int)syscall(SYS_fdatasync, fd));
}

int
fsync(int fd)
{
	return synced(fd, (int)syscall(SYS_fsync, fd));
}

static int
resized(int fd, int rc)
{
	struct stat st;

	if (rc == 0 && is_data(fd) && fstat(fd, &st) == 0)
		record(DISK_LOG_SIZE, (uint64_t)st.st_size, NULL, 0);
	return rc;
}

int
ftruncate(int fd, off_t size)
{
	return resized(fd, (int)syscall(SYS_ftruncate, fd, size));
}

int
fallocate(int fd, int mode, off_t at, off_t n)
{
	return resized(fd, (int)syscall(SYS_fallocate, fd, mode, at, n));
}

/* The state file comes into its place by this. */
int
rename(const char *from, const char *to)
{
	char text[256];
	struct iovec iov = { text, 0 };
	int rc,
	    fd = log_fd >= 0 && ends_with(to, "/state")
	    ? open(from, O_RDONLY | O_CLOEXEC)
	    : -1;

	if (fd >= 0) {
		iov.iov_len = (size_t)read(fd, text, sizeof(text));
		close(fd);
	}
	rc = (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
	if (rc == 0 && fd >= 0)
		record(DISK_LOG_STATE, 0, &iov, iov.iov_len);
	return rc;
}
