/* proxy/front/service_internal.h: what a service's sessions see of it. */
#ifndef PROXY_FRONT_SERVICE_INTERNAL_H
#define PROXY_FRONT_SERVICE_INTERNAL_H

#include "proxy/event/worker.h"
#include "proxy/front/service.h"
#include "proxy/front/session.h"
#include "proxy/net/listener.h"
#include "proxy/request/env.h"

struct drained_mail;
struct reload_mail;

struct port { /* one address that is listened on */
	struct address at;
	struct listener *listener;
};

struct service {
	struct service_shared shared;
	struct worker *worker;
	unsigned index;
	struct site *site; /* a reference; the one for new requests */
	struct request_env env;
	struct counters counters;
	struct resolver *resolver;
	struct port *ports; /* owned */
	size_t n_ports;
	struct session *sessions;
	bool draining;
	struct drained_mail *drain; /* owned: main's notice, not yet sent */
	struct deadline drain_deadline;
	const int *start_fds; /* for the start hook only */
	size_t n_start_fds;
	struct reload_mail *next_reload; /* main's: ready to be posted */
	/* spare ones, kept for the next session */
	char *buffers; /* linked through their first bytes */
	size_t n_buffers;
	struct request *requests;
	size_t n_requests;
};

/* A buffer of SESSION_BUFFER_BYTES; NULL when out of memory. */
char *service_take_buffer(struct service *s);
void service_give_buffer(struct service *s, char *buffer);
/* An empty request; NULL when out of memory. */
struct request *service_take_request(struct service *s);
void service_give_request(struct service *s, struct request *rq);
/* A session joins and leaves the list. */
void service_add_session(struct service *s, struct session *ss);
void service_remove_session(struct service *s, struct session *ss);

#endif
