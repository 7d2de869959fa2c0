/* proxy/site/walk.c: from nodes to rows to setters */
#include "proxy/site/walk.h"

#include "proxy/site/directives.h"
#include "proxy/site/section.h"

static enum lr
apply_node(struct scope *sc, const struct node *n)
{
	struct diagnostics *diag = sc->builder->diag;
	struct directive_use use = { .node = n, .scope = sc, .diag = diag };
	enum lr rc;

	use.row = directives_find(n->name);
	if (use.row == NULL) {
		directives_report_unknown(n, diag);
		return LR_INVALID;
	}
	if (use.row->is_section != n->is_section) {
		diagnostic_error(diag, n->at, n->name,
		    use.row->is_section ? "is a section; write <%s %s>"
					: "is not a section; write %s %s",
		    use.row->name, use.row->syntax);
		return LR_INVALID;
	}
	rc = directive_check_context(use.row, n, sc->context, diag);
	if (rc == LR_OK)
		rc = directive_check_args(use.row, n, diag);
	if (rc != LR_OK)
		return rc;
	return n->is_section ? section_setter(use.row)(&use)
			     : use.row->set(&use);
}

static bool
is_vhost(const struct node *n)
{
	return n->is_section && slice_ieq(n->name, SLICE("VirtualHost"));
}

enum lr
walk_nodes(struct scope *sc, const struct node *first)
{
	bool is_main = sc->context == DIRECTIVE_SERVER;
	enum lr rc = LR_OK;

	for (const struct node *n = first; n != NULL && rc != LR_NOMEM;
	     n = n->next) {
		if (!is_main || !is_vhost(n))
			rc = apply_node(sc, n);
	}
	for (const struct node *n = first;
	     n != NULL && is_main && rc != LR_NOMEM; n = n->next) {
		if (is_vhost(n))
			rc = apply_node(sc, n);
	}
	return rc == LR_NOMEM ? rc : LR_OK;
}
