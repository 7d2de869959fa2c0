/* proxy/cache/surrogate.c: what the origin says to surrogates only */
#include "proxy/cache/surrogate.h"

#include <inttypes.h>
#include <stdio.h>

#include "proxy/http/field.h"

#define FIELD SLICE("Surrogate-Control")
#define CAPABILITY SLICE("Surrogate-Capability")
#define US SLICE("larder")

/* "max-age=9223372036854775807+4294967295" */
#define MOST_RESTORED_BYTES 48

bool
surrogate_is_field(struct slice name)
{
	return slice_ieq(name, FIELD);
}

static bool
is_target(const struct cache_policy *policy)
{
	for (size_t i = 0; i < policy->targets.n; i++) {
		if (surrogate_is_field(policy->targets.names[i]))
			return true;
	}
	return false;
}

/* ---- reading ---- */

/* What was said to some surrogates: to all, or to us by name. */
struct said {
	bool no_store;
	int64_t max_age_s, more_s; /* CONTROL_NONE: nothing */
};

/* N or N+M */
static void
read_max_age(struct slice value, struct said *to)
{
	size_t plus = slice_find(value, '+');
	int64_t max_age_s, more_s = 0;

	if (!field_delta_seconds(slice_cut(value, 0, plus), &max_age_s))
		return;
	if (plus < value.n &&
	    !field_delta_seconds(slice_cut(value, plus + 1, value.n), &more_s))
		return;
	to->max_age_s = max_age_s;
	to->more_s = more_s;
}

/* Where the target begins: at the first ";" outside quotes. */
static size_t
find_target(struct slice element)
{
	bool quoted = false;

	for (size_t i = 0; i < element.n; i++) {
		if (element.p[i] == '"')
			quoted = !quoted;
		else if (element.p[i] == '\\' && quoted)
			i++;
		else if (element.p[i] == ';' && !quoted)
			return i;
	}
	return element.n;
}

static void
read_directive(struct slice element, struct said *to_all, struct said *to_us)
{
	size_t semicolon = find_target(element);
	struct slice target = slice_cut(element, semicolon, element.n);
	struct slice text = slice_trim(slice_cut(element, 0, semicolon));
	size_t eq = slice_find(text, '=');
	struct slice name = slice_cut(text, 0, eq);
	struct said *to = to_all;

	if (target.n > 0) {
		target = slice_trim(slice_cut(target, 1, target.n));
		if (!slice_ieq(target, US))
			return;
		to = to_us;
	}
	if (slice_ieq(text, SLICE("no-store")))
		to->no_store = true;
	else if (slice_ieq(name, SLICE("max-age")))
		read_max_age(slice_cut(text, eq + 1, text.n), to);
}

static bool
says_something(const struct said *said)
{
	return said->no_store || said->max_age_s != CONTROL_NONE;
}

bool
surrogate_read(const struct http_msg *resp, struct control_response *out)
{
	struct said to_all = { false, CONTROL_NONE, CONTROL_NONE };
	struct said to_us = to_all;
	struct slice rest, element;
	const struct said *said;

	for (size_t i = 0; i < resp->n_fields; i++) {
		if (!surrogate_is_field(resp->fields[i].name))
			continue;
		rest = resp->fields[i].value;
		while (field_list_next(&rest, &element))
			read_directive(element, &to_all, &to_us);
	}
	said = says_something(&to_us) ? &to_us : &to_all;
	if (!says_something(said))
		return false;
	out->no_store = said->no_store;
	out->max_age_s = said->max_age_s;
	if (said->more_s > 0) {
		out->stale_while_revalidate_s = said->more_s;
		out->stale_if_error_s = said->more_s;
	}
	return true;
}

/* ---- messages ---- */

/* Other surrogates before us may have said what they can. */
enum lr
surrogate_announce(struct http_msg *req, const struct cache_policy *policy)
{
	return is_target(policy)
	    ? http_msg_add(req, CAPABILITY, SLICE("larder=\"Surrogate/1.0\""))
	    : LR_OK;
}

void
surrogate_hide(struct http_msg *resp, const struct cache_policy *policy)
{
	if (is_target(policy))
		http_msg_remove_name(resp, FIELD);
}

enum lr
surrogate_restore(const struct entry *e, const struct cache_policy *policy,
    struct http_msg *merged)
{
	char text[MOST_RESTORED_BYTES];
	struct slice value;
	int n;

	if ((e->flags & ENTRY_SURROGATE) == 0 || !is_target(policy) ||
	    http_msg_find(merged, FIELD) != NULL)
		return LR_OK;
	n = snprintf(text, sizeof(text), "max-age=%" PRId64 "+%" PRIu32,
	    e->lifetime_s, e->stale_while_s);
	value = arena_dup(merged->arena, slice_make(text, (size_t)n));
	return value.p != NULL ? http_msg_add(merged, FIELD, value) : LR_NOMEM;
}
