/* store/mark.c: the lock and the state file of a store's directory */
#include "store/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/base/slice.h"

#define LINE_MAX_BYTES 128
#define FAST "running fast "
#define CLEAN "clean"

enum lr
mark_lock(const char *dir, int *fd)
{
	char path[PATH_MAX];
	enum lr rc;
	int f;

	if (snprintf(path, sizeof(path), "%s/lock", dir) >= (int)sizeof(path))
		return LR_TOOBIG;
	f = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (f < 0)
		return status_from_errno(errno);
	if (flock(f, LOCK_EX | LOCK_NB) != 0) {
		rc = errno == EWOULDBLOCK ? LR_BUSY : status_from_errno(errno);
		close(f);
		return rc;
	}
	*fd = f;
	return LR_OK;
}

/* Reads the first line of a small file into buf; empty when there is none. */
static struct slice
read_line(const char *path, char buf[LINE_MAX_BYTES])
{
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct slice s;

	if (fd >= 0) {
		n = read(fd, buf, LINE_MAX_BYTES);
		close(fd);
	}
	s = slice_make(buf, n > 0 ? (size_t)n : 0);
	return slice_cut(s, 0, slice_find(s, '\n'));
}

static struct slice
boot_id(char buf[LINE_MAX_BYTES])
{
	return read_line("/proc/sys/kernel/random/boot_id", buf);
}

enum mark_left
mark_read(const char *dir)
{
	char path[PATH_MAX], line[LINE_MAX_BYTES], boot[LINE_MAX_BYTES];
	struct slice s;

	if (snprintf(path, sizeof(path), "%s/state", dir) >= (int)sizeof(path))
		return MARK_UNCLEAN;
	s = read_line(path, line);
	if (slice_eq(s, SLICE(CLEAN)))
		return MARK_CLEAN;
	if (!slice_starts(s, SLICE(FAST)))
		return MARK_UNCLEAN;
	s = slice_cut(s, sizeof(FAST) - 1, s.n);
	/* Without a boot id nobody can say that it is the same boot. */
	return s.n > 0 && slice_eq(s, boot_id(boot)) ? MARK_UNCLEAN : MARK_LOST;
}

/* Writes all of s to a new file and onto the disk. */
static enum lr
write_file(const char *path, struct slice s)
{
	enum lr rc = LR_OK;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return status_from_errno(errno);
	n = write(fd, s.p, s.n);
	if (n < 0 || fsync(fd) != 0)
		rc = status_from_errno(errno);
	else if ((size_t)n != s.n)
		rc = LR_FULL;
	if (close(fd) != 0 && rc == LR_OK)
		rc = status_from_errno(errno);
	return rc;
}

static enum lr
sync_dir(const char *dir)
{
	enum lr rc = LR_OK;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return status_from_errno(errno);
	if (fsync(fd) != 0)
		rc = status_from_errno(errno);
	close(fd);
	return rc;
}

/* Puts line in place of the state file in one step. */
static enum lr
replace(const char *dir, struct slice line)
{
	char path[PATH_MAX], temp[PATH_MAX];
	enum lr rc;

	if (snprintf(path, sizeof(path), "%s/state", dir) >=
		(int)sizeof(path) ||
	    snprintf(temp, sizeof(temp), "%s/state.new", dir) >=
		(int)sizeof(temp))
		return LR_TOOBIG;
	if ((rc = write_file(temp, line)) != LR_OK)
		return rc;
	if (rename(temp, path) != 0)
		return status_from_errno(errno);
	return sync_dir(dir);
}

enum lr
mark_running(const char *dir, bool fast)
{
	char boot[LINE_MAX_BYTES], line[2 * LINE_MAX_BYTES];
	struct slice id = boot_id(boot);
	int n;

	if (!fast)
		return replace(dir, SLICE("running safe\n"));
	n = snprintf(line, sizeof(line), FAST "%.*s\n", SLICE_ARG(id));
	return replace(dir, slice_make(line, (size_t)n));
}

enum lr
mark_clean(const char *dir)
{
	return replace(dir, SLICE(CLEAN "\n"));
}
