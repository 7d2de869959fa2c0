/* proxy/request/flight_internal.h: what a flight is made of; for the three
 * files that work on it (flight_table.c, flight.c, follower.c). */
#ifndef PROXY_REQUEST_FLIGHT_INTERNAL_H
#define PROXY_REQUEST_FLIGHT_INTERNAL_H

#include <pthread.h>

#include "proxy/request/flight.h"
#include "proxy/request/flight_table.h"
#include "proxy/request/follower.h"

#define FLIGHT_MAGIC MAGIC('F', 'l', 'g', 't')

struct flight {
	uint32_t magic;
	_Atomic uint32_t refs;
	struct request_env *home;
	struct store *store; /* outlives every worker */
	struct flight_table *table;
	struct cache_key key; /* text owned; does not change once listed */
	struct flight *next;  /* in a bucket; the shard's lock */
	bool listed;	      /* likewise */
	bool joinable;	      /* likewise; only while listed */
	_Atomic bool doomed, updated;
	struct flight_head head;

	pthread_mutex_t lock; /* all below */
	enum flight_state state;
	enum lr why;
	bool published; /* head may be read */
	bool landed;
	bool hungry;	  /* the fetch waits for room */
	uint64_t changes; /* counts what followers may want to see */
	struct window window;
	struct strbuf interim, trailers;
	struct fill *fill;
	bool filling; /* fill is open or done, not given up */
	bool counted; /* in the table's fills */
	struct follower *followers;
	size_t n_followers;

	void (*attention)(void *ctx);
	void *attention_ctx;
	bool attention_posted;
	struct mail attention_mail;
};

struct follower {
	struct flight *flight; /* a reference */
	struct request_env *env;
	void (*wake)(void *ctx);
	void *ctx;
	struct follower *prev, *next; /* flight's lock, as all below */
	uint64_t seen;		      /* flight->changes at the last view */
	uint64_t offset;  /* body bytes before it are not needed any more */
	size_t interim_n; /* bytes of interim heads taken */
	bool waiting;
	bool posted; /* a wake is under way */
	bool left;   /* freed by its owner while posted */
	struct mail mail;
	struct task task;
};

/* An unlisted flight with one reference; NULL when out of memory. */
struct flight *flight_new(struct request_env *env, struct cache_key key);
/* With f's lock: asks the fetch to look at its flight. */
void flight_ask_attention(struct flight *f);

/* The table's count of flights whose body goes to the store. */
void flight_table_count_fill(struct flight_table *t);
void flight_table_discount_fill(struct flight_table *t);
size_t flight_table_fills(struct flight_table *t);

#endif
