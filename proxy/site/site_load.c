/* proxy/site/site_load.c: walks the tree, applies the rows */
#include "proxy/site/site_load.h"

#include <unistd.h>

#include "proxy/conf/parse.h"
#include "proxy/site/directives.h"
#include "proxy/site/layout.h"
#include "proxy/site/path.h"
#include "proxy/site/scope.h"
#include "proxy/site/site_logs.h"

#define HOST_NAME_BYTES 256
#define DEFAULT_CACHE_ROOT "/var/cache/larder"

/* ---- hosts ---- */

/* from NULL: the main server, all zero; else a copy of it. */
static struct host_draft *
make_draft(struct builder *b, const struct host_draft *from)
{
	struct host_draft *d = arena_zalloc(b->arena, sizeof(*d));
	struct host *h = arena_zalloc(b->arena, sizeof(*h));

	if (d == NULL || h == NULL)
		return NULL;
	if (from != NULL) {
		d->error_log = from->error_log;
		d->error_log_at = from->error_log_at;
		d->levels = from->levels;
		d->proxy_timeout_ms = from->proxy_timeout_ms;
		h->vh = from->host->vh;
		h->vh.server_port = 0;
	}
	d->host = h;
	return d;
}

/* ---- sections ---- */

static enum lr apply_nodes(struct scope *sc, const struct node *first);

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
	return scope_pattern(use, n->args[tilde ? 1 : 0], &l->pattern);
}

/* A Location that cannot be read is left out; what is inside is checked
 * all the same. */
static enum lr
apply_location(struct directive_use *use)
{
	struct scope inner = *use->scope;
	struct location_draft *ld =
	    arena_zalloc(inner.builder->arena, sizeof(*ld));
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
	return apply_nodes(&inner, use->node->children.first);
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
	return apply_nodes(&inner, use->node->children.first);
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

	inner.draft = make_draft(b, use->scope->draft);
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
	return apply_nodes(&inner, use->node->children.first);
}

typedef enum lr section_fn(struct directive_use *use);

