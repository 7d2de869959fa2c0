/* proxy/front/service.h: one worker with all that it serves from.
 *
 * Created by main for each thread; owns the worker's listeners, sessions,
 * connection pool, resolver and store reader. */
#ifndef PROXY_FRONT_SERVICE_H
#define PROXY_FRONT_SERVICE_H

#include "proxy/event/offload.h"
#include "proxy/observe/counters.h"
#include "proxy/site/site.h"
#include "store/store.h"

struct service;
struct flight_table; /* request/flight_table.h */

struct service_shared {	     /* borrowed; outlives every service */
	struct store *store; /* NULL: nothing is stored */
	struct flight_table *flights;
	struct offload *offload;
	struct log *log;	  /* the main server's */
	struct mailbox *main_box; /* where drained notices go */
};

/* Starts thread number index, serving site on fds (one listening socket
 * for each of site_listens, in order; taken).  Takes its own reference on
 * site.  LR_NOMEM, LR_IO, LR_FULL (store readers). */
enum lr service_start(unsigned index, const struct service_shared *shared,
    struct site *site, const int *take_fds, size_t n_fds, struct service **out);

/* The main thread.  Takes the memory that a reload with n_fds needs, so that
 * it cannot fail on some workers only.  LR_NOMEM. */
enum lr service_prepare_reload(struct service *s, size_t n_fds);
/* The main thread, once after service_prepare_reload with the same n_fds.
 * The worker goes over to site; fds as above, -1 where the listener of the
 * same address stays as it is.  Listeners of addresses that site does not
 * have are closed. */
void service_reload(
    struct service *s, struct site *site, const int *take_fds, size_t n_fds);

/* Any thread.  Stops accepting, closes idle connections, lets requests finish
 * for at most grace_ms; then calls drained(ctx) on main_box's loop, once. */
void service_drain(
    struct service *s, int64_t grace_ms, void (*drained)(void *ctx), void *ctx);

/* Stops the thread; what is still open is cut.  Its mailbox still takes
 * what other threads post: stop all, then what posts to them, then join. */
void service_stop(struct service *s);
/* Stops it if that was not done, and frees.  Takes NULL. */
void service_join(struct service *s);

const struct counters *service_counters(const struct service *s);

#endif
