/* proxy/conf/parse.c: lines to nodes, and the directives that decide what
 * is read */
#include "proxy/conf/parse.h"

#include "proxy/conf/include.h"
#include "proxy/conf/lex.h"
#include "proxy/conf/module.h"
#include "proxy/conf/variables.h"

#define INCLUDE_DEPTH_MAX 20
#define INCLUDE_FILES_MAX 10000 /* read in all */

struct parser {
	struct arena *arena;
	struct diagnostics *diag;
	struct variables vars;
	struct slice root;
	unsigned files;
};

/* A section whose end was not met yet.  Of IfDefine and IfModule no node
 * is made: what is inside goes where they stand, or is skipped. */
struct open_section {
	struct slice name;
	struct place at;
	struct node_list *into;
	bool skipped;
	bool is_node;
	struct open_section *outer;
};

/* One file, or the extra text, being read. */
struct reading {
	struct parser *parser;
	struct slice file;
	struct node_list *into;
	bool in_section; /* of the file that includes this one */
	struct open_section *open;
	const struct reading *outer;
	unsigned depth;
};

typedef enum lr builtin_fn(struct reading *r, struct node *n);

struct slice_pair {
	struct slice name, rest;
};

static builtin_fn run_define, run_undefine, run_include,
    run_include_optional, run_load_module, run_server_root;

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

static const struct directive *
find_builtin(struct slice name, bool is_section)
{
	struct directive_table table = parse_directives();
	const struct directive *row = directive_find(&table, 1, name);

	return row != NULL && row->is_section == is_section ? row : NULL;
}

/* ---- where we are ---- */

static bool
is_skipping(const struct reading *r)
{
	return r->open != NULL && r->open->skipped;
}

static struct node_list *
current_list(const struct reading *r)
{
	return r->open != NULL ? r->open->into : r->into;
}

static bool
is_in_section(const struct reading *r)
{
	for (const struct open_section *s = r->open; s != NULL; s = s->outer) {
		if (s->is_node)
			return true;
	}
	return r->in_section;
}

/* ---- words ---- */

static enum lr
add_arg(struct parser *ps, struct node *n, struct slice word)
{
	if ((n->n_args & (n->n_args - 1)) == 0) { /* grows at powers of two */
		size_t room = n->n_args == 0 ? 1 : n->n_args * 2;
		struct slice *args =
		    arena_alloc(ps->arena, room * sizeof(*args));

		if (args == NULL)
			return LR_NOMEM;
		if (n->n_args > 0)
			memcpy(args, n->args, n->n_args * sizeof(*args));
		n->args = args;
	}
	n->args[n->n_args++] = word;
	return LR_OK;
}

/* The words of rest become n's arguments.  LR_INVALID: reported. */
static enum lr
read_args(struct parser *ps, struct node *n, struct slice rest)
{
	for (;;) {
		struct slice word;
		enum lr rc = lex_word(&rest, ps->arena, &word);

		if (rc == LR_NOTFOUND)
			return LR_OK;
		if (rc == LR_INVALID)
			diagnostic_error(ps->diag, n->at, n->name,
			    "a quote is opened and never closed; quotes go "
			    "around whole words");
		if (rc == LR_OK)
			rc = variables_expand(
			    &ps->vars, word, ps->diag, n->at, &word);
		if (rc == LR_OK)
			rc = add_arg(ps, n, word);
		if (rc != LR_OK)
			return rc;
	}
}

static struct node *
make_node(struct parser *ps, struct place at, struct slice name)
{
	struct node *n = arena_zalloc(ps->arena, sizeof(*n));

	if (n != NULL) {
		n->at = at;
		n->name = name;
	}
	return n;
}

/* Its first word, and what follows. */
static struct slice_pair
split_name(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ' && (s.p[n] < '\t' || s.p[n] > '\r'))
		n++;
	return (struct slice_pair){ slice_cut(s, 0, n), slice_cut(s, n, s.n) };
}

/* ---- sections ---- */

static bool
holds(const struct reading *r, const struct node *n)
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

