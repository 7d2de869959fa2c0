/* proxy/conf/parse.c: files to nodes: words, sections, nesting */
#include "proxy/conf/parse.h"

#include "proxy/conf/array.h"
#include "proxy/conf/include.h"
#include "proxy/conf/lex.h"
#include "proxy/conf/parse_internal.h"

struct slice_pair {
	struct slice name, rest;
};

/* ---- where we are ---- */

static bool
is_skipping(const struct reading *r)
{
	return r->open != NULL && r->open->skipped;
}

struct node_list *
parse_current_list(const struct reading *r)
{
	return r->open != NULL ? r->open->into : r->into;
}

bool
parse_is_in_section(const struct reading *r)
{
	for (const struct open_section *s = r->open; s != NULL; s = s->outer) {
		if (s->is_node)
			return true;
	}
	return r->in_section;
}

/* ---- words ---- */

/* The words of rest become n's arguments.  LR_INVALID: reported. */
static enum lr
read_args(struct parser *ps, struct node *n, struct slice rest)
{
	struct array args = { 0 };

	for (;;) {
		struct slice word, *slot;
		enum lr rc = lex_word(&rest, ps->arena, &word);

		n->args = args.items;
		n->n_args = args.n;
		if (rc == LR_NOTFOUND)
			return LR_OK;
		if (rc == LR_INVALID)
			diagnostic_error(ps->diag, n->at, n->name,
			    "a quote is opened and never closed; quotes go "
			    "around whole words");
		if (rc == LR_OK)
			rc = variables_expand(
			    &ps->vars, word, ps->diag, n->at, &word);
		if (rc != LR_OK)
			return rc;
		slot = array_add(&args, sizeof(*slot), ps->arena);
		if (slot == NULL)
			return LR_NOMEM;
		*slot = word;
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

/* LR_INVALID: reported; the section is then skipped. */
static enum lr
enter(struct reading *r, struct open_section *s, struct slice rest)
{
	struct parser *ps = r->parser;
	const struct directive *builtin = parse_builtin_find(s->name, true);
	struct node *n = make_node(ps, s->at, s->name);
	enum lr rc;

	if (n == NULL)
		return LR_NOMEM;
	n->is_section = true;
	if ((rc = read_args(ps, n, rest)) != LR_OK)
		return rc;
	if (builtin != NULL) {
		rc = directive_check_args(builtin, n, ps->diag);
		s->skipped = rc != LR_OK || !parse_builtin_holds(r, n);
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
		diagnostic_error(r->parser->diag, at, split_name(line).name,
		    "the line does not end with \">\"; write <%.*s>",
		    SLICE_ARG(line));
	words = split_name(line);
	*s = (struct open_section){
		.name = words.name,
		.at = at,
		.into = parse_current_list(r),
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

/* ---- lines ---- */

static enum lr
directive_line(struct reading *r, struct slice line, struct place at)
{
	struct parser *ps = r->parser;
	struct slice_pair words = split_name(line);
	const struct directive *row = parse_builtin_find(words.name, false);
	struct node *n;
	enum lr rc;

	if (is_skipping(r))
		return LR_OK;
	if ((n = make_node(ps, at, words.name)) == NULL)
		return LR_NOMEM;
	rc = read_args(ps, n, words.rest);
	if (rc == LR_OK && row != NULL)
		rc = parse_builtin_run(r, row, n);
	else if (rc == LR_OK)
		node_append(parse_current_list(r), n);
	return rc;
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

enum lr
parse_text(struct reading *r, struct slice text)
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
		rc = include_full_path(path, ps->arena, &r.full);
	if (rc == LR_OK) {
		ps->root = include_parent(r.full);
		return parse_text(&r, text);
	}
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
	return copy.p != NULL ? parse_text(&r, copy) : LR_NOMEM;
}

enum lr
parse_configuration(const struct parse_source *src, struct arena *arena,
    struct diagnostics *diag, struct parse_result *out)
{
	struct parser ps = { .arena = arena, .diag = diag };
	struct parse_result result = { 0 };
	enum lr rc = include_full_path(NULL, arena, &ps.root);

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
