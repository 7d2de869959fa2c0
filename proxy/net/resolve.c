/* proxy/net/resolve.c: a memory of names, and getaddrinfo on the pool */
#include "proxy/net/resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/check.h"

#define RESOLVER_MAGIC MAGIC('R', 'S', 'L', 'V')

#define NAMES_MAX 256 /* kept; then the one used longest ago goes */
#define RETRY_MS 1000 /* after a failure, nobody is asked before */
#define LOG_INTERVAL_MS 60000

struct lookup;

/* What is known of one name. */
struct name {
	struct name *next; /* used longer ago */
	struct resolver *resolver;
	struct lookup *lookup;	 /* under way, or NULL */
	struct resolve *waiting; /* for the lookup */
	int64_t asked_ms;	 /* monotonic; when the last lookup ended */
	bool failed;		 /* it did */
	size_t n;		 /* addresses; 0 before the first success */
	struct address addresses[RESOLVE_MAX];
	size_t host_bytes;
	char host[];
};

struct resolver {
	uint32_t magic;
	struct loop *loop;
	struct mailbox *home;
	struct offload *pool;
	int64_t keep_ms;
	struct log *log;
	struct log_limiter limiter;
	struct name *names; /* the one used last first */
	size_t n_names;
	struct resolve *answered; /* questions that are told soon */
	struct resolve *telling;  /* those whose turn it is */
	struct task task;	  /* tells them */
};

struct resolve { /* on one list: a name's waiting, or answered */
	struct resolve *next, **link;
	enum lr why;
	uint16_t port;
	size_t n;
	struct address *addresses; /* owned; NULL while it waits */
	resolve_fn *fn;
	void *ctx;
};

/* Owned by the pool while it runs, then by done; outlives its resolver. */
struct lookup {
	struct offload_job job;
	struct name *name; /* NULL when nobody cares any more */
	int err;	   /* of getaddrinfo */
	size_t n;
	struct address addresses[RESOLVE_MAX];
	char host[];
};

/* ---- questions ---- */

static void
question_link(struct resolve **list, struct resolve *q)
{
	q->next = *list;
	if (q->next != NULL)
		q->next->link = &q->next;
	q->link = list;
	*list = q;
}

static void
question_unlink(struct resolve *q)
{
	*q->link = q->next;
	if (q->next != NULL)
		q->next->link = q->link;
}

void
resolver_cancel(struct resolve *q)
{
	if (q == NULL)
		return;
	question_unlink(q);
	free(q->addresses);
	free(q);
}

static void
questions_drop(struct resolve **list)
{
	while (*list != NULL)
		resolver_cancel(*list);
}

static void
tell_answers(void *ctx)
{
	struct resolver *r = ctx;
	struct resolve *q;

	MAGIC_CHECK(r, RESOLVER_MAGIC);
	if ((r->telling = r->answered) != NULL)
		r->telling->link = &r->telling;
	r->answered = NULL;
	while ((q = r->telling) != NULL) {
		question_unlink(q);
		q->fn(q->ctx, q->why, q->addresses, q->n);
		free(q->addresses);
		free(q);
	}
}

/* q gets its answer at the end of the turn. */
static void
answer(struct resolver *r, struct resolve *q, enum lr why,
    const struct address *addresses, size_t n)
{
	q->why = why;
	if (why == LR_OK) {
		q->addresses = calloc(n, sizeof(addresses[0]));
		if (q->addresses == NULL)
			q->why = LR_NOMEM;
	}
	for (size_t i = 0; q->addresses != NULL && i < n; i++) {
		q->addresses[i] = addresses[i];
		address_set_port(&q->addresses[i], q->port);
	}
	q->n = q->addresses != NULL ? n : 0;
	question_link(&r->answered, q);
	loop_defer(r->loop, &r->task);
}

static void
answer_from(struct name *name, struct resolve *q)
{
	if (name->n > 0)
		answer(name->resolver, q, LR_OK, name->addresses, name->n);
	else
		answer(name->resolver, q, LR_RESOLVE, NULL, 0);
}

