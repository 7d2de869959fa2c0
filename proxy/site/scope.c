/* proxy/site/scope.c: setters of simple values */
#include "proxy/site/scope.h"

#include <limits.h>

#include "proxy/conf/include.h"

void *
scope_place(struct directive_use *use, size_t bytes)
{
	const struct directive *row = use->row;
	struct scope *sc = use->scope;

	switch ((enum scope_home)row->home) {
	case SCOPE_SERVER:
		return (char *)&sc->builder->site->server + row->offset;
	case SCOPE_VHOST:
		return (char *)&sc->draft->host->vh + row->offset;
	case SCOPE_SETTINGS:
		break;
	}
	if (sc->location != NULL)
		return overrides_take(
		    &sc->location->section.overrides, row->offset, bytes);
	return (char *)&sc->draft->host->vh.settings + row->offset;
}

enum lr
scope_set_flag(struct directive_use *use)
{
	bool v;
	enum lr rc = directive_read_flag(use, use->node->args[0], &v);

	if (rc == LR_OK)
		*(bool *)scope_place(use, sizeof(v)) = v;
	return rc;
}

enum lr
scope_set_unsigned(struct directive_use *use)
{
	uint64_t v;
	enum lr rc = directive_read_number(use, use->node->args[0], &v);
	unsigned *to;

	if (rc == LR_OK) {
		to = scope_place(use, sizeof(*to));
		*to = v < UINT_MAX ? (unsigned)v : UINT_MAX;
	}
	return rc;
}

enum lr
scope_set_size(struct directive_use *use)
{
	uint64_t v;
	enum lr rc = directive_read_number(use, use->node->args[0], &v);

	if (rc == LR_OK)
		*(size_t *)scope_place(use, sizeof(size_t)) = (size_t)v;
	return rc;
}

enum lr
scope_set_bytes(struct directive_use *use)
{
	uint64_t v;
	enum lr rc = directive_read_bytes(use, use->node->args[0], &v);

	if (rc == LR_OK)
		*(uint64_t *)scope_place(use, sizeof(v)) = v;
	return rc;
}

enum lr
scope_set_ms(struct directive_use *use)
{
	int64_t v;
	enum lr rc = directive_read_duration(use, use->node->args[0], &v);

	if (rc == LR_OK)
		*(int64_t *)scope_place(use, sizeof(v)) = v;
	return rc;
}

enum lr
scope_set_s(struct directive_use *use)
{
	int64_t v;
	enum lr rc = directive_read_duration(use, use->node->args[0], &v);

	if (rc == LR_OK && v % 1000 != 0) {
		directive_error(use, "%.*s is not whole seconds",
		    SLICE_ARG(use->node->args[0]));
		rc = LR_INVALID;
	}
	if (rc == LR_OK)
		*(int64_t *)scope_place(use, sizeof(v)) = v / 1000;
	return rc;
}

enum lr
scope_set_text(struct directive_use *use)
{
	struct slice *to = scope_place(use, sizeof(*to));

	*to = use->node->args[0];
	return LR_OK;
}

enum lr
scope_set_path(struct directive_use *use)
{
	struct slice path;
	enum lr rc = scope_path(use, use->node->args[0], &path);

	if (rc == LR_OK)
		*(struct slice *)scope_place(use, sizeof(path)) = path;
	return rc;
}

enum lr
scope_ignore(struct directive_use *use)
{
	directive_notice(use, "%s", use->row->help);
	return LR_OK;
}

enum lr
scope_path(struct directive_use *use, struct slice name, struct slice *out)
{
	struct builder *b = use->scope->builder;

	return include_path(b->server_root, name, b->arena, out);
}

enum lr
scope_pattern(
    struct directive_use *use, struct slice text, const struct pattern **out)
{
	struct builder *b = use->scope->builder;
	struct site_pattern *sp = arena_zalloc(b->arena, sizeof(*sp));
	char why[PATTERN_WHY];
	enum lr rc;

	if (sp == NULL)
		return LR_NOMEM;
	rc = pattern_compile(text, &sp->pattern, why);
	if (rc == LR_INVALID)
		directive_error(use, "\"%.*s\" is not a regular expression: %s",
		    SLICE_ARG(text), why);
	if (rc != LR_OK)
		return rc;
	sp->next = b->site->patterns;
	b->site->patterns = sp;
	*out = sp->pattern;
	return LR_OK;
}

void *
scope_add(struct directive_use *use, struct array *list, size_t bytes)
{
	return array_add(list, bytes, use->scope->builder->arena);
}

struct host_draft *
scope_draft(struct builder *b, const struct host_draft *from)
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
