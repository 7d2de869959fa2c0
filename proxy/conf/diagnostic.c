/* proxy/conf/diagnostic.c: messages about a configuration */
#include "proxy/conf/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_BYTES 1024 /* the longest message; what is longer is cut */

struct message {
	size_t file;  /* which of diagnostics.files */
	size_t order; /* of arrival */
	unsigned line;
	const char *kind;
	struct slice subject, text;
};

/* The number of a file; a new one comes last. */
static bool
number_of(struct diagnostics *d, struct slice file, size_t *out)
{
	struct slice *files = d->files.items;
	struct slice *slot;

	for (size_t i = 0; i < d->files.n; i++) {
		if (slice_eq(files[i], file)) {
			*out = i;
			return true;
		}
	}
	*out = d->files.n;
	slot = array_add(&d->files, sizeof(*slot), d->arena);
	if (slot == NULL)
		return false;
	*slot = arena_dup(d->arena, file);
	return slot->p != NULL;
}

static bool
keep(struct diagnostics *d, const char *kind, struct place at,
    struct slice subject, struct slice text)
{
	struct message m = {
		.order = d->messages.n,
		.line = at.line,
		.kind = kind,
		.subject = arena_dup(d->arena, subject),
		.text = arena_dup(d->arena, text),
	};
	struct message *slot;

	if (!number_of(d, at.file, &m.file) || m.subject.p == NULL ||
	    m.text.p == NULL)
		return false;
	slot = array_add(&d->messages, sizeof(*slot), d->arena);
	if (slot == NULL)
		return false;
	*slot = m;
	return true;
}

static void
add(struct diagnostics *d, const char *kind, struct place at,
    struct slice subject, const char *fmt, va_list args)
{
	char text[TEXT_BYTES];

	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	if (!keep(d, kind, at, subject, slice_of(text)))
		d->failed = true;
}

void
diagnostic_error(struct diagnostics *d, struct place at, struct slice subject,
    const char *fmt, ...)
{
	va_list args;

	if (++d->errors > DIAGNOSTIC_ERRORS_MAX)
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

	if (++d->others > DIAGNOSTIC_OTHERS_MAX)
		return;
	va_start(args, fmt);
	add(d, "warning: ", at, subject, fmt, args);
	va_end(args);
}

void
diagnostic_notice(struct diagnostics *d, struct place at, struct slice subject,
    const char *fmt, ...)
{
	va_list args;

	if (++d->others > DIAGNOSTIC_OTHERS_MAX)
		return;
	va_start(args, fmt);
	add(d, "notice: ", at, subject, fmt, args);
	va_end(args);
}

static int
compare(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_place(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	if (x->file != y->file)
		return compare(x->file, y->file);
	if (x->line != y->line)
		return compare(x->line, y->line);
	return compare(x->order, y->order);
}

static void
write_message(
    const struct diagnostics *d, const struct message *m, struct strbuf *out)
{
	const struct slice *files = d->files.items;

	strbuf_add_slice(out, files[m->file]);
	if (m->line > 0)
		strbuf_addf(out, ":%u", m->line);
	strbuf_addf(out, ": %s", m->kind);
	if (m->subject.n > 0) {
		strbuf_add_slice(out, m->subject);
		strbuf_add_cstr(out, ": ");
	}
	strbuf_add_slice(out, m->text);
	strbuf_add_char(out, '\n');
}

enum lr
diagnostic_write(const struct diagnostics *d, struct strbuf *out)
{
	struct message *sorted;

	if (d->messages.n > 0) {
		sorted = calloc(d->messages.n, sizeof(*sorted));
		if (sorted == NULL)
			return LR_NOMEM;
		memcpy(
		    sorted, d->messages.items, d->messages.n * sizeof(*sorted));
		qsort(sorted, d->messages.n, sizeof(*sorted), by_place);
		for (size_t i = 0; i < d->messages.n; i++)
			write_message(d, &sorted[i], out);
		free(sorted);
	}
	if (d->errors > DIAGNOSTIC_ERRORS_MAX)
		strbuf_add_cstr(
		    out, "too many errors; the rest is not shown\n");
	return d->failed || out->failed ? LR_NOMEM : LR_OK;
}
