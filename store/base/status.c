/* store/base/status.c: texts of the outcomes, and errno's place among them */
#include "store/base/status.h"

#include <errno.h>
#include <stddef.h>

static const char *const TEXTS[LR_COUNT] = {
	[LR_OK] = "success",
	[LR_AGAIN] = "not ready yet",
	[LR_NOTFOUND] = "not found",
	[LR_EXISTS] = "exists already",
	[LR_INVALID] = "malformed",
	[LR_TOOBIG] = "over the limit",
	[LR_NOMEM] = "out of memory",
	[LR_FULL] = "no room left",
	[LR_IO] = "input/output error",
	[LR_CORRUPT] = "stored data is corrupt",
	[LR_VERSION] = "format of another version",
	[LR_BUSY] = "in use by somebody else",
	[LR_DENIED] = "permission denied",
	[LR_CLOSED] = "closed by the peer",
	[LR_RESET] = "connection broken by the peer",
	[LR_REFUSED] = "connection refused",
	[LR_UNREACHABLE] = "no route to the host",
	[LR_TIMEOUT] = "timed out",
	[LR_RESOLVE] = "name has no address",
	[LR_CANCELLED] = "cancelled",
	[LR_UNSUPPORTED] = "not supported",
};

/* What is not listed is LR_IO. */
static const struct {
	int err;
	enum lr st;
} ERRNOS[] = {
	{ 0, LR_OK },
	{ EAGAIN, LR_AGAIN },
	{ EWOULDBLOCK, LR_AGAIN },
	{ EINTR, LR_AGAIN },
	{ EINPROGRESS, LR_AGAIN },
	{ EALREADY, LR_AGAIN },
	{ ENOENT, LR_NOTFOUND },
	{ ENOTDIR, LR_NOTFOUND },
	{ ESRCH, LR_NOTFOUND },
	{ ENODEV, LR_NOTFOUND },
	{ ENXIO, LR_NOTFOUND },
	{ EEXIST, LR_EXISTS },
	{ EISCONN, LR_EXISTS },
	{ EINVAL, LR_INVALID },
	{ EILSEQ, LR_INVALID },
	{ EDOM, LR_INVALID },
	{ EISDIR, LR_INVALID },
	{ ELOOP, LR_INVALID },
	{ E2BIG, LR_TOOBIG },
	{ EFBIG, LR_TOOBIG },
	{ ERANGE, LR_TOOBIG },
	{ EOVERFLOW, LR_TOOBIG },
	{ EMSGSIZE, LR_TOOBIG },
	{ ENAMETOOLONG, LR_TOOBIG },
	{ ENOMEM, LR_NOMEM },
	{ ENOBUFS, LR_NOMEM },
	{ ENOSPC, LR_FULL },
	{ EDQUOT, LR_FULL },
	{ EMFILE, LR_FULL },
	{ ENFILE, LR_FULL },
	{ EBUSY, LR_BUSY },
	{ ETXTBSY, LR_BUSY },
	{ EADDRINUSE, LR_BUSY },
	{ EACCES, LR_DENIED },
	{ EPERM, LR_DENIED },
	{ EROFS, LR_DENIED },
	{ EPIPE, LR_RESET },
	{ ECONNRESET, LR_RESET },
	{ ECONNABORTED, LR_RESET },
	{ ENOTCONN, LR_RESET },
	{ ECONNREFUSED, LR_REFUSED },
	{ ENETDOWN, LR_UNREACHABLE },
	{ ENETUNREACH, LR_UNREACHABLE },
	{ EHOSTDOWN, LR_UNREACHABLE },
	{ EHOSTUNREACH, LR_UNREACHABLE },
	{ EADDRNOTAVAIL, LR_UNREACHABLE },
	{ ETIMEDOUT, LR_TIMEOUT },
	{ ECANCELED, LR_CANCELLED },
	{ ENOSYS, LR_UNSUPPORTED },
	{ EOPNOTSUPP, LR_UNSUPPORTED },
	{ EAFNOSUPPORT, LR_UNSUPPORTED },
	{ EPROTONOSUPPORT, LR_UNSUPPORTED },
};

const char *
status_text(enum lr st)
{
	if ((unsigned)st >= LR_COUNT)
		return "unknown status";
	return TEXTS[st];
}

enum lr
status_from_errno(int err)
{
	for (size_t i = 0; i < sizeof(ERRNOS) / sizeof(ERRNOS[0]); i++) {
		if (ERRNOS[i].err == err)
			return ERRNOS[i].st;
	}
	return LR_IO;
}
