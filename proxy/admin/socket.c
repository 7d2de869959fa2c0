/* proxy/admin/socket.c: a listening Unix socket, safely made */
#include "proxy/admin/socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

static enum lr
file_status(int err)
{
	enum lr rc = status_from_errno(err);

	return rc == LR_DENIED || rc == LR_NOMEM ? rc : LR_IO;
}

static enum lr
address_of(struct slice path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (path.n >= sizeof(out->sun_path))
		return LR_TOOBIG;
	memcpy(out->sun_path, path.p, path.n);
	return LR_OK;
}

/* What already has the name: nothing or a dead socket is LR_OK. */
static enum lr
check_name(const struct sockaddr_un *at)
{
	struct stat st;
	bool alive;
	int fd;

	if (lstat(at->sun_path, &st) != 0)
		return errno == ENOENT ? LR_OK : file_status(errno);
	if (!S_ISSOCK(st.st_mode))
		return LR_EXISTS;
	/* A full backlog (EAGAIN) is somebody's, too. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return file_status(errno);
	alive = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
	    errno == EAGAIN;
	close(fd);
	return alive ? LR_BUSY : LR_OK;
}

/* Makes the socket under a name of its own, so that it gets its mode before
 * anybody can connect, and replaces a dead one in a single step. */
static enum lr
make(const struct sockaddr_un *at, uid_t uid, gid_t gid,
    struct control_socket *s)
{
	struct sockaddr_un draft;
	struct stat st;
	char name[sizeof(at->sun_path) + 8];
	enum lr rc;

	snprintf(name, sizeof(name), "%s.new", at->sun_path);
	if ((rc = address_of(slice_of(name), &draft)) != LR_OK)
		return rc;
	(void)unlink(draft.sun_path);
	if (bind(s->fd, (const struct sockaddr *)&draft, sizeof(draft)) != 0)
		return file_status(errno);
	if (chmod(draft.sun_path, 0660) != 0 ||
	    (uid != (uid_t)-1 && chown(draft.sun_path, uid, gid) != 0) ||
	    listen(s->fd, BACKLOG) != 0 || stat(draft.sun_path, &st) != 0 ||
	    rename(draft.sun_path, at->sun_path) != 0) {
		rc = file_status(errno);
		(void)unlink(draft.sun_path);
		return rc;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return LR_OK;
}

enum lr
control_socket_open(
    struct slice path, uid_t uid, gid_t gid, struct control_socket *out)
{
	struct control_socket s = { .fd = -1 };
	struct sockaddr_un at;
	enum lr rc = address_of(path, &at);

	if (rc == LR_OK)
		rc = check_name(&at);
	if (rc != LR_OK)
		return rc;
	s.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s.fd < 0)
		return file_status(errno);
	if ((rc = make(&at, uid, gid, &s)) != LR_OK) {
		close(s.fd);
		return rc;
	}
	memcpy(s.path, at.sun_path, sizeof(s.path));
	*out = s;
	return LR_OK;
}

void
control_socket_remove(struct control_socket *s)
{
	struct stat st;

	if (s->fd >= 0)
		close(s->fd);
	if (s->path[0] != '\0' && lstat(s->path, &st) == 0 &&
	    st.st_dev == s->dev && st.st_ino == s->ino)
		(void)unlink(s->path);
	*s = (struct control_socket){ .fd = -1 };
}