/* ---- lookups ---- */

static void
lookup_run(struct offload_job *job)
{
	struct lookup *l = (struct lookup *)(void *)((char *)job -
	    offsetof(struct lookup, job));
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	l->err = getaddrinfo(l->host, NULL, &hints, &list);
	if (l->err != 0)
		return;
	for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		struct address *to = &l->addresses[l->n];

		if (a->ai_addrlen > sizeof(to->u) || l->n == RESOLVE_MAX)
			continue;
		to->bytes = a->ai_addrlen;
		memcpy(&to->u, a->ai_addr, a->ai_addrlen);
		l->n++;
	}
	freeaddrinfo(list);
}

static void
log_failure(struct resolver *r, const struct lookup *l, bool known)
{
	uint64_t held;

	if (!log_limit(
		&r->limiter, loop_now(r->loop).mono_ms, LOG_INTERVAL_MS, &held))
		return;
	log_write(r->log, LOG_PROXY, LOG_L_ERROR,
	    "cannot resolve %s: %s%s; %llu like it not logged", l->host,
	    gai_strerror(l->err),
	    known ? " (the addresses known so far stay in use)" : "",
	    (unsigned long long)held);
}

static void
name_learn(struct name *name, const struct lookup *l)
{
	struct resolver *r = name->resolver;
	struct resolve *q;

	name->lookup = NULL;
	name->asked_ms = loop_now(r->loop).mono_ms;
	name->failed = l->n == 0;
	if (name->failed) {
		log_failure(r, l, name->n > 0);
	} else {
		memcpy(name->addresses, l->addresses,
		    l->n * sizeof(l->addresses[0]));
		name->n = l->n;
	}
	while ((q = name->waiting) != NULL) {
		question_unlink(q);
		answer_from(name, q);
	}
}

static void
lookup_done(struct offload_job *job)
{
	struct lookup *l = (struct lookup *)(void *)((char *)job -
	    offsetof(struct lookup, job));

	if (l->name != NULL)
		name_learn(l->name, l);
	free(l);
}

static enum lr
lookup_start(struct name *name)
{
	struct resolver *r = name->resolver;
	struct lookup *l = calloc(1, sizeof(*l) + name->host_bytes + 1);

	if (l == NULL)
		return LR_NOMEM;
	memcpy(l->host, name->host, name->host_bytes);
	l->name = name;
	l->job.run = lookup_run;
	l->job.done = lookup_done;
	l->job.home = r->home;
	name->lookup = l;
	offload_submit(r->pool, &l->job);
	return LR_OK;
}

/* ---- names ---- */

static void
name_free(struct name *name)
{
	if (name->lookup != NULL)
		name->lookup->name = NULL;
	questions_drop(&name->waiting);
	free(name);
}

/* The name, moved to the front of the list; NULL when it is not known. */
static struct name *
name_find(struct resolver *r, struct slice host)
{
	for (struct name **at = &r->names; *at != NULL; at = &(*at)->next) {
		struct name *name = *at;

		if (!slice_ieq(slice_make(name->host, name->host_bytes), host))
			continue;
		*at = name->next;
		name->next = r->names;
		r->names = name;
		return name;
	}
	return NULL;
}

/* Forgets the name used longest ago that nobody waits for. */
static void
forget_one(struct resolver *r)
{
	struct name **victim = NULL;
	struct name *gone;

	for (struct name **at = &r->names; *at != NULL; at = &(*at)->next) {
		if ((*at)->waiting == NULL)
			victim = at;
	}
	if (victim == NULL)
		return;
	gone = *victim;
	*victim = gone->next;
	name_free(gone);
	r->n_names--;
}

static struct name *
name_add(struct resolver *r, struct slice host)
{
	struct name *name;

	if (r->n_names >= NAMES_MAX)
		forget_one(r);
	name = calloc(1, sizeof(*name) + host.n + 1);
	if (name == NULL)
		return NULL;
	name->resolver = r;
	name->host_bytes = host.n;
	memcpy(name->host, host.p, host.n);
	name->next = r->names;
	r->names = name;
	r->n_names++;
	return name;
}

