/* proxy/admin/socket.h: the control socket's file.
 *
 * Its mode, 0660, says who may give orders: the owner and the group. */
#ifndef PROXY_ADMIN_SOCKET_H
#define PROXY_ADMIN_SOCKET_H

#include <sys/types.h>

#include "store/base/slice.h"
#include "store/base/status.h"

struct control_socket { /* a plain value */
	int fd;		/* listening, non-blocking; -1: none */
	char path[108]; /* of a sockaddr_un */
	dev_t dev;	/* which file it was … */
	ino_t ino;	/* … so that another's is never removed */
};

/* Makes the file and listens.  One that a dead process left is replaced.
 * uid and gid become its owner, (uid_t)-1 leaves it ours.
 * LR_BUSY: a process listens there; LR_EXISTS: something else than a socket
 * has that name; LR_TOOBIG: the path; LR_DENIED, LR_IO. */
enum lr control_socket_open(
    struct slice path, uid_t uid, gid_t gid, struct control_socket *out);

/* Removes the file if it still is the one that was made.  The descriptor
 * has been taken by control_start, or is closed here when fd is set. */
void control_socket_remove(struct control_socket *s);

#endif
