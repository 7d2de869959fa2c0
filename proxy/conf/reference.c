/* proxy/conf/reference.c: text, mdoc and Markdown */
#include "proxy/conf/reference.h"

static const char *
opening(const struct directive *row)
{
	return row->is_section ? "<" : "";
}

static const char *
closing(const struct directive *row)
{
	return row->is_section ? ">" : "";
}

static const char *
preset_of(const struct directive *row)
{
	return row->preset != NULL ? row->preset : "none";
}

void
reference_text(const struct directive *row, struct strbuf *out)
{
	strbuf_addf(out, "%s%s%s%s%s\n", opening(row), row->name,
	    row->syntax[0] != '\0' ? " " : "", row->syntax, closing(row));
	strbuf_addf(out, "\t%s\n", row->help);
	strbuf_addf(
	    out, "\tcontext: %s\n", directive_context_text(row->contexts));
	if (row->preset != NULL)
		strbuf_addf(out, "\tdefault: %s\n", row->preset);
	strbuf_add_char(out, '\n');
}

/* A backslash would begin an escape, and a dot or an apostrophe at the
 * start of a line a request. */
static void
add_roff(struct strbuf *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		strbuf_add_cstr(out, "\\&");
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			strbuf_add_cstr(out, "\\e");
		else if (*s == '-')
			strbuf_add_cstr(out, "\\-");
		else
			strbuf_add_char(out, *s);
	}
}

void
reference_mdoc(const struct directive *row, struct strbuf *out)
{
	strbuf_addf(out, ".It Sy %s%s", opening(row), row->name);
	if (row->syntax[0] != '\0') {
		strbuf_add_cstr(out, " No \"");
		for (const char *p = row->syntax; *p != '\0'; p++) {
			if (*p == '"')
				strbuf_add_cstr(out, "\\(dq");
			else if (*p == '\\')
				strbuf_add_cstr(out, "\\e");
			else if (*p == '-')
				strbuf_add_cstr(out, "\\-");
			else
				strbuf_add_char(out, *p);
		}
		strbuf_addf(out, "\"");
	}
	if (row->is_section)
		strbuf_add_cstr(out, " Ns >");
	strbuf_add_char(out, '\n');
	add_roff(out, row->help);
	strbuf_add_cstr(out, "\n.br\nContext: ");
	add_roff(out, directive_context_text(row->contexts));
	strbuf_add_cstr(out, ".\nDefault: ");
	add_roff(out, preset_of(row));
	strbuf_add_cstr(out, ".\n");
}

/* In a table cell or running text. */
static void
add_markdown(struct strbuf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (strchr("*_`<>[]\\|", *s) != NULL)
			strbuf_add_char(out, '\\');
		strbuf_add_char(out, *s);
	}
}

void
reference_markdown(const struct directive *row, struct strbuf *out)
{
	strbuf_addf(out, "### %s\n\n", row->name);
	strbuf_addf(out, "    %s%s%s%s%s\n\n", opening(row), row->name,
	    row->syntax[0] != '\0' ? " " : "", row->syntax, closing(row));
	add_markdown(out, row->help);
	strbuf_add_cstr(out, "\n\n- Context: ");
	add_markdown(out, directive_context_text(row->contexts));
	strbuf_add_cstr(out, "\n- Default: ");
	if (row->preset != NULL && row->preset[0] != '(')
		strbuf_addf(out, "`%s`", row->preset);
	else
		add_markdown(out, preset_of(row));
	strbuf_add_cstr(out, "\n\n");
}
