/* proxy/process.c: limits, privileges and files of the process itself */
#include "proxy/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/base/num.h"

#define LOOKUP_BYTES 16384 /* getpwnam_r's text; more is LR_NOTFOUND */
#define PID_CHARS 32

void
process_raise_files(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		return;
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

uint64_t
process_files(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0 ||
	    lim.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return lim.rlim_cur;
}

/* ---- identity ---- */

/* "#1000" */
static bool
is_number(struct slice s, uint32_t *out)
{
	uint64_t v;

	if (!slice_starts(s, SLICE("#")) ||
	    num_parse_u64(slice_cut(s, 1, s.n), INT32_MAX, &v) != LR_OK)
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool
copy_name(struct slice s, char *dst, size_t cap)
{
	if (s.n >= cap)
		return false;
	memcpy(dst, s.p, s.n);
	dst[s.n] = '\0';
	return true;
}

static enum lr
find_user(struct slice user, struct identity *id)
{
	char text[LOOKUP_BYTES];
	struct passwd entry, *found = NULL;

	if (is_number(user, &id->uid))
		(void)getpwuid_r(id->uid, &entry, text, sizeof(text), &found);
	else if (!copy_name(user, id->user, sizeof(id->user)) ||
	    getpwnam_r(id->user, &entry, text, sizeof(text), &found) != 0 ||
	    found == NULL)
		return LR_NOTFOUND;
	if (found != NULL) {
		id->uid = found->pw_uid;
		id->gid = found->pw_gid;
		(void)copy_name(
		    slice_of(found->pw_name), id->user, sizeof(id->user));
	}
	return LR_OK;
}

static enum lr
find_group(struct slice group, gid_t *out)
{
	char text[LOOKUP_BYTES], name[64];
	struct group entry, *found = NULL;

	if (is_number(group, out))
		return LR_OK;
	if (!copy_name(group, name, sizeof(name)) ||
	    getgrnam_r(name, &entry, text, sizeof(text), &found) != 0 ||
	    found == NULL)
		return LR_NOTFOUND;
	*out = found->gr_gid;
	return LR_OK;
}

enum lr
process_identity(struct slice user, struct slice group, struct identity *out,
    struct slice *which)
{
	struct identity id = { .uid = geteuid(), .gid = getegid() };

	id.drop = geteuid() == 0 && (user.n > 0 || group.n > 0);
	if (user.n > 0 && find_user(user, &id) != LR_OK) {
		*which = user;
		return LR_NOTFOUND;
	}
	if (group.n > 0 && find_group(group, &id.gid) != LR_OK) {
		*which = group;
		return LR_NOTFOUND;
	}
	*out = id;
	return LR_OK;
}

enum lr
process_drop(const struct identity *id)
{
	if (!id->drop)
		return LR_OK;
	if (id->user[0] != '\0' ? initgroups(id->user, id->gid) != 0
				: setgroups(0, NULL) != 0)
		return LR_DENIED;
	if (setresgid(id->gid, id->gid, id->gid) != 0 ||
	    setresuid(id->uid, id->uid, id->uid) != 0)
		return LR_DENIED;
	/* Who can come back has not gone. */
	if (id->uid != 0 && setuid(0) == 0)
		return LR_DENIED;
	return LR_OK;
}

/* ---- directories ---- */

static enum lr
path_status(int err)
{
	enum lr rc = status_from_errno(err);

	return rc == LR_AGAIN ? LR_IO : rc;
}

static bool
is_empty(const char *path)
{
	DIR *dir = opendir(path);
	int entries = 0;

	if (dir == NULL)
		return false;
	while (entries <= 2 && readdir(dir) != NULL)
		entries++;
	closedir(dir);
	return entries <= 2; /* . and .. */
}

/* *made: whether path itself was missing. */
static enum lr
make_path(char *path, bool *made)
{
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		*made = mkdir(path, c == '\0' ? 0700 : 0755) == 0;
		if (!*made && errno != EEXIST)
			return path_status(errno);
		*p = c;
		if (c == '\0')
			return LR_OK;
	}
}

enum lr
process_make_dir(struct slice dir, const struct identity *id)
{
	char path[PATH_MAX];
	struct stat st;
	bool made;
	enum lr rc;

	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	if (dir.n == 0 || !copy_name(dir, path, sizeof(path)))
		return LR_IO;
	if ((rc = make_path(path, &made)) != LR_OK)
		return rc;
	if (stat(path, &st) != 0)
		return path_status(errno);
	if (!S_ISDIR(st.st_mode))
		return LR_EXISTS; /* as something else */
	if (!id->drop || (!made && !is_empty(path)))
		return LR_OK;
	return chown(path, id->uid, id->gid) == 0 ? LR_OK : path_status(errno);
}

bool
process_is_read_only(struct slice path)
{
	char name[PATH_MAX], *slash;
	struct statvfs fs;

	if (!copy_name(path, name, sizeof(name)))
		return false;
	while (statvfs(name, &fs) != 0) {
		slash = strrchr(name, '/');
		if (slash == NULL || strcmp(name, "/") == 0)
			return false;
		slash[slash == name] = '\0';
	}
	return (fs.f_flag & ST_RDONLY) != 0;
}

/* ---- the pid file ---- */

enum lr
process_write_pid(struct slice path)
{
	char name[PATH_MAX], text[PID_CHARS];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	enum lr rc = LR_OK;
	int fd;

	if (!copy_name(path, name, sizeof(name)))
		return LR_IO;
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return path_status(errno);
	if (write(fd, text, (size_t)n) != n)
		rc = LR_IO;
	if (close(fd) != 0)
		rc = LR_IO;
	return rc;
}

void
process_remove_pid(struct slice path)
{
	char name[PATH_MAX], text[PID_CHARS] = "", ours[PID_CHARS];
	int fd;

	if (!copy_name(path, name, sizeof(name)))
		return;
	snprintf(ours, sizeof(ours), "%ld\n", (long)getpid());
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0 && strcmp(text, ours) == 0)
		(void)unlink(name);
	close(fd);
}
