/* proxy/upstream/pool.c: idle connections, and the making of new ones */
#include "proxy/upstream/pool.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/net/dial.h"
#include "store/base/check.h"
#include "store/base/hash.h"

#define POOL_MAGIC MAGIC('P', 'O', 'O', 'L')
#define IDLE_MAGIC MAGIC('I', 'D', 'L', 'E')
#define CLAIM_MAGIC MAGIC('C', 'L', 'A', 'I')

#define BUCKETS_KEPT 64 /* then those of backends long gone are freed */
#define NODES_KEPT 64
#define SPARES_KEPT 16
#define LOG_INTERVAL_MS 1000

struct idle {
	uint32_t magic;
	struct idle *prev, *next; /* used later, used earlier */
	struct bucket *bucket;
	struct conn *conn;
	struct deadline deadline; /* ttl */
};

/* What is kept for one backend; found by the text of its URL. */
struct bucket {
	struct bucket *next;
	struct pool *pool;
	struct idle *newest, *oldest;
	unsigned n_idle;
	struct log_limiter limiter;
	uint64_t hash;
	size_t url_bytes;
	char url[];
};

struct pool {
	uint32_t magic;
	struct loop *loop;
	struct resolver *resolver;
	struct log *log;
	struct bucket *buckets;
	size_t n_buckets;
	struct idle *nodes; /* unused ones, by next */
	unsigned n_nodes;
	struct pool_spare *spares;
	unsigned n_spares;
	struct pool_stats stats;
};

struct pool_claim {
	uint32_t magic;
	struct pool *pool;
	const struct backend *be;
	pool_fn *fn;
	void *ctx;
	int64_t end_ms;
	struct resolve *question; /* one of the two */
	struct dial *dial;
	struct deadline deadline; /* for the question */
};

/* ---- buckets ---- */

static struct bucket *
bucket_find(struct pool *p, const struct backend *be)
{
	uint64_t hash = hash_bytes(be->url.p, be->url.n);

	for (struct bucket *b = p->buckets; b != NULL; b = b->next) {
		if (b->hash == hash &&
		    slice_eq(slice_make(b->url, b->url_bytes), be->url))
			return b;
	}
	return NULL;
}

static void
free_empty_buckets(struct pool *p)
{
	struct bucket **at = &p->buckets;
	struct bucket *b;

	while ((b = *at) != NULL) {
		if (b->n_idle > 0) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		p->n_buckets--;
		free(b);
	}
}

static struct bucket *
bucket_for(struct pool *p, const struct backend *be)
{
	struct bucket *b = bucket_find(p, be);

	if (b != NULL)
		return b;
	if (p->n_buckets >= BUCKETS_KEPT)
		free_empty_buckets(p);
	b = calloc(1, sizeof(*b) + be->url.n);
	if (b == NULL)
		return NULL;
	b->pool = p;
	b->hash = hash_bytes(be->url.p, be->url.n);
	b->url_bytes = be->url.n;
	memcpy(b->url, be->url.p, be->url.n);
	b->next = p->buckets;
	p->buckets = b;
	p->n_buckets++;
	return b;
}

/* ---- idle connections ---- */

/* Takes the node off; gives its connection. */
static struct conn *
idle_remove(struct idle *i)
{
	struct bucket *b = i->bucket;
	struct pool *p = b->pool;
	struct conn *c = i->conn;

	if (i->prev != NULL)
		i->prev->next = i->next;
	else
		b->newest = i->next;
	if (i->next != NULL)
		i->next->prev = i->prev;
	else
		b->oldest = i->prev;
	b->n_idle--;
	p->stats.idle--;
	deadline_free(p->loop, &i->deadline);
	if (p->n_nodes >= NODES_KEPT) {
		i->magic = 0;
		free(i);
		return c;
	}
	i->next = p->nodes;
	p->nodes = i;
	p->n_nodes++;
	return c;
}

/* Nothing to read, not even the peer's end? */
static bool
is_silent(struct conn *c)
{
	char byte;
	size_t n;

	return !conn_readable(c) || conn_read(c, &byte, 1, &n) == LR_AGAIN;
}

static void
on_idle_change(void *ctx, unsigned what)
{
	struct idle *i = ctx;

	MAGIC_CHECK(i, IDLE_MAGIC);
	if ((what & CONN_BROKEN) || !is_silent(i->conn))
		conn_close(idle_remove(i));
}

