/* proxy/site/cache_override.c: key=value behind a CacheOverride */
#include "proxy/site/cache_override.h"

#include "proxy/conf/nearest.h"
#include "proxy/http/field.h"
#include "proxy/site/directives.h"
#include "proxy/site/scope.h"
#include "store/base/num.h"

#define MOST_MS (10 * DIRECTIVES_YEAR_MS)
#define STATUS_FIRST 200 /* of those that end a request */
#define STATUS_LAST 999

/* Takes the value into the rule.  LR_INVALID: reported. */
typedef enum lr read_fn(
    struct directive_use *use, struct slice value, struct override_rule *rule);

/* ---- lists ---- */

/* Room in the site for as many items as the list may have. */
static void *
list_room(struct directive_use *use, struct slice list, size_t item_bytes)
{
	size_t n = 1;

	for (size_t i = 0; i < list.n; i++)
		n += list.p[i] == ',';
	return arena_alloc(use->scope->builder->arena, n * item_bytes);
}

/* Takes the next item; an empty one is an item, too, and nobody's. */
static bool
list_next(struct slice *rest, struct slice *item)
{
	size_t comma = slice_find(*rest, ',');

	if (rest->p == NULL)
		return false;
	*item = slice_cut(*rest, 0, comma);
	if (comma == rest->n)
		*rest = (struct slice){ 0 };
	else
		*rest = slice_cut(*rest, comma + 1, rest->n);
	return true;
}

/* ---- status= ---- */

static bool
read_number(struct slice text, uint16_t *out)
{
	uint64_t v;

	if (text.n != 3 || num_parse_u64(text, STATUS_LAST, &v) != LR_OK ||
	    v < STATUS_FIRST)
		return false;
	*out = (uint16_t)v;
	return true;
}

/* 404, 400-499 or 5xx */
static bool
read_statuses(struct slice item, struct override_statuses *out)
{
	size_t dash = slice_find(item, '-');

	if (item.n == 3 && slice_ieq(slice_cut(item, 1, 3), SLICE("xx")) &&
	    item.p[0] >= '2' && item.p[0] <= '9') {
		out->first = (uint16_t)((item.p[0] - '0') * 100);
		out->last = (uint16_t)(out->first + 99);
		return true;
	}
	if (!read_number(slice_cut(item, 0, dash), &out->first))
		return false;
	out->last = out->first;
	return dash == item.n ||
	    (read_number(slice_cut(item, dash + 1, item.n), &out->last) &&
		out->first <= out->last);
}

/* Parts of answers, and answers about a request's conditions. */
static bool
is_never_stored(const struct override_statuses *s)
{
	static const uint16_t NEVER[] = { 206, 304, 407, 412, 416 };

	for (size_t i = 0; i < sizeof(NEVER) / sizeof(NEVER[0]); i++) {
		if (s->first == NEVER[i] && s->last == NEVER[i])
			return true;
	}
	return false;
}

static enum lr
read_status(
    struct directive_use *use, struct slice value, struct override_rule *rule)
{
	struct override_statuses *to = list_room(use, value, sizeof(*to));
	struct slice item;

	if (to == NULL)
		return LR_NOMEM;
	rule->statuses = to;
	while (list_next(&value, &item)) {
		if (!read_statuses(item, to)) {
			directive_error(use,
			    "\"%.*s\" is not a status of an answer; write "
			    "status=404, status=400-499 or status=404,5xx",
			    SLICE_ARG(item));
			return LR_INVALID;
		}
		if (is_never_stored(to)) {
			directive_error(use,
			    "answers of status %u are never stored on their "
			    "own; leave it out",
			    to->first);
			return LR_INVALID;
		}
		to++;
		rule->n_statuses++;
	}
	return LR_OK;
}

/* ---- type= ---- */

/* "text/html", with "*" (which is a token's character) anywhere */
static bool
is_media_type(struct slice item)
{
	size_t slash = slice_find(item, '/');

	return field_is_token(slice_cut(item, 0, slash)) &&
	    field_is_token(slice_cut(item, slash + 1, item.n));
}

