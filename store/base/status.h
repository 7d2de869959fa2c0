/* store/base/status.h: the one vocabulary of outcomes.
 *
 * Every fallible function returns an enum lr.  Foreign codes (errno, MDB_*,
 * EAI_*) are translated at the first boundary and never travel further.
 * Pure; safe on any thread. */
#ifndef STORE_BASE_STATUS_H
#define STORE_BASE_STATUS_H

enum lr {
	LR_OK = 0,
	LR_AGAIN,	/* would block, or more input is needed; try later */
	LR_NOTFOUND,	/* no such thing */
	LR_EXISTS,	/* there is one already */
	LR_INVALID,	/* malformed input, or it means nothing here */
	LR_TOOBIG,	/* over a configured limit */
	LR_NOMEM,	/* out of memory */
	LR_FULL,	/* queue, store or disk is full */
	LR_IO,		/* the system refused an operation on a file */
	LR_CORRUPT,	/* stored bytes do not mean what they should */
	LR_VERSION,	/* a format of another version */
	LR_BUSY,	/* somebody else holds it */
	LR_DENIED,	/* no permission */
	LR_CLOSED,	/* the peer ended the stream in order */
	LR_RESET,	/* the peer broke the stream */
	LR_REFUSED,	/* nobody listens there */
	LR_UNREACHABLE, /* no route */
	LR_TIMEOUT,	/* a deadline passed */
	LR_RESOLVE,	/* a name has no address */
	LR_CANCELLED,	/* we gave up ourselves */
	LR_UNSUPPORTED, /* valid, but this build does not do it */
	LR_COUNT	/* how many there are; never returned */
};

/* A short lower-case English phrase for st, static storage, never NULL. */
const char *status_text(enum lr st);

/* The outcome that an errno value stands for; 0 is LR_OK, and a value
 * without a better place is LR_IO. */
enum lr status_from_errno(int err);

#endif
