/* proxy/observe/log_manual.c: LOG_FIELDS in three formats */
#include "proxy/observe/log_manual.h"

#include "proxy/observe/log_field.h"

#define HELP_COLUMN 22

/* "%{name}i" */
static void
put_syntax(const struct log_field *f, struct strbuf *out)
{
	strbuf_add_char(out, '%');
	if (f->arg != NULL)
		strbuf_addf(out, "{%s}", f->arg + (f->arg[0] == '*'));
	strbuf_add_cstr(out, f->name);
}

void
log_manual_text(struct strbuf *out)
{
	for (const struct log_field *f = LOG_FIELDS; f->name != NULL; f++) {
		size_t start = out->n;

		put_syntax(f, out);
		do
			strbuf_add_char(out, ' ');
		while (out->n < start + HELP_COLUMN && !out->failed);
		strbuf_addf(out, "%s\n", f->help);
	}
}

void
log_manual_markdown(struct strbuf *out)
{
	strbuf_add_cstr(out, "| field | what it is |\n|---|---|\n");
	for (const struct log_field *f = LOG_FIELDS; f->name != NULL; f++) {
		strbuf_add_cstr(out, "| `");
		put_syntax(f, out);
		strbuf_addf(out, "` | %s |\n", f->help);
	}
}

/* \& keeps "%A" from being a macro. */
void
log_manual_mdoc(struct strbuf *out)
{
	strbuf_add_cstr(out, ".Bl -tag -width \"%{cache-status}x\"\n");
	for (const struct log_field *f = LOG_FIELDS; f->name != NULL; f++) {
		strbuf_add_cstr(out, ".It Li \\&");
		put_syntax(f, out);
		strbuf_addf(out, "\n%s.\n", f->help);
	}
	strbuf_add_cstr(out, ".El\n");
}
