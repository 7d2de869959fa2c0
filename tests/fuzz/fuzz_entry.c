/* tests/fuzz/fuzz_entry.c: a head blob of any bytes
 *
 * What entry_decode lets through must be safe to use, checksum or not: a
 * store file may have been damaged or written by somebody else. */
#include "proxy/cache/entry.h"
#include "proxy/cache/reuse.h"
#include "proxy/cache/validate.h"
#include "proxy/cache/vary_marker.h"
#include "store/base/check.h"

#define NOW 1795262400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
use_marker(const struct entry *e)
{
	struct slice rest = e->wire, spec;
	uint64_t variant;
	size_t bytes = 0;

	vary_marker_find_alias(rest, 1, &variant);
	while (vary_marker_next(&rest, &spec))
		bytes += spec.n;
	CHECK(bytes <= e->wire.n);
}

static void
use_response(const struct entry *e, struct arena *arena)
{
	struct control_request cc = { .max_age_s = CONTROL_NONE,
		.min_fresh_s = CONTROL_NONE,
		.max_stale_s = CONTROL_NONE };
	struct cache_policy policy;
	struct http_msg req, not_modified, merged;
	struct validators v;

	cache_policy_init(&policy);
	reuse_decide(e, &cc, &policy, NOW);
	reuse_on_error(e, &cc, &policy, 0, NOW);
	entry_validators(e, &v);
	http_msg_init(&req, arena);
	validate_request(&req, e);
	http_msg_init(&not_modified, arena);
	http_msg_add_id(&not_modified, FIELD_ETAG, SLICE("\"a\""));
	http_msg_init(&merged, arena);
	validate_merge(&not_modified, e, &merged);
}

/* What was decoded and has all its bytes in place is encoded to a blob that
 * decodes to the same. */
static void
check_round_trip(const struct entry *e, struct arena *arena)
{
	struct strbuf out = { 0 };
	struct cache_policy policy;
	struct http_msg m;
	struct entry again;

	cache_policy_init(&policy);
	if (entry_message(e, arena, &m) == LR_OK) {
		entry_encode(e, e->key, e->vary, &m, NULL, &policy, &out);
		CHECK(entry_verify(strbuf_slice(&out)));
		CHECK(entry_decode(strbuf_slice(&out), &again) == LR_OK);
		CHECK(slice_eq(again.key, e->key));
		CHECK(slice_eq(again.vary, e->vary));
		CHECK(again.lifetime_s == e->lifetime_s);
	}
	strbuf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice blob = slice_make((const char *)data, n);
	struct arena arena = { 0 };
	struct entry e;

	entry_verify(blob);
	if (entry_decode(blob, &e) != LR_OK)
		return 0;
	CHECK(e.key.n + e.vary.n + e.wire.n < n);
	if (e.kind == ENTRY_VARY_MARKER) {
		use_marker(&e);
	} else {
		use_response(&e, &arena);
		check_round_trip(&e, &arena);
	}
	arena_free(&arena);
	return 0;
}
