/* proxy/options.c: the command line, by one table */
#include "proxy/options.h"

#include <stdlib.h>

/* LR_INVALID: value is wrong. */
typedef enum lr take_fn(struct options *o, const char *value);

struct option {
	char letter;		/* 0: none */
	const char *name;	/* after the -- */
	const char *value;	/* its name in the help; NULL: takes none */
	take_fn *take;		/* what to do with the value */
	enum options_mode mode; /* OPTIONS_SERVE: leaves it as it is */
	const char *help;
	const char *heading; /* above it in the help; mostly NULL */
};

/* ---- what each option does ---- */

static enum lr
append(const char ***list, size_t *n, const char *value)
{
	const char **more = realloc(*list, (*n + 1) * sizeof(*more));

	if (more == NULL)
		return LR_NOMEM;
	more[(*n)++] = value;
	*list = more;
	return LR_OK;
}

static enum lr
take_file(struct options *o, const char *value)
{
	o->file = value;
	return LR_OK;
}

static enum lr
take_define(struct options *o, const char *value)
{
	return append(&o->defines, &o->n_defines, value);
}

static enum lr
take_listen(struct options *o, const char *value)
{
	return append(&o->listens, &o->n_listens, value);
}

static enum lr
take_origin(struct options *o, const char *value)
{
	o->origin = value;
	return LR_OK;
}

static enum lr
take_store(struct options *o, const char *value)
{
	o->store = value;
	return LR_OK;
}

static enum lr
take_size(struct options *o, const char *value)
{
	o->size = value;
	return LR_OK;
}

static enum lr
take_format(struct options *o, const char *value)
{
	if (strcmp(value, "text") == 0)
		o->format = OPTIONS_TEXT;
	else if (strcmp(value, "markdown") == 0)
		o->format = OPTIONS_MARKDOWN;
	else if (strcmp(value, "mdoc") == 0)
		o->format = OPTIONS_MDOC;
	else
		return LR_INVALID;
	return LR_OK;
}

static const struct option OPTIONS[] = {
	{ 'f', "config", "FILE", take_file, OPTIONS_SERVE,
	    "serve, or check, what FILE says", "Options:" },
	{ 'D', "define", "NAME", take_define, OPTIONS_SERVE,
	    "define NAME for <IfDefine>; may be repeated", NULL },
	{ 't', "check", NULL, NULL, OPTIONS_CHECK,
	    "check the configuration and say what is wrong", NULL },
	{ 'S', "hosts", NULL, NULL, OPTIONS_HOSTS,
	    "print the virtual hosts as understood", NULL },
	{ 'L', "directives", NULL, NULL, OPTIONS_DIRECTIVES,
	    "list the directives with their help", NULL },
	{ 'v', "version", NULL, NULL, OPTIONS_VERSION, "print the version",
	    NULL },
	{ 'V', "versions", NULL, NULL, OPTIONS_VERSIONS,
	    "print the version and those of the libraries", NULL },
	{ 'h', "help", NULL, NULL, OPTIONS_HELP, "print this text", NULL },
	{ 0, "listen", "[ADDRESS:]PORT", take_listen, OPTIONS_SERVE,
	    "listen there (8080); may be repeated",
	    "Without a configuration file:" },
	{ 0, "origin", "URL", take_origin, OPTIONS_SERVE,
	    "cache what the server at URL answers", NULL },
	{ 0, "store", "DIR", take_store, OPTIONS_SERVE,
	    "keep it in DIR (~/.cache/larder)", NULL },
	{ 0, "size", "SIZE", take_size, OPTIONS_SERVE, "keep at most SIZE (1G)",
	    NULL },
	{ 0, "list-directives", "FORMAT", take_format, OPTIONS_DIRECTIVES,
	    "-L as text, markdown or mdoc", "For documents:" },
	{ 0, "list-log-fields", "FORMAT", take_format, OPTIONS_LOG_FIELDS,
	    "LogFormat's fields as text, markdown or mdoc", NULL },
};
#define N_OPTIONS (sizeof(OPTIONS) / sizeof(OPTIONS[0]))

/* ---- parsing ---- */

struct args {
	int argc;
	char *const *argv;
	int next; /* the one to look at */
	struct strbuf *why;
};

static const struct option *
by_letter(char c)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (OPTIONS[i].letter == c)
			return &OPTIONS[i];
	}
	return NULL;
}

static const struct option *
by_name(struct slice name)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (slice_eq(slice_of(OPTIONS[i].name), name))
			return &OPTIONS[i];
	}
	return NULL;
}

/* Calls the option's function; attached is a value in the same argument,
 * NULL when there is none. */
static enum lr
take(struct args *a, const struct option *op, const char *attached,
    struct options *o)
{
	const char *value = attached;
	enum lr rc;

