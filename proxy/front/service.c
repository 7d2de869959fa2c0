#include "proxy/front/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/front/service_internal.h"
#include "proxy/request/fetch.h"
#include "store/base/check.h"
#include "store/base/hash.h"

#define SPARE_BUFFERS 256
#define SPARE_REQUESTS 256
#define RESOLVE_KEEP_MS 30000

/* ---- what sessions borrow ---- */

char *
service_take_buffer(struct service *s)
{
	char *buffer = s->buffers;

	if (buffer == NULL)
		return malloc(SESSION_BUFFER_BYTES);
	memcpy(&s->buffers, buffer, sizeof(s->buffers));
	s->n_buffers--;
	return buffer;
}

void
service_give_buffer(struct service *s, char *buffer)
{
	if (s->n_buffers >= SPARE_BUFFERS) {
		free(buffer);
		return;
	}
	memcpy(buffer, &s->buffers, sizeof(s->buffers));
	s->buffers = buffer;
	s->n_buffers++;
}

struct request *
service_take_request(struct service *s)
{
	struct request *rq = s->requests;

	if (rq == NULL)
		return request_create(&s->env, &rq) == LR_OK ? rq : NULL;
	s->requests = rq->next;
	rq->next = NULL;
	s->n_requests--;
	return rq;
}

void
service_give_request(struct service *s, struct request *rq)
{
	if (s->n_requests >= SPARE_REQUESTS) {
		request_free(rq);
		return;
	}
	request_reset(rq);
	rq->next = s->requests;
	s->requests = rq;
	s->n_requests++;
}

static void report_if_drained(struct service *s);

void
service_add_session(struct service *s, struct session *ss)
{
	ss->next = s->sessions;
	if (ss->next != NULL)
		ss->next->prev = ss;
	s->sessions = ss;
	counter_add(&s->counters, COUNTER_CONNECTIONS_OPEN, 1);
}

void
service_remove_session(struct service *s, struct session *ss)
{
	if (ss->prev != NULL)
		ss->prev->next = ss->next;
	else
		s->sessions = ss->next;
	if (ss->next != NULL)
		ss->next->prev = ss->prev;
	counter_add(&s->counters, COUNTER_CONNECTIONS_OPEN, (uint64_t)-1);
	report_if_drained(s);
}

/* ---- ports ---- */

static void
accepted(void *ctx, int take_fd, const struct address *peer,
    const struct address *local)
{
	struct service *s = ctx;

	if (session_create(s, take_fd, peer, local) != LR_OK)
		log_write(s->shared.log, LOG_HTTP, LOG_L_ERROR,
		    "a connection could not be taken: out of memory");
}

static void
close_ports(struct port *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		listener_stop(ports[i].listener);
	free(ports);
}

/* The listener of that address, taken out of the list in use. */
static struct listener *
inherit(struct service *s, const struct address *at)
{
	for (size_t i = 0; i < s->n_ports; i++) {
		struct listener *l = s->ports[i].listener;

		if (l == NULL || !address_eq(&s->ports[i].at, at))
			continue;
		s->ports[i].listener = NULL;
		return l;
	}
	return NULL;
}

static enum lr
open_port(
    struct service *s, const struct listen *listen, int fd, struct port *out)
{
	out->at = listen->at;
	if (fd >= 0)
		return listener_start(s->env.loop, fd, s->shared.log, accepted,
		    s, &out->listener);
	out->listener = inherit(s, &listen->at);
	return out->listener != NULL ? LR_OK : LR_NOTFOUND;
}