static int64_t
name_age(const struct name *name)
{
	return loop_now(name->resolver->loop).mono_ms - name->asked_ms;
}

/* May its addresses be used without asking first? */
static bool
name_usable(const struct name *name)
{
	return name->n > 0 && name_age(name) < 2 * name->resolver->keep_ms;
}

static void
renew_if_old(struct name *name)
{
	int64_t keep_ms = name->resolver->keep_ms;

	if (name->failed && keep_ms > RETRY_MS)
		keep_ms = RETRY_MS;
	if (name->lookup == NULL && name_age(name) >= keep_ms)
		lookup_start(name); /* without memory: the next one tries */
}

/* ---- the resolver ---- */

enum lr
resolver_create(struct loop *loop, struct mailbox *home, struct offload *pool,
    int64_t keep_ms, struct log *log, struct resolver **out)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return LR_NOMEM;
	r->magic = RESOLVER_MAGIC;
	r->loop = loop;
	r->home = home;
	r->pool = pool;
	r->keep_ms = keep_ms;
	r->log = log;
	r->task.fn = tell_answers;
	r->task.ctx = r;
	*out = r;
	return LR_OK;
}

void
resolver_free(struct resolver *r)
{
	struct name *name;

	if (r == NULL)
		return;
	MAGIC_CHECK(r, RESOLVER_MAGIC);
	while ((name = r->names) != NULL) {
		r->names = name->next;
		name_free(name);
	}
	questions_drop(&r->answered);
	questions_drop(&r->telling);
	loop_undefer(r->loop, &r->task);
	r->magic = 0;
	free(r);
}

enum lr
resolver_peek(struct resolver *r, struct slice host, uint16_t port,
    struct address *out, size_t *n)
{
	struct name *name;

	MAGIC_CHECK(r, RESOLVER_MAGIC);
	if (address_parse(host, port, out) == LR_OK) {
		*n = 1;
		return LR_OK;
	}
	name = name_find(r, host);
	if (name == NULL || !name_usable(name))
		return LR_AGAIN;
	for (size_t i = 0; i < name->n; i++) {
		out[i] = name->addresses[i];
		address_set_port(&out[i], port);
	}
	*n = name->n;
	renew_if_old(name);
	return LR_OK;
}

/* Answers q soon, or puts it where a lookup's end finds it. */
static enum lr
place_question(struct resolver *r, struct slice host, struct resolve *q)
{
	struct address literal;
	struct name *name;
	enum lr rc;

	if (address_parse(host, q->port, &literal) == LR_OK) {
		answer(r, q, LR_OK, &literal, 1);
		return LR_OK;
	}
	name = name_find(r, host);
	if (name == NULL && (name = name_add(r, host)) == NULL)
		return LR_NOMEM;
	if (name_usable(name)) {
		renew_if_old(name);
		answer_from(name, q);
		return LR_OK;
	}
	if (name->failed && name->n == 0 && name_age(name) < RETRY_MS) {
		answer_from(name, q);
		return LR_OK;
	}
	if (name->lookup == NULL && (rc = lookup_start(name)) != LR_OK)
		return rc;
	question_link(&name->waiting, q);
	return LR_OK;
}

enum lr
resolver_ask(struct resolver *r, struct slice host, uint16_t port,
    resolve_fn *fn, void *ctx, struct resolve **out)
{
	struct resolve *q = calloc(1, sizeof(*q));
	enum lr rc;

	if (q == NULL)
		return LR_NOMEM;
	MAGIC_CHECK(r, RESOLVER_MAGIC);
	q->port = port;
	q->fn = fn;
	q->ctx = ctx;
	if ((rc = place_question(r, host, q)) != LR_OK) {
		free(q);
		return rc;
	}
	*out = q;
	return LR_OK;
}
