/* proxy/admin/verb.h: what can be asked of a running larder.
 *
 * Every verb is a row of the const table VERBS: method, path, help,
 * function.  GET /help prints it.  Main thread. */
#ifndef PROXY_ADMIN_VERB_H
#define PROXY_ADMIN_VERB_H

#include "proxy/observe/counters.h"
#include "proxy/site/site.h"
#include "store/base/strbuf.h"
#include "store/store.h"

/* How the daemon is right now; borrowed for the call. */
struct control_view {
	int64_t now_ms, started_ms;	/* wall clock */
	const struct server_conf *conf; /* of the site being served */
	const struct address *listens;	/* as bound */
	size_t n_listens;
	unsigned n_workers;
	bool stopping;
	unsigned reloads; /* that succeeded */
	size_t flights;
	bool has_store;
	struct store_stats store;
	struct store_opening opening;
};

/* What main lets the verbs do. */
struct control_calls {
	void *ctx;
	void (*view)(void *ctx, struct control_view *out);
	/* worker < n_workers */
	const struct counters *(*counters)(void *ctx, unsigned worker);
	/* As SIGHUP; messages gets a line for each thing to say. */
	enum lr (*reload)(void *ctx, struct strbuf *messages);
};

struct control_reply { /* zeroed by the caller, who frees body */
	int status;
	const char *content_type;
	struct strbuf body;
};

typedef void verb_fn(
    const struct control_calls *calls, struct control_reply *reply);

struct verb {
	const char *method;
	const char *path;
	verb_fn *answer;
	const char *help;
};
extern const struct verb VERBS[]; /* ends with a NULL path */

/* Finds and answers; 404 and 405 when there is no such verb.  allow gets
 * the method that would be right, NULL when there is none. */
void verb_answer(const char *method, const char *path,
    const struct control_calls *calls, struct control_reply *reply,
    const char **allow);

#endif
