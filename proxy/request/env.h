/* proxy/request/env.h: what the requests of one worker work with.
 *
 * Owned by the worker's service; a plain value that does not move. The
 * mailbox may be posted to by any thread, the rest is the worker's own. */
#ifndef PROXY_REQUEST_ENV_H
#define PROXY_REQUEST_ENV_H

#include "proxy/event/mailbox.h"
#include "proxy/observe/counters.h"
#include "proxy/upstream/pool.h"
#include "store/base/log.h"
#include "store/base/strbuf.h"
#include "store/store.h"

struct fetch;
struct flight_table;

struct request_env {
	struct loop *loop;
	struct mailbox *box;
	struct pool *pool;
	struct store *store;	     /* NULL: nothing is stored */
	struct store_reader *reader; /* NULL with store */
	bool reading;		     /* a read transaction is open */
	struct flight_table *flights;
	struct fetch *fetches; /* under way or landing; fetch.c's list */
	struct counters *counters;
	struct log *log;       /* the main server's */
	struct strbuf scratch; /* for text that lives during one callback */
	char via_name[24];     /* in Via: ours alone, so that it shows a loop */
	unsigned index;	       /* of the worker */
	struct log_limiter cookie_warning; /* cookie_note.c's */
};

static inline int64_t
env_now_s(const struct request_env *env)
{
	return loop_now(env->loop).wall_ms / 1000;
}

static inline int64_t
env_mono_ms(const struct request_env *env)
{
	return loop_now(env->loop).mono_ms;
}

#endif
