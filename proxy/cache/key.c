/* proxy/cache/key.c: from a request to the text and hash it is stored under
 *
 * Runs on every hit.  Most requests are in normal form but for the case of
 * the host; they are copied once, and their bytes looked at once. */
#include "proxy/cache/key.h"

#include "proxy/cache/key_query.h"
#include "proxy/cache/text.h"
#include "store/base/codec.h"
#include "store/base/hash.h"
#include "store/base/num.h"

#define MOST_PORT_BYTES 6 /* ":65535" */

/* A character of a plain host name, in lower case; 0 for one that
 * uri_parse_authority has to look at. */
static char
plain_host_char(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	    c == '-')
		return c;
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : '\0';
}

/* How many bytes of s are a plain host; these are put in lower case. */
static size_t
put_plain_host(struct text *t, struct slice s)
{
	char *dst = t->p + t->n;
	size_t i = 0;
	char c;

	while (i < s.n && (c = plain_host_char(s.p[i])) != '\0')
		dst[i++] = c;
	t->n += i;
	return i;
}

/* Any authority, with care: IPv6 literals, ports, odd characters. */
static enum lr
put_parsed_authority(
    struct text *t, struct slice authority, struct slice scheme)
{
	char digits[NUM_U64_CHARS];
	struct slice host;
	uint16_t port;
	enum lr rc;

	if ((rc = uri_parse_authority(authority, &host, &port)) != LR_OK)
		return rc;
	text_put_lower(t, host);
	if (port != 0 && port != uri_default_port(scheme)) {
		text_put_char(t, ':');
		text_put(t, slice_make(digits, num_put_u64(digits, port)));
	}
	return LR_OK;
}

/* ":8080": a port in normal form that is not the scheme's own. */
static bool
is_plain_port(struct slice s, struct slice scheme)
{
	uint64_t port;

	return s.n > 1 && s.p[0] == ':' && s.p[1] != '0' &&
	    num_parse_u64(slice_cut(s, 1, s.n), UINT16_MAX, &port) == LR_OK &&
	    port != uri_default_port(scheme);
}

static enum lr
put_authority(struct text *t, struct slice authority, struct slice scheme)
{
	size_t start = t->n;
	size_t host_bytes = put_plain_host(t, authority);
	struct slice rest = slice_cut(authority, host_bytes, authority.n);

	if (host_bytes > 0 && (rest.n == 0 || is_plain_port(rest, scheme))) {
		text_put(t, rest);
		return LR_OK;
	}
	t->n = start;
	return put_parsed_authority(t, authority, scheme);
}

static bool
has_encoding(struct slice s)
{
	return slice_find(s, '%') < s.n;
}

/* May the path hold a "." or ".." segment?  Says so for "/.x" too; the
 * normaliser then finds nothing to do. */
static bool
has_dot_segment(struct slice path)
{
	size_t at = 0;

	while ((at += slice_find(slice_cut(path, at, path.n), '.')) < path.n) {
		if (at == 0 || path.p[at - 1] == '/')
			return true;
		at++;
	}
	return false;
}

static enum lr
normal_path(struct slice path, struct arena *arena, struct slice *out)
{
	if (path.n > 0 && !has_encoding(path) && !has_dot_segment(path)) {
		*out = path;
		return LR_OK;
	}
	return uri_normalize_path(path, arena, out);
}

static enum lr
normal_query(struct slice query, struct arena *arena, struct slice *out)
{
	if (!has_encoding(query)) {
		*out = query;
		return LR_OK;
	}
	return uri_normalize_query(query, arena, out);
}

/* Path and query as they go into the key. */
struct reference {
	struct slice path, query;
	bool has_query;
};

/* Does the configuration want other keys than URIs?  One branch for the
 * many requests of which it does not. */
static bool
is_shaped(const struct cache_policy *policy)
{
	return (policy->key_query != NULL) | (policy->n_session_ids > 0) |
	    (policy->key_base.n > 0);
}