static void
on_ttl(void *ctx)
{
	struct idle *i = ctx;

	MAGIC_CHECK(i, IDLE_MAGIC);
	conn_close(idle_remove(i));
}

static struct idle *
idle_new(struct pool *p)
{
	struct idle *i = p->nodes;

	if (i != NULL) {
		p->nodes = i->next;
		p->n_nodes--;
		return i;
	}
	if ((i = calloc(1, sizeof(*i))) == NULL)
		return NULL;
	i->magic = IDLE_MAGIC;
	deadline_init(&i->deadline, on_ttl, i);
	return i;
}

static void
idle_add(struct bucket *b, struct idle *i, struct conn *c, int64_t ttl_ms)
{
	struct pool *p = b->pool;

	i->bucket = b;
	i->conn = c;
	i->prev = NULL;
	i->next = b->newest;
	if (i->next != NULL)
		i->next->prev = i;
	else
		b->oldest = i;
	b->newest = i;
	b->n_idle++;
	p->stats.idle++;
	if (ttl_ms > 0)
		deadline_set(
		    p->loop, &i->deadline, loop_now(p->loop).mono_ms + ttl_ms);
	conn_set_owner(c, on_idle_change, i);
}

struct conn *
pool_take_idle(struct pool *p, const struct backend *be)
{
	struct bucket *b;

	MAGIC_CHECK(p, POOL_MAGIC);
	if ((b = bucket_find(p, be)) == NULL || b->newest == NULL)
		return NULL;
	p->stats.reuses++;
	return idle_remove(b->newest);
}

void
pool_put(struct pool *p, const struct backend *be, struct conn *take_c)
{
	struct bucket *b;
	struct idle *i;

	MAGIC_CHECK(p, POOL_MAGIC);
	if (be->disable_reuse || be->max_idle == 0 || !is_silent(take_c))
		goto fail;
	if ((b = bucket_for(p, be)) == NULL || (i = idle_new(p)) == NULL)
		goto fail;
	while (b->n_idle >= be->max_idle)
		conn_close(idle_remove(b->oldest));
	idle_add(b, i, take_c, be->ttl_ms);
	return;
fail:
	conn_close(take_c);
}

/* ---- new connections ---- */

static void
log_failure(struct pool_claim *claim, enum lr why, const struct address *peer)
{
	struct pool *p = claim->pool;
	struct bucket *b = bucket_for(p, claim->be);
	char where[ADDRESS_CHARS] = "";
	uint64_t held;

	if (b == NULL ||
	    !log_limit(
		&b->limiter, loop_now(p->loop).mono_ms, LOG_INTERVAL_MS, &held))
		return;
	if (peer != NULL)
		address_format(peer, where);
	log_write(p->log, LOG_PROXY, LOG_L_ERROR,
	    "cannot connect to %.*s%s%s: %s", SLICE_ARG(claim->be->url),
	    where[0] != '\0' ? " at " : "", where, status_text(why));
}

void
pool_cancel(struct pool_claim *claim)
{
	if (claim == NULL)
		return;
	MAGIC_CHECK(claim, CLAIM_MAGIC);
	resolver_cancel(claim->question);
	dial_cancel(claim->dial);
	deadline_free(claim->pool->loop, &claim->deadline);
	claim->magic = 0;
	free(claim);
}

/* The end of the claim: tells its owner. */
static void
settle(struct pool_claim *claim, enum lr why, struct conn *c,
    const struct address *peer)
{
	pool_fn *fn = claim->fn;
	void *ctx = claim->ctx;

	if (why == LR_OK) {
		claim->pool->stats.connects++;
	} else {
		claim->pool->stats.connect_failures++;
		log_failure(claim, why, peer);
	}
	pool_cancel(claim);
	fn(ctx, why, c, false);
}

/* Until fn has put its own. */
static void
on_early_change(void *ctx, unsigned what)
{
	(void)ctx;
	(void)what;
}

static void
on_dialled(void *ctx, enum lr why, int take_fd, const struct address *peer)
{
	struct pool_claim *claim = ctx;
	struct conn *c = NULL;

	MAGIC_CHECK(claim, CLAIM_MAGIC);
	claim->dial = NULL;
	if (why == LR_OK)
		why = conn_create(
		    claim->pool->loop, take_fd, on_early_change, NULL, &c);
	settle(claim, why, c, peer);
}

