/* proxy/conf/variables.c: Define and ${NAME} */
#include "proxy/conf/variables.h"

#include <stdlib.h>

struct variable {
	struct slice name;
	struct slice value;
	bool has_value;
	bool defined; /* false after UnDefine */
	struct variable *next;
};

static struct variable *
find(const struct variables *vars, struct slice name)
{
	for (struct variable *v = vars->first; v != NULL; v = v->next) {
		if (slice_eq(v->name, name))
			return v;
	}
	return NULL;
}

enum lr
variables_define(
    struct variables *vars, struct slice name, const struct slice *value)
{
	struct variable *v = find(vars, name);

	if (v == NULL) {
		v = arena_zalloc(vars->arena, sizeof(*v));
		if (v == NULL)
			return LR_NOMEM;
		v->name = name;
		v->next = vars->first;
		vars->first = v;
	}
	v->defined = true;
	v->has_value = value != NULL;
	if (value != NULL)
		v->value = *value;
	return LR_OK;
}

void
variables_undefine(struct variables *vars, struct slice name)
{
	struct variable *v = find(vars, name);

	if (v != NULL)
		v->defined = false;
}

bool
variables_defined(const struct variables *vars, struct slice name)
{
	const struct variable *v = find(vars, name);

	return v != NULL && v->defined;
}

/* LR_NOTFOUND, LR_NOMEM. */
static enum lr
look_up(const struct variables *vars, struct slice name, struct slice *out)
{
	const struct variable *v = find(vars, name);
	struct slice text;
	const char *value;

	if (v != NULL && v->defined && v->has_value) {
		*out = v->value;
		return LR_OK;
	}
	text = arena_dup(vars->arena, name); /* for its NUL */
	if (text.p == NULL)
		return LR_NOMEM;
	if ((value = getenv(text.p)) == NULL)
		return LR_NOTFOUND;
	*out = arena_dup(vars->arena, slice_of(value));
	return out->p != NULL ? LR_OK : LR_NOMEM;
}

/* The first "${NAME}" of s from offset `from` on: where it starts, and its
 * name.  False when there is none. */
static bool
next_reference(struct slice s, size_t from, size_t *start, struct slice *name)
{
	for (size_t i = from; i + 1 < s.n; i++) {
		struct slice rest;
		size_t end;

		if (s.p[i] != '$' || s.p[i + 1] != '{')
			continue;
		rest = slice_cut(s, i + 2, s.n);
		end = slice_find(rest, '}');
		if (end == rest.n)
			return false;
		*start = i;
		*name = slice_cut(rest, 0, end);
		return true;
	}
	return false;
}

static enum lr
expand_into(const struct variables *vars, struct slice text,
    struct diagnostics *diag, struct place at, struct strbuf *out)
{
	struct slice name;
	size_t done = 0, start;

	while (next_reference(text, done, &start, &name)) {
		size_t end = start + name.n + sizeof("${}") - 1;
		struct slice value = slice_cut(text, start, end);
		enum lr rc = look_up(vars, name, &value);

		if (rc == LR_NOMEM)
			return rc;
		/* a colon marks another language's ${map:key} */
		if (rc == LR_NOTFOUND && slice_find(name, ':') == name.n)
			diagnostic_warning(diag, at, (struct slice){ 0 },
			    "${%.*s} is not defined; use Define, or set it in "
			    "the environment",
			    SLICE_ARG(name));
		strbuf_add_slice(out, slice_cut(text, done, start));
		strbuf_add_slice(out, value);
		done = end;
	}
	strbuf_add_slice(out, slice_cut(text, done, text.n));
	return out->failed ? LR_NOMEM : LR_OK;
}

enum lr
variables_expand(const struct variables *vars, struct slice text,
    struct diagnostics *diag, struct place at, struct slice *out)
{
	struct strbuf sb = { 0 };
	struct slice name, expanded;
	size_t start;
	enum lr rc;

	if (!next_reference(text, 0, &start, &name)) {
		*out = text;
		return LR_OK;
	}
	rc = expand_into(vars, text, diag, at, &sb);
	if (rc == LR_OK) {
		expanded = arena_dup(vars->arena, strbuf_slice(&sb));
		if (expanded.p != NULL)
			*out = expanded;
		else
			rc = LR_NOMEM;
	}
	strbuf_free(&sb);
	return rc;
}
