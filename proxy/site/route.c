/* proxy/site/route.c: sections, then ProxyPass, then CacheEnable */
#include "proxy/site/route.h"

#include <fnmatch.h>

#include "proxy/site/overrides.h"
#include "proxy/site/path.h"
#include "proxy/site/rules.h"
#include "proxy/site/url.h"
#include "store/base/strbuf.h"

/* ---- sections ---- */

/* LR_OK: it matches; LR_NOTFOUND; LR_INVALID: cannot be told; LR_NOMEM. */
static enum lr
match_pattern(const struct pattern *pattern, struct slice text,
    struct pattern_match *match)
{
	enum lr rc = pattern_search(pattern, text, match);

	return rc == LR_TOOBIG ? LR_INVALID : rc;
}

static enum lr
match_glob(const struct location *l, struct slice text, struct arena *arena)
{
	struct slice copy = arena_dup(arena, text); /* for its NUL */

	if (copy.p == NULL)
		return LR_NOMEM;
	return fnmatch(l->path.p, copy.p, FNM_PATHNAME) == 0 ? LR_OK
							     : LR_NOTFOUND;
}

static enum lr
match_section(const struct location *l, struct slice text, struct arena *arena)
{
	switch (l->kind) {
	case LOCATION_PATTERN:
		return match_pattern(l->pattern, text, NULL);
	case LOCATION_GLOB:
		return match_glob(l, text, arena);
	case LOCATION_PREFIX:
		break;
	}
	return path_is_under(text, l->path) ? LR_OK : LR_NOTFOUND;
}

/* A second section that matches: what it says is laid over the first. */
static const struct merged *
lay_over(const struct merged *before, const struct vhost_location *vl,
    struct arena *arena)
{
	struct merged *m = arena_alloc(arena, sizeof(*m));

	if (m == NULL)
		return NULL;
	*m = *before;
	overrides_apply(&vl->section->overrides, &m->settings);
	overrides_chain(
	    &vl->section->overrides, &before->settings, &m->settings);
	if (vl->pass != NULL)
		m->pass = vl->pass;
	m->location = vl->section;
	m->before = before;
	return m;
}

/* What is in force for path; *only: the section, if just one matches. */
static enum lr
merge_sections(const struct vhost_rules *rules, const struct path *path,
    struct arena *arena, const struct merged **out,
    const struct vhost_location **only)
{
	const struct merged *m = &rules->plain[0];

	for (size_t i = 0; i < rules->n_locations; i++) {
		const struct vhost_location *vl = &rules->locations[i];
		enum lr rc = match_section(vl->section, path->text, arena);

		if (rc == LR_NOTFOUND)
			continue;
		if (rc != LR_OK)
			return rc;
		if (m == &rules->plain[0]) {
			*only = vl;
			m = &vl->alone[0];
			continue;
		}
		*only = NULL;
		if ((m = lay_over(m, vl, arena)) == NULL)
			return LR_NOMEM;
	}
	*out = m;
	return LR_OK;
}

/* ---- caching ---- */

static bool
any_rule_fits(const struct cache_rule *rules, size_t n, const struct path *path)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_starts(path->text, rules[i].path))
			return true;
	}
	return false;
}

/* A CacheDisable anywhere outweighs every CacheEnable. */
static bool
is_cached(const struct vhost_rules *rules, const struct merged *m,
    const struct path *path)
{
	bool cached = any_rule_fits(rules->enables, rules->n_enables, path);

	if (any_rule_fits(rules->disables, rules->n_disables, path))
		return false;
	for (; m->location != NULL; m = m->before) {
		const struct location *l = m->location;

		if (any_rule_fits(l->disables, l->n_disables, path))
			return false;
		cached = cached ||
		    any_rule_fits(l->enables, l->n_enables, path);
	}
	return cached;
}

static enum lr
cached_settings(const struct vhost_rules *rules, const struct merged *m,
    const struct vhost_location *only, struct arena *arena,
    const struct settings **out)
{
	struct merged *copy;

	if (m == &rules->plain[0]) {
		*out = &rules->plain[1].settings;
		return LR_OK;
	}
	if (only != NULL) {
		*out = &only->alone[1].settings;
		return LR_OK;
	}
	if ((copy = arena_alloc(arena, sizeof(*copy))) == NULL)
		return LR_NOMEM;
	*copy = *m;
	copy->settings.cache.enabled = true;
	*out = &copy->settings;
	return LR_OK;
}

