/* proxy/observe/log_format.c: compiling LogFormat, writing lines by it */
#include "proxy/observe/log_format.h"

#include <stdlib.h>

#include "proxy/observe/log_field.h"
#include "store/base/arena.h"

#define MAX_STATUSES 32 /* in one condition */

/* One piece of a line: a literal, or a field. */
struct item {
	struct item *next;
	struct slice text; /* the literal, or what stood in the braces */
	const struct log_field *field; /* NULL: a literal */
	/* %400,501…: written for these statuses, or for others than these;
	 * "-" instead for the rest.  None: always written. */
	uint16_t *statuses;
	size_t n_statuses;
	bool negated;
};

struct log_format {
	struct arena arena; /* all items and their text */
	struct item *first, **last;
};

/* What is being read. */
struct source {
	struct slice rest;
	const char *why;
};

#define COMMON "%h %l %u %t \"%r\" %>s %b"
#define COMBINED COMMON " \"%{Referer}i\" \"%{User-Agent}i\""

static const struct {
	const char *name, *text;
} BUILTIN[] = {
	{ "common", COMMON },
	{ "vhost_common", "%v " COMMON },
	{ "combined", COMBINED },
	{ "combinedio", COMBINED " %I %O" },
	{ "vhost_combined", "%v:%p " COMBINED },
	{ "cache", COMBINED " %{cache}x %{age}x %D %{backend}x" },
};

struct slice
log_format_builtin(struct slice name)
{
	for (size_t i = 0; i < sizeof(BUILTIN) / sizeof(BUILTIN[0]); i++) {
		if (slice_eq(name, slice_of(BUILTIN[i].name)))
			return slice_of(BUILTIN[i].text);
	}
	return (struct slice){ 0 };
}

static char
peek(const struct source *src)
{
	return src->rest.n > 0 ? src->rest.p[0] : '\0';
}

static void
skip(struct source *src, size_t n)
{
	src->rest = slice_cut(src->rest, n, src->rest.n);
}

static struct item *
add_item(struct log_format *f)
{
	struct item *it = arena_zalloc(&f->arena, sizeof(*it));

	if (it == NULL)
		return NULL;
	*f->last = it;
	f->last = &it->next;
	return it;
}

/* The character that an escape sequence stands for; 0 for none. */
static char
unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return c;
	default:
		return '\0';
	}
}

/* Plain text up to the next percent sign; an unknown escape stays. */
static enum lr
compile_literal(struct log_format *f, struct source *src)
{
	size_t n = slice_find(src->rest, '%');
	char *dst = arena_alloc(&f->arena, n);
	struct item *it = add_item(f);

	if (dst == NULL || it == NULL)
		return LR_NOMEM;
	it->text.p = dst;
	for (size_t i = 0; i < n; i++) {
		char c = src->rest.p[i];

		if (c == '\\' && i + 1 < n &&
		    unescape(src->rest.p[i + 1]) != '\0')
			c = unescape(src->rest.p[++i]);
		dst[it->text.n++] = c;
	}
	skip(src, n);
	return LR_OK;
}

/* One number of a status condition. */
static enum lr
compile_status(struct log_format *f, struct source *src, struct item *it)
{
	unsigned status = 0;

	if (it->statuses == NULL)
		it->statuses = arena_alloc(
		    &f->arena, MAX_STATUSES * sizeof(*it->statuses));
	if (it->statuses == NULL)
		return LR_NOMEM;
	for (; peek(src) >= '0' && peek(src) <= '9' && status < 1000;
	     skip(src, 1))
		status = status * 10 + (unsigned)(peek(src) - '0');
	if (status < 100 || status > 999) {
		src->why = "a status has three digits, as in %404r";
		return LR_INVALID;
	}
	if (it->n_statuses == MAX_STATUSES) {
		src->why = "more than 32 statuses in one condition";
		return LR_INVALID;
	}
	it->statuses[it->n_statuses++] = (uint16_t)status;
	return LR_OK;
}

static enum lr
compile_braces(struct log_format *f, struct source *src, struct item *it)
{
	size_t n = slice_find(src->rest, '}');

	if (n == src->rest.n) {
		src->why = "a } is missing after %{";
		return LR_INVALID;
	}
	it->text = arena_dup(&f->arena, slice_cut(src->rest, 1, n));
	skip(src, n + 1);
	return it->text.p != NULL ? LR_OK : LR_NOMEM;
}

/* What may stand between the percent sign and the field: !, <, >, a list
 * of statuses, braces. */
static enum lr
compile_modifiers(
    struct log_format *f, struct source *src, struct item *it, bool *braces)
{
	enum lr rc = LR_OK;

	while (rc == LR_OK) {
		char c = peek(src);

		if (c == '!' || c == '<' || c == '>' || c == ',') {
			it->negated |= c == '!';
			skip(src, 1);
		} else if (c >= '0' && c <= '9')
			rc = compile_status(f, src, it);
		else if (c == '{' && !*braces) {
			*braces = true;
			rc = compile_braces(f, src, it);
		} else
			break;
	}
	return rc;
}

static enum lr
compile_field(struct log_format *f, struct source *src)
{
	struct item *it = add_item(f);
	bool braces = false;
	enum lr rc;

	if (it == NULL)
		return LR_NOMEM;
	skip(src, 1);
	if ((rc = compile_modifiers(f, src, it, &braces)) != LR_OK)
		return rc;
	if (src->rest.n == 0) {
		src->why = "ends within a field; a percent sign is %%";
		return LR_INVALID;
	}
	return log_field_find(
	    &src->rest, braces, it->text, &it->field, &src->why);
}

enum lr
log_format_compile(struct slice text, struct log_format **out, const char **why)
{
	struct log_format *f = calloc(1, sizeof(*f));
	struct source src = { text, "out of memory" };
	enum lr rc = LR_OK;

	if (f == NULL) {
		*why = src.why;
		return LR_NOMEM;
	}
	f->last = &f->first;
	while (rc == LR_OK && src.rest.n > 0)
		rc = peek(&src) == '%' ? compile_field(f, &src)
				       : compile_literal(f, &src);
	if (rc != LR_OK) {
		*why = src.why;
		log_format_free(f);
		return rc;
	}
	*out = f;
	return LR_OK;
}

void
log_format_free(struct log_format *f)
{
	if (f == NULL)
		return;
	arena_free(&f->arena);
	free(f);
}

static bool
status_fits(const struct item *it, int status)
{
	for (size_t i = 0; i < it->n_statuses; i++) {
		if (it->statuses[i] == status)
			return !it->negated;
	}
	return it->n_statuses == 0 || it->negated;
}

void
log_format_write(
    const struct log_format *f, const struct record *r, struct strbuf *out)
{
	struct log_cell cell = { .record = r, .out = out };

	for (const struct item *it = f->first; it != NULL; it = it->next) {
		cell.field = it->field;
		cell.arg = it->text;
		if (it->field == NULL)
			strbuf_add_slice(out, it->text);
		else if (status_fits(it, r->status))
			it->field->write(&cell);
		else
			strbuf_add_char(out, '-');
	}
	strbuf_add_char(out, '\n');
}
