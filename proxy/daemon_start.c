/* proxy/daemon_start.c: the steps of a start, in their order */
#include "proxy/daemon_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proxy/event/offload.h"
#include "proxy/notify.h"
#include "proxy/request/flight_table.h"

#define OFFLOAD_THREADS 4
#define FILES_BASE 16		/* open files besides the workers' */
#define FILES_PER_WORKER 8	/* besides its listening sockets */
#define QUEUE_BYTES (64u << 20) /* most that waits for the store's writer */
#define USES_EVERY_MS 60000	/* see struct store_conf */

/* libevent ends the process when it gets none, and says nothing useful. */
static enum lr
raise_files(struct daemon *d)
{
	uint64_t workers = site_server(d->site)->workers, need;
	size_t n_listens;

	(void)site_listens(d->site, &n_listens);
	need = FILES_BASE + workers * (FILES_PER_WORKER + n_listens);
	process_raise_files();
	if (process_files() >= need)
		return LR_OK;
	strbuf_addf(d->why,
	    "no more than %" PRIu64 " files may be open, and larder cannot "
	    "start with less than %" PRIu64 "; raise the limit (ulimit -n, "
	    "LimitNOFILE), each connection needs one more",
	    process_files(), need);
	return LR_FULL;
}

static enum lr
create(struct daemon *d)
{
	enum lr rc;

	deadline_init(&d->flush, daemon_on_flush, d);
	deadline_init(&d->cut, daemon_on_cut, d);
	if ((rc = loop_create(&d->loop)) != LR_OK ||
	    (rc = signals_create(d->loop, daemon_on_signal, d, &d->signals)) !=
		LR_OK ||
	    (rc = mailbox_create(d->loop, d, &d->box)) != LR_OK)
		return rc;
	return LR_OK;
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

static enum lr
open_listens(struct daemon *d)
{
	return listen_set_open(d->site, site_server(d->site)->workers,
	    &d->listens, &d->listens, d->why);
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

static const char READ_ONLY[] = "its file system is mounted read-only";

static const char *
root_trouble(struct slice dir, enum lr rc)
{
	if (rc == LR_EXISTS)
		return "it is something else than a folder";
	if (rc == LR_DENIED && process_is_read_only(dir))
		return READ_ONLY;
	return status_text(rc);
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
		    SLICE_ARG(dir), root_trouble(dir, rc));
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
store_advice(struct slice dir, enum lr rc)
{
	if (rc == LR_DENIED && process_is_read_only(dir))
		return READ_ONLY;
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
		.size_bytes = conf->cache_size_bytes,
		.fast = conf->cache_fast,
		.readers = conf->workers,
		.group_wait_ms = conf->cache_sync_ms,
		.queue_bytes = QUEUE_BYTES,
		.scrub_bytes_s = conf->cache_scrub_bytes_s,
		.policy = (enum policy_kind)conf->cache_policy,
		.uses_every_ms = USES_EVERY_MS,
		.log = daemon_log(d),
	};
	enum lr rc;

	if (conf->cache_root.n == 0)
		return LR_OK;
	d->cache_root = strndup(conf->cache_root.p, conf->cache_root.n);
	if ((sc.dir = d->cache_root) == NULL)
		return LR_NOMEM;
	rc = store_open(&sc, &d->store);
	if (rc != LR_OK)
		strbuf_addf(d->why, "CacheRoot %.*s: %s",
		    SLICE_ARG(conf->cache_root),
		    store_advice(conf->cache_root, rc));
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
	rc = service_start(
	    index, &d->shared, d->site, fds, d->listens.n, &d->services[index]);
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
		.log = daemon_log(d),
		.main_box = d->box,
	};
	while (rc == LR_OK && d->n_services < n) {
		rc = start_service(d, d->n_services);
		if (rc == LR_OK)
			d->n_services++;
	}
	return rc;
}

static enum lr
start_control(struct daemon *d)
{
	int fd = d->socket.fd;

	if (fd < 0)
		return LR_OK;
	d->socket.fd = -1;
	d->calls = DAEMON_CONTROL;
	d->calls.ctx = d;
	return control_start(
	    d->loop, fd, &d->calls, daemon_log(d), &d->control);
}

/* ---- all together ---- */

static void
log_start(const struct daemon *d)
{
	struct slice root = site_server(d->site)->cache_root;
	struct strbuf listens = { 0 };
	struct store_stats stats = { 0 };

	for (size_t i = 0; i < d->listens.n; i++) {
		char text[ADDRESS_CHARS];

		strbuf_add_cstr(&listens, i > 0 ? ", " : "");
		strbuf_add(
		    &listens, text, address_format(&d->listens.bound[i], text));
	}
	if (d->store != NULL)
		store_stats_read(d->store, &stats);
	log_write(daemon_log(d), LOG_CORE, LOG_L_NOTICE,
	    "larder " LARDER_VERSION " serves on %.*s with %u workers; "
	    "store %.*s, %" PRIu64 " objects",
	    SLICE_ARG(strbuf_slice(&listens)), d->n_services,
	    root.n > 0 ? (int)root.n : 4, root.n > 0 ? root.p : "none",
	    stats.objects);
	strbuf_free(&listens);
}

static void
announce(struct daemon *d)
{
	log_start(d);
	deadline_set(
	    d->loop, &d->flush, loop_now(d->loop).mono_ms + DAEMON_FLUSH_MS);
	notify_ready();
}

enum lr
daemon_start(struct daemon *d)
{
	static enum lr (*const STEPS[])(struct daemon * d) = {
		raise_files,
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
	if (rc == LR_OK)
		announce(d);
	else if (d->why->n == 0)
		strbuf_addf(d->why, "cannot start: %s", status_text(rc));
	return rc;
}
