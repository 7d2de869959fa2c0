/* store/fill.h: one object on its way in.
 *
 * Made by fill_begin in the caller's thread, then shared by that thread
 * and the writer's: each field says whose it is.  It lives until the
 * caller has let go (released) and the queue holds it no more.
 *
 *   caller: append -> incoming        writer: take -> w.spans -> pages
 *
 * A fill is queued when a piece's worth of bytes waits, or at its end, and
 * at most once at a time. */
#ifndef STORE_FILL_H
#define STORE_FILL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/internal.h"
#include "store/queue.h"
#include "store/record.h"
#include "store/spans.h"

#define FILL_MAGIC MAGIC('F', 'I', 'L', 'L')

/* Where a part goes. */
struct fill_place {
	bool begun;		  /* the group at hand made the object */
	bool settled;		  /* the object is published */
	bool whole;		  /* it lacks nothing: what comes is dropped */
	uint64_t end;		  /* in the body: where the next byte goes */
	uint64_t there_bytes;	  /* of the body, of all parts so far */
	struct store_ref surplus; /* a pin to be let go, if it has a slot */
};

/* What the writer did with the fill in the group at hand. */
enum fill_step {
	FILL_WAITS,    /* nothing: too little of it is here */
	FILL_MOVED,    /* some more pages */
	FILL_WHOLE,    /* all of it, and its record says so */
	FILL_KEPT,     /* given up; its pages wait until nobody reads them */
	FILL_DROPPING, /* given up; some of its pages are deleted */
	FILL_DROPPED   /* given up; nothing is left of it */
};

struct fill_writing {
	struct spans spans;  /* taken from incoming */
	uint64_t id;	     /* 0: no row was written yet */
	uint64_t body_bytes; /* written into pages */
	uint32_t next_page;
	bool last;    /* spans has the body's end */
	bool dropped; /* to be given up */
	bool unread;  /* and nobody reads its pages */
	enum fill_step step;
	struct record rec;	 /* url points into tail */
	struct fill_place place; /* of a part */
};

struct fill {
	struct job job; /* the queue's */
	uint32_t magic;
	struct store *st;
	uint64_t declared_bytes; /* UINT64_MAX: not known */
	bool is_part;
	struct store_part part; /* if it is one */
	uint32_t removals;	/* when it began */
	struct slice head;	/* in tail */

	pthread_mutex_t lock; /* over what follows, up to w */
	struct spans incoming;
	uint64_t received_bytes;
	uint64_t charged_bytes; /* at the queue */
	bool finished, aborted, queued, released;
	bool unwanted;	      /* nobody reads what failed */
	bool stored;	      /* some rows are committed */
	bool settled;	      /* the writer will not touch it any more */
	struct store_ref ref; /* once stored; its slot once published */
	fill_notify *notify;  /* called with the lock held */
	void *ctx;

	_Atomic int state; /* enum fill_state */
	_Atomic uint64_t committed_bytes;

	struct fill_writing w; /* the writer's thread */
	char tail[];	       /* head, url text */
};

extern const struct job_ops FILL_JOB, FILL_PART_JOB;

/* The writer met a removal of hash behind this job: if it is a fill of
 * that resource, nobody shall find it. */
void fill_supersede(struct job *job, uint64_t hash);
/* Was anything of its hash removed since it began? */
bool fill_is_outdated(const struct fill *f);
/* Frees it; the caller knows that nobody else holds it. */
void fill_destroy(struct fill *f);

#endif
