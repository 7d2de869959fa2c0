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

/* A backslash would begin an escape; a dot or an apostrophe at the start
 * of a line is no matter, since all text begins with a letter. */
static void
add_roff_char(struct strbuf *out, char c)
{
	if (c == '\\')
		strbuf_add_cstr(out, "\\e");
	else if (c == '-')
		strbuf_add_cstr(out, "\\-");
	else if (c == '"')
		strbuf_add_cstr(out, "\\(dq");
	else
		strbuf_add_char(out, c);
}

/* Each sentence on a line of its own, as mdoc(7) asks. */
static void
add_roff(struct strbuf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		add_roff_char(out, *s);
		if (s[0] == '.' && s[1] == ' ') {
			strbuf_add_char(out, '\n');
			s++;
		}
	}
}

void
reference_mdoc(const struct directive *row, struct strbuf *out)
{
	strbuf_addf(out, ".It Sy %s%s", opening(row), row->name);
	if (row->syntax[0] != '\0') {
		strbuf_add_cstr(out, " No \"");
		for (const char *p = row->syntax; *p != '\0'; p++)
			add_roff_char(out, *p);
		strbuf_add_char(out, '"');
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