static enum lr
shape(
    const struct cache_policy *policy, struct arena *arena, struct reference *r)
{
	enum lr rc = LR_OK;

	r->path = key_query_path(policy, r->path);
	if (r->has_query)
		rc = key_query_shape(policy, r->query, arena, &r->query);
	if (policy->key_query != NULL || policy->n_session_ids > 0)
		r->has_query = r->query.n > 0;
	return rc;
}

static enum lr
read_reference(const struct uri *uri, const struct cache_policy *policy,
    struct arena *arena, struct reference *r)
{
	enum lr rc = normal_path(uri->path, arena, &r->path);

	r->query = (struct slice){ 0 };
	r->has_query = uri->has_query && !policy->ignore_query;
	if (rc == LR_OK && r->has_query)
		rc = normal_query(uri->query, arena, &r->query);
	if (rc == LR_OK && is_shaped(policy))
		rc = shape(policy, arena, r);
	return rc;
}

/* "http://example.com"; the authority must be one even where
 * CacheKeyBaseURL takes its place. */
static enum lr
put_origin(struct text *t, struct slice scheme, struct slice authority,
    struct slice base)
{
	enum lr rc;

	text_put(t, scheme);
	text_put(t, SLICE("://"));
	rc = put_authority(t, authority, scheme);
	if (rc == LR_OK && base.n > 0) {
		t->n = 0;
		text_put(t, base);
	}
	return rc;
}

enum lr
key_make(const struct uri *uri, struct slice scheme, struct slice authority,
    const struct cache_policy *policy, struct arena *arena,
    struct cache_key *out)
{
	struct text t = { NULL, 0 };
	struct reference r;
	enum lr rc;

	if ((rc = read_reference(uri, policy, arena, &r)) != LR_OK)
		return rc;
	t.p = arena_alloc(arena,
	    scheme.n + sizeof("://") + authority.n + MOST_PORT_BYTES +
		policy->key_base.n + r.path.n + sizeof("?") + r.query.n +
		sizeof("\t") + policy->key_scope.n);
	if (t.p == NULL)
		return LR_NOMEM;
	rc = put_origin(&t, scheme, authority, policy->key_base);
	if (rc != LR_OK)
		return rc;
	text_put(&t, r.path);
	if (r.has_query) {
		text_put_char(&t, '?');
		text_put(&t, r.query);
	}
	if (policy->key_scope.n > 0) {
		text_put_char(&t, '\t');
		text_put(&t, policy->key_scope);
	}
	out->text = text_slice(&t);
	out->hash = hash_bytes(t.p, t.n);
	return LR_OK;
}

/* The key has the path, before the mark of the virtual host; of the origin it
 * may know another name (CacheKeyBaseURL). */
static enum lr
read_base(
    struct slice key_text, const struct key_origin *origin, struct uri *base)
{
	struct slice text = slice_cut(key_text, 0, slice_find(key_text, '\t'));
	enum lr rc = uri_parse(text, base);

	if (rc == LR_OK)
		rc = uri_parse_authority(
		    origin->authority, &base->host, &base->port);
	base->scheme = origin->scheme;
	return rc;
}

enum lr
key_resolve(struct slice reference, const struct cache_key *target,
    const struct key_origin *origin, const struct cache_policy *policy,
    struct arena *arena, struct cache_key *out)
{
	struct uri base, uri;
	enum lr rc;

	if ((rc = read_base(target->text, origin, &base)) != LR_OK ||
	    (rc = uri_resolve(&base, reference, arena, &uri)) != LR_OK)
		return rc;
	if (!uri_is_same_origin(&uri, &base))
		return LR_DENIED;
	return key_make(
	    &uri, origin->scheme, origin->authority, policy, arena, out);
}

uint64_t
key_variant_hash(
    uint64_t primary_hash, uint64_t primary_id, struct slice vary_values)
{
	uint64_t seed = hash_bytes_seeded(
	    &primary_id, sizeof(primary_id), primary_hash);

	return hash_bytes_seeded(vary_values.p, vary_values.n, seed);
}

struct slice
key_url(struct slice key_text)
{
	size_t colon = slice_find(key_text, ':');

	return slice_cut(
	    key_text, colon + sizeof("://") - 1, slice_find(key_text, '\t'));
}