	if (op->value != NULL && value == NULL) {
		if (a->next == a->argc) {
			strbuf_addf(
			    a->why, "--%s needs a %s", op->name, op->value);
			return LR_INVALID;
		}
		value = a->argv[a->next++];
	}
	if (op->mode != OPTIONS_SERVE)
		o->mode = op->mode;
	rc = op->take != NULL ? op->take(o, value) : LR_OK;
	if (rc == LR_INVALID)
		strbuf_addf(a->why, "--%s: \"%s\" is no %s", op->name, value,
		    op->value);
	return rc;
}

/* --name, --name=value, --name value */
static enum lr
parse_long(struct args *a, const char *arg, struct options *o)
{
	size_t n = strcspn(arg, "=");
	const struct option *op = by_name(slice_make(arg, n));
	const char *attached = arg[n] == '=' ? arg + n + 1 : NULL;

	if (op == NULL) {
		strbuf_addf(a->why, "there is no option --%.*s", (int)n, arg);
		return LR_INVALID;
	}
	if (attached != NULL && op->value == NULL) {
		strbuf_addf(a->why, "--%s takes no value", op->name);
		return LR_INVALID;
	}
	return take(a, op, attached, o);
}

/* -x, -xyz, -fvalue, -f value */
static enum lr
parse_short(struct args *a, const char *arg, struct options *o)
{
	enum lr rc = LR_OK;

	for (; rc == LR_OK && *arg != '\0'; arg++) {
		const struct option *op = by_letter(*arg);

		if (op == NULL) {
			strbuf_addf(a->why, "there is no option -%c", *arg);
			return LR_INVALID;
		}
		if (op->value != NULL)
			return take(a, op, arg[1] != '\0' ? arg + 1 : NULL, o);
		rc = take(a, op, NULL, o);
	}
	return rc;
}

static enum lr
parse_argument(struct args *a, const char *arg, struct options *o)
{
	if (arg[0] == '-' && arg[1] == '-' && arg[2] != '\0')
		return parse_long(a, arg + 2, o);
	if (arg[0] == '-' && arg[1] != '-' && arg[1] != '\0')
		return parse_short(a, arg + 1, o);
	strbuf_addf(a->why, "\"%s\" is no option", arg);
	return LR_INVALID;
}

/* The one-liner is a configuration of its own. */
static enum lr
check_together(const struct options *o, struct strbuf *why)
{
	bool parts = o->n_listens > 0 || o->store != NULL || o->size != NULL;

	if (o->file != NULL && (parts || o->origin != NULL))
		strbuf_add_cstr(why,
		    "-f and --origin exclude each other: with a file, "
		    "everything stands in the file");
	else if (parts && o->origin == NULL)
		strbuf_add_cstr(
		    why, "--origin is missing: which server is to be cached?");
	else
		return LR_OK;
	return LR_INVALID;
}

enum lr
options_parse(
    int argc, char *const *argv, struct options *out, struct strbuf *why)
{
	struct args a = { .argc = argc, .argv = argv, .next = 1, .why = why };
	enum lr rc = LR_OK;

	*out = (struct options){ 0 };
	while (rc == LR_OK && a.next < argc) {
		const char *arg = argv[a.next++];

		rc = parse_argument(&a, arg, out);
	}
	return rc == LR_OK ? check_together(out, why) : rc;
}

void
options_free(struct options *o)
{
	free(o->defines);
	free(o->listens);
	*o = (struct options){ 0 };
}

/* ---- help ---- */

#define HELP_COLUMN 32

static void
help_row(const struct option *op, struct strbuf *out)
{
	size_t start = out->n;

	strbuf_addf(out, "  %c%c%s --%s", op->letter ? '-' : ' ',
	    op->letter ? op->letter : ' ', op->letter ? "," : " ", op->name);
	if (op->value != NULL)
		strbuf_addf(out, " %s", op->value);
	do
		strbuf_add_char(out, ' ');
	while (out->n < start + HELP_COLUMN && !out->failed);
	strbuf_addf(out, "%s\n", op->help);
}

void
options_help(struct strbuf *out)
{
	strbuf_add_cstr(out,
	    "usage: larder [-f FILE] [-D NAME]... [-t | -S]\n"
	    "       larder --origin URL [--listen PORT] [--store DIR] "
	    "[--size SIZE]\n"
	    "\n"
	    "A caching reverse proxy.  Without -f it reads " LARDER_SYSCONFDIR
	    "/larder.conf.\n");
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (OPTIONS[i].heading != NULL)
			strbuf_addf(out, "\n%s\n", OPTIONS[i].heading);
		help_row(&OPTIONS[i], out);
	}
	strbuf_add_cstr(out,
	    "\n"
	    "Signals: TERM or INT finishes what is under way and ends (twice: "
	    "at once);\n"
	    "HUP reads the configuration again; USR1 opens the logs again.\n"
	    "\n"
	    "Exit status: 0 done, 1 could not start or go on, 2 usage,\n"
	    "3 the configuration is wrong.\n");
}