/* ---- ProxyPass ---- */

struct request_path {
	struct path path;
	struct slice raw; /* with the query */
	struct arena *arena;
};

static struct slice
query_of(const struct request_path *rp, const struct proxy_pass *pass)
{
	if (pass->no_query)
		return (struct slice){ 0 };
	return slice_cut(rp->raw, rp->path.raw.n, rp->raw.n);
}

/* The URL's path, the rest of the request's, the query.  Usually that is
 * just what was asked for. */
static enum lr
prefix_target(const struct request_path *rp, const struct proxy_pass *pass,
    struct slice *out)
{
	const struct path *path = &rp->path;
	struct slice rest = path_raw(path, pass->path.n, path->text.n);
	struct slice query = query_of(rp, pass);
	struct slice head = pass->target;
	char *p;

	if (head.n == 0 && (rest.n == 0 || rest.p[0] != '/'))
		head = SLICE("/");
	if (head.n + rest.n == path->raw.n && slice_starts(path->raw, head)) {
		*out = slice_cut(rp->raw, 0, path->raw.n + query.n);
		return LR_OK;
	}
	p = arena_alloc(rp->arena, head.n + rest.n + query.n);
	if (p == NULL)
		return LR_NOMEM;
	*out = slice_make(p, head.n + rest.n + query.n);
	p = mempcpy(p, head.p, head.n);
	if (rest.n > 0)
		p = mempcpy(p, rest.p, rest.n);
	if (query.n > 0)
		memcpy(p, query.p, query.n);
	return LR_OK;
}

/* Appends template with $0 to $9 replaced by what was captured, as it was
 * received. */
static void
substitute(struct strbuf *sb, struct slice template, const struct path *path,
    const struct pattern_match *match)
{
	for (size_t i = 0; i < template.n; i++) {
		char c = template.p[i];
		char next = i + 1 < template.n ? template.p[i + 1] : '\0';

		if (c == '\\' && (next == '$' || next == '\\')) {
			strbuf_add_char(sb, next);
			i++;
		} else if (c == '$' && next >= '0' && next <= '9') {
			size_t group = (size_t)(next - '0');

			if (group < match->n)
				strbuf_add_slice(sb,
				    path_raw(path, match->start[group],
					match->end[group]));
			i++;
		} else {
			strbuf_add_char(sb, c);
		}
	}
}

/* The target begins with a slash whatever was captured: it must not become
 * part of the server's name. */
static enum lr
pattern_target(const struct request_path *rp, const struct proxy_pass *pass,
    const struct pattern_match *match, struct slice *out)
{
	struct strbuf sb = { 0 };
	struct slice text;

	strbuf_add_char(&sb, '/');
	substitute(&sb, pass->target, &rp->path, match);
	strbuf_add_slice(&sb, query_of(rp, pass));
	text = strbuf_slice(&sb);
	if (slice_starts(text, SLICE("//")))
		text = slice_cut(text, 1, text.n);
	text = arena_dup(rp->arena, text);
	if (sb.failed)
		text.p = NULL;
	strbuf_free(&sb);
	if (text.p == NULL)
		return LR_NOMEM;
	*out = text;
	return LR_OK;
}

/* LR_OK: the pass applies, and out is filled; LR_NOTFOUND. */
static enum lr
try_pass(const struct request_path *rp, const struct proxy_pass *pass,
    struct route *out)
{
	struct pattern_match match;
	struct slice target = rp->raw;
	enum lr rc = LR_NOTFOUND;

	if (pass->pattern != NULL)
		rc = match_pattern(pass->pattern, rp->path.text, &match);
	else if (path_is_under(rp->path.text, pass->path))
		rc = LR_OK;
	if (rc != LR_OK)
		return rc;
	if (!pass->exclude && pass->pattern != NULL)
		rc = pattern_target(rp, pass, &match, &target);
	else if (!pass->exclude)
		rc = prefix_target(rp, pass, &target);
	if (rc != LR_OK)
		return rc;
	out->backend = pass->exclude ? NULL : &pass->backend;
	out->target = target;
	out->pass = pass;
	return LR_OK;
}

/* A section's own ProxyPass goes before those of the virtual host, as in
 * Apache; of the others the first that fits. */
