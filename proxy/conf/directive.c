/* proxy/conf/directive.c: finding rows, checking uses, reading values */
#include "proxy/conf/directive.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "store/base/num.h"

#define TEXT_BYTES 512	  /* a message */
#define DURATION_CHARS 32 /* "1000000s" */

const struct directive *
directive_find(
    const struct directive_table *tables, size_t n_tables, struct slice name)
{
	for (size_t t = 0; t < n_tables; t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct directive *row = &tables[t].rows[i];

			if (slice_ieq(slice_of(row->name), name))
				return row;
		}
	}
	return NULL;
}

/* "1 argument", "2 to 3 arguments", … */
static void
arity_text(const struct directive *row, char *dst, size_t bytes)
{
	unsigned least = row->least_args, most = row->most_args;

	if (most == 0)
		snprintf(dst, bytes, "no argument");
	else if (most == DIRECTIVE_MANY)
		snprintf(dst, bytes, "at least %u argument%s", least,
		    least == 1 ? "" : "s");
	else if (least == most)
		snprintf(
		    dst, bytes, "%u argument%s", most, most == 1 ? "" : "s");
	else
		snprintf(dst, bytes, "%u to %u arguments", least, most);
}

static bool
has_comment(const struct node *node)
{
	for (size_t i = 0; i < node->n_args; i++) {
		if (node->args[i].n > 0 && node->args[i].p[0] == '#')
			return true;
	}
	return false;
}

enum lr
directive_check_args(const struct directive *row, const struct node *node,
    struct diagnostics *diag)
{
	char arity[64];

	if (node->n_args >= row->least_args &&
	    (row->most_args == DIRECTIVE_MANY ||
		node->n_args <= row->most_args))
		return LR_OK;
	arity_text(row, arity, sizeof(arity));
	diagnostic_error(diag, node->at, node->name,
	    "takes %s, not %zu; %s: %s %s", arity, node->n_args,
	    has_comment(node) ? "a comment needs a line of its own"
			      : "it is written",
	    row->name, row->syntax);
	return LR_INVALID;
}

const char *
directive_context_text(unsigned contexts)
{
	static const char *const TEXTS[] = {
		"nowhere",
		"server",
		"virtual host",
		"server, virtual host",
		"location",
		"server, location",
		"virtual host, location",
		"server, virtual host, location",
		"proxy",
		"server, proxy",
		"virtual host, proxy",
		"server, virtual host, proxy",
		"location, proxy",
		"server, location, proxy",
		"virtual host, location, proxy",
		"server, virtual host, location, proxy",
	};

	return TEXTS[contexts % (sizeof(TEXTS) / sizeof(TEXTS[0]))];
}

enum lr
directive_check_context(const struct directive *row, const struct node *node,
    unsigned context, struct diagnostics *diag)
{
	if (row->contexts & context)
		return LR_OK;
	diagnostic_error(diag, node->at, node->name,
	    "may not stand here (%s); its place is: %s",
	    directive_context_text(context),
	    directive_context_text(row->contexts));
	return LR_INVALID;
}

void
directive_error(struct directive_use *use, const char *fmt, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	diagnostic_error(use->diag, use->node->at, use->node->name, "%s", text);
}

void
directive_warning(struct directive_use *use, const char *fmt, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	diagnostic_warning(
	    use->diag, use->node->at, use->node->name, "%s", text);
}

void
directive_notice(struct directive_use *use, const char *fmt, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	diagnostic_notice(
	    use->diag, use->node->at, use->node->name, "%s", text);
}

enum lr
directive_read_flag(struct directive_use *use, struct slice arg, bool *out)
{
	bool on = slice_ieq(arg, SLICE("on"));

	if (!on && !slice_ieq(arg, SLICE("off"))) {
		directive_error(use, "is On or Off, not \"%.*s\"; %s %s",
		    SLICE_ARG(arg), use->row->name, use->row->syntax);
		return LR_INVALID;
	}
	*out = on;
	return LR_OK;
}

static uint64_t
most_of(const struct directive *row)
{
	return row->most != 0 ? row->most : INT64_MAX;
}

static enum lr
out_of_bounds(struct directive_use *use, struct slice arg)
{
	directive_error(use,
	    "%.*s is out of bounds; it must be from %" PRIu64 " to %" PRIu64,
	    SLICE_ARG(arg), use->row->least, most_of(use->row));
	return LR_INVALID;
}

enum lr
directive_read_number(
    struct directive_use *use, struct slice arg, uint64_t *out)
{
	uint64_t v;
	enum lr rc = num_parse_u64(arg, most_of(use->row), &v);

	if (rc == LR_INVALID) {
		directive_error(use, "\"%.*s\" is not a number; %s %s",
		    SLICE_ARG(arg), use->row->name, use->row->syntax);
		return LR_INVALID;
	}
	if (rc != LR_OK || v < use->row->least)
		return out_of_bounds(use, arg);
	*out = v;
	return LR_OK;
}

enum lr
directive_read_bytes(struct directive_use *use, struct slice arg, uint64_t *out)
{
	uint64_t v;
	enum lr rc = num_parse_size(arg, most_of(use->row), &v);

	if (rc == LR_INVALID) {
		directive_error(use,
		    "\"%.*s\" is not a size; a number of bytes, or one with "
		    "K, M, G or T behind it",
		    SLICE_ARG(arg));
		return LR_INVALID;
	}
	if (rc != LR_OK || v < use->row->least)
		return out_of_bounds(use, arg);
	*out = v;
	return LR_OK;
}

static const char *
duration_text(uint64_t ms, char dst[DURATION_CHARS])
{
	bool whole = ms % 1000 == 0;

	snprintf(dst, DURATION_CHARS, "%" PRIu64 "%s", whole ? ms / 1000 : ms,
	    whole ? "s" : "ms");
	return dst;
}

enum lr
directive_read_duration(
    struct directive_use *use, struct slice arg, int64_t *out_ms)
{
	uint64_t most = most_of(use->row);
	char low[DURATION_CHARS], high[DURATION_CHARS];
	int64_t ms;
	enum lr rc = num_parse_duration(
	    arg, use->row->unit_ms, (int64_t)most, &ms);

	if (rc == LR_INVALID) {
		directive_error(use,
		    "\"%.*s\" is not a duration; a number of %s, or one with "
		    "ms, s, min, h or d behind it",
		    SLICE_ARG(arg),
		    use->row->unit_ms == 1 ? "milliseconds" : "seconds");
		return LR_INVALID;
	}
	if (rc != LR_OK || (uint64_t)ms < use->row->least) {
		directive_error(use,
		    "%.*s is out of bounds; it must be from %s to %s",
		    SLICE_ARG(arg), duration_text(use->row->least, low),
		    duration_text(most, high));
		return LR_INVALID;
	}
	*out_ms = ms;
	return LR_OK;
}
