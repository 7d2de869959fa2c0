/* proxy/site/section.c: scopes for what stands in sections */
#include "proxy/site/section.h"

#include "proxy/site/path.h"
#include "proxy/site/scope.h"
#include "proxy/site/walk.h"

static bool
is_glob(struct slice path)
{
	return slice_find(path, '*') < path.n ||
	    slice_find(path, '?') < path.n || slice_find(path, '[') < path.n;
}

static enum lr
read_location_path(
    struct directive_use *use, struct slice path, struct location *l)
{
	struct arena *arena = use->scope->builder->arena;
	enum lr rc;

	if (path.n == 0 || path.p[0] != '/') {
		directive_error(use,
		    "the path \"%.*s\" does not begin with /; write <Location "
		    "/path>",
		    SLICE_ARG(path));
		return LR_INVALID;
	}
	l->kind = is_glob(path) ? LOCATION_GLOB : LOCATION_PREFIX;
	if ((rc = path_merge_slashes(path, arena, &path)) != LR_OK)
		return rc;
	l->path = arena_dup(arena, path);
	return l->path.p != NULL ? LR_OK : LR_NOMEM;
}

/* <Location /path>, <Location ~ expression>, <LocationMatch expression> */
static enum lr
read_location(struct directive_use *use, struct location *l)
{
	const struct node *n = use->node;
	bool tilde = slice_eq(n->args[0], SLICE("~"));
	bool is_match = slice_ieq(n->name, SLICE("LocationMatch"));

	if (!is_match && tilde != (n->n_args == 2)) {
		directive_error(use,
		    "takes one path; write <Location /path> or "
		    "<LocationMatch expression>");
		return LR_INVALID;
	}
	if (!is_match && !tilde)
		return read_location_path(use, n->args[0], l);
	l->kind = LOCATION_PATTERN;
	l->path = n->args[tilde ? 1 : 0];
	return scope_pattern(use, l->path, &l->pattern);
}

/* A Location that cannot be read is left out; what is inside is checked
 * all the same. */
static enum lr
apply_location(struct directive_use *use)
{
	struct scope inner = *use->scope;
	struct location_draft *ld = arena_zalloc(
	    inner.builder->arena, sizeof(*ld));
	struct location_draft **slot;
	enum lr rc;

	if (ld == NULL)
		return LR_NOMEM;
	ld->section.at = use->node->at;
	ld->section.path = SLICE("/");
	rc = read_location(use, &ld->section);
	if (rc == LR_NOMEM)
		return rc;
	if (rc == LR_OK) {
		slot = scope_add(use, &inner.draft->locations, sizeof(*slot));
		if (slot == NULL)
			return LR_NOMEM;
		*slot = ld;
	}
	inner.context = DIRECTIVE_LOCATION;
	inner.location = ld;
	return walk_nodes(&inner, use->node->children.first);
}

static enum lr
apply_proxy(struct directive_use *use)
{
	struct scope inner = *use->scope;

	if (slice_istarts(use->node->args[0], SLICE("balancer://"))) {
		directive_error(use,
		    "balancers are not available in this version; give "
		    "ProxyPass the backend's URL");
		return LR_INVALID;
	}
	inner.context = DIRECTIVE_PROXY;
	return walk_nodes(&inner, use->node->children.first);
}

static enum lr
read_addresses(struct directive_use *use, struct host *h)
{
	const struct node *n = use->node;
	struct vhost_address *addresses = arena_zalloc(
	    use->scope->builder->arena, n->n_args * sizeof(*addresses));

	if (addresses == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < n->n_args; i++) {
		if (vhost_address_parse(n->args[i], &addresses[i]) == LR_OK)
			continue;
		directive_error(use,
		    "\"%.*s\" is not an address; write *:80, 192.0.2.1:80 or "
		    "[2001:db8::1]:80",
		    SLICE_ARG(n->args[i]));
		return LR_INVALID;
	}
	h->addresses = addresses;
	h->n_addresses = n->n_args;
	return LR_OK;
}

static struct slice
place_text(struct builder *b, struct place at)
{
	struct strbuf sb = { 0 };
	struct slice text;

	strbuf_addf(&sb, "%.*s:%u", SLICE_ARG(at.file), at.line);
	text = arena_dup(b->arena, strbuf_slice(&sb));
	strbuf_free(&sb);
	return text;
}

/* The virtual hosts come after all that is outside, wherever they stand. */
static enum lr
apply_vhost(struct directive_use *use)
{
	struct scope inner = *use->scope;
	struct builder *b = inner.builder;
	struct host_draft **slot;
	enum lr rc;

	inner.draft = scope_draft(b, use->scope->draft);
	slot = array_add(&b->hosts, sizeof(*slot), b->arena);
	if (inner.draft == NULL || slot == NULL)
		return LR_NOMEM;
	*slot = inner.draft;
	inner.draft->at = use->node->at;
	inner.draft->host->vh.where = place_text(b, use->node->at);
	if (inner.draft->host->vh.where.p == NULL)
		return LR_NOMEM;
	if ((rc = read_addresses(use, inner.draft->host)) == LR_NOMEM)
		return rc;
	inner.context = DIRECTIVE_VHOST;
	return walk_nodes(&inner, use->node->children.first);
}

directive_fn *
section_setter(const struct directive *row)
{
	static const struct {
		const char *name;
		directive_fn *apply;
	} SECTIONS[] = {
		{ "VirtualHost", apply_vhost },
		{ "Location", apply_location },
		{ "LocationMatch", apply_location },
		{ "Proxy", apply_proxy },
	};

	for (size_t i = 0; i < sizeof(SECTIONS) / sizeof(SECTIONS[0]); i++) {
		if (strcmp(SECTIONS[i].name, row->name) == 0)
			return SECTIONS[i].apply;
	}
	return row->set;
}