static enum lr
find_pass(const struct request_path *rp, const struct vhost_rules *rules,
    const struct merged *m, struct route *out)
{
	enum lr rc = LR_NOTFOUND;

	if (m->pass != NULL)
		rc = try_pass(rp, m->pass, out);
	for (size_t i = 0; i < rules->n_passes && rc == LR_NOTFOUND; i++)
		rc = try_pass(rp, rules->passes[i], out);
	return rc == LR_NOTFOUND ? LR_OK : rc;
}

enum lr
route_find(const struct vhost *vh, struct slice path,
    struct slice raw_path_and_query, struct arena *arena, struct route *out)
{
	const struct vhost_rules *rules = vh->rules;
	struct request_path rp = { .raw = raw_path_and_query, .arena = arena };
	struct route route = { .target = raw_path_and_query };
	const struct vhost_location *only = NULL;
	const struct merged *m = NULL;
	enum lr rc;

	if ((rc = path_read(path, arena, &rp.path)) != LR_OK)
		return rc;
	rc = merge_sections(rules, &rp.path, arena, &m, &only);
	if (rc == LR_OK)
		rc = find_pass(&rp, rules, m, &route);
	if (rc != LR_OK)
		return rc;
	route.settings = &m->settings;
	if (is_cached(rules, m, &rp.path))
		rc = cached_settings(rules, m, only, arena, &route.settings);
	if (rc == LR_OK)
		*out = route;
	return rc;
}

/* ---- ProxyPassReverse ---- */

/* Does value begin with url, as far as a whole segment?  Else the rule for
 * "http://a" would take "http://a.example.net/" in. */
static bool
is_of_url(struct slice value, struct slice url)
{
	char next;

	if (url.n == 0 || !slice_istarts(value, url))
		return false;
	if (value.n == url.n || url.p[url.n - 1] == '/')
		return true;
	next = value.p[url.n];
	return next == '/' || next == '?' || next == '#';
}

/* The part of an absolute URL from its path on; all of a relative one. */
static struct slice
path_of_url(struct slice value)
{
	size_t at = url_authority_offset(value);

	if (at == 0 || value.p[0] == '/')
		return value;
	at += slice_find(slice_cut(value, at, value.n), '/');
	return at < value.n ? slice_cut(value, at, value.n) : value;
}

/* *value becomes "self" + path + rest.  LR_NOTFOUND: does not apply. */
static enum lr
reverse_by(const struct proxy_reverse *rv, struct slice self,
    struct arena *arena, struct slice *value)
{
	struct slice from = *value, rest, front;
	char *p;

	if (rv->url.n > 0 && rv->url.p[0] == '/' && from.n > 0)
		from = path_of_url(from);
	if (!is_of_url(from, rv->url))
		return LR_NOTFOUND;
	rest = slice_cut(from, rv->url.n, from.n);
	front = rv->path;
	if (slice_ends(front, SLICE("/")) && slice_starts(rest, SLICE("/")))
		front.n--;
	if ((p = arena_alloc(arena, self.n + front.n + rest.n)) == NULL)
		return LR_NOMEM;
	*value = slice_make(p, self.n + front.n + rest.n);
	if (self.n > 0)
		p = mempcpy(p, self.p, self.n);
	if (front.n > 0)
		p = mempcpy(p, front.p, front.n);
	if (rest.n > 0)
		memcpy(p, rest.p, rest.n);
	return LR_OK;
}

static enum lr
reverse_by_any(const struct proxy_reverse *rules, size_t n, struct slice self,
    struct arena *arena, struct slice *value)
{
	enum lr rc = LR_NOTFOUND;

	for (size_t i = 0; i < n && rc == LR_NOTFOUND; i++)
		rc = reverse_by(&rules[i], self, arena, value);
	return rc;
}

struct slice
route_reverse_location(const struct vhost *vh, const struct route *r,
    struct slice value, struct slice self, struct arena *arena)
{
	const struct vhost_rules *rules = vh->rules;
	const struct merged *m = (const struct merged *)r->settings;
	enum lr rc = reverse_by_any(
	    rules->reverses, rules->n_reverses, self, arena, &value);

	for (; rc == LR_NOTFOUND && m->location != NULL; m = m->before)
		rc = reverse_by_any(m->location->reverses,
		    m->location->n_reverses, self, arena, &value);
	return rc != LR_NOMEM ? value : (struct slice){ 0 };
}