/* LR_INVALID: reported; the section is then skipped. */
static enum lr
enter(struct reading *r, struct open_section *s, struct slice rest)
{
	struct parser *ps = r->parser;
	const struct directive *builtin = find_builtin(s->name, true);
	struct node *n = make_node(ps, s->at, s->name);
	enum lr rc;

	if (n == NULL)
		return LR_NOMEM;
	n->is_section = true;
	if ((rc = read_args(ps, n, rest)) != LR_OK)
		return rc;
	if (builtin != NULL) {
		rc = directive_check_args(builtin, n, ps->diag);
		s->skipped = rc != LR_OK || !holds(r, n);
		return rc;
	}
	node_append(s->into, n);
	s->into = &n->children;
	s->is_node = true;
	return LR_OK;
}

/* <Name arguments> */
static enum lr
open_section(struct reading *r, struct slice line, struct place at)
{
	struct slice_pair words;
	struct open_section *s = arena_zalloc(r->parser->arena, sizeof(*s));
	enum lr rc = LR_OK;

	if (s == NULL)
		return LR_NOMEM;
	line = slice_cut(line, 1, line.n);
	if (slice_ends(line, SLICE(">")))
		line.n--;
	else if (!is_skipping(r))
		diagnostic_error(r->parser->diag, at,
		    split_name(line).name,
		    "the line does not end with \">\"; write <%.*s>",
		    SLICE_ARG(line));
	words = split_name(line);
	*s = (struct open_section){
		.name = words.name,
		.at = at,
		.into = current_list(r),
		.skipped = is_skipping(r),
		.outer = r->open,
	};
	if (!s->skipped)
		rc = enter(r, s, words.rest);
	if (rc == LR_INVALID) {
		s->skipped = true;
		rc = LR_OK;
	}
	r->open = s;
	return rc;
}

static void
report_unclosed(const struct reading *r, const struct open_section *s)
{
	diagnostic_error(r->parser->diag, s->at, s->name,
	    "the section is opened here and never closed; add </%.*s>",
	    SLICE_ARG(s->name));
}

static struct open_section *
find_open(const struct reading *r, struct slice name)
{
	struct open_section *s = r->open;

	while (s != NULL && !slice_ieq(s->name, name))
		s = s->outer;
	return s;
}

/* </Name> closes the innermost section of that name; those within it were
 * forgotten. */
static void
close_section(struct reading *r, struct slice line, struct place at)
{
	struct slice name = slice_cut(line, 2, line.n);
	struct open_section *closed;

	if (slice_ends(name, SLICE(">")))
		name.n--;
	else
		diagnostic_error(r->parser->diag, at, name,
		    "the line does not end with \">\"; write </%.*s>",
		    SLICE_ARG(name));
	name = slice_trim(name);
	closed = find_open(r, name);
	if (closed == NULL && r->open != NULL) {
		diagnostic_error(r->parser->diag, at, name,
		    "closes a section that is not open; <%.*s> of line %u "
		    "is, and needs </%.*s>",
		    SLICE_ARG(r->open->name), r->open->at.line,
		    SLICE_ARG(r->open->name));
		return;
	}
	if (closed == NULL) {
		diagnostic_error(r->parser->diag, at, name,
		    "closes a section that is not open; remove the line, or "
		    "add <%.*s> above",
		    SLICE_ARG(name));
		return;
	}
	for (; r->open != closed; r->open = r->open->outer)
		report_unclosed(r, r->open);
	r->open = closed->outer;
}

/* ---- directives decided here ---- */