static enum lr
claim_dial(struct pool_claim *claim, const struct address *addresses, size_t n)
{
	struct loop *loop = claim->pool->loop;

	deadline_free(loop, &claim->deadline);
	return dial_start(loop, addresses, n,
	    claim->end_ms - loop_now(loop).mono_ms, on_dialled, claim,
	    &claim->dial);
}

static void
on_resolved(void *ctx, enum lr why, const struct address *addresses, size_t n)
{
	struct pool_claim *claim = ctx;

	MAGIC_CHECK(claim, CLAIM_MAGIC);
	claim->question = NULL;
	if (why == LR_OK)
		why = claim_dial(claim, addresses, n);
	if (why != LR_OK)
		settle(claim, why, NULL, NULL);
}

static void
on_resolve_timeout(void *ctx)
{
	struct pool_claim *claim = ctx;

	MAGIC_CHECK(claim, CLAIM_MAGIC);
	settle(claim, LR_TIMEOUT, NULL, NULL);
}

static enum lr
claim_begin(struct pool_claim *claim)
{
	const struct backend *be = claim->be;
	struct pool *p = claim->pool;
	struct address found[RESOLVE_MAX];
	size_t n = 1;
	enum lr rc;

	if (be->unix_path.n > 0)
		rc = address_local(be->unix_path, &found[0]);
	else
		rc = resolver_peek(p->resolver, be->host, be->port, found, &n);
	if (rc == LR_OK)
		return claim_dial(claim, found, n);
	if (rc != LR_AGAIN)
		return rc;
	deadline_set(p->loop, &claim->deadline, claim->end_ms);
	return resolver_ask(p->resolver, be->host, be->port, on_resolved, claim,
	    &claim->question);
}

enum lr
pool_connect(struct pool *p, const struct backend *be, pool_fn *fn, void *ctx,
    struct pool_claim **out)
{
	struct pool_claim *claim = calloc(1, sizeof(*claim));
	enum lr rc;

	if (claim == NULL)
		return LR_NOMEM;
	MAGIC_CHECK(p, POOL_MAGIC);
	claim->magic = CLAIM_MAGIC;
	claim->pool = p;
	claim->be = be;
	claim->fn = fn;
	claim->ctx = ctx;
	claim->end_ms = loop_now(p->loop).mono_ms + be->connect_timeout_ms;
	deadline_init(&claim->deadline, on_resolve_timeout, claim);
	if ((rc = claim_begin(claim)) != LR_OK) {
		pool_cancel(claim);
		return rc;
	}
	*out = claim;
	return LR_OK;
}

/* ---- spares ---- */

void
pool_put_spare(struct pool *p, struct pool_spare *take_s)
{
	if (p->n_spares >= SPARES_KEPT) {
		take_s->free(take_s);
		return;
	}
	take_s->next = p->spares;
	p->spares = take_s;
	p->n_spares++;
}

struct pool_spare *
pool_take_spare(struct pool *p, void (*kind)(struct pool_spare *s))
{
	struct pool_spare **at = &p->spares;
	struct pool_spare *s;

	for (; (s = *at) != NULL; at = &s->next) {
		if (s->free != kind)
			continue;
		*at = s->next;
		p->n_spares--;
		return s;
	}
	return NULL;
}

/* ---- the pool ---- */

enum lr
pool_create(struct loop *loop, struct resolver *resolver, struct log *log,
    struct pool **out)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return LR_NOMEM;
	p->magic = POOL_MAGIC;
	p->loop = loop;
	p->resolver = resolver;
	p->log = log;
	*out = p;
	return LR_OK;
}

void
pool_free(struct pool *p)
{
	struct pool_spare *s;
	struct idle *i;

	if (p == NULL)
		return;
	MAGIC_CHECK(p, POOL_MAGIC);
	for (struct bucket *b = p->buckets; b != NULL; b = b->next) {
		while (b->newest != NULL)
			conn_close(idle_remove(b->newest));
	}
	free_empty_buckets(p);
	while ((i = p->nodes) != NULL) {
		p->nodes = i->next;
		free(i);
	}
	while ((s = p->spares) != NULL) {
		p->spares = s->next;
		s->free(s);
	}
	p->magic = 0;
	free(p);
}

void
pool_stats_read(const struct pool *p, struct pool_stats *out)
{
	*out = p->stats;
}

struct loop *
pool_loop(struct pool *p)
{
	return p->loop;
}

struct log *
pool_log(struct pool *p)
{
	return p->log;
}
