/* proxy/daemon.c: start, reload, drain and end */
#include "proxy/daemon.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "proxy/admin/control.h"
#include "proxy/admin/socket.h"
#include "proxy/event/mailbox.h"
#include "proxy/event/offload.h"
#include "proxy/front/service.h"
#include "proxy/listen_set.h"
#include "proxy/notify.h"
#include "proxy/process.h"
#include "proxy/request/flight.h"
#include "proxy/restart_only.h"
#include "proxy/signals.h"
#include "store/base/check.h"

#define DAEMON_MAGIC MAGIC('D', 'M', 'O', 'N')

#define OFFLOAD_THREADS 4
#define QUEUE_BYTES (64u << 20) /* most that waits for the store's writer */
#define FLUSH_MS 1000		/* access logs lag behind by so much */

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
	struct identity identity;
	struct listen_set listens;
	struct control_socket socket;
	struct control *control;
	struct control_calls calls;
	bool wrote_pid;

	struct store *store; /* NULL: no CacheRoot */
	struct flight_table *flights;
	struct offload *offload;
	struct service_shared shared;
	struct service **services; /* owned */
	unsigned n_services;
	unsigned n_draining; /* have not said that they are drained */
};

static struct log *
main_log(const struct daemon *d)
{
	return site_main(d->site)->log;
}

/* ---- start: what may need privileges ---- */

static enum lr
find_identity(struct daemon *d)
{
	const struct server_conf *conf = site_server(d->site);
	struct slice which;
	enum lr rc = process_identity(
	    conf->user, conf->group, &d->identity, &which);

	if (rc != LR_OK)
		strbuf_addf(d->why, "there is no user or group \"%.*s\"",
		    SLICE_ARG(which));
	return rc;
}

static const char *
socket_advice(enum lr rc)
{
	switch (rc) {
	case LR_BUSY:
		return "another larder listens there; each needs a socket of "
		       "its own";
	case LR_EXISTS:
		return "something else than a socket has that name";
	case LR_TOOBIG:
		return "the path is longer than a socket's may be (103 "
		       "characters)";
	default:
		return status_text(rc);
	}
}

static enum lr
open_control_socket(struct daemon *d)
{
	struct slice path = site_server(d->site)->control_socket;
	bool give = d->identity.drop;
	enum lr rc;

	if (path.n == 0)
		return LR_OK;
	rc = control_socket_open(path, give ? d->identity.uid : (uid_t)-1,
	    give ? d->identity.gid : (gid_t)-1, &d->socket);
	if (rc != LR_OK)
		strbuf_addf(d->why, "ControlSocket %.*s: %s", SLICE_ARG(path),
		    socket_advice(rc));
	return rc;
}

static enum lr
write_pid(struct daemon *d)
{
	struct slice path = site_server(d->site)->pid_file;
	enum lr rc;

	if (path.n == 0)
		return LR_OK;
	rc = process_write_pid(path);
	if (rc != LR_OK)
		strbuf_addf(d->why, "PidFile %.*s: %s", SLICE_ARG(path),
		    status_text(rc));
	d->wrote_pid = rc == LR_OK;
	return rc;
}

static enum lr
make_cache_root(struct daemon *d)
{
	struct slice dir = site_server(d->site)->cache_root;
	enum lr rc;

	if (dir.n == 0)
		return LR_OK;
	rc = process_make_dir(dir, &d->identity);
	if (rc != LR_OK)
		strbuf_addf(d->why,
		    "CacheRoot %.*s cannot be made: %s; it must be a folder "
		    "that User may write to",
		    SLICE_ARG(dir), status_text(rc));
	return rc;
}

static enum lr
drop_privileges(struct daemon *d)
{
	enum lr rc = process_drop(&d->identity);

	if (rc != LR_OK)
		strbuf_add_cstr(
		    d->why, "cannot change to the given User and Group");
	return rc;
}

/* ---- start: the store and the workers ---- */

static const char *
store_advice(enum lr rc)
{
	switch (rc) {
	case LR_BUSY:
		return "another larder uses it; each needs a CacheRoot of its "
		       "own";
	case LR_DENIED:
		return "no permission; it and all files in it must belong to "
		       "the user that larder runs as";
	case LR_FULL:
		return "the disk has no room for CacheSize; make room or "
		       "lower it";
	case LR_VERSION:
		return "a newer larder wrote it; give this one another "
		       "CacheRoot";
	default:
		return status_text(rc);
	}
}

