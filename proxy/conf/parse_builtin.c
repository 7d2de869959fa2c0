/* proxy/conf/parse_builtin.c: the directives that decide what is read */
#include "proxy/conf/include.h"
#include "proxy/conf/module.h"
#include "proxy/conf/parse_internal.h"

#define INCLUDE_DEPTH_MAX 20
#define INCLUDE_FILES_MAX 10000 /* read in all */

typedef enum lr builtin_fn(struct reading *r, struct node *n);

static builtin_fn run_define, run_undefine, run_include, run_include_optional,
    run_load_module, run_server_root;

enum builtin {
	BUILTIN_DEFINE,
	BUILTIN_UNDEFINE,
	BUILTIN_INCLUDE,
	BUILTIN_INCLUDE_OPTIONAL,
	BUILTIN_LOAD_MODULE,
	BUILTIN_SERVER_ROOT,
	BUILTIN_IF_DEFINE,
	BUILTIN_IF_MODULE,
	BUILTIN_COUNT
};

#define ANYWHERE \
	(DIRECTIVE_SERVER | DIRECTIVE_VHOST | DIRECTIVE_LOCATION | \
	    DIRECTIVE_PROXY)

static const struct directive ROWS[BUILTIN_COUNT] = {
	[BUILTIN_DEFINE] = {
		.name = "Define",
		.syntax = "name [value]",
		.help = "Sets a name for IfDefine, and what ${name} stands for "
			"from here on.",
		.contexts = ANYWHERE,
		.least_args = 1,
		.most_args = 2,
	},
	[BUILTIN_UNDEFINE] = {
		.name = "UnDefine",
		.syntax = "name",
		.help = "Forgets a Define.",
		.contexts = ANYWHERE,
		.least_args = 1,
		.most_args = 1,
	},
	[BUILTIN_INCLUDE] = {
		.name = "Include",
		.syntax = "file|directory|pattern",
		.help = "Reads other configuration files here; it is an error "
			"when there are none.",
		.contexts = ANYWHERE,
		.least_args = 1,
		.most_args = 1,
	},
	[BUILTIN_INCLUDE_OPTIONAL] = {
		.name = "IncludeOptional",
		.syntax = "file|directory|pattern",
		.help = "Reads other configuration files here, if there are "
			"any.",
		.contexts = ANYWHERE,
		.least_args = 1,
		.most_args = 1,
	},
	[BUILTIN_LOAD_MODULE] = {
		.name = "LoadModule",
		.syntax = "module [file]",
		.help = "Accepted for Apache's sake: larder has no loadable "
			"modules.",
		.contexts = DIRECTIVE_SERVER,
		.least_args = 1,
		.most_args = 2,
	},
	[BUILTIN_SERVER_ROOT] = {
		.name = "ServerRoot",
		.syntax = "directory",
		.help = "Where relative paths begin, from this line on.",
		.preset = "(the directory of the configuration file)",
		.contexts = DIRECTIVE_SERVER,
		.least_args = 1,
		.most_args = 1,
	},
	[BUILTIN_IF_DEFINE] = {
		.name = "IfDefine",
		.syntax = "[!]name",
		.help = "What is inside counts if the name is defined, by "
			"Define or on the command line.",
		.contexts = ANYWHERE,
		.least_args = 1,
		.most_args = 1,
		.is_section = true,
	},
	[BUILTIN_IF_MODULE] = {
		.name = "IfModule",
		.syntax = "[!]module",
		.help = "What is inside counts if larder does what that Apache "
			"module does.",
		.contexts = ANYWHERE,
		.least_args = 1,
		.most_args = 1,
		.is_section = true,
	},
};

static builtin_fn *const RUN[BUILTIN_COUNT] = {
	[BUILTIN_DEFINE] = run_define,
	[BUILTIN_UNDEFINE] = run_undefine,
	[BUILTIN_INCLUDE] = run_include,
	[BUILTIN_INCLUDE_OPTIONAL] = run_include_optional,
	[BUILTIN_LOAD_MODULE] = run_load_module,
	[BUILTIN_SERVER_ROOT] = run_server_root,
};

struct directive_table
parse_directives(void)
{
	return (struct directive_table){ ROWS, BUILTIN_COUNT };
}

const struct directive *
parse_builtin_find(struct slice name, bool is_section)
{
	struct directive_table table = parse_directives();
	const struct directive *row = directive_find(&table, 1, name);

	return row != NULL && row->is_section == is_section ? row : NULL;
}

bool
parse_builtin_holds(const struct reading *r, const struct node *n)
{
	struct slice what = n->args[0];
	bool negated = what.n > 0 && what.p[0] == '!';
	bool found;

	if (negated)
		what = slice_cut(what, 1, what.n);
	if (slice_ieq(n->name, SLICE("IfDefine")))
		found = variables_defined(&r->parser->vars, what);
	else
		found = module_find(what) == MODULE_COVERED;
	return found != negated;
}

