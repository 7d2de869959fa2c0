#include "proxy/request/marker.h"

#include <stdio.h>

#include "proxy/cache/vary.h"
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
put_marker(const struct save *s, struct slice generation, struct slice specs)
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
	strbuf_add_slice(&text, specs);
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

enum lr
marker_settle(const struct save *s, struct slice spec, struct slice values,
    uint64_t *hash)
{
	struct slice old = stored_marker(s), rest = old, first, specs;
	struct slice generation;
	enum lr rc;

	generation = marker_generation(&rest);
	if (generation.n != GENERATION_CHARS) {
		generation = new_generation(s);
		rest = (struct slice){ 0 };
	}
	if (generation.p == NULL)
		return LR_NOMEM;
	*hash = marker_variant_hash(s->key.hash, generation, spec, values);
	first = rest;
	if (vary_marker_next(&first, &specs) && slice_eq(specs, spec))
		return LR_OK; /* the newest already */
	rc = vary_marker_add(rest, spec, s->arena, &specs);
	return rc == LR_OK ? put_marker(s, generation, specs) : rc;
}
