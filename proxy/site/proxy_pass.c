/* proxy/site/proxy_pass.c: ProxyPass, ProxyPassMatch, ProxyPassReverse */
#include "proxy/site/proxy_pass.h"

#include "proxy/site/path.h"
#include "proxy/site/scope.h"
#include "proxy/site/url.h"
#include "proxy/site/worker_parameter.h"

/* ---- the URL ---- */

/* Where the part of a URL begins that is not the server's name: the path,
 * or the first $1.  url.n when there is none. */
static size_t
path_offset(struct slice url, bool is_match)
{
	size_t bar = slice_istarts(url, SLICE("unix:")) ? slice_find(url, '|')
							: 0;
	size_t after = url_authority_offset(slice_cut(url, bar, url.n));
	size_t at;

	if (after == 0)
		return url.n;
	for (at = bar + after; at < url.n; at++) {
		if (url.p[at] == '/' || url.p[at] == '?' || url.p[at] == '#' ||
		    (is_match && url.p[at] == '$'))
			break;
	}
	return at;
}

/* What is wrong with the path of a URL, or NULL. */
static const char *
check_target(struct slice path)
{
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c == '?' || c == '#')
			return "may have no query and no fragment; the "
			       "request's query is added by itself";
		if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>')
			return "has a character that must be written as %XX";
	}
	return NULL;
}

static enum lr
report_url(
    struct directive_use *use, struct slice url, enum lr rc, const char *why)
{
	size_t authority = url_authority_offset(url);

	if (rc == LR_UNSUPPORTED && authority > 0)
		directive_error(use,
		    "\"%.*s\": %.*s backends are not available in this "
		    "version; http://host:port/ and unix:/path|http://host/ "
		    "are",
		    SLICE_ARG(url), (int)authority, url.p);
	else
		directive_error(use,
		    "\"%.*s\": %s; write http://backend.example.com:8080/",
		    SLICE_ARG(url), why);
	return LR_INVALID;
}

static enum lr
read_url(struct directive_use *use, struct slice url, struct proxy_pass *pass)
{
	size_t at = path_offset(url, pass->pattern != NULL);
	struct slice base = slice_cut(url, 0, at);
	const char *why = "";
	enum lr rc;

	pass->target = slice_cut(url, at, url.n);
	rc = backend_parse(
	    base, use->scope->builder->arena, &pass->backend, &why);
	if (rc == LR_NOMEM)
		return rc;
	if (rc == LR_OK && (why = check_target(pass->target)) != NULL)
		rc = LR_INVALID;
	return rc == LR_OK ? LR_OK : report_url(use, url, rc, why);
}

/* $1 must be something that the expression captures. */
static enum lr
check_groups(struct directive_use *use, const struct proxy_pass *pass)
{
	unsigned groups = pattern_groups(pass->pattern);
	struct slice t = pass->target;

	for (size_t i = 0; i + 1 < t.n; i++) {
		char next = t.p[i + 1];

		if (t.p[i] == '\\') {
			i++;
			continue;
		}
		if (t.p[i] != '$' || next < '0' || next > '9' ||
		    (unsigned)(next - '0') <= groups)
			continue;
		directive_error(use,
		    "the URL has $%c, but the expression has %u group%s in "
		    "parentheses",
		    next, groups, groups == 1 ? "" : "s");
		return LR_INVALID;
	}
	return LR_OK;
}

/* ---- the path ---- */

static enum lr
read_prefix(struct directive_use *use, struct slice path, struct slice *out)
{
	if (path.n == 0 || path.p[0] != '/') {
		directive_error(use,
		    "the path \"%.*s\" does not begin with /; write %s / "
		    "http://backend/",
		    SLICE_ARG(path), use->row->name);
		return LR_INVALID;
	}
	return path_merge_slashes(path, use->scope->builder->arena, out);
}

/* In a section, what it is about is the path. */
static enum lr
path_of_section(
    struct directive_use *use, bool is_match, struct proxy_pass *pass)
{
	const struct location *l = &use->scope->location->section;

	if (is_match != (l->kind == LOCATION_PATTERN)) {
		directive_error(use,
		    is_match ? "stands in a <Location>; use ProxyPass here"
			     : "stands in a <LocationMatch>; use "
			       "ProxyPassMatch here");
		return LR_INVALID;
	}
	if (l->kind == LOCATION_GLOB) {
		directive_error(use,
		    "a <Location> with wildcards cannot have a ProxyPass; use "
		    "<LocationMatch> with ProxyPassMatch");
		return LR_INVALID;
	}
	pass->path = l->path;
	pass->pattern = l->pattern;
	return LR_OK;
}

