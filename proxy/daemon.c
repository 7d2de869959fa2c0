/* proxy/daemon.c: running, and coming to an end */
#include "proxy/daemon.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "proxy/daemon_internal.h"
#include "proxy/event/offload.h"
#include "proxy/notify.h"
#include "proxy/request/flight_table.h"

/* Workers cut what is left when the time is over, and say so; one that
 * cannot is not waited for longer than this. */
#define CUT_MS 2000

/* ---- stopping ---- */

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
	log_write(daemon_log(d), LOG_CORE, LOG_L_NOTICE,
	    "stopping when the requests under way have finished, in %" PRId64
	    " s at the latest",
	    grace_ms / 1000);
	deadline_set(
	    d->loop, &d->cut, loop_now(d->loop).mono_ms + grace_ms + CUT_MS);
	d->n_draining = d->n_services;
	for (unsigned i = 0; i < d->n_services; i++)
		service_drain(d->services[i], grace_ms, on_drained, d);
}

/* ---- what the loop calls ---- */

static void
reopen_logs(struct daemon *d)
{
	site_reopen_logs(d->site);
	if (d->first_site != d->site)
		site_reopen_logs(d->first_site);
	log_write(daemon_log(d), LOG_CORE, LOG_L_NOTICE, "logs opened again");
}

void
daemon_on_signal(void *ctx, int number)
{
	struct daemon *d = ctx;
	struct strbuf messages = { 0 };

	MAGIC_CHECK(d, DAEMON_MAGIC);
	switch (number) {
	case SIGHUP:
		(void)daemon_reload(d, &messages);
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

void
daemon_on_flush(void *ctx)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	site_flush_logs(d->site);
	deadline_set(
	    d->loop, &d->flush, loop_now(d->loop).mono_ms + DAEMON_FLUSH_MS);
}

void
daemon_on_cut(void *ctx)
{
	struct daemon *d = ctx;

	MAGIC_CHECK(d, DAEMON_MAGIC);
	loop_stop(d->loop);
}

/* ---- what the control socket asks ---- */

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
	if (d->store == NULL)
		return;
	store_stats_read(d->store, &out->store);
	store_opening_read(d->store, &out->opening);
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
	return daemon_reload(d, messages);
}

const struct control_calls DAEMON_CONTROL = {
	.view = view,
	.counters = worker_counters,
	.reload = reload_asked,
};

/* ---- the whole life ---- */

static void
join_services(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_services; i++)
		service_join(d->services[i]);
	free(d->services);
}

/* Closes what there is, in the opposite order of the start. */
static void
destroy(struct daemon *d)
{
	control_stop(d->control);
	control_socket_remove(&d->socket);
	for (unsigned i = 0; i < d->n_services; i++)
		service_stop(d->services[i]);
	offload_free(d->offload);
	join_services(d);
	flight_table_free(d->flights);
	store_close(d->store);
	free(d->cache_root);
	if (d->wrote_pid)
		process_remove_pid(site_server(d->first_site)->pid_file);
	listen_set_close(&d->listens);
	mailbox_free(d->box);
	signals_free(d->signals);
	if (d->loop != NULL) {
		deadline_free(d->loop, &d->flush);
		deadline_free(d->loop, &d->cut);
	}
	loop_free(d->loop);
	site_unref(d->site);
	site_unref(d->first_site);
	d->magic = 0;
	free(d);
}

enum lr
daemon_run(
    struct site *take_site, const struct site_source *src, struct strbuf *why)
{
	struct daemon *d = calloc(1, sizeof(*d));
	enum lr rc;

	if (d == NULL) {
		site_unref(take_site);
		return LR_NOMEM;
	}
	d->magic = DAEMON_MAGIC;
	d->src = src;
	d->why = why;
	d->site = take_site;
	d->first_site = site_ref(take_site);
	d->socket.fd = -1;
	d->started_ms = clock_read().wall_ms;
	if ((rc = daemon_start(d)) == LR_OK) {
		loop_run(d->loop);
		log_write(daemon_log(d), LOG_CORE, LOG_L_NOTICE, "stopped");
	}
	destroy(d);
	return rc;
}