static enum lr
open_store(struct daemon *d)
{
	const struct server_conf *conf = site_server(d->site);
	struct store_conf sc = {
		.dir = conf->cache_root.p,
		.size_bytes = conf->cache_size_bytes,
		.fast = conf->cache_fast,
		.readers = conf->workers,
		.group_wait_ms = conf->cache_sync_ms,
		.queue_bytes = QUEUE_BYTES,
		.log = main_log(d),
	};
	enum lr rc;

	if (conf->cache_root.n == 0)
		return LR_OK;
	rc = store_open(&sc, &d->store);
	if (rc != LR_OK)
		strbuf_addf(d->why, "CacheRoot %.*s: %s",
		    SLICE_ARG(conf->cache_root), store_advice(rc));
	return rc;
}

static enum lr
start_service(struct daemon *d, unsigned index)
{
	int *fds = calloc(d->listens.n + 1, sizeof(*fds));
	enum lr rc;

	if (fds == NULL)
		return LR_NOMEM;
	listen_set_take(&d->listens, index, fds);
	rc = service_start(index, &d->shared, d->site, fds, d->listens.n,
	    &d->services[index]);
	free(fds);
	return rc;
}

static enum lr
start_services(struct daemon *d)
{
	unsigned n = site_server(d->site)->workers;
	enum lr rc;

	if ((rc = flight_table_create(&d->flights)) != LR_OK ||
	    (rc = offload_create(OFFLOAD_THREADS, &d->offload)) != LR_OK)
		return rc;
	if ((d->services = calloc(n, sizeof(*d->services))) == NULL)
		return LR_NOMEM;
	d->shared = (struct service_shared){
		.store = d->store,
		.flights = d->flights,
		.offload = d->offload,
		.log = main_log(d),
		.main_box = d->box,
	};
	for (; rc == LR_OK && d->n_services < n; d->n_services++)
		rc = start_service(d, d->n_services);
	return rc;
}

/* ---- reload ---- */

/* The log of the start stays with the store and the workers; it follows
 * the new LogLevel. */
static void
copy_levels(const struct log *from, struct log *to)
{
	struct log_levels levels;

	for (int m = 0; m < LOG_MODULE_COUNT; m++) {
		levels.of[m] = LOG_L_EMERG;
		for (int l = 0; l < LOG_L_COUNT; l++) {
			if (log_wants(from, (enum log_module)m,
				(enum log_level)l))
				levels.of[m] = (uint8_t)l;
		}
	}
	log_set_levels(to, &levels);
}

/* Gives the new site and its sockets to every worker. */
static enum lr
hand_over(struct daemon *d, struct site *site, struct strbuf *messages)
{
	struct listen_set next;
	enum lr rc = listen_set_open(
	    site, d->n_services, &d->listens, &next, messages);
	int *fds = NULL;

	if (rc != LR_OK)
		return rc;
	if ((fds = calloc(next.n + 1, sizeof(*fds))) == NULL) {
		listen_set_close(&next);
		return LR_NOMEM;
	}
	for (unsigned w = 0; w < d->n_services; w++) {
		listen_set_take(&next, w, fds);
		service_reload(d->services[w], site, fds, next.n);
	}
	free(fds);
	listen_set_close(&d->listens);
	d->listens = next;
	return LR_OK;
}

static void
swap_site(struct daemon *d, struct site *take_site)
{
	site_flush_logs(d->site);
	site_unref(d->site);
	d->site = take_site;
	copy_levels(main_log(d), site_main(d->first_site)->log);
	d->reloads++;
}

static void
log_messages(struct daemon *d, struct slice text)
{
	while (text.n > 0) {
		size_t n = slice_find(text, '\n');

		if (n > 0)
			log_write(main_log(d), LOG_CONFIG, LOG_L_ERROR, "%.*s",
			    (int)n, text.p);
		text = slice_cut(text, n + 1, text.n);
	}
}

static enum lr
load_again(struct daemon *d, struct strbuf *messages)
{
	struct site *site;
	enum lr rc;

	if (d->stopping) {
		strbuf_add_cstr(messages, "larder is stopping\n");
		return LR_BUSY;
	}
	if ((rc = site_load(d->src, messages, &site)) != LR_OK)
		return rc;
	if ((rc = hand_over(d, site, messages)) != LR_OK) {
		site_unref(site);
		return rc;
	}
	restart_only_tell(
	    site_server(d->first_site), site_server(site), messages);
	swap_site(d, site);
	return LR_OK;
}

/* A configuration that is wrong, or asks for an address that cannot be had,
 * changes nothing. */
