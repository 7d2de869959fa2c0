/* store/aside.c: moving a data file away, deleting old ones */
#include "store/aside.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/base/slice.h"

/* Deletes dir/name with the data file in it. */
static int
forget_one(const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s/data.mdb", dir, name) >=
	    (int)sizeof(path))
		return 0;
	unlink(path);
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return 0;
	return rmdir(path) == 0;
}

int
aside_forget(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int any = 0;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		if (slice_starts(slice_of(e->d_name), SLICE("aside.")))
			any |= forget_one(dir, e->d_name);
	}
	closedir(d);
	return any;
}

enum lr
aside_move(const char *dir)
{
	char to[PATH_MAX], from[PATH_MAX], file[PATH_MAX + 16];

	aside_forget(dir);
	if (snprintf(to, sizeof(to), "%s/aside.%lld", dir,
		(long long)clock_read().wall_ms) >= (int)sizeof(to) ||
	    snprintf(from, sizeof(from), "%s/data.mdb", dir) >=
		(int)sizeof(from))
		return LR_TOOBIG;
	if (mkdir(to, 0700) != 0)
		return status_from_errno(errno);
	snprintf(file, sizeof(file), "%s/data.mdb", to);
	if (rename(from, file) != 0 && errno != ENOENT)
		return status_from_errno(errno);
	return LR_OK;
}
