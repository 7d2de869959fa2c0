/* tests/support/conf_text.c: sites and trees from configuration text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/conf_text.h"

#include <stdlib.h>

static char *
taken(struct strbuf *sb)
{
	strbuf_add_cstr(sb, "");
	assert_false(sb->failed);
	if (sb->p == NULL)
		sb->p = calloc(1, 1);
	assert_non_null(sb->p);
	return sb->p;
}

struct site *
conf_site(const char *text)
{
	struct strbuf all = { 0 }, messages = { 0 };
	struct site_source src = { 0 };
	struct site *s = NULL;
	enum lr rc;

	strbuf_addf(&all, "Listen 127.0.0.1:8080\n%s", text);
	src.text = taken(&all);
	rc = site_load(&src, &messages, &s);
	if (rc != LR_OK)
		fail_msg("%s: %s", status_text(rc), taken(&messages));
	strbuf_free(&messages);
	strbuf_free(&all);
	return s;
}

char *
conf_messages(const char *text, enum lr *rc)
{
	struct site_source src = { .text = text };
	struct strbuf messages = { 0 };
	struct site *s = NULL;
	enum lr result = site_load(&src, &messages, &s);

	if (result == LR_OK)
		site_unref(s);
	if (rc != NULL)
		*rc = result;
	return taken(&messages);
}

static void
write_nodes(const struct node *n, unsigned depth, struct strbuf *out)
{
	for (; n != NULL; n = n->next) {
		for (unsigned i = 0; i < depth; i++)
			strbuf_add_cstr(out, "  ");
		strbuf_add_slice(out, n->name);
		for (size_t i = 0; i < n->n_args; i++)
			strbuf_addf(out, " [%.*s]", SLICE_ARG(n->args[i]));
		strbuf_add_char(out, '\n');
		if (n->is_section) {
			write_nodes(n->children.first, depth + 1, out);
			strbuf_add_cstr(out, "end\n");
		}
	}
}

char *
conf_tree(const char *text)
{
	const char *const defines[] = { "GIVEN" };
	struct parse_source src = {
		.text = text, .defines = defines, .n_defines = 1
	};
	struct arena arena = { 0 };
	struct diagnostics diag = { .arena = &arena };
	struct parse_result parsed;
	struct strbuf out = { 0 };

	assert_int_equal(
	    parse_configuration(&src, &arena, &diag, &parsed), LR_OK);
	write_nodes(parsed.nodes.first, 0, &out);
	assert_int_equal(diagnostic_write(&diag, &out), LR_OK);
	arena_free(&arena);
	return taken(&out);
}
