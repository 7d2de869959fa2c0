/* proxy/conf/include.c: finding and reading files */
#include "proxy/conf/include.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/conf/array.h"
#include "store/base/strbuf.h"

#define DIRECTORY_DEPTH_MAX 20
#define FILES_MAX 10000
#define READ_BYTES 16384

enum lr
include_path(struct slice root, struct slice path, struct arena *arena,
    struct slice *out)
{
	struct strbuf sb = { 0 };
	enum lr rc = LR_OK;

	if (path.n == 0 || path.p[0] != '/') {
		strbuf_add_slice(&sb, root);
		if (!slice_ends(root, SLICE("/")))
			strbuf_add_char(&sb, '/');
	}
	strbuf_add_slice(&sb, path);
	*out = arena_dup(arena, strbuf_slice(&sb));
	if (sb.failed || out->p == NULL)
		rc = LR_NOMEM;
	strbuf_free(&sb);
	return rc;
}

struct slice
include_parent(struct slice full)
{
	struct slice s = full;

	while (s.n > 1 && s.p[s.n - 1] != '/')
		s.n--;
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

enum lr
include_full_path(const char *file, struct arena *arena, struct slice *out)
{
	char *full = file != NULL ? realpath(file, NULL) : getcwd(NULL, 0);

	if (full == NULL)
		return errno == ENOMEM ? LR_NOMEM : LR_IO;
	*out = arena_dup(arena, slice_of(full));
	free(full);
	return out->p != NULL ? LR_OK : LR_NOMEM;
}

static enum lr
add_file(struct array *list, struct slice path, struct arena *arena)
{
	struct slice *slot;

	if (list->n >= FILES_MAX)
		return LR_TOOBIG;
	if ((slot = array_add(list, sizeof(*slot), arena)) == NULL)
		return LR_NOMEM;
	*slot = arena_dup(arena, path);
	return slot->p != NULL ? LR_OK : LR_NOMEM;
}

static enum lr add_path(
    struct array *list, const char *path, struct arena *arena, unsigned depth);

static int
is_entry(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum lr
add_directory(
    struct array *list, const char *path, struct arena *arena, unsigned depth)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_entry, by_name);
	enum lr rc = LR_OK;

	if (n < 0)
		return status_from_errno(errno);
	for (int i = 0; i < n; i++) {
		struct slice full;

		if (rc == LR_OK)
			rc = include_path(slice_of(path),
			    slice_of(entries[i]->d_name), arena, &full);
		if (rc == LR_OK)
			rc = add_path(list, full.p, arena, depth + 1);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static enum lr
add_path(
    struct array *list, const char *path, struct arena *arena, unsigned depth)
{
	struct stat st;

	if (depth > DIRECTORY_DEPTH_MAX)
		return LR_TOOBIG;
	if (stat(path, &st) != 0)
		return status_from_errno(errno);
	if (S_ISDIR(st.st_mode))
		return add_directory(list, path, arena, depth);
	return add_file(list, slice_of(path), arena);
}

static bool
is_pattern(struct slice path)
{
	return slice_find(path, '*') < path.n ||
	    slice_find(path, '?') < path.n || slice_find(path, '[') < path.n;
}

static enum lr
status_of_glob(int rc)
{
	switch (rc) {
	case 0:
		return LR_OK;
	case GLOB_NOMATCH:
		return LR_NOTFOUND;
	case GLOB_NOSPACE:
		return LR_NOMEM;
	default:
		return LR_IO;
	}
}

enum lr
include_expand(struct slice path, struct arena *arena, struct include_list *out)
{
	struct array list = { 0 };
	struct slice text = arena_dup(arena, path);
	glob_t found = { 0 };
	enum lr rc;

	if (text.p == NULL)
		return LR_NOMEM;
	if (!is_pattern(text)) {
		rc = add_path(&list, text.p, arena, 0);
	} else {
		rc = status_of_glob(glob(text.p, GLOB_NOESCAPE, NULL, &found));
		for (size_t i = 0; rc == LR_OK && i < found.gl_pathc; i++)
			rc = add_path(&list, found.gl_pathv[i], arena, 0);
		globfree(&found);
	}
	if (rc == LR_OK)
		*out = (struct include_list){ list.items, list.n };
	return rc;
}

static enum lr
read_all(int fd, struct strbuf *sb)
{
	char buf[READ_BYTES];

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n == 0)
			return sb->failed ? LR_NOMEM : LR_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EISDIR ? LR_INVALID : LR_IO;
		strbuf_add(sb, buf, (size_t)n);
		if (sb->n > INCLUDE_FILE_MAX)
			return LR_TOOBIG;
	}
}

enum lr
include_read(const char *path, struct arena *arena, struct slice *out)
{
	struct strbuf sb = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum lr rc;

	if (fd < 0)
		return status_from_errno(errno);
	rc = read_all(fd, &sb);
	close(fd);
	if (rc == LR_OK) {
		struct slice text = arena_dup(arena, strbuf_slice(&sb));

		if (text.p != NULL)
			*out = text;
		else
			rc = LR_NOMEM;
	}
	strbuf_free(&sb);
	return rc;
}
