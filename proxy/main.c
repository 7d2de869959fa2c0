/* proxy/main.c: larder, a caching reverse proxy */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/daemon.h"
#include "proxy/observe/log_manual.h"
#include "proxy/one_liner.h"
#include "proxy/options.h"
#include "proxy/site/site_load.h"
#include "proxy/versions.h"
#include "store/base/clock.h"

#define DEFAULT_FILE LARDER_SYSCONFDIR "/larder.conf"

typedef void writer_fn(struct strbuf *out);

/* Prints what write makes, to standard output. */
static int
print(writer_fn *write)
{
	struct strbuf text = { 0 };
	bool well;

	write(&text);
	well = !text.failed && fwrite(text.p, 1, text.n, stdout) == text.n &&
	    fflush(stdout) == 0;
	strbuf_free(&text);
	return well ? OPTIONS_EXIT_OK : OPTIONS_EXIT_FAILED;
}

/* ---- what needs a configuration ---- */

/* Where it comes from: a file, or the options themselves. */
static enum lr
find_source(const struct options *o, struct strbuf *text,
    struct site_source *src, struct strbuf *why)
{
	const struct one_liner_env env = {
		.root = geteuid() == 0,
		.xdg_cache_home = getenv("XDG_CACHE_HOME"),
		.home = getenv("HOME"),
	};
	enum lr rc = LR_OK;

	src->defines = o->defines;
	src->n_defines = o->n_defines;
	src->open_logs = o->mode == OPTIONS_SERVE;
	if (o->origin == NULL) {
		src->file = o->file != NULL ? o->file : DEFAULT_FILE;
		return LR_OK;
	}
	rc = one_liner_write(o, &env, text, why);
	src->text = text->p;
	return rc;
}

static int
exit_of(enum lr rc)
{
	switch (rc) {
	case LR_OK:
		return OPTIONS_EXIT_OK;
	case LR_INVALID:
		return OPTIONS_EXIT_CONFIGURATION;
	default:
		return OPTIONS_EXIT_FAILED;
	}
}

static int
serve(struct site *take_site, const struct site_source *src)
{
	struct strbuf why = { 0 };
	enum lr rc = daemon_run(take_site, src, &why);

	if (rc != LR_OK)
		fprintf(
		    stderr, "larder: %.*s\n", SLICE_ARG(strbuf_slice(&why)));
	strbuf_free(&why);
	return rc == LR_OK ? OPTIONS_EXIT_OK : OPTIONS_EXIT_FAILED;
}

/* Takes the site. */
static int
describe(struct site *take_site)
{
	struct strbuf text = { 0 };

	site_describe(take_site, &text);
	site_unref(take_site);
	printf("%.*s", SLICE_ARG(strbuf_slice(&text)));
	strbuf_free(&text);
	return OPTIONS_EXIT_OK;
}

static int
with_site(const struct options *o, const struct site_source *src)
{
	struct strbuf messages = { 0 };
	struct site *site = NULL;
	enum lr rc = site_load(src, &messages, &site);

	fprintf(stderr, "%.*s", SLICE_ARG(strbuf_slice(&messages)));
	strbuf_free(&messages);
	if (rc != LR_OK) {
		fprintf(stderr,
		    "larder: the configuration cannot be used%s%s\n",
		    rc == LR_INVALID ? "" : ": ",
		    rc == LR_INVALID ? "" : status_text(rc));
		return exit_of(rc);
	}
	switch (o->mode) {
	case OPTIONS_SERVE:
		return serve(site, src);
	case OPTIONS_HOSTS:
		return describe(site);
	default:
		site_unref(site);
		puts("Syntax OK");
		return OPTIONS_EXIT_OK;
	}
}

static int
run_configured(const struct options *o)
{
	struct strbuf text = { 0 }, why = { 0 };
	struct site_source src = { 0 };
	enum lr rc = find_source(o, &text, &src, &why);
	int status;

	if (rc == LR_OK && (rc = clock_init()) != LR_OK)
		strbuf_add_cstr(&why, "LARDER_CLOCK_FILE cannot be used");
	if (rc == LR_OK)
		status = with_site(o, &src);
	else {
		fprintf(
		    stderr, "larder: %.*s\n", SLICE_ARG(strbuf_slice(&why)));
		status = rc == LR_INVALID ? OPTIONS_EXIT_USAGE
					  : OPTIONS_EXIT_FAILED;
	}
	strbuf_free(&why);
	strbuf_free(&text);
	return status;
}

/* ---- the rest ---- */

static int
run(const struct options *o)
{
	static writer_fn *const DIRECTIVES[] = {
		[OPTIONS_TEXT] = site_list_directives,
		[OPTIONS_MARKDOWN] = site_list_directives_markdown,
		[OPTIONS_MDOC] = site_list_directives_mdoc,
	};
	static writer_fn *const LOG_FIELDS[] = {
		[OPTIONS_TEXT] = log_manual_text,
		[OPTIONS_MARKDOWN] = log_manual_markdown,
		[OPTIONS_MDOC] = log_manual_mdoc,
	};

	switch (o->mode) {
	case OPTIONS_DIRECTIVES:
		return print(DIRECTIVES[o->format]);
	case OPTIONS_LOG_FIELDS:
		return print(LOG_FIELDS[o->format]);
	case OPTIONS_VERSION:
		return print(versions_own);
	case OPTIONS_VERSIONS:
		return print(versions_all);
	case OPTIONS_HELP:
		return print(options_help);
	default:
		return run_configured(o);
	}
}

int
main(int argc, char **argv)
{
	struct strbuf why = { 0 };
	struct options o;
	enum lr rc = options_parse(argc, argv, &o, &why);
	int status;

	if (rc == LR_OK)
		status = run(&o);
	else {
		fprintf(stderr, "larder: %s; larder --help tells more\n",
		    why.p != NULL ? why.p : status_text(rc));
		status = OPTIONS_EXIT_USAGE;
	}
	strbuf_free(&why);
	options_free(&o);
	return status;
}
