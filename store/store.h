/* store/store.h: the content store.
 *
 * Objects are a head (a blob; the store knows no HTTP) and a body, found
 * by a 64-bit hash in an index in memory and read from LMDB's map without
 * a copy.  Only the store's own writer thread writes.
 *
 *   find   any thread    -> a pinned reference (no lock, no disk)
 *   read   any thread with its own reader, inside one callback
 *   fill   one thread per fill; pieces go to the writer through a bounded
 *          queue; the object can be found once its last byte is committed
 *   remove any thread; nobody finds it any more when the call returns
 *
 * The layout on disk is described in store/schema.h. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "store/base/block.h"
#include "store/base/log.h"
#include "store/base/slice.h"
#include "store/base/status.h"
#include "store/extents.h"
#include "store/policy.h"

struct store;
struct store_reader;
struct fill;

#define STORE_PAGE_BYTES 4072 /* with its check it fills one LMDB page */

/* An unfinished fill goes to the writer when so much of it waits; whoever
 * paces by fill_committed must let at least this much be outstanding. */
#define FILL_PIECE_BYTES 65536

struct store_conf {
	const char *dir;       /* CacheRoot; made when missing (mode 0700) */
	uint64_t size_bytes;   /* CacheSize: the hard bound of the data file */
	bool fast;	       /* CacheDurability fast: MDB_NOSYNC */
	unsigned readers;      /* most store_reader_open calls alive */
	int64_t group_wait_ms; /* a commit gathers jobs for so long (0: none) */
	size_t queue_bytes;    /* most bytes waiting for the writer */
	uint64_t scrub_bytes_s;	 /* read to find damage (0: none) */
	enum policy_kind policy; /* CacheEviction */
	int64_t uses_every_ms;	 /* how often objects were asked for goes to the
				  * disk so often; 0: only at the end */
	struct log *log;	 /* borrowed, outlives the store; may be NULL */
};

/* Opens or makes the store and loads its index, which delays the caller until
 * all objects can be found; starts the writer thread.
 * An unreadable store is moved aside (dir/aside.<time>) and a fresh one
 * begun.  LR_BUSY: another process has it; LR_DENIED, LR_IO, LR_NOMEM;
 * LR_FULL: the disk has no room for size_bytes; LR_VERSION: written by a newer
 * larder. */
enum lr store_open(const struct store_conf *conf, struct store **out);

enum store_how {
	STORE_NEW,     /* nothing was there */
	STORE_CLEAN,   /* it had been closed in order */
	STORE_CHECKED, /* it had not, and a check met no damage */
	STORE_ANEW     /* what was there is of no use */
};

struct store_opening { /* how it was opened; a plain value */
	enum store_how how;
	const char *why;  /* of STORE_ANEW, else NULL; static storage */
	uint64_t objects; /* that were loaded */
	int64_t took_ms;  /* with the check */
};
void store_opening_read(const struct store *st, struct store_opening *out);
/* A phrase for each; static storage. */
const char *store_how_text(enum store_how how);

/* Commits what is queued, marks the store clean, frees it.  No reader,
 * pin or fill may be alive.  Takes NULL. */
void store_close(struct store *st);

/* ---- finding ---- */

/* What the index says about an object; a plain value.  The object's pages
 * stay readable until store_unpin. */
struct store_ref {
	uint32_t slot; /* the index's own */
	uint64_t id;   /* never reused */
	uint64_t hash;
	uint64_t body_bytes;
	uint32_t body0_bytes; /* body bytes that share page 0 with the head */
	bool verified;	      /* this process wrote or has checked all of it */
};

/* Finds, pins, and counts as a use.  No lock, no system call.  LR_NOTFOUND.
 * Two keys may share a hash: the caller compares the key in the head. */
enum lr store_find(struct store *st, uint64_t hash, struct store_ref *out);
/* A second pin on what ref holds already. */
void store_pin(struct store *st, const struct store_ref *ref);
void store_unpin(struct store *st, const struct store_ref *ref);

/* ---- reading; a reader belongs to one thread ---- */

/* LR_FULL: conf.readers are open already; LR_NOMEM. */
enum lr store_reader_open(struct store *st, struct store_reader **out);
void store_reader_close(struct store_reader *rd);

/* Begins and ends a short read transaction.  Never return to the event
 * loop between the two.  What the reads below give points into the map
 * and is valid until store_read_end.  Find first, then begin: what is
 * published after begin cannot be read in this transaction.
 * Of an object that is not verified, whatever is given out was checked
 * first, page by page; LR_CORRUPT then means that it was dropped, too.
 * Begin: LR_IO. */
enum lr store_read_begin(struct store_reader *rd);
void store_read_end(struct store_reader *rd);

/* The head blob and the first body0_bytes of the body.
 * LR_NOTFOUND: gone (only for an unpinned or uncommitted id); LR_CORRUPT. */
enum lr store_read_head(struct store_reader *rd, const struct store_ref *ref,
    struct slice *head, struct slice *body0);

/* Up to *n pieces of the body from offset on, at most max_bytes; *n becomes
 * how many there are (0 at the end).  Works for a filling object too, up
 * to what fill_committed says.  LR_CORRUPT, LR_NOTFOUND, LR_IO. */
enum lr store_read_body(struct store_reader *rd, const struct store_ref *ref,
    uint64_t offset, uint64_t max_bytes, struct iovec *iov, int *n);

/* Which bytes of the body are there.  LR_NOTFOUND: no part was ever stored, so
 * all are.  LR_CORRUPT, LR_IO. */
