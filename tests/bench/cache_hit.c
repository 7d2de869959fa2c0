/* tests/bench/cache_hit.c: what the rules of caching cost on a hit
 *
 * Prints nanoseconds for each pure step between a parsed request and its
 * stored answer, and for all of them.  Build it by hand with -O2 against
 * liblarder.a; the sum is to stay under 150 ns. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proxy/cache/cache_status.h"
#include "proxy/cache/key.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/vary.h"
#include "proxy/http/condition.h"

#define ROUNDS 2000000
#define NOW 1795262400

/* What the steps work on, and where their results go. */
struct bench {
	struct arena arena;
	struct http_msg req;
	struct uri uri;
	struct slice scheme, authority, blob;
	struct cache_policy policy;
	struct control_request control;
	struct cache_key key;
	struct entry entry;
	struct verdict verdict;
	char status[CACHE_STATUS_MAX];
	uint64_t sum; /* of results, so that nothing is optimised away */
};

typedef void step_fn(struct bench *b);

static void
step_key(struct bench *b)
{
	arena_reset(&b->arena);
	key_make(
	    &b->uri, b->scheme, b->authority, &b->policy, &b->arena, &b->key);
	b->sum += b->key.hash;
}

static void
step_control(struct bench *b)
{
	control_parse_request(&b->req, &b->control);
}

static void
step_decode(struct bench *b)
{
	entry_decode(b->blob, &b->entry);
	b->sum += slice_eq(b->entry.key, b->key.text);
}

static void
step_reuse(struct bench *b)
{
	b->verdict = reuse_decide(&b->entry, &b->control, &b->policy, NOW + 10);
	b->sum += b->verdict.reuse;
}

static void
step_condition(struct bench *b)
{
	struct validators v;

	entry_validators(&b->entry, &v);
	b->sum += condition_evaluate(&b->req, &v, NOW);
}

static void
step_status(struct bench *b)
{
	struct cache_status cs = { .has_ttl = true, .ttl_s = b->verdict.ttl_s };

	b->sum += cache_status_write(b->status, &cs);
}

/* Only where the resource varies. */
static void
step_vary(struct bench *b)
{
	struct slice values;

	arena_reset(&b->arena);
	vary_values(&b->req, SLICE("accept-encoding"), &b->arena, &values);
	b->sum += key_variant_hash(1, 2, values);
}

static void
step_all(struct bench *b)
{
	step_key(b);
	step_control(b);
	step_decode(b);
	step_reuse(b);
	step_condition(b);
	step_status(b);
}

static void
prepare_request(struct bench *b, struct arena *arena)
{
	static const char *const fields[][2] = {
		{ "Host", "www.example.com:8080" },
		{ "User-Agent", "Mozilla/5.0 (X11; Linux x86_64)" },
		{ "Accept", "text/css,*/*;q=0.1" },
		{ "Accept-Encoding", "gzip, deflate, br" },
		{ "Accept-Language", "en,de;q=0.5" },
		{ "Referer", "http://www.example.com:8080/" },
		{ "Connection", "keep-alive" },
	};

	http_msg_init(&b->req, arena);
	b->req.method = HTTP_GET;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		http_msg_add(
		    &b->req, slice_of(fields[i][0]), slice_of(fields[i][1]));
	b->scheme = SLICE("http");
	b->authority = slice_of(fields[0][1]);
	uri_parse_target(
	    SLICE("/static/css/main.4f2a.min.css"), HTTP_GET, &b->uri);
}

static void
prepare_entry(struct bench *b, struct arena *arena, struct strbuf *blob)
{
	struct control_response cc;
	struct http_msg resp;
	struct entry e;

	http_msg_init(&resp, arena);
	resp.status = 200;
	http_msg_add_id(
	    &resp, FIELD_CACHE_CONTROL, SLICE("public, max-age=3600"));
	http_msg_add_id(&resp, FIELD_CONTENT_TYPE, SLICE("text/css"));
	http_msg_add_id(&resp, FIELD_ETAG, SLICE("\"5f2a-61b2\""));
	http_msg_add_id(
	    &resp, FIELD_LAST_MODIFIED, SLICE("Sat, 21 Nov 2026 02:00:00 GMT"));
	control_parse_response(&resp, &b->policy, &cc);
	entry_from_response(
	    &b->req, &resp, &cc, &b->policy, 1024, NOW, NOW, &e);
	step_key(b);
	entry_encode(
	    &e, b->key.text, slice_make(NULL, 0), &resp, &cc, &b->policy, blob);
	b->blob = strbuf_slice(blob);
}

static void
measure(const char *name, step_fn *step, struct bench *b)
{
	struct timespec from, to;
	double ns;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < ROUNDS; i++)
		step(b);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	ns = (double)(to.tv_sec - from.tv_sec) * 1e9 +
	    (double)(to.tv_nsec - from.tv_nsec);
	printf("%-28s %7.1f ns\n", name, ns / ROUNDS);
}

int
main(void)
{
	static struct bench b;
	struct arena arena = { 0 };
	struct strbuf blob = { 0 };

	cache_policy_init(&b.policy);
	prepare_request(&b, &arena);
	prepare_entry(&b, &arena, &blob);
	step_all(&b);
	if (b.verdict.reuse != REUSE_FRESH)
		return EXIT_FAILURE;
	measure("key_make", step_key, &b);
	measure("control_parse_request", step_control, &b);
	measure("entry_decode, key compared", step_decode, &b);
	measure("reuse_decide", step_reuse, &b);
	measure("condition_evaluate", step_condition, &b);
	measure("cache_status_write", step_status, &b);
	measure("vary_values, variant hash", step_vary, &b);
	measure("all but vary", step_all, &b);
	printf("(%llu)\n", (unsigned long long)b.sum);
	arena_free(&b.arena);
	arena_free(&arena);
	strbuf_free(&blob);
	return EXIT_SUCCESS;
}
