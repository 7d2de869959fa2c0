/* proxy/cache/post_reuse.c: when the answer to a POST is one to a GET */
#include "proxy/cache/post_reuse.h"

#include "proxy/cache/freshness.h"

/* "Successful", and with the representation that Content-Location names as
 * content: 201 and 202 would tell those who GET it of something that they did
 * not do, 204 and 205 have none, 206 has a part. */
static bool
is_representation(int status)
{
	return status == 200 || status == 203;
}

/* A guess is not enough for a POST: the origin must have said it. */
static bool
has_lifetime(const struct http_msg *resp, const struct cache_policy *policy,
    int64_t now_s)
{
	struct control_response cc;
	enum freshness_source source;
	int64_t lifetime_s;

	control_parse_response(resp, policy, &cc);
	return freshness_explicit(resp, &cc, now_s, &lifetime_s, &source) ==
	    LR_OK;
}

/* RFC 9110 8.7: is the content that of the target itself? */
static bool
is_located_at(const struct http_msg *resp, const struct cache_key *target,
    const struct key_origin *origin, const struct cache_policy *policy,
    struct arena *arena)
{
	struct slice reference = http_msg_value(resp, FIELD_CONTENT_LOCATION);
	struct cache_key key;

	return reference.n > 0 &&
	    http_msg_count(resp, FIELD_CONTENT_LOCATION) == 1 &&
	    key_resolve(reference, target, origin, policy, arena, &key) ==
	    LR_OK &&
	    slice_eq(key.text, target->text);
}

bool
post_reuse_allowed(const struct http_msg *req, const struct http_msg *resp,
    const struct cache_key *target, const struct key_origin *origin,
    const struct cache_policy *policy, struct arena *arena, int64_t now_s)
{
	return req->method == HTTP_POST && is_representation(resp->status) &&
	    has_lifetime(resp, policy, now_s) &&
	    is_located_at(resp, target, origin, policy, arena);
}