enum lr store_read_extents(
    struct store_reader *rd, const struct store_ref *ref, struct extents *out);

/* ---- changing ---- */

struct store_object {	       /* what is kept in the obj record */
	uint64_t hash;	       /* found by this */
	uint64_t primary_hash; /* the resource's; equals hash for a primary */
	struct slice url; /* "host/path?query" text for the ordered url index */
	int64_t stored_at_s;
	int64_t expires_at_s;
	uint32_t stale_s; /* may be served stale so long after */
	uint32_t flags;	  /* the caller's own (entry.h) */
	uint64_t tag;	  /* alike for bodies that are alike, byte by byte; 0:
			   * not known.  Parts are joined only under one */
};

enum fill_state {
	FILL_OPEN,	/* more may come, or not all is committed */
	FILL_PUBLISHED, /* complete, committed, found by store_find */
	FILL_FAILED	/* nothing will be found */
};

/* Called on the writer's thread after a commit that moved the fill on or
 * ended it.  Must not block; it normally posts a message.  Of the fill it
 * may only ask fill_state and fill_committed: a lock is held.  Not called
 * any more once fill_free returned. */
typedef void fill_notify(void *ctx);

/* Begins an object.  head is copied; body_bytes UINT64_MAX: not known.
 * Nothing is promised: LR_FULL when the queue or the store has no room
 * (the caller passes the response through unstored), LR_TOOBIG when the
 * object cannot fit at all, LR_NOMEM. */
enum lr fill_begin(struct store *st, const struct store_object *obj,
    struct slice head, uint64_t body_bytes, fill_notify *notify, void *ctx,
    struct fill **out);
struct store_part { /* a stretch of a body */
	uint64_t first, n_bytes;
	uint64_t total_bytes; /* of the whole body */
};

/* Begins a part of a sparse object; otherwise as fill_begin.  It joins what
 * is stored under obj's hash when tag and total_bytes are the same, with head
 * as the new head unless that is of a later time; else it replaces that.  Bytes
 * that are there already are never changed.  What has been committed can be
 * read at once, and stays when the rest does not come.  fill_committed counts
 * from the part's beginning. */
enum lr fill_begin_part(struct store *st, const struct store_object *obj,
    struct slice head, const struct store_part *part, fill_notify *notify,
    void *ctx, struct fill **out);
/* Appends a piece of the body; takes a reference of its own on the block.
 * Always accepted while FILL_OPEN (the caller paces itself by
 * fill_committed); LR_NOMEM, LR_FULL end the fill. */
enum lr fill_append(struct fill *f, struct span piece);
/* The body is complete: publish after the commit, in place of what the
 * hash found before.  Of a part, that no more of it comes. */
void fill_finish(struct fill *f);
/* Gives it up: nothing is published, and its pages go.  One that failed by
 * itself keeps what was committed until then, or until fill_free: whoever
 * reads it can go on. */
void fill_abort(struct fill *f);
/* Lets go of the handle (after finish, the work goes on); drops the pin
 * that a published fill holds.  An unfinished fill is aborted. */
void fill_free(struct fill *f);

enum fill_state fill_state(const struct fill *f);
/* Body bytes that are readable through fill_ref; grows. */
uint64_t fill_committed(const struct fill *f);
/* For store_read_body once fill_committed > 0 or the state is PUBLISHED: valid
 * while the fill handle lives (it holds a pin from publication on).  LR_AGAIN
 * before. */
enum lr fill_ref(const struct fill *f, struct store_ref *out);

/* Replaces the head of a stored object (304, RFC 9111 4.3.4) and its
 * times; the body stays.  Asynchronous; readers see the old or the new
 * head.  notify (may be NULL) runs on the writer's thread after the
 * commit, or at once from this call on failure to queue.
 * LR_FULL: the queue has no room; LR_NOMEM. */
enum lr store_update(struct store *st, const struct store_ref *ref,
    const struct store_object *obj, struct slice head, fill_notify *notify,
    void *ctx);

/* Nobody finds the object any more when it returns; its pages follow when
 * it is not pinned.  A primary's variants must be removed with it: all
 * objects of the same primary_hash go too (in the background).
 * LR_NOTFOUND. */
enum lr store_remove(struct store *st, uint64_t hash);
/* Nobody finds what is stored under hash any more.  For whoever is about to
 * finish a fill in its place: unlike a removal it says nothing about what is
 * on its way. */
void store_hide(struct store *st, uint64_t hash);
/* Only if it is still this very object. */
enum lr store_remove_ref(struct store *st, const struct store_ref *ref);

/* ---- watching ---- */

struct store_stats {
	uint64_t objects, body_bytes; /* in the index */
	uint64_t pages, pages_used;   /* of 4,096 bytes */
	uint64_t fills, fills_refused, fills_failed, published, updates;
	uint64_t removed, evicted, not_admitted, ghost_hits;
	uint64_t commits, commit_us, corrupt;
	uint64_t verified;		 /* pages checked for readers */
	uint64_t scrubbed, scrub_rounds; /* objects; all of them once */
	uint64_t loaded, open_ms;	 /* of the opening */
	uint64_t queue_bytes, queue_jobs;
};
void store_stats_read(struct store *st, struct store_stats *out);

/* Waits until all that was queued before the call is committed. Tests and
 * shutdown only. */
void store_flush(struct store *st);
/* Checks all objects once, in the caller's thread.  Tests only.  LR_FULL:
 * too many readers. */
enum lr store_scrub(struct store *st);

#endif