static void
close_fds(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Room for n ports; for none, too. */
static struct port *
alloc_ports(size_t n)
{
	return calloc(n + 1, sizeof(struct port));
}

/* Listens where site says; fds as service_reload has them, all taken, and
 * ports, which has room for them.  What cannot be opened is left out, and
 * said. */
static enum lr
open_ports(
    struct service *s, struct site *site, const int *fds, struct port *ports)
{
	size_t n;
	const struct listen *listens = site_listens(site, &n);
	enum lr rc = LR_OK, one;

	for (size_t i = 0; i < n; i++) {
		one = open_port(s, &listens[i], fds[i], &ports[i]);
		if (one == LR_OK)
			continue;
		rc = one;
		log_write(s->shared.log, LOG_HTTP, LOG_L_ERROR,
		    "worker %u cannot listen on %.*s: %s", s->index,
		    SLICE_ARG(listens[i].text), status_text(one));
	}
	close_ports(s->ports, s->n_ports);
	s->ports = ports;
	s->n_ports = n;
	return rc;
}

/* From main to the worker: another configuration. */
struct reload_mail {
	struct mail mail;
	struct site *site;  /* a reference */
	struct port *ports; /* room for as many as there are fds */
	int fds[];
};

/* One that was not posted. */
static void
forget_reload(struct reload_mail *rm)
{
	if (rm != NULL)
		free(rm->ports);
	free(rm);
}

/* ---- start and stop, on the worker's thread ---- */

static void
tear_down(struct service *s)
{
	while (s->sessions != NULL)
		session_close(s->sessions);
	fetch_abandon_all(&s->env);
	close_ports(s->ports, s->n_ports);
	s->ports = NULL;
	s->n_ports = 0;
	while (s->requests != NULL) {
		struct request *rq = s->requests;

		s->requests = rq->next;
		request_free(rq);
	}
	while (s->buffers != NULL)
		free(service_take_buffer(s));
	if (s->env.loop != NULL)
		deadline_free(s->env.loop, &s->drain_deadline);
	pool_free(s->env.pool);
	s->env.pool = NULL;
	resolver_free(s->resolver);
	s->resolver = NULL;
	store_reader_close(s->env.reader);
	s->env.reader = NULL;
	strbuf_free(&s->env.scratch);
}

static enum lr
set_up(struct service *s)
{
	struct request_env *env = &s->env;
	struct port *ports = alloc_ports(s->n_start_fds);
	enum lr rc = ports != NULL ? LR_OK : LR_NOMEM;

	if (rc == LR_OK && env->store != NULL)
		rc = store_reader_open(env->store, &env->reader);
	if (rc == LR_OK)
		rc = resolver_create(env->loop, env->box, s->shared.offload,
		    RESOLVE_KEEP_MS, env->log, &s->resolver);
	if (rc == LR_OK)
		rc = pool_create(env->loop, s->resolver, env->log, &env->pool);
	if (rc == LR_OK)
		return open_ports(s, s->site, s->start_fds, ports);
	close_fds(s->start_fds, s->n_start_fds);
	free(ports);
	return rc;
}

/* The same on all workers of this process, and on no other: a chain of
 * larders is not a loop. */
static void
choose_via_name(char *dst, size_t n)
{
	char host[256] = "";
	uint64_t h;

	gethostname(host, sizeof(host) - 1);
	h = hash_bytes_seeded(host, strlen(host), (uint64_t)getpid());
	snprintf(dst, n, "larder-%08x", (unsigned)h);
}

static enum lr
on_start(struct worker *w, void *ctx)
{
	struct service *s = ctx;
	struct request_env *env = &s->env;
	enum lr rc;

	env->loop = worker_loop(w);
	env->box = worker_mailbox(w);
	env->store = s->shared.store;
	env->flights = s->shared.flights;
	env->counters = &s->counters;
	env->log = s->shared.log;
	env->index = s->index;
	choose_via_name(env->via_name, sizeof(env->via_name));
	if ((rc = set_up(s)) != LR_OK)
		tear_down(s);
	return rc;
}

static void
on_stop(struct worker *w, void *ctx)
{
	(void)w;
	tear_down(ctx);
}

static const struct worker_hooks HOOKS = { .start = on_start, .stop = on_stop };

enum lr
service_start(unsigned index, const struct service_shared *shared,
    struct site *site, const int *take_fds, size_t n_fds, struct service **out)
{
	struct service *s = calloc(1, sizeof(*s));
	enum lr rc;

	if (s == NULL)
		return LR_NOMEM;
	s->shared = *shared;
	s->index = index;
	s->site = site_ref(site);
	s->start_fds = take_fds;
	s->n_start_fds = n_fds;
	rc = worker_start(index, &HOOKS, s, &s->worker);
	s->start_fds = NULL;
	if (rc != LR_OK) {
		service_join(s);
		return rc;
	}
	*out = s;
	return LR_OK;
}

void
service_stop(struct service *s)
{
	worker_stop(s->worker);
}

void
service_join(struct service *s)
{
	if (s == NULL)
		return;
	worker_join(s->worker);
	site_unref(s->site);
	forget_reload(s->next_reload);
	free(s);
}

const struct counters *
service_counters(const struct service *s)
{
	return &s->counters;
}

/* ---- messages from main ---- */

static void
reload(struct mail *m, void *owner)
{
	struct reload_mail *rm = (struct reload_mail *)m;
	struct service *s = owner;

	open_ports(s, rm->site, rm->fds, rm->ports);
	site_unref(s->site);
	s->site = rm->site;
	free(rm);
}

enum lr
service_prepare_reload(struct service *s, size_t n_fds)
{
	struct reload_mail *rm = malloc(sizeof(*rm) + n_fds * sizeof(int));

	if (rm == NULL)
		return LR_NOMEM;
	if ((rm->ports = alloc_ports(n_fds)) == NULL) {
		free(rm);
		return LR_NOMEM;
	}
	forget_reload(s->next_reload); /* of one that was refused */
	s->next_reload = rm;
	return LR_OK;
}

void
service_reload(
    struct service *s, struct site *site, const int *take_fds, size_t n_fds)
{
	struct reload_mail *rm = s->next_reload;

	s->next_reload = NULL;
	rm->mail.deliver = reload;
	rm->site = site_ref(site);
	memcpy(rm->fds, take_fds, n_fds * sizeof(int));
	mailbox_post(worker_mailbox(s->worker), &rm->mail);
}

/* From the worker to main: drained(ctx) is to run there. */
struct drained_mail {
	struct mail mail;
	void (*fn)(void *ctx);
	void *ctx;
};

static void
tell_drained(struct mail *m, void *owner)
{
	struct drained_mail dm = *(struct drained_mail *)m;

	(void)owner;
	free(m);
	dm.fn(dm.ctx);
}

static void
report_if_drained(struct service *s)
{
	struct drained_mail *dm = s->drain;

	if (dm == NULL || s->sessions != NULL)
		return;
	s->drain = NULL;
	deadline_clear(&s->drain_deadline);
	dm->mail.deliver = tell_drained;
	mailbox_post(s->shared.main_box, &dm->mail);
}

static void
drain_expired(void *ctx)
{
	struct service *s = ctx;

	log_write(s->shared.log, LOG_CORE, LOG_L_NOTICE,
	    "worker %u: the time to finish is over; cutting what is left",
	    s->index);
	while (s->sessions != NULL)
		session_close(s->sessions);
	report_if_drained(s);
}

struct drain_mail {
	struct mail mail;
	int64_t grace_ms;
	struct drained_mail *answer;
};

static void
drain(struct mail *m, void *owner)
{
	struct drain_mail dm = *(struct drain_mail *)m;
	struct service *s = owner;
	struct session *ss, *next;

	free(m);
	s->draining = true;
	free(s->drain);
	s->drain = dm.answer;
	for (size_t i = 0; i < s->n_ports; i++) {
		listener_stop(s->ports[i].listener);
		s->ports[i].listener = NULL;
	}
	deadline_init(&s->drain_deadline, drain_expired, s);
	deadline_set(s->env.loop, &s->drain_deadline,
	    env_mono_ms(&s->env) + dm.grace_ms);
	for (ss = s->sessions; ss != NULL; ss = next) {
		next = ss->next;
		session_close_if_idle(ss);
	}
	report_if_drained(s);
}

void
service_drain(
    struct service *s, int64_t grace_ms, void (*drained)(void *ctx), void *ctx)
{
	struct drain_mail *dm = malloc(sizeof(*dm));
	struct drained_mail *answer = malloc(sizeof(*answer));

	if (dm == NULL || answer == NULL) {
		free(dm);
		free(answer);
		drained(ctx); /* no memory to be gentle with */
		return;
	}
	*answer = (struct drained_mail){ .fn = drained, .ctx = ctx };
	*dm = (struct drain_mail){ .grace_ms = grace_ms, .answer = answer };
	dm->mail.deliver = drain;
	mailbox_post(worker_mailbox(s->worker), &dm->mail);
}