static enum lr
read_type(
    struct directive_use *use, struct slice value, struct override_rule *rule)
{
	struct slice *to = list_room(use, value, sizeof(*to)), item;

	if (to == NULL)
		return LR_NOMEM;
	rule->types = to;
	while (list_next(&value, &item)) {
		if (!is_media_type(item)) {
			directive_error(use,
			    "\"%.*s\" is not a media type; write "
			    "type=text/html or type=text/*,image/svg+xml",
			    SLICE_ARG(item));
			return LR_INVALID;
		}
		*to++ = item;
		rule->n_types++;
	}
	return LR_OK;
}

/* ---- ttl=, grace=, keep= ---- */

static enum lr
read_time(struct directive_use *use, struct slice value, int64_t *out_s)
{
	int64_t ms;

	if (num_parse_duration(value, 1000, MOST_MS, &ms) != LR_OK ||
	    ms % 1000 != 0) {
		directive_error(use,
		    "\"%.*s\" is not a time in whole seconds, at most ten "
		    "years; write 300, 5min, 2h or 1d",
		    SLICE_ARG(value));
		return LR_INVALID;
	}
	*out_s = ms / 1000;
	return LR_OK;
}

static enum lr
read_ttl(
    struct directive_use *use, struct slice value, struct override_rule *rule)
{
	return read_time(use, value, &rule->ttl_s);
}

static enum lr
read_grace(
    struct directive_use *use, struct slice value, struct override_rule *rule)
{
	return read_time(use, value, &rule->grace_s);
}

static enum lr
read_keep(
    struct directive_use *use, struct slice value, struct override_rule *rule)
{
	return read_time(use, value, &rule->keep_s);
}

/* ---- ignore= ---- */

static const struct {
	const char *name;
	enum override_ignore what;
} IGNORABLE[] = {
	{ "no-store", OVERRIDE_NO_STORE },
	{ "private", OVERRIDE_PRIVATE },
	{ "no-cache", OVERRIDE_NO_CACHE },
	{ "set-cookie", OVERRIDE_SET_COOKIE },
	{ "must-revalidate", OVERRIDE_MUST_REVALIDATE },
	{ "authorization", OVERRIDE_AUTHORIZATION },
	{ "expires", OVERRIDE_EXPIRES },
	{ "pragma", OVERRIDE_PRAGMA },
};

#define N_IGNORABLE (sizeof(IGNORABLE) / sizeof(IGNORABLE[0]))

static enum lr
unknown_ignore(struct directive_use *use, struct slice item)
{
	struct nearest search = { .typed = item };

	for (size_t i = 0; i < N_IGNORABLE; i++)
		nearest_try(&search, IGNORABLE[i].name);
	if (search.best != NULL)
		directive_error(use,
		    "\"%.*s\" cannot be ignored; did you mean %s?",
		    SLICE_ARG(item), search.best);
	else
		directive_error(use,
		    "\"%.*s\" cannot be ignored; there are no-store, private, "
		    "no-cache, set-cookie, must-revalidate, authorization, "
		    "expires, pragma and vary:NAME",
		    SLICE_ARG(item));
	return LR_INVALID;
}

static bool
add_ignore(struct slice item, struct override_rule *rule)
{
	for (size_t i = 0; i < N_IGNORABLE; i++) {
		if (slice_ieq(item, slice_of(IGNORABLE[i].name))) {
			rule->ignore |= IGNORABLE[i].what;
			return true;
		}
	}
	return false;
}

/* "*" stands for what nobody can name: such answers are never stored. */
static enum lr
check_vary(struct directive_use *use, struct slice name)
{
	if (field_is_token(name) && !slice_eq(name, SLICE("*")))
		return LR_OK;
	directive_error(use,
	    "\"vary:%.*s\" names no field of a request; write "
	    "ignore=vary:User-Agent",
	    SLICE_ARG(name));
	return LR_INVALID;
}

