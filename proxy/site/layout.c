/* proxy/site/layout.c: the rules of a virtual host */
#include "proxy/site/layout.h"

/* Of the main server's list and the virtual host's own, one after the
 * other; the main server itself has only its own. */
static enum lr
concat(struct builder *b, const struct array *first, const struct array *second,
    size_t item_bytes, struct array *out)
{
	size_t n_second = second != first ? second->n : 0;
	struct array all = { .n = first->n + n_second };

	all.items = arena_alloc(b->arena, all.n * item_bytes);
	if (all.items == NULL)
		return LR_NOMEM;
	if (first->n > 0)
		memcpy(all.items, first->items, first->n * item_bytes);
	if (n_second > 0)
		memcpy((char *)all.items + first->n * item_bytes, second->items,
		    n_second * item_bytes);
	*out = all;
	return LR_OK;
}

/* ---- ProxyPass ---- */

/* A copy with the timeouts of this virtual host where the parameters give
 * none. */
static const struct proxy_pass *
with_timeouts(struct builder *b, const struct host_draft *d,
    const struct proxy_pass *pass)
{
	struct proxy_pass *copy = arena_alloc(b->arena, sizeof(*copy));
	int64_t timeout_ms = d->proxy_timeout_ms;

	if (copy == NULL)
		return NULL;
	*copy = *pass;
	if (timeout_ms == 0)
		timeout_ms = d->host->vh.timeout_ms;
	if (!pass->has_timeout)
		copy->backend.timeout_ms = timeout_ms;
	if (!pass->has_connect_timeout)
		copy->backend.connect_timeout_ms = copy->backend.timeout_ms;
	return copy;
}

/* The virtual host's own come first, as in Apache. */
static enum lr
lay_out_passes(struct builder *b, const struct host_draft *d,
    const struct host_draft *main, struct vhost_rules *rules)
{
	struct array all;
	const struct proxy_pass **passes;
	enum lr rc = concat(
	    b, &d->passes, &main->passes, sizeof(*passes), &all);

	if (rc != LR_OK)
		return rc;
	passes = all.items;
	for (size_t i = 0; i < all.n; i++) {
		if ((passes[i] = with_timeouts(b, d, passes[i])) == NULL)
			return LR_NOMEM;
	}
	rules->passes = passes;
	rules->n_passes = all.n;
	return LR_OK;
}

static enum lr
lay_out_reverses(struct builder *b, const struct host_draft *d,
    const struct host_draft *main, struct vhost_rules *rules)
{
	struct array all;
	enum lr rc = concat(b, &main->reverses, &d->reverses,
	    sizeof(struct proxy_reverse), &all);

	if (rc == LR_OK) {
		rules->reverses = all.items;
		rules->n_reverses = all.n;
	}
	return rc;
}

/* ---- CacheEnable, CacheDisable ---- */

/* "*.example.com" and ".example.com" are all names below. */
static bool
host_fits(struct slice pattern, struct slice name)
{
	if (pattern.n > 0 && pattern.p[0] == '*')
		pattern = slice_cut(pattern, 1, pattern.n);
	else if (pattern.n == 0 || pattern.p[0] != '.')
		return slice_ieq(pattern, name);
	return name.n >= pattern.n &&
	    slice_ieq(slice_cut(name, name.n - pattern.n, name.n), pattern);
}

static bool
has_name(const struct host *h, struct slice pattern)
{
	if (pattern.n == 0 || slice_eq(pattern, SLICE("*")) ||
	    host_fits(pattern, h->vh.server_name))
		return true;
	for (size_t i = 0; i < h->n_aliases; i++) {
		if (host_fits(pattern, h->aliases[i]))
			return true;
	}
	return false;
}

static bool
has_port(const struct host *h, uint16_t port)
{
	if (port == 0 || h->n_addresses == 0)
		return true;
	for (size_t i = 0; i < h->n_addresses; i++) {
		if (h->addresses[i].port == 0 || h->addresses[i].port == port)
			return true;
	}
	return false;
}

/* A rule that is a URL is for virtual hosts of that name. */
static bool
concerns(const struct cache_rule *rule, const struct host *h)
{
	if (rule->scheme.n > 0 && !slice_ieq(rule->scheme, SLICE("http")))
		return false;
	return has_name(h, rule->host) && has_port(h, rule->port);
}

static void
keep_concerned(struct array *rules, const struct host *h)
{
	struct cache_rule *rule = rules->items;
	size_t n = 0;

	for (size_t i = 0; i < rules->n; i++) {
		if (concerns(&rule[i], h))
			rule[n++] = rule[i];
	}
	rules->n = n;
}

static enum lr
lay_out_cache(struct builder *b, const struct host_draft *d,
    const struct host_draft *main, struct vhost_rules *rules)
{
	struct array enables, disables;
	enum lr rc = concat(b, &main->enables, &d->enables,
	    sizeof(struct cache_rule), &enables);

	if (rc == LR_OK)
		rc = concat(b, &main->disables, &d->disables,
		    sizeof(struct cache_rule), &disables);
	if (rc != LR_OK)
		return rc;
	keep_concerned(&enables, d->host);
	keep_concerned(&disables, d->host);
	rules->enables = enables.items;
	rules->n_enables = enables.n;
	rules->disables = disables.items;
	rules->n_disables = disables.n;
	return LR_OK;
}

