/* proxy/conf/diagnostic.c: messages about a configuration */
#include "proxy/conf/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_BYTES 1024 /* the longest message; what is longer is cut */

static void
add(struct diagnostics *d, const char *kind, struct place at,
    struct slice subject, const char *fmt, va_list args)
{
	char text[TEXT_BYTES];

	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	strbuf_add_slice(d->out, at.file);
	if (at.line > 0)
		strbuf_addf(d->out, ":%u", at.line);
	strbuf_add_cstr(d->out, ": ");
	strbuf_add_cstr(d->out, kind);
	if (subject.n > 0) {
		strbuf_add_slice(d->out, subject);
		strbuf_add_cstr(d->out, ": ");
	}
	strbuf_add_cstr(d->out, text);
	strbuf_add_char(d->out, '\n');
}

void
diagnostic_error(struct diagnostics *d, struct place at, struct slice subject,
    const char *fmt, ...)
{
	va_list args;

	d->errors++;
	if (d->errors == DIAGNOSTIC_ERRORS_MAX + 1)
		strbuf_add_cstr(
		    d->out, "too many errors; the rest is not shown\n");
	if (d->errors > DIAGNOSTIC_ERRORS_MAX)
		return;
	va_start(args, fmt);
	add(d, "", at, subject, fmt, args);
	va_end(args);
}

void
diagnostic_warning(struct diagnostics *d, struct place at, struct slice subject,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(d, "warning: ", at, subject, fmt, args);
	va_end(args);
}

void
diagnostic_notice(struct diagnostics *d, struct place at, struct slice subject,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(d, "notice: ", at, subject, fmt, args);
	va_end(args);
}
