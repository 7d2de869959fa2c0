/* proxy/cache/control.c: directives out of Cache-Control and Pragma, and out
 * of targeted fields
 *
 * In Cache-Control what only ever forbids is obeyed even when its argument
 * is nonsense; what permits must be spelt right to count.  In a targeted
 * field everything must. */
#include "proxy/cache/control.h"

#include "proxy/cache/surrogate.h"
#include "proxy/http/field.h"
#include "proxy/http/structured.h"

enum directive_id {
	DIRECTIVE_UNKNOWN,
	DIRECTIVE_IMMUTABLE,
	DIRECTIVE_MAX_AGE,
	DIRECTIVE_MAX_STALE,
	DIRECTIVE_MIN_FRESH,
	DIRECTIVE_MUST_REVALIDATE,
	DIRECTIVE_MUST_UNDERSTAND,
	DIRECTIVE_NO_CACHE,
	DIRECTIVE_NO_STORE,
	DIRECTIVE_NO_TRANSFORM,
	DIRECTIVE_ONLY_IF_CACHED,
	DIRECTIVE_PRIVATE,
	DIRECTIVE_PROXY_REVALIDATE,
	DIRECTIVE_PUBLIC,
	DIRECTIVE_S_MAXAGE,
	DIRECTIVE_STALE_IF_ERROR,
	DIRECTIVE_STALE_WHILE_REVALIDATE,
	DIRECTIVE_ID_COUNT
};

static const struct {
	struct slice name;
	enum directive_id id;
} DIRECTIVES[] = {
	{ SLICE("immutable"), DIRECTIVE_IMMUTABLE },
	{ SLICE("max-age"), DIRECTIVE_MAX_AGE },
	{ SLICE("max-stale"), DIRECTIVE_MAX_STALE },
	{ SLICE("min-fresh"), DIRECTIVE_MIN_FRESH },
	{ SLICE("must-revalidate"), DIRECTIVE_MUST_REVALIDATE },
	{ SLICE("must-understand"), DIRECTIVE_MUST_UNDERSTAND },
	{ SLICE("no-cache"), DIRECTIVE_NO_CACHE },
	{ SLICE("no-store"), DIRECTIVE_NO_STORE },
	{ SLICE("no-transform"), DIRECTIVE_NO_TRANSFORM },
	{ SLICE("only-if-cached"), DIRECTIVE_ONLY_IF_CACHED },
	{ SLICE("private"), DIRECTIVE_PRIVATE },
	{ SLICE("proxy-revalidate"), DIRECTIVE_PROXY_REVALIDATE },
	{ SLICE("public"), DIRECTIVE_PUBLIC },
	{ SLICE("s-maxage"), DIRECTIVE_S_MAXAGE },
	{ SLICE("stale-if-error"), DIRECTIVE_STALE_IF_ERROR },
	{ SLICE("stale-while-revalidate"), DIRECTIVE_STALE_WHILE_REVALIDATE },
};

#define DIRECTIVE_COUNT (sizeof(DIRECTIVES) / sizeof(DIRECTIVES[0]))

struct directive {
	enum directive_id id;
	bool bare;	    /* nothing follows the name */
	struct slice value; /* what follows "="; junk stays as it is */
};

static enum directive_id
directive_id_from(struct slice name)
{
	for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
		if (slice_ieq(name, DIRECTIVES[i].name))
			return DIRECTIVES[i].id;
	}
	return DIRECTIVE_UNKNOWN;
}

/* Takes the next directive off a field value; false at the end.  Blanks
 * around "=" are not in the grammar: they stay in the value, where they
 * spoil a number. */
static bool
directive_next(struct slice *rest, struct directive *d)
{
	struct slice element;
	size_t n = 0;

	if (!field_list_next(rest, &element))
		return false;
	while (n < element.n && field_is_tchar((unsigned char)element.p[n]))
		n++;
	d->id = directive_id_from(slice_cut(element, 0, n));
	d->bare = n == element.n;
	if (n < element.n && element.p[n] == '=')
		n++;
	d->value = slice_cut(element, n, element.n);
	return true;
}

/* The argument in seconds, as token or quoted (5.2); `otherwise` when it
 * is neither. */
static int64_t
seconds_of(const struct directive *d, int64_t otherwise)
{
	int64_t s;

	return field_delta_seconds(field_unquote(d->value), &s) ? s : otherwise;
}

/* Of several values the smallest holds. */
static void
keep_least(int64_t *kept_s, int64_t s)
{
	if (*kept_s == CONTROL_NONE || s < *kept_s)
		*kept_s = s;
}

static void
keep_greatest(int64_t *kept_s, int64_t s)
{
	if (s > *kept_s)
		*kept_s = s;
}

