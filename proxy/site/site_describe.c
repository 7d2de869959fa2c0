/* proxy/site/site_describe.c: larder -S */
#include "proxy/site/site_internal.h"
#include "proxy/site/site_load.h"

static void
describe_host(const struct host *h, const char *kind, struct strbuf *out)
{
	strbuf_addf(out, "    %s %.*s", kind, SLICE_ARG(h->vh.server_name));
	if (h->vh.server_port != 0)
		strbuf_addf(out, ":%u", h->vh.server_port);
	strbuf_addf(out, " (%.*s)\n", SLICE_ARG(h->vh.where));
	for (size_t i = 0; i < h->n_aliases; i++)
		strbuf_addf(
		    out, "        alias %.*s\n", SLICE_ARG(h->aliases[i]));
}

static void
describe_pass(
    const struct proxy_pass *pass, struct slice path, struct strbuf *out)
{
	const char *name = pass->pattern != NULL ? "ProxyPassMatch"
						 : "ProxyPass";

	strbuf_addf(out, "        %s", name);
	if (path.n > 0)
		strbuf_addf(out, " %.*s", SLICE_ARG(path));
	if (pass->exclude)
		strbuf_add_cstr(out, " !");
	else
		strbuf_addf(out, " %.*s%.*s", SLICE_ARG(pass->backend.url),
		    SLICE_ARG(pass->target));
	strbuf_addf(
	    out, " (%.*s:%u)\n", SLICE_ARG(pass->at.file), pass->at.line);
}

static void
describe_location(const struct vhost_location *vl, struct strbuf *out)
{
	const struct location *l = vl->section;

	strbuf_addf(out, "        %s",
	    l->kind == LOCATION_PATTERN ? "LocationMatch" : "Location");
	strbuf_addf(out, " %.*s (%.*s:%u)\n", SLICE_ARG(l->path),
	    SLICE_ARG(l->at.file), l->at.line);
	if (vl->pass != NULL)
		describe_pass(vl->pass, (struct slice){ 0 }, out);
}

static void
describe_rules(const struct host *h, struct strbuf *out)
{
	const struct vhost_rules *rules = h->vh.rules;

	for (size_t i = 0; i < rules->n_locations; i++)
		describe_location(&rules->locations[i], out);
	for (size_t i = 0; i < rules->n_passes; i++)
		describe_pass(rules->passes[i], rules->passes[i]->path, out);
	for (size_t i = 0; i < rules->n_enables; i++)
		strbuf_addf(out, "        CacheEnable %.*s\n",
		    SLICE_ARG(rules->enables[i].path));
	for (size_t i = 0; i < rules->n_disables; i++)
		strbuf_addf(out, "        CacheDisable %.*s\n",
		    SLICE_ARG(rules->disables[i].path));
}

static void
describe_server(const struct site *s, struct strbuf *out)
{
	const struct server_conf *sv = &s->server;

	strbuf_addf(out, "ServerRoot: %.*s\n", SLICE_ARG(sv->server_root));
	for (size_t i = 0; i < s->n_listens; i++) {
		char text[ADDRESS_CHARS];

		address_format(&s->listens[i].at, text);
		strbuf_addf(out, "Listen: %s\n", text);
	}
	strbuf_addf(out, "WorkerThreads: %u\n", sv->workers);
	if (sv->cache_root.n > 0) {
		strbuf_addf(
		    out, "CacheRoot: %.*s (", SLICE_ARG(sv->cache_root));
		strbuf_add_u64(out, sv->cache_size_bytes);
		strbuf_add_cstr(out, " bytes)\n");
	}
}

void
site_describe(const struct site *s, struct strbuf *out)
{
	describe_server(s, out);
	strbuf_add_cstr(out, "VirtualHost configuration:\n");
	for (size_t i = 0; i < s->table.n_sets; i++) {
		char text[ADDRESS_CHARS + 8];
		size_t n;
		struct host *const *hosts = vhost_table_hosts(&s->table, i, &n);

		vhost_address_format(vhost_table_address(&s->table, i), text);
		strbuf_addf(out, "%s\n", text);
		for (size_t j = 0; j < n; j++) {
			describe_host(
			    hosts[j], j == 0 ? "default" : "name   ", out);
			describe_rules(hosts[j], out);
		}
	}
	strbuf_add_cstr(out, "any other address\n");
	describe_host(s->main, "main server", out);
	describe_rules(s->main, out);
}