static enum lr
reload(struct daemon *d, struct strbuf *messages)
{
	enum lr rc;

	notify_reloading();
	rc = load_again(d, messages);
	log_messages(d, strbuf_slice(messages));
	if (rc == LR_OK)
		log_write(main_log(d), LOG_CORE, LOG_L_NOTICE,
		    "configuration loaded again");
	else
		log_write(main_log(d), LOG_CORE, LOG_L_ERROR,
		    "configuration not loaded (%s); the old one stays",
		    status_text(rc));
	notify_ready();
	return rc;
}

static void
reopen_logs(struct daemon *d)
{
	site_reopen_logs(d->site);
	if (d->first_site != d->site)
		site_reopen_logs(d->first_site);
	log_write(main_log(d), LOG_CORE, LOG_L_NOTICE, "logs opened again");
}

/* ---- end ---- */

static void
on_drained(void *ctx)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	if (--d->n_draining == 0)
		loop_stop(d->loop);
}

/* The first time requests under way may finish; the second time not. */
static void
stop(struct daemon *d)
{
	int64_t grace_ms = site_server(d->site)->drain_ms;

	if (d->stopping) {
		loop_stop(d->loop);
		return;
	}
	d->stopping = true;
	notify_stopping();
	log_write(main_log(d), LOG_CORE, LOG_L_NOTICE,
	    "stopping; requests under way have %" PRId64 " s to finish",
	    grace_ms / 1000);
	d->n_draining = d->n_services;
	for (unsigned i = 0; i < d->n_services; i++)
		service_drain(d->services[i], grace_ms, on_drained, d);
}

/* ---- what the loop calls ---- */

static void
on_signal(void *ctx, int number)
{
	struct daemon *d = ctx;
	struct strbuf messages = { 0 };

	MAGIC_CHECK(d, DAEMON_MAGIC);
	switch (number) {
	case SIGHUP:
		(void)reload(d, &messages);
		strbuf_free(&messages);
		break;
	case SIGUSR1:
		reopen_logs(d);
		break;
	default:
		stop(d);
		break;
	}
}

static void
on_flush(void *ctx)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	site_flush_logs(d->site);
	deadline_set(d->loop, &d->flush, loop_now(d->loop).mono_ms + FLUSH_MS);
}

static void
view(void *ctx, struct control_view *out)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	*out = (struct control_view){
		.now_ms = clock_read().wall_ms,
		.started_ms = d->started_ms,
		.conf = site_server(d->first_site),
		.listens = d->listens.bound,
		.n_listens = d->listens.n,
		.n_workers = d->n_services,
		.stopping = d->stopping,
		.reloads = d->reloads,
		.flights = flight_table_count(d->flights),
		.has_store = d->store != NULL,
	};
	if (d->store != NULL)
		store_stats_read(d->store, &out->store);
}

static const struct counters *
worker_counters(void *ctx, unsigned worker)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	CHECK(worker < d->n_services);
	return service_counters(d->services[worker]);
}

static enum lr
reload_asked(void *ctx, struct strbuf *messages)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	return reload(d, messages);
}

static enum lr
start_control(struct daemon *d)
{
	int fd = d->socket.fd;

	if (fd < 0)
		return LR_OK;
	d->socket.fd = -1;
	d->calls = (struct control_calls){
		.ctx = d,
		.view = view,
		.counters = worker_counters,
		.reload = reload_asked,
	};
	return control_start(
	    d->loop, fd, &d->calls, main_log(d), &d->control);
}

/* ---- all together ---- */

static enum lr
create(struct daemon *d)
{
	enum lr rc;

	deadline_init(&d->flush, on_flush, d);
	process_raise_files();
	if ((rc = loop_create(&d->loop)) != LR_OK ||
	    (rc = signals_create(d->loop, on_signal, d, &d->signals)) != LR_OK ||
	    (rc = mailbox_create(d->loop, d, &d->box)) != LR_OK)
		return rc;
	return LR_OK;
}

static enum lr
start(struct daemon *d)
{
	static enum lr (*const STEPS[])(struct daemon *d) = {
		create,
		find_identity,
		open_listens,
		open_control_socket,
		write_pid,
		make_cache_root,
		drop_privileges,
		open_store,
		start_services,
		start_control,
	};
	enum lr rc = LR_OK;

	for (size_t i = 0; rc == LR_OK && i < sizeof(STEPS) / sizeof(STEPS[0]);
	     i++)
		rc = STEPS[i](d);
	if (rc != LR_OK && d->why->n == 0)
		strbuf_addf(d->why, "cannot start: %s", status_text(rc));
	return rc;
}

