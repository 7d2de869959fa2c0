/* proxy/daemon_internal.h: what the parts of the daemon share. */
#ifndef PROXY_DAEMON_INTERNAL_H
#define PROXY_DAEMON_INTERNAL_H

#include "proxy/admin/control.h"
#include "proxy/admin/socket.h"
#include "proxy/daemon.h"
#include "proxy/event/mailbox.h"
#include "proxy/front/service.h"
#include "proxy/listen_set.h"
#include "proxy/process.h"
#include "proxy/signals.h"
#include "store/base/check.h"

#define DAEMON_MAGIC MAGIC('D', 'M', 'O', 'N')

/* Main thread only. */
struct daemon {
	uint32_t magic;
	const struct site_source *src;
	struct strbuf *why; /* of a failed start */
	struct site *site;  /* the one being served */
	/* The one of the start: the store and the workers keep its log. */
	struct site *first_site;
	int64_t started_ms;
	unsigned reloads;
	bool stopping;

	struct loop *loop;
	struct mailbox *box;
	struct signals *signals;
	struct deadline flush;
	struct deadline cut; /* when waiting for the drained is over */
	struct identity identity;
	struct listen_set listens;
	struct control_socket socket;
	struct control *control;
	struct control_calls calls;
	bool wrote_pid;

	char *cache_root;    /* owned; NULL: no store */
	struct store *store; /* NULL likewise */
	struct flight_table *flights;
	struct offload *offload;
	struct service_shared shared;
	struct service **services; /* owned */
	unsigned n_services;
	unsigned n_draining; /* have not said that they are drained */
};

/* The main server's ErrorLog as now configured. */
static inline struct log *
daemon_log(const struct daemon *d)
{
	return site_main(d->site)->log;
}

/* daemon_start.c: from a loaded site to READY.  A failure leaves behind
 * what was begun, and says in d->why what to do about it. */
enum lr daemon_start(struct daemon *d);

/* daemon_reload.c: reads the configuration again.  A wrong one, or one that
 * asks for an address that cannot be had, changes nothing.  messages gets a
 * line for each thing to say; they are logged, too. */
enum lr daemon_reload(struct daemon *d, struct strbuf *messages);

/* daemon.c: what the loop calls back. */
void daemon_on_signal(void *ctx, int number);
void daemon_on_flush(void *ctx);
void daemon_on_cut(void *ctx);
extern const struct control_calls DAEMON_CONTROL; /* but for ctx */

#define DAEMON_FLUSH_MS 1000 /* access logs lag behind by so much */

#endif