enum lr
parse_builtin_run(
    struct reading *r, const struct directive *row, struct node *n)
{
	struct diagnostics *diag = r->parser->diag;
	unsigned context = parse_is_in_section(r) ? DIRECTIVE_VHOST
						  : DIRECTIVE_SERVER;
	enum lr rc = directive_check_args(row, n, diag);

	if (rc == LR_OK && !(row->contexts & context)) {
		diagnostic_error(diag, n->at, n->name,
		    "may not stand in a section; its place is: %s",
		    directive_context_text(row->contexts));
		rc = LR_INVALID;
	}
	return rc == LR_OK ? RUN[row - ROWS](r, n) : rc;
}

static enum lr
run_define(struct reading *r, struct node *n)
{
	struct parser *ps = r->parser;

	if (slice_find(n->args[0], ':') < n->args[0].n) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "a name may not have a colon; rename \"%.*s\"",
		    SLICE_ARG(n->args[0]));
		return LR_INVALID;
	}
	return variables_define(
	    &ps->vars, n->args[0], n->n_args > 1 ? &n->args[1] : NULL);
}

static enum lr
run_undefine(struct reading *r, struct node *n)
{
	variables_undefine(&r->parser->vars, n->args[0]);
	return LR_OK;
}

static enum lr
run_load_module(struct reading *r, struct node *n)
{
	struct diagnostics *diag = r->parser->diag;

	switch (module_find(n->args[0])) {
	case MODULE_COVERED:
		break;
	case MODULE_MISSING:
		diagnostic_notice(diag, n->at, n->name,
		    "larder does not do what %.*s does; its directives are "
		    "unknown",
		    SLICE_ARG(n->args[0]));
		break;
	case MODULE_UNKNOWN:
		diagnostic_notice(diag, n->at, n->name,
		    "%.*s is not known; larder loads no modules",
		    SLICE_ARG(n->args[0]));
		break;
	}
	return LR_OK;
}

static enum lr
run_server_root(struct reading *r, struct node *n)
{
	return include_path(
	    r->parser->root, n->args[0], r->parser->arena, &r->parser->root);
}

/* ---- files ---- */

static bool
is_being_read(const struct reading *r, struct slice full)
{
	for (; r != NULL; r = r->outer) {
		if (slice_eq(r->full, full))
			return true;
	}
	return false;
}

/* Reads file at the place of r.  LR_INVALID: reported. */
static enum lr
read_file(struct reading *r, struct slice file, const struct node *n)
{
	struct parser *ps = r->parser;
	struct reading inner = { .parser = ps,
		.file = file,
		.into = parse_current_list(r),
		.in_section = parse_is_in_section(r),
		.outer = r,
		.depth = r->depth + 1 };
	struct slice text;
	enum lr rc = include_full_path(file.p, ps->arena, &inner.full);

	if (rc == LR_NOMEM)
		return rc;
	if (rc == LR_OK && is_being_read(r, inner.full)) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "%.*s includes itself; break the circle", SLICE_ARG(file));
		return LR_INVALID;
	}
	if (inner.depth > INCLUDE_DEPTH_MAX ||
	    ++ps->files > INCLUDE_FILES_MAX) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "too many files include each other; at most %d deep and "
		    "%d in all",
		    INCLUDE_DEPTH_MAX, INCLUDE_FILES_MAX);
		return LR_INVALID;
	}
	rc = include_read(file.p, ps->arena, &text);
	if (rc == LR_NOMEM)
		return rc;
	if (rc != LR_OK) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "cannot read %.*s: %s", SLICE_ARG(file), status_text(rc));
		return LR_INVALID;
	}
	return parse_text(&inner, text);
}

static enum lr
include(struct reading *r, struct node *n, bool optional)
{
	struct parser *ps = r->parser;
	struct include_list list = { 0 };
	struct slice path;
	enum lr rc = include_path(ps->root, n->args[0], ps->arena, &path);

	if (rc == LR_OK)
		rc = include_expand(path, ps->arena, &list);
	if (rc == LR_NOMEM || (rc == LR_NOTFOUND && optional))
		return rc == LR_NOMEM ? rc : LR_OK;
	if (rc == LR_NOTFOUND) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "there is no %.*s; IncludeOptional allows for that",
		    SLICE_ARG(path));
		return LR_INVALID;
	}
	if (rc != LR_OK) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "cannot read %.*s: %s", SLICE_ARG(path), status_text(rc));
		return LR_INVALID;
	}
	for (size_t i = 0; i < list.n && rc != LR_NOMEM; i++)
		rc = read_file(r, list.files[i], n);
	return rc;
}

static enum lr
run_include(struct reading *r, struct node *n)
{
	return include(r, n, false);
}

static enum lr
run_include_optional(struct reading *r, struct node *n)
{
	return include(r, n, true);
}
