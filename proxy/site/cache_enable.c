/* proxy/site/cache_enable.c: where CacheEnable and CacheDisable hold */
#include "proxy/site/cache_enable.h"

#include "proxy/site/path.h"
#include "proxy/site/scope.h"
#include "proxy/site/url.h"
#include "store/base/num.h"

/* "/path", or "scheme://[host][:port][/path]" */
static bool
read_rule(struct slice text, struct cache_rule *out)
{
	size_t authority = url_authority_offset(text);
	struct cache_rule rule = { 0 };
	struct slice rest, port;
	uint64_t number = 0;
	size_t slash, colon;

	if (text.n > 0 && text.p[0] == '/') {
		out->path = text;
		return true;
	}
	if (authority == 0)
		return false;
	rule.scheme = slice_cut(text, 0, authority - 3);
	rest = slice_cut(text, authority, text.n);
	slash = slice_find(rest, '/');
	rule.path = slice_cut(rest, slash, rest.n);
	rest = slice_cut(rest, 0, slash);
	colon = rest.n > 0 && rest.p[0] == '[' ? slice_find(rest, ']') : 0;
	colon += slice_find(slice_cut(rest, colon, rest.n), ':');
	rule.host = slice_cut(rest, 0, colon);
	port = slice_cut(rest, colon + 1, rest.n);
	if (port.n > 0 && num_parse_u64(port, UINT16_MAX, &number) != LR_OK)
		return false;
	rule.port = (uint16_t)number;
	*out = rule;
	return true;
}

static enum lr
check_below(struct directive_use *use, const struct cache_rule *rule)
{
	const struct location_draft *ld = use->scope->location;

	if (ld == NULL || ld->section.kind != LOCATION_PREFIX ||
	    slice_starts(rule->path, ld->section.path))
		return LR_OK;
	directive_error(use,
	    "\"%.*s\" is not below this <Location>; leave the path out, or "
	    "write one that begins with %.*s",
	    SLICE_ARG(rule->path), SLICE_ARG(ld->section.path));
	return LR_INVALID;
}

static enum lr
add_rule(struct directive_use *use, struct array *list, struct slice text)
{
	struct cache_rule rule = { 0 }, *slot;
	enum lr rc;

	if (text.n > 0 && !read_rule(text, &rule)) {
		directive_error(use,
		    "\"%.*s\" is neither a path nor a URL; write / or "
		    "http://www.example.com/",
		    SLICE_ARG(text));
		return LR_INVALID;
	}
	if (text.n > 0 && (rc = check_below(use, &rule)) != LR_OK)
		return rc;
	rc = path_merge_slashes(
	    rule.path, use->scope->builder->arena, &rule.path);
	if (rc != LR_OK)
		return rc;
	if ((slot = scope_add(use, list, sizeof(*slot))) == NULL)
		return LR_NOMEM;
	*slot = rule;
	return LR_OK;
}

static bool
is_provider(struct slice type)
{
	static const char *const NAMES[] = { "disk", "mem", "socache",
		"larder" };

	type = slice_cut(type, 0, slice_find(type, ':'));
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (slice_ieq(type, slice_of(NAMES[i])))
			return true;
	}
	return false;
}

/* The kind of cache may be left out: there is one store. */
enum lr
cache_enable_set(struct directive_use *use)
{
	const struct node *n = use->node;
	struct scope *sc = use->scope;
	struct array *list = sc->location != NULL ? &sc->location->enables
						  : &sc->draft->enables;
	struct slice first = n->args[0];

	if (n->n_args == 1 &&
	    (slice_starts(first, SLICE("/")) ||
		url_authority_offset(first) > 0))
		return add_rule(use, list, first);
	if (!is_provider(first)) {
		directive_error(use,
		    "\"%.*s\" is not a kind of cache; write CacheEnable disk "
		    "/",
		    SLICE_ARG(first));
		return LR_INVALID;
	}
	if (n->n_args < 2 && sc->location == NULL) {
		directive_error(use,
		    "needs to know what to cache; write CacheEnable %.*s /",
		    SLICE_ARG(first));
		return LR_INVALID;
	}
	return add_rule(
	    use, list, n->n_args > 1 ? n->args[1] : (struct slice){ 0 });
}

enum lr
cache_enable_set_disable(struct directive_use *use)
{
	struct slice arg = use->node->args[0];
	struct location_draft *ld = use->scope->location;
	bool all = slice_ieq(arg, SLICE("on"));

	if (all && ld == NULL) {
		directive_error(
		    use, "\"on\" is for a <Location>; write a path here");
		return LR_INVALID;
	}
	return add_rule(use,
	    ld != NULL ? &ld->disables : &use->scope->draft->disables,
	    all ? (struct slice){ 0 } : arg);
}
