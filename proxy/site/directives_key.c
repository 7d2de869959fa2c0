/* proxy/site/directives_key.c: which requests ask for the same object */
#include "proxy/cache/key_query.h"
#include "proxy/http/uri.h"
#include "proxy/site/directives.h"
#include "proxy/site/scope.h"

#define KEY_QUERY_SYNTAX "ignore|sort|keep name ...|drop name ..."

/* ---- CacheKeyQuery ---- */

/* The rules of this section.  They begin anew in each; what is around it
 * does not count any more then.  NULL: out of memory. */
static struct key_query *
own_rules(struct directive_use *use)
{
	struct scope *sc = use->scope;
	struct key_query **own = sc->location != NULL ? &sc->location->key_query
						      : &sc->draft->key_query;
	const struct key_query **place;

	if (*own == NULL)
		*own = arena_zalloc(sc->builder->arena, sizeof(**own));
	place = scope_place(use, sizeof(*place));
	*place = *own;
	return *own;
}

/* "*" may only be the last letter. */
static enum lr
check_name(struct directive_use *use, struct slice name)
{
	size_t star = slice_find(name, '*');

	if (name.n > 0 && star + 1 >= name.n &&
	    slice_find(name, '&') == name.n && slice_find(name, '=') == name.n)
		return LR_OK;
	directive_error(use,
	    "\"%.*s\" is not a parameter's name; write page or utm_*",
	    SLICE_ARG(name));
	return LR_INVALID;
}

/* All but the first argument, behind those of before. */
static enum lr
add_names(struct directive_use *use, const struct slice **names, size_t *n)
{
	const struct node *node = use->node;
	struct slice *all = arena_alloc(
	    use->scope->builder->arena, (*n + node->n_args) * sizeof(*all));

	if (all == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < *n; i++)
		all[i] = (*names)[i];
	for (size_t i = 1; i < node->n_args; i++) {
		if (check_name(use, node->args[i]) != LR_OK)
			return LR_INVALID;
		all[*n + i - 1] = node->args[i];
	}
	*names = all;
	*n += node->n_args - 1;
	return LR_OK;
}

static enum lr
set_key_query(struct directive_use *use)
{
	const struct node *n = use->node;
	struct key_query *kq = own_rules(use);
	struct slice verb = n->args[0];

	if (kq == NULL)
		return LR_NOMEM;
	if (n->n_args == 1 && slice_ieq(verb, SLICE("ignore"))) {
		kq->ignore = true;
		return LR_OK;
	}
	if (n->n_args == 1 && slice_ieq(verb, SLICE("sort"))) {
		kq->sort = true;
		return LR_OK;
	}
	if (n->n_args > 1 && slice_ieq(verb, SLICE("keep")))
		return add_names(use, &kq->keep, &kq->n_keep);
	if (n->n_args > 1 && slice_ieq(verb, SLICE("drop")))
		return add_names(use, &kq->drop, &kq->n_drop);
	directive_error(use, "is written %s, not \"%.*s\"%s", KEY_QUERY_SYNTAX,
	    SLICE_ARG(verb), n->n_args > 1 ? " with names" : " without names");
	return LR_INVALID;
}

/* ---- CacheIgnoreURLSessionIdentifiers ---- */

/* None, or names; several directives add up, and replace the main
 * server's, as in Apache. */
static enum lr
set_session_ids(struct directive_use *use)
{
	struct host_draft *d = use->scope->draft;
	struct cache_policy *p = &d->host->vh.settings.cache;
	const struct node *n = use->node;
	struct slice *slot;

	if (n->n_args == 1 && slice_ieq(n->args[0], SLICE("none"))) {
		d->session_ids.n = 0;
	} else {
		for (size_t i = 0; i < n->n_args; i++) {
			slot = scope_add(use, &d->session_ids, sizeof(*slot));
			if (slot == NULL)
				return LR_NOMEM;
			*slot = n->args[i];
		}
	}
	p->session_ids = d->session_ids.items;
	p->n_session_ids = d->session_ids.n;
	return LR_OK;
}

/* ---- CacheKeyBaseURL ---- */

/* "http://example.com:8080" in normal form; p is NULL without memory. */
static struct slice
normal_base(const struct uri *uri, struct arena *arena)
{
	struct strbuf sb = { 0 };
	struct slice base;
	char *text;

	strbuf_add_slice(&sb, uri->scheme);
	strbuf_add_cstr(&sb, "://");
	strbuf_add_slice(&sb, uri->host);
	if (uri->port != 0 && uri->port != uri_default_port(uri->scheme)) {
		strbuf_add_char(&sb, ':');
		strbuf_add_u64(&sb, uri->port);
	}
	base = strbuf_slice(&sb);
	text = sb.failed ? NULL : arena_alloc(arena, base.n);
	for (size_t i = 0; text != NULL && i < base.n; i++) {
		char c = base.p[i];

		text[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	base.p = text;
	strbuf_free(&sb);
	return base;
}

static enum lr
set_key_base(struct directive_use *use)
{
	struct slice arg = use->node->args[0];
	struct slice *to = scope_place(use, sizeof(*to)), base;
	struct uri uri;

	if (uri_parse(arg, &uri) != LR_OK) {
		directive_error(use,
		    "\"%.*s\" is not a URL; write http://www.example.com/",
		    SLICE_ARG(arg));
		return LR_INVALID;
	}
	if (uri.has_query || uri.path.n > 1)
		directive_warning(use,
		    "only scheme, host and port of \"%.*s\" go into keys",
		    SLICE_ARG(arg));
	base = normal_base(&uri, use->scope->builder->arena);
	if (base.p == NULL)
		return LR_NOMEM;
	*to = base;
	return LR_OK;
}

/* ---- the table ---- */

static const struct directive ROWS[] = {
	{
	    .name = "CacheKeyQuery",
	    .syntax = KEY_QUERY_SYNTAX,
	    .help = "What of a query tells objects apart, beside "
		    "CacheIgnoreQueryString: ignore, nothing; sort, not the "
		    "order of the parameters (those of one name keep theirs); "
		    "keep, only parameters of these names; drop, not these. "
		    "utm_* is all names that begin so. The directives of a "
		    "section add up, and replace those around it; keep * "
		    "alone is the whole query again.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_key_query,
	    IN_SETTINGS(const struct key_query *, cache.key_query),
	},
	{
	    .name = "CacheIgnoreURLSessionIdentifiers",
	    .syntax = "None|name ...",
	    .help = "Requests that differ in these session identifiers are "
		    "the same object: name=value in the query, and "
		    ";name=value at the end of the path.",
	    .preset = "None",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_session_ids,
	},
	{
	    .name = "CacheKeyBaseURL",
	    .syntax = "URL",
	    .help = "Objects are kept under the scheme, host and port of this "
		    "URL, not those of the request; virtual hosts with the "
		    "same one share them.",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_key_base,
	    IN_SETTINGS(struct slice, cache.key_base),
	},
};

struct directive_table
directives_key(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