/* ---- CacheOverride ---- */

/* The virtual host's own rules come first. */
static enum lr
lay_out_overrides(struct builder *b, const struct host_draft *d,
    const struct host_draft *main)
{
	struct override_list *outer = arena_alloc(b->arena, sizeof(*outer));
	struct override_list *list = &d->host->vh.settings.cache.overrides;

	if (outer == NULL)
		return LR_NOMEM;
	*outer = (struct override_list){ .rules = main->cache_overrides.items,
		.n = main->cache_overrides.n };
	*list = *outer;
	if (d != main)
		*list = (struct override_list){ d->cache_overrides.items,
			d->cache_overrides.n, outer };
	return LR_OK;
}

/* ---- sections ---- */

/* Only where there are any: else those around the section would be gone. */
static void
give_rules(const struct location_draft *ld, struct location *l)
{
	struct override_list *list;

	if (ld->cache_overrides.n == 0)
		return;
	list = overrides_take(&l->overrides,
	    offsetof(struct settings, cache.overrides), sizeof(*list));
	*list = (struct override_list){ .rules = ld->cache_overrides.items,
		.n = ld->cache_overrides.n };
}

static const struct location *
lay_out_section(
    struct builder *b, struct location_draft *ld, const struct host *h)
{
	struct location *l = arena_alloc(b->arena, sizeof(*l));
	struct array none = { 0 }, enables, disables;

	if (l == NULL ||
	    concat(b, &ld->enables, &none, sizeof(struct cache_rule),
		&enables) != LR_OK ||
	    concat(b, &ld->disables, &none, sizeof(struct cache_rule),
		&disables) != LR_OK)
		return NULL;
	keep_concerned(&enables, h);
	keep_concerned(&disables, h);
	*l = ld->section;
	l->reverses = ld->reverses.items;
	l->n_reverses = ld->reverses.n;
	l->enables = enables.items;
	l->n_enables = enables.n;
	l->disables = disables.items;
	l->n_disables = disables.n;
	give_rules(ld, l);
	return l;
}

static void
merge_alone(struct vhost_location *vl, const struct vhost_rules *rules)
{
	for (int cached = 0; cached < 2; cached++) {
		struct merged *m = &vl->alone[cached];

		*m = rules->plain[cached];
		overrides_apply(&vl->section->overrides, &m->settings);
		overrides_chain(&vl->section->overrides,
		    &rules->plain[cached].settings, &m->settings);
		m->settings.cache.enabled = cached == 1;
		m->pass = vl->pass;
		m->location = vl->section;
		m->before = &rules->plain[cached];
	}
}

static enum lr
lay_out_sections(struct builder *b, const struct host_draft *d,
    const struct host_draft *main, struct vhost_rules *rules)
{
	struct location_draft **drafts;
	struct vhost_location *vls;
	struct array all;
	enum lr rc = concat(
	    b, &main->locations, &d->locations, sizeof(*drafts), &all);

	if (rc != LR_OK)
		return rc;
	drafts = all.items;
	vls = arena_zalloc(b->arena, all.n * sizeof(*vls));
	if (vls == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < all.n; i++) {
		struct vhost_location *vl = &vls[i];

		vl->section = lay_out_section(b, drafts[i], d->host);
		if (vl->section == NULL)
			return LR_NOMEM;
		if (vl->section->pass != NULL &&
		    (vl->pass = with_timeouts(b, d, vl->section->pass)) == NULL)
			return LR_NOMEM;
		merge_alone(vl, rules);
	}
	rules->locations = vls;
	rules->n_locations = all.n;
	return LR_OK;
}

enum lr
layout_host(
    struct builder *b, struct host_draft *d, const struct host_draft *main)
{
	struct vhost_rules *rules = arena_zalloc(b->arena, sizeof(*rules));
	struct host *h = d->host;
	enum lr rc;

	if (rules == NULL)
		return LR_NOMEM;
	h->aliases = d->aliases.items;
	h->n_aliases = d->aliases.n;
	h->vh.settings.cache.enabled = false; /* route_find decides */
	if ((rc = lay_out_overrides(b, d, main)) != LR_OK)
		return rc;
	for (int cached = 0; cached < 2; cached++) {
		rules->plain[cached].settings = h->vh.settings;
		rules->plain[cached].settings.cache.enabled = cached == 1;
	}
	rc = lay_out_passes(b, d, main, rules);
	if (rc == LR_OK)
		rc = lay_out_reverses(b, d, main, rules);
	if (rc == LR_OK)
		rc = lay_out_cache(b, d, main, rules);
	if (rc == LR_OK)
		rc = lay_out_sections(b, d, main, rules);
	if (rc == LR_OK)
		h->vh.rules = rules;
	return rc;
}
