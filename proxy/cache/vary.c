/* proxy/cache/vary.c: specifications, values and languages */
#include "proxy/cache/vary.h"

#include "proxy/cache/text.h"
#include "proxy/http/field.h"

#define MOST_NAMES 32	/* field names of one specification */
#define MOST_CHOICES 32 /* elements of an Accept-… field that are sorted */
#define LANGUAGE SLICE("accept-language")

/* Order of names and codes, letter case ignored. */
static int
compare_ignoring_case(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		char x = text_lower(a.p[i]), y = text_lower(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

/* ---- the specification ---- */

/* The names of a specification, sorted, each once. */
struct names {
	struct slice name[MOST_NAMES];
	size_t n;
};

static bool
insert_name(struct names *names, struct slice name)
{
	size_t at = 0;
	int order = 1;

	while (at < names->n &&
	    (order = compare_ignoring_case(names->name[at], name)) < 0)
		at++;
	if (at < names->n && order == 0)
		return true;
	if (names->n == MOST_NAMES)
		return false;
	memmove(&names->name[at + 1], &names->name[at],
	    (names->n - at) * sizeof(names->name[0]));
	names->name[at] = name;
	names->n++;
	return true;
}

/* False for "*" and for what is no list of names. */
static bool
collect_names(const struct http_msg *resp, struct names *names)
{
	struct slice rest, name;

	names->n = 0;
	for (size_t i = 0; i < resp->n_fields; i++) {
		if (resp->fields[i].id != FIELD_VARY)
			continue;
		rest = resp->fields[i].value;
		while (field_list_next(&rest, &name)) {
			if (slice_eq(name, SLICE("*")) ||
			    !field_is_token(name) || !insert_name(names, name))
				return false;
		}
	}
	return true;
}

bool
vary_is_list(const struct http_msg *resp)
{
	struct names names;

	return collect_names(resp, &names);
}

enum lr
vary_spec(const struct http_msg *resp, struct arena *arena, struct slice *out)
{
	struct names names;
	struct text t = { NULL, 0 };
	size_t room = 0;

	if (!collect_names(resp, &names))
		return LR_DENIED;
	for (size_t i = 0; i < names.n; i++)
		room += names.name[i].n + 1;
	if ((t.p = arena_alloc(arena, room)) == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < names.n; i++) {
		if (i > 0)
			text_put_char(&t, ',');
		text_put_lower(&t, names.name[i]);
	}
	*out = text_slice(&t);
	return LR_OK;
}

/* ---- the values ---- */

/* The content codings or languages of an Accept-… field. */
struct choice {
	struct slice code;
	unsigned q_milli;
};

struct choices {
	struct choice choice[MOST_CHOICES];
	size_t n;
};

/* Best first; equals in alphabetical order, as theirs means nothing. */
static bool
is_before(const struct choice *a, const struct choice *b)
{
	if (a->q_milli != b->q_milli)
		return a->q_milli > b->q_milli;
	return compare_ignoring_case(a->code, b->code) < 0;
}

static bool
insert_choice(struct choices *cs, const struct choice *c)
{
	size_t at = cs->n;

	if (cs->n == MOST_CHOICES)
		return false;
	while (at > 0 && is_before(c, &cs->choice[at - 1])) {
		cs->choice[at] = cs->choice[at - 1];
		at--;
	}
	cs->choice[at] = *c;
	cs->n++;
	return true;
}

/* "code [;q=0.5]"; false for any other shape. */
static bool
parse_choice(struct slice element, struct choice *out)
{
	size_t semicolon = slice_find(element, ';');
	struct slice params = slice_cut(element, semicolon, element.n);
	struct slice name, value;

	out->code = slice_trim(slice_cut(element, 0, semicolon));
	out->q_milli = 1000;
	if (out->code.n == 0)
		return false;
	if (params.n == 0)
		return true;
	return field_param_next(&params, &name, &value) &&
	    slice_ieq(name, SLICE("q")) && field_qvalue(value, &out->q_milli) &&
	    slice_trim(params).n == 0;
}

static bool
collect_choices(
    const struct http_msg *req, struct slice name, struct choices *out)
{
	struct slice rest, element;
	struct choice c;

	out->n = 0;
	for (size_t i = 0; i < req->n_fields; i++) {
		if (!slice_ieq(req->fields[i].name, name))
			continue;
		rest = req->fields[i].value;
		while (field_list_next(&rest, &element)) {
			if (!parse_choice(element, &c) ||
			    !insert_choice(out, &c))
				return false;
		}
	}
	return true;
}

/* "\001250": never longer than the ";q=0.25" that it stands for, and no part
 * of any field's value, as those are that are compared as text. */
static void
put_quality(struct text *t, unsigned q_milli)
{
	char digits[4] = { '\001', (char)('0' + q_milli / 100 % 10),
		(char)('0' + q_milli / 10 % 10), (char)('0' + q_milli % 10) };

	text_put(t, slice_make(digits, sizeof(digits)));
}

static void
put_choices(struct text *t, const struct choices *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (i > 0)
			text_put_char(t, ',');
		text_put_lower(t, cs->choice[i].code);
		if (cs->choice[i].q_milli < 1000)
			put_quality(t, cs->choice[i].q_milli);
	}
}

/* Any field: its elements without the blanks around the commas. */
static void
put_elements(struct text *t, const struct http_msg *req, struct slice name)
{
	struct slice rest, element;
	bool first = true;

	for (size_t i = 0; i < req->n_fields; i++) {
		if (!slice_ieq(req->fields[i].name, name))
			continue;
		rest = req->fields[i].value;
		while (field_list_next(&rest, &element)) {
			if (!first)
				text_put_char(t, ',');
			text_put(t, element);
			first = false;
		}
	}
}

/* "name:value\n", or "name\n" when the request has no such field. */
static void
put_value(struct text *t, const struct http_msg *req, struct slice name)
{
	bool is_choice = slice_eq(name, SLICE("accept-encoding")) ||
	    slice_eq(name, LANGUAGE);
	struct choices cs;

	text_put(t, name);
	if (http_msg_find(req, name) != NULL) {
		text_put_char(t, ':');
		if (is_choice && collect_choices(req, name, &cs))
			put_choices(t, &cs);
		else
			put_elements(t, req, name);
	}
	text_put_char(t, '\n');
}

/* Takes off what stands before the separator; false at the end.  Names in a
 * specification are tokens and no line is empty: there is nothing to quote. */
static bool
take_part(struct slice *rest, char separator, struct slice *part)
{
	size_t end = slice_find(*rest, separator);

	*part = slice_cut(*rest, 0, end);
	*rest = slice_cut(*rest, end + 1, rest->n);
	return part->n > 0;
}

/* Upper bound of what vary_values writes. */
static size_t
values_room(const struct http_msg *req, struct slice spec)
{
	struct slice name;
	size_t room = 0;

	while (take_part(&spec, ',', &name)) {
		room += name.n + 2;
		for (size_t i = 0; i < req->n_fields; i++) {
			if (slice_ieq(req->fields[i].name, name))
				room += req->fields[i].value.n + 1;
		}
	}
	return room;
}

enum lr
vary_values(const struct http_msg *req, struct slice spec, struct arena *arena,
    struct slice *out)
{
	struct text t = { arena_alloc(arena, values_room(req, spec)), 0 };
	struct slice name;

	if (t.p == NULL)
		return LR_NOMEM;
	while (take_part(&spec, ',', &name))
		put_value(&t, req, name);
	*out = text_slice(&t);
	return LR_OK;
}

/* ---- languages ---- */

bool
vary_preferred_language(const struct http_msg *req, struct slice *out)
{
	const struct choice *best;
	struct choices cs;

	if (!collect_choices(req, LANGUAGE, &cs) || cs.n == 0)
		return false;
	best = &cs.choice[0];
	if (best->q_milli == 0 || slice_eq(best->code, SLICE("*")) ||
	    (cs.n > 1 && cs.choice[1].q_milli == best->q_milli))
		return false;
	*out = best->code;
	return true;
}

bool
vary_single_language(const struct http_msg *resp, struct slice *out)
{
	struct slice rest, tag, found = { 0 };

	for (size_t i = 0; i < resp->n_fields; i++) {
		if (resp->fields[i].id != FIELD_CONTENT_LANGUAGE)
			continue;
		rest = resp->fields[i].value;
		while (field_list_next(&rest, &tag)) {
			if (found.n > 0 || !field_is_token(tag))
				return false;
			found = tag;
		}
	}
	*out = found;
	return found.n > 0;
}

/* "accept-language" or "accept-language:…" */
static bool
is_language_line(struct slice line)
{
	return slice_starts(line, LANGUAGE) &&
	    (line.n == LANGUAGE.n || line.p[LANGUAGE.n] == ':');
}

enum lr
vary_with_language(struct slice values, struct slice language,
    struct arena *arena, struct slice *out)
{
	struct text t = { NULL, 0 };
	enum lr rc = LR_NOTFOUND;
	struct slice line;

	t.p = arena_alloc(arena, values.n + 1 + language.n);
	if (t.p == NULL)
		return LR_NOMEM;
	while (take_part(&values, '\n', &line)) {
		if (is_language_line(line)) {
			text_put(&t, LANGUAGE);
			text_put_char(&t, ':');
			text_put_lower(&t, language);
			rc = LR_OK;
		} else {
			text_put(&t, line);
		}
		text_put_char(&t, '\n');
	}
	if (rc == LR_OK)
		*out = text_slice(&t);
	return rc;
}

bool
vary_selects_language(const struct http_msg *req, struct slice values,
    const struct http_msg *stored, struct slice stored_values,
    struct arena *arena)
{
	struct slice wanted, language, a, b;

	return vary_preferred_language(req, &wanted) &&
	    vary_single_language(stored, &language) &&
	    slice_ieq(wanted, language) &&
	    vary_with_language(values, language, arena, &a) == LR_OK &&
	    vary_with_language(stored_values, language, arena, &b) == LR_OK &&
	    slice_eq(a, b);
}
