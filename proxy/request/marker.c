#include "proxy/request/marker.h"

#include <stdio.h>

#include "proxy/cache/vary.h"
#include "proxy/cache/vary_marker.h"
#include "proxy/request/flight_table.h"
#include "store/base/hash.h"

#define GENERATION_CHARS 16

struct slice
marker_generation(struct slice *marker)
{
	size_t n = slice_find(*marker, '\n');
	struct slice generation = slice_cut(*marker, 0, n);

	*marker = slice_cut(*marker, n + 1, marker->n);
	return generation;
}

uint64_t
marker_variant_hash(uint64_t primary_hash, struct slice generation,
    struct slice spec, struct slice values)
{
	uint64_t seed = hash_bytes_seeded(
	    generation.p, generation.n, primary_hash);

	seed = hash_bytes_seeded(spec.p, spec.n, seed);
	return hash_bytes_seeded(values.p, values.n, seed);
}

bool
marker_selects_language(const struct http_msg *req, struct slice values,
    const struct entry *stored, struct arena *arena)
{
	struct http_msg msg;

	return entry_message(stored, arena, &msg) == LR_OK &&
	    vary_selects_language(req, values, &msg, stored->vary, arena);
}

/* The marker's text that the store has now; empty when there is none. */
static struct slice
stored_marker(const struct save *s)
{
	struct request_env *env = s->env;
	struct slice head, body0, text = { 0 };
	struct store_ref ref;
	struct entry e;

	if (store_find(env->store, s->key.hash, &ref) != LR_OK)
		return text;
	if (store_read_begin(env->reader) == LR_OK) {
		if (store_read_head(env->reader, &ref, &head, &body0) ==
			LR_OK &&
		    entry_decode(head, &e) == LR_OK &&
		    e.kind == ENTRY_VARY_MARKER && slice_eq(e.key, s->key.text))
			text = arena_dup(s->arena, e.wire);
		store_read_end(env->reader);
	}
	store_unpin(env->store, &ref);
	return text;
}

/* Alike for all who begin a marker for this key, so that those who do it
 * at the same time agree; another one once the resource was invalidated. */
static struct slice
new_generation(const struct save *s)
{
	char text[GENERATION_CHARS + 1];

	snprintf(text, sizeof(text), "%016llx",
	    (unsigned long long)flight_table_generation(
		s->env->flights, s->key.hash));
	return arena_dup(s->arena, slice_make(text, GENERATION_CHARS));
}

static enum lr
put_marker(const struct save *s, struct slice generation, struct slice rest)
{
	struct strbuf text = { 0 }, blob = { 0 };
	struct store_object obj = { .hash = s->key.hash,
		.primary_hash = s->key.hash,
		.url = key_url(s->key.text),
		.stored_at_s = s->response_at_s };
	struct fill *fill;
	enum lr rc = LR_NOMEM;

	strbuf_add_slice(&text, generation);
	strbuf_add_char(&text, '\n');
	strbuf_add_slice(&text, rest);
	entry_encode_marker(
	    s->key.text, strbuf_slice(&text), s->response_at_s, &blob);
	if (!text.failed && !blob.failed)
		rc = fill_begin(s->env->store, &obj, strbuf_slice(&blob), 0,
		    NULL, NULL, &fill);
	if (rc == LR_OK) {
		fill_finish(fill);
		fill_free(fill);
	}
	strbuf_free(&text);
	strbuf_free(&blob);
	return rc;
}

/* Puts the alias of a response in one language into the marker's text, if
 * there is a choice of languages. */
static enum lr
add_language(const struct save *s, const struct http_msg *resp,
    struct slice generation, struct slice spec, struct slice values,
    uint64_t variant, struct slice *text)
{
	struct slice language, general;
	uint64_t alias;
	enum lr rc;

	if (!vary_single_language(resp, &language))
		return LR_OK;
	rc = vary_with_language(values, language, s->arena, &general);
	if (rc != LR_OK)
		return rc == LR_NOTFOUND ? LR_OK : rc;
	alias = marker_variant_hash(s->key.hash, generation, spec, general);
	if (alias == variant)
		return LR_OK; /* leads to itself */
	return vary_marker_add_alias(*text, alias, variant, s->arena, text);
}

enum lr
marker_settle(const struct save *s, const struct http_msg *resp,
    struct slice spec, struct slice values, uint64_t *hash)
{
	struct slice old = stored_marker(s), rest = old, first, newest;
	struct slice generation, text;
	enum lr rc = LR_OK;

	generation = marker_generation(&rest);
	if (generation.n != GENERATION_CHARS) {
		generation = new_generation(s);
		rest = (struct slice){ 0 };
	}
	if (generation.p == NULL)
		return LR_NOMEM;
	*hash = marker_variant_hash(s->key.hash, generation, spec, values);
	first = text = rest;
	if (!vary_marker_next(&first, &newest) || !slice_eq(newest, spec))
		rc = vary_marker_add(rest, spec, s->arena, &text);
	if (rc == LR_OK)
		rc = add_language(
		    s, resp, generation, spec, values, *hash, &text);
	if (rc != LR_OK || text.p == rest.p)
		return rc; /* or there already */
	return put_marker(s, generation, text);
}