static enum lr
read_ignore(
    struct directive_use *use, struct slice value, struct override_rule *rule)
{
	const size_t vary_bytes = sizeof("vary:") - 1;
	struct slice *vary = list_room(use, value, sizeof(*vary)), item;

	if (vary == NULL)
		return LR_NOMEM;
	rule->vary = vary;
	while (list_next(&value, &item)) {
		if (slice_istarts(item, SLICE("vary:"))) {
			item = slice_cut(item, vary_bytes, item.n);
			if (check_vary(use, item) != LR_OK)
				return LR_INVALID;
			vary[rule->n_vary++] = item;
		} else if (!add_ignore(item, rule)) {
			return unknown_ignore(use, item);
		}
	}
	return LR_OK;
}

/* ---- the rule ---- */

static const struct parameter {
	const char *name;
	read_fn *read;
} PARAMETERS[] = {
	{ "status", read_status },
	{ "type", read_type },
	{ "ttl", read_ttl },
	{ "grace", read_grace },
	{ "keep", read_keep },
	{ "ignore", read_ignore },
};

#define N_PARAMETERS (sizeof(PARAMETERS) / sizeof(PARAMETERS[0]))

static enum lr
unknown_parameter(struct directive_use *use, struct slice name)
{
	struct nearest search = { .typed = name };

	for (size_t i = 0; i < N_PARAMETERS; i++)
		nearest_try(&search, PARAMETERS[i].name);
	nearest_try(&search, "force");
	if (search.best != NULL)
		directive_error(use,
		    "unknown parameter \"%.*s\"; did you mean %s?",
		    SLICE_ARG(name), search.best);
	else
		directive_error(use,
		    "unknown parameter \"%.*s\"; there are status=, type=, "
		    "ttl=, grace=, keep=, ignore= and force",
		    SLICE_ARG(name));
	return LR_INVALID;
}

/* Each parameter once: seen has a bit for each. */
static enum lr
read_argument(struct directive_use *use, struct slice arg, unsigned *seen,
    struct override_rule *rule)
{
	size_t eq = slice_find(arg, '='), i = 0;
	struct slice name = slice_cut(arg, 0, eq);

	if (slice_ieq(arg, SLICE("force"))) {
		rule->force = true;
		return LR_OK;
	}
	while (
	    i < N_PARAMETERS && !slice_ieq(name, slice_of(PARAMETERS[i].name)))
		i++;
	if (i == N_PARAMETERS)
		return unknown_parameter(use, name);
	if (eq + 1 >= arg.n) {
		directive_error(use, "%s= needs a value", PARAMETERS[i].name);
		return LR_INVALID;
	}
	if ((*seen & 1U << i) != 0) {
		directive_error(use,
		    "%s= is given twice; put a list behind one, or write two "
		    "rules",
		    PARAMETERS[i].name);
		return LR_INVALID;
	}
	*seen |= 1U << i;
	return PARAMETERS[i].read(use, slice_cut(arg, eq + 1, arg.n), rule);
}

enum lr
cache_override_add(struct directive_use *use)
{
	struct scope *sc = use->scope;
	struct override_rule rule = { .ttl_s = OVERRIDE_NONE,
		.grace_s = OVERRIDE_NONE,
		.keep_s = OVERRIDE_NONE };
	struct override_rule *slot;
	unsigned seen = 0;
	enum lr rc;

	for (size_t i = 0; i < use->node->n_args; i++) {
		rc = read_argument(use, use->node->args[i], &seen, &rule);
		if (rc != LR_OK)
			return rc;
	}
	if (rule.force && rule.ttl_s == OVERRIDE_NONE &&
	    rule.grace_s == OVERRIDE_NONE && rule.keep_s == OVERRIDE_NONE) {
		directive_error(
		    use, "force needs a ttl=, grace= or keep= beside it");
		return LR_INVALID;
	}
	slot = scope_add(use,
	    sc->location != NULL ? &sc->location->cache_overrides
				 : &sc->draft->cache_overrides,
	    sizeof(*slot));
	if (slot == NULL)
		return LR_NOMEM;
	*slot = rule;
	return LR_OK;
}