static enum lr
run_builtin(struct reading *r, const struct directive *row, struct node *n)
{
	struct diagnostics *diag = r->parser->diag;
	unsigned context = is_in_section(r) ? DIRECTIVE_VHOST
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
directive_line(struct reading *r, struct slice line, struct place at)
{
	struct parser *ps = r->parser;
	struct slice_pair words = split_name(line);
	const struct directive *row = find_builtin(words.name, false);
	struct node *n;
	enum lr rc;

	if (is_skipping(r))
		return LR_OK;
	if ((n = make_node(ps, at, words.name)) == NULL)
		return LR_NOMEM;
	rc = read_args(ps, n, words.rest);
	if (rc == LR_OK && row != NULL)
		rc = run_builtin(r, row, n);
	else if (rc == LR_OK)
		node_append(current_list(r), n);
	return rc;
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
	return include_path(r->parser->root, n->args[0], r->parser->arena,
	    &r->parser->root);
}

/* ---- files ---- */

static enum lr read_text(struct reading *r, struct slice text);

static bool
is_being_read(const struct reading *r, struct slice file)
{
	for (; r != NULL; r = r->outer) {
		if (slice_eq(r->file, file))
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
		.into = current_list(r),
		.in_section = is_in_section(r),
		.outer = r,
		.depth = r->depth + 1 };
	struct slice text;
	enum lr rc;

	if (is_being_read(r, file)) {
		diagnostic_error(ps->diag, n->at, n->name,
		    "%.*s includes itself; break the circle", SLICE_ARG(file));
		return LR_INVALID;
	}
	if (inner.depth > INCLUDE_DEPTH_MAX || ++ps->files > INCLUDE_FILES_MAX) {
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
	return read_text(&inner, text);
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
		diagnostic_error(ps->diag, n->at, n->name, "cannot read %.*s: %s",
		    SLICE_ARG(path), status_text(rc));
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

static enum lr
read_line(struct reading *r, struct slice line, struct place at)
{
	if (slice_starts(line, SLICE("</"))) {
		close_section(r, line, at);
		return LR_OK;
	}
	if (line.p[0] == '<')
		return open_section(r, line, at);
	return directive_line(r, line, at);
}

static enum lr
read_text(struct reading *r, struct slice text)
{
	struct parser *ps = r->parser;
	struct place at = { .file = r->file };
	struct slice line;
	struct lex lx;

	if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) {
		diagnostic_error(ps->diag, at, (struct slice){ 0 },
		    "holds a NUL byte; a configuration is plain text");
		return LR_INVALID;
	}
	lex_init(&lx, text);
	for (;;) {
		enum lr rc = lex_line(&lx, ps->arena, &line, &at.line);

		if (rc == LR_OK)
			rc = read_line(r, line, at);
		if (rc == LR_NOTFOUND)
			break;
		if (rc == LR_NOMEM)
			return rc;
	}
	for (; r->open != NULL; r->open = r->open->outer)
		report_unclosed(r, r->open);
	return LR_OK;
}

/* ---- the whole ---- */

static enum lr
read_main_file(struct parser *ps, const char *path, struct node_list *into)
{
	struct reading r = { .parser = ps, .into = into };
	struct place at = { .file = slice_of(path) };
	struct slice text;
	enum lr rc;

	r.file = arena_dup(ps->arena, slice_of(path));
	if (r.file.p == NULL)
		return LR_NOMEM;
	rc = include_read(path, ps->arena, &text);
	if (rc == LR_OK)
		rc = include_directory(path, ps->arena, &ps->root);
	if (rc == LR_OK)
		return read_text(&r, text);
	if (rc != LR_NOMEM)
		diagnostic_error(ps->diag, at, (struct slice){ 0 },
		    "cannot be read: %s", status_text(rc));
	return rc;
}

static enum lr
read_extra_text(struct parser *ps, const char *text, struct node_list *into)
{
	struct reading r = { .parser = ps, .into = into };
	struct slice copy = arena_dup(ps->arena, slice_of(text));

	r.file = SLICE("command line");
	return copy.p != NULL ? read_text(&r, copy) : LR_NOMEM;
}

enum lr
parse_configuration(const struct parse_source *src, struct arena *arena,
    struct diagnostics *diag, struct parse_result *out)
{
	struct parser ps = { .arena = arena, .diag = diag };
	struct parse_result result = { 0 };
	enum lr rc = include_directory(NULL, arena, &ps.root);

	ps.vars.arena = arena;
	if (rc == LR_IO) { /* the current directory is gone */
		ps.root = SLICE("/");
		rc = LR_OK;
	}
	for (size_t i = 0; i < src->n_defines && rc == LR_OK; i++)
		rc = variables_define(
		    &ps.vars, slice_of(src->defines[i]), NULL);
	if (rc == LR_OK && src->file != NULL)
		rc = read_main_file(&ps, src->file, &result.nodes);
	if (rc != LR_NOMEM && src->text != NULL)
		rc = read_extra_text(&ps, src->text, &result.nodes);
	if (rc == LR_NOMEM)
		return rc;
	result.server_root = ps.root;
	*out = result;
	return LR_OK;
}
