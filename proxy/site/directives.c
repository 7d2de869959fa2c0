/* proxy/site/directives.c: all tables together */
#include "proxy/site/directives.h"

#include <stdlib.h>

#include "proxy/conf/nearest.h"
#include "proxy/conf/parse.h"
#include "proxy/conf/reference.h"
#include "proxy/site/site_load.h"

/* Names that Apache knows and larder does not: for a better message. */
static const struct {
	const char *prefix, *what;
} ABSENT[] = {
	{ "SSL", "TLS" },
	{ "MD", "certificate management" },
	{ "H2", "HTTP/2 settings" },
	{ "Balancer", "balancing over several backends" },
	{ "ProxySet", "ProxySet" },
	{ "ProxyPassReverseCookie", "rewriting of cookies" },
	{ "ProxyErrorOverride", "error pages of its own for a backend's" },
	{ "ProxyRemote", "forward proxying" },
	{ "AllowCONNECT", "forward proxying" },
	{ "Rewrite", "rewriting" },
	{ "RequestHeader", "editing of fields" },
	{ "Header", "editing of fields" },
	{ "RemoteIP", "mod_remoteip" },
	{ "SetEnv", "environment variables" },
	{ "BrowserMatch", "environment variables" },
	{ "Auth", "authentication" },
	{ "Allow", "this form of access control" },
	{ "Deny", "this form of access control" },
	{ "Order", "this form of access control" },
	{ "Redirect", "redirects" },
	{ "Alias", "serving of files" },
	{ "ScriptAlias", "CGI" },
	{ "ErrorDocument", "error pages of your own" },
	{ "AddOutputFilter", "filters" },
	{ "SetOutputFilter", "filters" },
	{ "Deflate", "compression" },
	{ "Brotli", "compression" },
	{ "Expires", "mod_expires" },
	{ "TransferLog", "TransferLog; CustomLog is there" },
	{ "If", "conditions" },
	{ "Else", "conditions" },
	{ "Limit", "access control by method" },
	{ "Macro", "macros" },
};

void
directives_tables(struct directive_table out[DIRECTIVES_TABLES])
{
	out[0] = directives_core();
	out[1] = directives_client();
	out[2] = directives_log();
	out[3] = directives_proxy();
	out[4] = directives_cache();
	out[5] = directives_key();
	out[6] = directives_ignored();
	out[7] = parse_directives();
}

const struct directive *
directives_find(struct slice name)
{
	struct directive_table tables[DIRECTIVES_TABLES];

	directives_tables(tables);
	return directive_find(tables, DIRECTIVES_TABLES, name);
}

static const char *
find_nearest(struct slice name)
{
	struct directive_table tables[DIRECTIVES_TABLES];
	struct nearest search = { .typed = name };

	directives_tables(tables);
	for (size_t t = 0; t < DIRECTIVES_TABLES; t++) {
		for (size_t i = 0; i < tables[t].n; i++)
			nearest_try(&search, tables[t].rows[i].name);
	}
	return search.best;
}

static const char *
find_absent(struct slice name)
{
	for (size_t i = 0; i < sizeof(ABSENT) / sizeof(ABSENT[0]); i++) {
		if (slice_istarts(name, slice_of(ABSENT[i].prefix)))
			return ABSENT[i].what;
	}
	return NULL;
}

void
directives_report_unknown(const struct node *node, struct diagnostics *diag)
{
	const char *kind = node->is_section ? "section" : "directive";
	const char *best = find_nearest(node->name);
	const char *absent = find_absent(node->name);

	if (best != NULL)
		diagnostic_error(diag, node->at, node->name,
		    "unknown %s; did you mean %s?", kind, best);
	else if (absent != NULL)
		diagnostic_error(diag, node->at, node->name,
		    "unknown %s; this version of larder does not have %s", kind,
		    absent);
	else
		diagnostic_error(diag, node->at, node->name,
		    "unknown %s; larder -L lists those there are", kind);
}

/* ---- documents ---- */

static int
by_name(const void *a, const void *b)
{
	const struct directive *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void
list(struct strbuf *out,
    void (*write)(const struct directive *row, struct strbuf *out))
{
	struct directive_table tables[DIRECTIVES_TABLES];
	const struct directive **rows;
	size_t n = 0;

	directives_tables(tables);
	for (size_t t = 0; t < DIRECTIVES_TABLES; t++)
		n += tables[t].n;
	rows = calloc(n, sizeof(const struct directive *));
	if (rows == NULL) {
		out->failed = true;
		return;
	}
	n = 0;
	for (size_t t = 0; t < DIRECTIVES_TABLES; t++) {
		for (size_t i = 0; i < tables[t].n; i++)
			rows[n++] = &tables[t].rows[i];
	}
	qsort(rows, n, sizeof(const struct directive *), by_name);
	for (size_t i = 0; i < n; i++)
		write(rows[i], out);
	free(rows);
}

void
site_list_directives(struct strbuf *out)
{
	list(out, reference_text);
}

void
site_list_directives_mdoc(struct strbuf *out)
{
	list(out, reference_mdoc);
}

void
site_list_directives_markdown(struct strbuf *out)
{
	list(out, reference_markdown);
}
