/* proxy/site/site_load.c: defaults, the configuration, the finish */
#include "proxy/site/site_load.h"

#include <unistd.h>

#include "proxy/conf/parse.h"
#include "proxy/site/directives.h"
#include "proxy/site/key_scope.h"
#include "proxy/site/layout.h"
#include "proxy/site/scope.h"
#include "proxy/site/site_logs.h"
#include "proxy/site/walk.h"

#define HOST_NAME_BYTES 256
#define DEFAULT_CACHE_ROOT "/var/cache/larder"

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
	return rc == LR_OK ? walk_nodes(sc, parsed.nodes.first) : rc;
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
	struct host **hosts = arena_alloc(
	    b->arena, b->hosts.n * sizeof(struct host *));
	enum lr rc = hosts != NULL ? LR_OK : LR_NOMEM;

	place_store(b, main);
	check_listens(b);
	b->open_logs = b->open_logs && b->diag->errors == 0;
	if (rc == LR_OK)
		rc = key_scope_assign(b, main);
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
	struct host_draft *main = scope_draft(b, NULL);
	struct scope sc = {
		.context = DIRECTIVE_SERVER, .builder = b, .draft = main
	};
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
	rc = walk_nodes(&sc, parsed.nodes.first);
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
