/* proxy/cache/invalidate.c: the keys an unsafe request makes unfit */
#include "proxy/cache/invalidate.h"

/* The keys of one exchange as they are gathered. */
struct removal {
	const struct cache_key *target;
	const struct key_origin *origin;
	const struct cache_policy *policy;
	struct arena *arena;
	struct cache_key *keys;
	size_t n;
};

static bool
has_key(const struct cache_key *keys, size_t n, const struct cache_key *k)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_eq(keys[i].text, k->text))
			return true;
	}
	return false;
}

/* Adds the key of the URI in this field, if it is one of the origin's. */
static enum lr
add_reference(
    struct removal *r, const struct http_msg *resp, enum http_field_id id)
{
	struct slice reference = http_msg_value(resp, id);
	struct cache_key key;
	enum lr rc;

	if (reference.n == 0)
		return LR_OK;
	rc = key_resolve(
	    reference, r->target, r->origin, r->policy, r->arena, &key);
	if (rc == LR_OK && !has_key(r->keys, r->n, &key))
		r->keys[r->n++] = key;
	/* What is no URI names nothing that could be stored. */
	return rc == LR_NOMEM ? rc : LR_OK;
}

/* Methods of unknown safety count as unsafe. */
static bool
is_invalidating(const struct http_msg *req, const struct http_msg *resp)
{
	return !http_method_safe(req->method) && resp->status >= 200 &&
	    resp->status < 400;
}

enum lr
invalidate_keys(const struct http_msg *req, const struct http_msg *resp,
    const struct cache_key *target, const struct key_origin *origin,
    const struct cache_policy *policy, struct arena *arena,
    struct cache_key out[INVALIDATE_MAX], size_t *n)
{
	struct removal r = { .target = target,
		.origin = origin,
		.policy = policy,
		.arena = arena,
		.keys = out };
	enum lr rc;

	if (!is_invalidating(req, resp)) {
		*n = 0;
		return LR_OK;
	}
	r.keys[r.n++] = *target;
	if ((rc = add_reference(&r, resp, FIELD_LOCATION)) != LR_OK ||
	    (rc = add_reference(&r, resp, FIELD_CONTENT_LOCATION)) != LR_OK)
		return rc;
	*n = r.n;
	return LR_OK;
}