static void
apply_request(struct control_request *out, const struct directive *d)
{
	switch (d->id) {
	case DIRECTIVE_NO_CACHE:
		out->no_cache = true;
		break;
	case DIRECTIVE_NO_STORE:
		out->no_store = true;
		break;
	case DIRECTIVE_NO_TRANSFORM:
		out->no_transform = true;
		break;
	case DIRECTIVE_ONLY_IF_CACHED:
		out->only_if_cached = true;
		break;
	case DIRECTIVE_MAX_AGE:
		keep_least(&out->max_age_s, seconds_of(d, 0));
		break;
	case DIRECTIVE_MIN_FRESH:
		keep_greatest(&out->min_fresh_s, seconds_of(d, CONTROL_NONE));
		break;
	case DIRECTIVE_MAX_STALE:
		keep_least(
		    &out->max_stale_s, d->bare ? INT64_MAX : seconds_of(d, 0));
		break;
	default:
		break;
	}
}

void
control_parse_request(const struct http_msg *req, struct control_request *out)
{
	bool any = false, pragma_no_cache = false;
	struct directive d;

	*out = (struct control_request){ .max_age_s = CONTROL_NONE,
		.min_fresh_s = CONTROL_NONE,
		.max_stale_s = CONTROL_NONE };
	for (size_t i = 0; i < req->n_fields; i++) {
		struct slice rest = req->fields[i].value;

		if (req->fields[i].id == FIELD_CACHE_CONTROL) {
			any = true;
			while (directive_next(&rest, &d))
				apply_request(out, &d);
		} else if (req->fields[i].id == FIELD_PRAGMA) {
			pragma_no_cache |= field_list_has(
			    rest, SLICE("no-cache"));
		}
	}
	if (!any && pragma_no_cache)
		out->no_cache = true;
}

static bool
are_names(struct slice list)
{
	struct slice name;

	while (field_list_next(&list, &name)) {
		if (!field_is_token(name))
			return false;
	}
	return true;
}

/* no-cache and private, each with or without field names (5.2.2.4, 5.2.2.7).
 * Names given twice cannot be joined without memory, and what is no list
 * names nothing, so that the stricter reading is taken: all of the
 * response is meant. */
static void
apply_qualified(const struct directive *d, bool *all, struct slice *fields)
{
	struct slice names = slice_trim(field_unquote(d->value));

	if (d->bare || names.n == 0 || fields->n > 0 || !are_names(names))
		*all = true;
	else
		*fields = names;
}

static void
apply_seconds(struct control_response *out, const struct directive *d)
{
	int64_t s = seconds_of(d, 0); /* malformed is stale (4.2.1) */

	switch (d->id) {
	case DIRECTIVE_MAX_AGE:
		keep_least(&out->max_age_s, s);
		break;
	case DIRECTIVE_S_MAXAGE:
		keep_least(&out->s_maxage_s, s);
		break;
	case DIRECTIVE_STALE_IF_ERROR:
		keep_least(&out->stale_if_error_s, s);
		break;
	case DIRECTIVE_STALE_WHILE_REVALIDATE:
		keep_least(&out->stale_while_revalidate_s, s);
		break;
	default:
		break;
	}
}

static void
apply_response(struct control_response *out, const struct directive *d)
{
	switch (d->id) {
	case DIRECTIVE_NO_STORE:
		out->no_store = true;
		break;
	case DIRECTIVE_NO_TRANSFORM:
		out->no_transform = true;
		break;
	case DIRECTIVE_MUST_REVALIDATE:
		out->must_revalidate = true;
		break;
	case DIRECTIVE_PROXY_REVALIDATE:
		out->proxy_revalidate = true;
		break;
	case DIRECTIVE_IMMUTABLE: /* arguments are ignored (RFC 8246 2) */
		out->immutable = true;
		break;
	case DIRECTIVE_PUBLIC:
		out->public_ |= d->bare;
		break;
	case DIRECTIVE_MUST_UNDERSTAND:
		out->must_understand |= d->bare;
		break;
	case DIRECTIVE_NO_CACHE:
		apply_qualified(d, &out->no_cache, &out->no_cache_fields);
		break;
	case DIRECTIVE_PRIVATE:
		apply_qualified(d, &out->private_, &out->private_fields);
		break;
	default:
		apply_seconds(out, d);
		break;
	}
}

static void
obey_pragma(struct control_response *out)
{
	if (out->override != NULL &&
	    (out->override->ignore & OVERRIDE_PRAGMA) != 0)
		out->overridden |= OVERRIDE_PRAGMA;
	else
		out->no_cache = true;
}