/* Fills in path or pattern; *used: how many arguments that took. */
static enum lr
read_path(struct directive_use *use, bool is_match, struct proxy_pass *pass,
    size_t *used)
{
	const struct node *n = use->node;

	*used = 0;
	if (use->scope->location != NULL) {
		if (n->args[0].n > 0 && n->args[0].p[0] == '/') {
			directive_error(use,
			    "the section gives the path already; write only "
			    "the URL here");
			return LR_INVALID;
		}
		return path_of_section(use, is_match, pass);
	}
	if (n->n_args < 2) {
		directive_error(use,
		    "needs a path and a URL; write %s %s http://backend/",
		    use->row->name, is_match ? "^/(.*)$" : "/");
		return LR_INVALID;
	}
	*used = 1;
	pass->path = n->args[0];
	if (is_match)
		return scope_pattern(use, pass->path, &pass->pattern);
	return read_prefix(use, n->args[0], &pass->path);
}

/* As Apache does, what follows the path is put right behind the URL. */
static void
warn_of_slashes(struct directive_use *use, const struct proxy_pass *pass)
{
	bool path_ends = slice_ends(pass->path, SLICE("/"));
	bool url_ends = slice_ends(pass->target, SLICE("/"));

	if (pass->pattern != NULL || pass->exclude || pass->target.n == 0 ||
	    path_ends == url_ends)
		return;
	directive_warning(use,
	    "%s ends with a slash and %s does not; %.*s%sx would become "
	    "%.*s%sx",
	    path_ends ? "the path" : "the URL",
	    path_ends ? "the URL" : "the path", SLICE_ARG(pass->path),
	    path_ends ? "" : "/", SLICE_ARG(pass->target),
	    path_ends ? "" : "/");
}

static enum lr
read_pass(struct directive_use *use, bool is_match, struct proxy_pass *pass)
{
	const struct node *n = use->node;
	size_t i;
	enum lr rc;

	if ((rc = read_path(use, is_match, pass, &i)) != LR_OK)
		return rc;
	pass->exclude = slice_eq(n->args[i], SLICE("!"));
	if (pass->exclude && i + 1 < n->n_args) {
		directive_error(use, "nothing may follow the !");
		return LR_INVALID;
	}
	if (!pass->exclude)
		rc = read_url(use, n->args[i], pass);
	if (rc == LR_OK && !pass->exclude && pass->pattern != NULL)
		rc = check_groups(use, pass);
	for (i++; i < n->n_args && rc == LR_OK; i++)
		rc = worker_parameter_read(use, n->args[i], pass);
	return rc;
}

static enum lr
set_pass(struct directive_use *use, bool is_match)
{
	struct scope *sc = use->scope;
	struct proxy_pass *pass = arena_zalloc(
	    sc->builder->arena, sizeof(*pass));
	struct proxy_pass **slot;
	enum lr rc;

	if (pass == NULL)
		return LR_NOMEM;
	pass->at = use->node->at;
	if ((rc = read_pass(use, is_match, pass)) != LR_OK)
		return rc;
	warn_of_slashes(use, pass);
	if (sc->location != NULL) {
		sc->location->section.pass = pass;
		return LR_OK;
	}
	slot = scope_add(use, &sc->draft->passes, sizeof(*slot));
	if (slot == NULL)
		return LR_NOMEM;
	*slot = pass;
	return LR_OK;
}

enum lr
proxy_pass_set(struct directive_use *use)
{
	return set_pass(use, false);
}

enum lr
proxy_pass_set_match(struct directive_use *use)
{
	return set_pass(use, true);
}

/* ---- ProxyPassReverse ---- */

static enum lr
reverse_path(struct directive_use *use, struct slice *out, size_t *used)
{
	const struct node *n = use->node;
	const struct location_draft *ld = use->scope->location;

	*used = 0;
	if (n->n_args == 1 && ld != NULL &&
	    ld->section.kind == LOCATION_PREFIX) {
		*out = ld->section.path;
		return LR_OK;
	}
	if (n->n_args == 1) {
		directive_error(use,
		    "needs a path and a URL; write ProxyPassReverse / "
		    "http://backend/");
		return LR_INVALID;
	}
	*used = 1;
	return read_prefix(use, n->args[0], out);
}

enum lr
proxy_pass_set_reverse(struct directive_use *use)
{
	struct scope *sc = use->scope;
	struct array *list = sc->location != NULL ? &sc->location->reverses
						  : &sc->draft->reverses;
	struct proxy_reverse rv, *slot;
	size_t i;
	enum lr rc = reverse_path(use, &rv.path, &i);

	if (rc != LR_OK)
		return rc;
	rv.url = use->node->args[i];
	if (rv.url.n == 0 ||
	    (rv.url.p[0] != '/' && url_authority_offset(rv.url) == 0)) {
		directive_error(use,
		    "\"%.*s\" is not a URL; write http://backend/",
		    SLICE_ARG(rv.url));
		return LR_INVALID;
	}
	if ((slot = scope_add(use, list, sizeof(*slot))) == NULL)
		return LR_NOMEM;
	*slot = rv;
	return LR_OK;
}