static section_fn *
section_of(const struct directive *row)
{
	static const struct {
		const char *name;
		section_fn *apply;
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

/* ---- nodes ---- */

static enum lr
apply_node(struct scope *sc, const struct node *n)
{
	struct diagnostics *diag = sc->builder->diag;
	struct directive_use use = { .node = n, .scope = sc, .diag = diag };
	enum lr rc;

	use.row = directives_find(n->name);
	if (use.row == NULL) {
		directives_report_unknown(n, diag);
		return LR_INVALID;
	}
	if (use.row->is_section != n->is_section) {
		diagnostic_error(diag, n->at, n->name,
		    use.row->is_section ? "is a section; write <%s %s>"
					: "is not a section; write %s %s",
		    use.row->name, use.row->syntax);
		return LR_INVALID;
	}
	rc = directive_check_context(use.row, n, sc->context, diag);
	if (rc == LR_OK)
		rc = directive_check_args(use.row, n, diag);
	if (rc != LR_OK)
		return rc;
	return n->is_section ? section_of(use.row)(&use) : use.row->set(&use);
}

static bool
is_vhost(const struct node *n)
{
	return n->is_section && slice_ieq(n->name, SLICE("VirtualHost"));
}

/* All of them, whatever is wrong with one. */
static enum lr
apply_nodes(struct scope *sc, const struct node *first)
{
	bool is_main = sc->context == DIRECTIVE_SERVER;
	enum lr rc = LR_OK;

	for (const struct node *n = first; n != NULL && rc != LR_NOMEM;
	     n = n->next) {
		if (!is_main || !is_vhost(n))
			rc = apply_node(sc, n);
	}
	for (const struct node *n = first;
	     n != NULL && is_main && rc != LR_NOMEM; n = n->next) {
		if (is_vhost(n))
			rc = apply_node(sc, n);
	}
	return rc == LR_NOMEM ? rc : LR_OK;
}

/* ---- defaults ---- */

/* What a row's preset says goes through its own setter, as a line would. */
static enum lr
apply_preset(struct scope *sc, const struct directive *row)
{
	struct parse_source src = { 0 };
	struct parse_result parsed;
	struct strbuf line = { 0 };
	enum lr rc;

	if (row->preset == NULL || row->preset[0] == '(' || row->set == NULL)
		return LR_OK;
	strbuf_addf(&line, "%s %s\n", row->name, row->preset);
	src.text = line.p;
	rc = line.failed ? LR_NOMEM
			 : parse_configuration(&src, sc->builder->arena,
			       sc->builder->diag, &parsed);
	strbuf_free(&line);
	return rc == LR_OK ? apply_nodes(sc, parsed.nodes.first) : rc;
}

static enum lr
apply_presets(struct scope *sc)
{
	struct directive_table tables[DIRECTIVES_TABLES];
	enum lr rc = LR_OK;

	directives_tables(tables);
	for (size_t t = 0; t < DIRECTIVES_TABLES; t++) {
		for (size_t i = 0; i < tables[t].n && rc == LR_OK; i++)
			rc = apply_preset(sc, &tables[t].rows[i]);
	}
	return rc;
}

static enum lr
name_main_server(struct builder *b, struct host_draft *main)
{
	struct vhost *vh = &main->host->vh;
	char name[HOST_NAME_BYTES] = "localhost";

	vh->where = SLICE("main server");
	if (vh->server_name.n > 0)
		return LR_OK;
	if (gethostname(name, sizeof(name)) != 0 || name[0] == '\0')
		memcpy(name, "localhost", sizeof("localhost"));
	name[sizeof(name) - 1] = '\0';
	vh->server_name = arena_dup(b->arena, slice_of(name));
	return vh->server_name.p != NULL ? LR_OK : LR_NOMEM;
}

/* ---- the whole ---- */

static bool
caches(const struct host_draft *d)
{
	struct location_draft *const *lds = d->locations.items;

	for (size_t i = 0; i < d->locations.n; i++) {
		if (lds[i]->enables.n > 0)
			return true;
	}
	return d->enables.n > 0;
}

static void
place_store(struct builder *b, const struct host_draft *main)
{
	struct host_draft *const *drafts = b->hosts.items;
	struct place at = { .file = SLICE("configuration") };
	bool any = caches(main);

	for (size_t i = 0; i < b->hosts.n; i++)
		any = any || caches(drafts[i]);
	if (!any || b->site->server.cache_root.n > 0)
		return;
	b->site->server.cache_root = SLICE(DEFAULT_CACHE_ROOT);
	diagnostic_notice(b->diag, at, SLICE("CacheRoot"),
	    "not given; the store goes to %s", DEFAULT_CACHE_ROOT);
}

static bool
listens_on(const struct builder *b, uint16_t port)
{
	const struct listen *listens = b->listens.items;

	for (size_t i = 0; i < b->listens.n; i++) {
		uint16_t p = address_port(&listens[i].at);

		if (p == port || p == 0)
			return true;
	}
	return port == 0;
}

static void
check_listens(struct builder *b)
{
	struct host_draft *const *drafts = b->hosts.items;
	struct place at = { .file = SLICE("configuration") };

	if (b->listens.n == 0 && b->diag->errors == 0)
		diagnostic_error(b->diag, at, SLICE("Listen"),
		    "there is none, so nobody could ask anything; add Listen "
		    "80");
	for (size_t i = 0; i < b->hosts.n && b->listens.n > 0; i++) {
		const struct host *h = drafts[i]->host;

		for (size_t j = 0; j < h->n_addresses; j++) {
			uint16_t port = h->addresses[j].port;

			if (listens_on(b, port))
				continue;
			diagnostic_warning(b->diag, drafts[i]->at,
			    SLICE("VirtualHost"),
			    "nothing listens on port %u; add Listen %u", port,
			    port);
		}
	}
}

static enum lr
finish_host(
    struct builder *b, struct host_draft *d, const struct host_draft *main)
{
	enum lr rc = layout_host(b, d, main);

	return rc == LR_OK ? site_logs_open(b, d, main) : rc;
}

static enum lr
finish(struct builder *b, struct host_draft *main)
{
	struct site *s = b->site;
	struct host_draft *const *drafts = b->hosts.items;
	struct host **hosts =
	    arena_alloc(b->arena, b->hosts.n * sizeof(struct host *));
	enum lr rc = hosts != NULL ? LR_OK : LR_NOMEM;

	place_store(b, main);
	check_listens(b);
	b->open_logs = b->open_logs && b->diag->errors == 0;
	if (rc == LR_OK)
		rc = finish_host(b, main, main);
	for (size_t i = 0; i < b->hosts.n && rc == LR_OK; i++) {
		hosts[i] = drafts[i]->host;
		rc = finish_host(b, drafts[i], main);
	}
	if (rc != LR_OK)
		return rc;
	s->server.server_root = b->server_root;
	s->listens = b->listens.items;
	s->n_listens = b->listens.n;
	s->main = main->host;
	s->hosts = hosts;
	s->n_hosts = b->hosts.n;
	return vhost_table_build(b->arena, hosts, s->n_hosts, &s->table);
}

static enum lr
build(struct builder *b, const struct parse_source *src)
{
	struct host_draft *main = make_draft(b, NULL);
	struct scope sc = { .context = DIRECTIVE_SERVER,
		.builder = b,
		.draft = main };
	struct parse_result parsed;
	enum lr rc;

	if (main == NULL)
		return LR_NOMEM;
	rc = apply_presets(&sc);
	if (rc == LR_OK)
		rc = parse_configuration(src, b->arena, b->diag, &parsed);
	if (rc != LR_OK)
		return rc;
	b->server_root = parsed.server_root;
	rc = apply_nodes(&sc, parsed.nodes.first);
	if (rc == LR_OK)
		rc = name_main_server(b, main);
	if (rc == LR_OK)
		rc = finish(b, main);
	return rc;
}

enum lr
site_load(
    const struct site_source *src, struct strbuf *messages, struct site **out)
{
	struct diagnostics diag = { 0 };
	struct parse_source parse = { .file = src->file,
		.text = src->text,
		.defines = src->defines,
		.n_defines = src->n_defines };
	struct builder b = { .diag = &diag, .open_logs = src->open_logs };
	enum lr rc;

	if ((b.site = site_create()) == NULL)
		return LR_NOMEM;
	diag.arena = b.arena = &b.site->arena;
	rc = build(&b, &parse);
	if (diagnostic_write(&diag, messages) != LR_OK)
		rc = LR_NOMEM;
	if (rc == LR_OK && diag.errors > 0)
		rc = LR_INVALID;
	if (rc != LR_OK) {
		site_unref(b.site);
		return rc;
	}
	*out = b.site;
	return LR_OK;
}