static void
read_plain(const struct http_msg *resp, struct control_response *out)
{
	bool pragma_no_cache = false;
	struct directive d;

	for (size_t i = 0; i < resp->n_fields; i++) {
		struct slice rest = resp->fields[i].value;

		if (resp->fields[i].id == FIELD_CACHE_CONTROL) {
			out->any = true;
			while (directive_next(&rest, &d))
				apply_response(out, &d);
		} else if (resp->fields[i].id == FIELD_PRAGMA) {
			pragma_no_cache |= field_list_has(
			    rest, SLICE("no-cache"));
		}
	}
	if (!out->any && pragma_no_cache)
		obey_pragma(out);
}

/* ---- targeted fields (RFC 9213) ---- */

/* What a dictionary says of each directive; of several the last. */
struct members {
	struct structured_item of[DIRECTIVE_ID_COUNT];
	bool has[DIRECTIVE_ID_COUNT];
};

/* How many members the line has; -1 when it is no dictionary. */
static int
read_line(struct slice rest, struct members *out)
{
	struct structured_item item;
	struct slice key;
	int n = 0;
	enum lr rc;

	while ((rc = structured_member_next(&rest, &key, &item)) == LR_OK) {
		enum directive_id id = directive_id_from(key);

		out->of[id] = item;
		out->has[id] = true;
		n++;
	}
	return rc == LR_NOTFOUND ? n : -1;
}

/* False when there is no such field, and when it is to be ignored (2.1).  An
 * empty line beside others would be a comma too many in the field that
 * they are together (RFC 9651 4.2). */
static bool
read_members(
    const struct http_msg *resp, struct slice name, struct members *out)
{
	bool found = false;

	*out = (struct members){ 0 };
	for (size_t i = 0; i < resp->n_fields; i++) {
		if (!slice_ieq(resp->fields[i].name, name))
			continue;
		if (read_line(resp->fields[i].value, out) <= 0)
			return false;
		found = true;
	}
	return found;
}

/* A number of seconds that is not negative ("-0" is none either). */
static bool
take_seconds(const struct structured_item *item, struct directive *d)
{
	if (item->type != STRUCTURED_INTEGER || item->number < 0)
		return false;
	d->value = item->text;
	if (d->value.p[0] == '-')
		d->value = slice_cut(d->value, 1, d->value.n);
	return true;
}

/* The member as a directive; false when its value is of another type than
 * that of the directive (2.1). */
static bool
take_member(enum directive_id id, const struct structured_item *item,
    struct directive *d)
{
	*d = (struct directive){ .id = id };
	switch (id) {
	case DIRECTIVE_MAX_AGE:
	case DIRECTIVE_S_MAXAGE:
	case DIRECTIVE_STALE_IF_ERROR:
	case DIRECTIVE_STALE_WHILE_REVALIDATE:
		return take_seconds(item, d);
	case DIRECTIVE_NO_CACHE:
	case DIRECTIVE_PRIVATE:
		if (item->type == STRUCTURED_STRING) {
			d->value = item->text;
			return true;
		}
		break;
	default:
		break;
	}
	d->bare = true;
	return item->type == STRUCTURED_BOOLEAN && item->number == 1;
}

static bool
read_dictionary(const struct http_msg *resp, struct slice name,
    struct control_response *out)
{
	struct members members;
	struct directive d;

	if (!read_members(resp, name, &members))
		return false;
	for (unsigned id = 0; id < DIRECTIVE_ID_COUNT; id++) {
		if (members.has[id] &&
		    take_member((enum directive_id)id, &members.of[id], &d))
			apply_response(out, &d);
	}
	return true;
}

/* 2.2 */
static bool
read_target(const struct http_msg *resp, const struct cache_targets *targets,
    struct control_response *out)
{
	for (size_t i = 0; i < targets->n; i++) {
		out->surrogate = surrogate_is_field(targets->names[i]);
		if (out->surrogate
			? surrogate_read(resp, out)
			: read_dictionary(resp, targets->names[i], out))
			return true;
	}
	out->surrogate = false;
	return false;
}

void
control_parse_response(const struct http_msg *resp,
    const struct cache_policy *policy, struct control_response *out)
{
	*out = (struct control_response){ .max_age_s = CONTROL_NONE,
		.s_maxage_s = CONTROL_NONE,
		.stale_while_revalidate_s = CONTROL_NONE,
		.stale_if_error_s = CONTROL_NONE,
		.override = override_find(&policy->overrides, resp) };
	out->targeted = read_target(resp, &policy->targets, out);
	if (out->targeted)
		out->any = out->no_expires = true;
	else
		read_plain(resp, out);
	override_apply(resp, out);
}

bool
control_shares_authorized(const struct control_response *cc)
{
	return cc->public_ || cc->must_revalidate ||
	    cc->s_maxage_s != CONTROL_NONE;
}
