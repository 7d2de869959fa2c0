/* proxy/cache/override.c: choosing a rule, and what it takes away */
#include "proxy/cache/override.h"

#include "proxy/cache/control.h"
#include "proxy/cache/freshness.h"
#include "proxy/cache/text.h"
#include "proxy/http/field.h"

/* ---- choosing ---- */

static bool
has_status(const struct override_rule *rule, int status)
{
	for (size_t i = 0; i < rule->n_statuses; i++) {
		if (status >= rule->statuses[i].first &&
		    status <= rule->statuses[i].last)
			return true;
	}
	return rule->n_statuses == 0;
}

/* "*" is any run of characters, none included.  When what follows the last
 * one does not fit, that one takes a character more. */
static bool
glob_matches(struct slice glob, struct slice text)
{
	size_t g = 0, t = 0, star = glob.n, taken = 0;

	while (t < text.n) {
		if (g < glob.n && glob.p[g] == '*') {
			star = g++;
			taken = t;
		} else if (g < glob.n &&
		    text_lower(glob.p[g]) == text_lower(text.p[t])) {
			g++;
			t++;
		} else if (star < glob.n) {
			g = star + 1;
			t = ++taken;
		} else {
			return false;
		}
	}
	while (g < glob.n && glob.p[g] == '*')
		g++;
	return g == glob.n;
}

/* A response without a type has none of those that are listed. */
static bool
has_type(const struct override_rule *rule, struct slice content_type)
{
	size_t semicolon = slice_find(content_type, ';');
	struct slice type = slice_trim(slice_cut(content_type, 0, semicolon));

	for (size_t i = 0; i < rule->n_types; i++) {
		if (type.n > 0 && glob_matches(rule->types[i], type))
			return true;
	}
	return rule->n_types == 0;
}

const struct override_rule *
override_find(const struct override_list *list, const struct http_msg *resp)
{
	struct slice type = http_msg_value(resp, FIELD_CONTENT_TYPE);

	for (; list != NULL; list = list->outer) {
		for (size_t i = 0; i < list->n; i++) {
			if (has_status(&list->rules[i], resp->status) &&
			    has_type(&list->rules[i], type))
				return &list->rules[i];
		}
	}
	return NULL;
}

/* ---- taking away ---- */

/* Is that to be ignored, and there?  Then it is noted. */
static bool
takes_away(
    struct control_response *cc, enum override_ignore what, bool is_there)
{
	if (!is_there || (cc->override->ignore & what) == 0)
		return false;
	cc->overridden |= what;
	return true;
}

static void
ignore_directives(const struct http_msg *resp, struct control_response *cc)
{
	struct slice none = { 0 };

	if (takes_away(cc, OVERRIDE_NO_STORE, cc->no_store))
		cc->no_store = false;
	if (takes_away(cc, OVERRIDE_PRIVATE,
		cc->private_ || cc->private_fields.n > 0)) {
		cc->private_ = false;
		cc->private_fields = none;
	}
	if (takes_away(cc, OVERRIDE_NO_CACHE,
		cc->no_cache || cc->no_cache_fields.n > 0)) {
		cc->no_cache = false;
		cc->no_cache_fields = none;
	}
	if (takes_away(cc, OVERRIDE_MUST_REVALIDATE,
		cc->must_revalidate || cc->proxy_revalidate ||
		    cc->s_maxage_s != CONTROL_NONE))
		cc->must_revalidate = cc->proxy_revalidate = false;
	if (takes_away(cc, OVERRIDE_EXPIRES,
		!cc->no_expires && http_msg_get(resp, FIELD_EXPIRES) != NULL))
		cc->no_expires = true;
	takes_away(cc, OVERRIDE_SET_COOKIE,
	    http_msg_get(resp, FIELD_SET_COOKIE) != NULL);
}

static bool
is_vary_ignored(const struct override_rule *rule, struct slice name)
{
	for (size_t i = 0; i < rule->n_vary; i++) {
		if (slice_ieq(rule->vary[i], name))
			return true;
	}
	return false;
}

static bool
names_ignored(const struct override_rule *rule, const struct http_msg *resp)
{
	struct slice rest, name;

	for (size_t i = 0; rule->n_vary > 0 && i < resp->n_fields; i++) {
		if (resp->fields[i].id != FIELD_VARY)
			continue;
		rest = resp->fields[i].value;
		while (field_list_next(&rest, &name)) {
			if (is_vary_ignored(rule, name))
				return true;
		}
	}
	return false;
}

/* grace is a window of RFC 5861 3; keep, one of its section 4, begins where
 * the other ends. */
static void
lay_windows(struct control_response *cc)
{
	const struct override_rule *rule = cc->override;
	int64_t *grace_s = &cc->stale_while_revalidate_s;
	int64_t *error_s = &cc->stale_if_error_s;

	if (rule->grace_s != OVERRIDE_NONE &&
	    (rule->force || *grace_s == CONTROL_NONE)) {
		*grace_s = rule->grace_s;
		cc->overridden |= OVERRIDE_STALE;
	}
	if (rule->keep_s != OVERRIDE_NONE &&
	    (rule->force || *error_s == CONTROL_NONE)) {
		*error_s = rule->keep_s + (*grace_s > 0 ? *grace_s : 0);
		cc->overridden |= OVERRIDE_STALE;
	}
}

void
override_apply(const struct http_msg *resp, struct control_response *cc)
{
	if (cc->override == NULL)
		return;
	ignore_directives(resp, cc);
	if (names_ignored(cc->override, resp))
		cc->overridden |= OVERRIDE_VARY;
	lay_windows(cc);
}

bool
override_ttl(const struct override_rule *rule, bool stated, int64_t *out_s)
{
	if (rule == NULL || rule->ttl_s == OVERRIDE_NONE ||
	    (stated && !rule->force))
		return false;
	*out_s = rule->ttl_s;
	return true;
}

/* ---- Vary ---- */

/* The list without the names that are ignored; p is NULL without memory. */
static struct slice
without_ignored(
    const struct override_rule *rule, struct slice list, struct arena *arena)
{
	struct text t = { arena_alloc(arena, list.n), 0 };
	struct slice name;

	if (t.p == NULL)
		return (struct slice){ 0 };
	while (field_list_next(&list, &name)) {
		if (is_vary_ignored(rule, name))
			continue;
		if (t.n > 0)
			text_put_char(&t, ',');
		text_put(&t, name);
	}
	return text_slice(&t);
}

enum lr
override_vary(const struct override_rule *rule, const struct http_msg *resp,
    struct arena *arena, struct http_msg *out)
{
	enum lr rc;

	http_msg_init(out, arena);
	for (size_t i = 0; i < resp->n_fields; i++) {
		struct slice value = resp->fields[i].value;

		if (resp->fields[i].id != FIELD_VARY)
			continue;
		if (rule != NULL && rule->n_vary > 0 &&
		    (value = without_ignored(rule, value, arena)).p == NULL)
			return LR_NOMEM;
		if ((rc = http_msg_add_id(out, FIELD_VARY, value)) != LR_OK)
			return rc;
	}
	return LR_OK;
}

/* ---- what is told of it ---- */

#define IGNORED(what, clause) "CacheOverride ignore=" what " over " clause

/* In the order of their weight; the lifetime comes between the tables. */
static const struct note {
	enum override_ignore what;
	const char *text;
} FORBIDDEN[] = {
	{ OVERRIDE_PRIVATE, IGNORED("private", "RFC 9111 5.2.2.7") },
	{ OVERRIDE_NO_STORE, IGNORED("no-store", "RFC 9111 5.2.2.5") },
	{ OVERRIDE_NO_CACHE, IGNORED("no-cache", "RFC 9111 5.2.2.4") },
	{ OVERRIDE_MUST_REVALIDATE,
	    IGNORED("must-revalidate", "RFC 9111 5.2.2.2") },
};

static const struct note LESSER[] = {
	{ OVERRIDE_PRAGMA, IGNORED("pragma", "RFC 9111 5.4") },
	{ OVERRIDE_EXPIRES, IGNORED("expires", "RFC 9111 5.3") },
	{ OVERRIDE_VARY, IGNORED("vary", "RFC 9111 4.1") },
	{ OVERRIDE_SET_COOKIE, IGNORED("set-cookie", "RFC 9111 3.1") },
	{ OVERRIDE_STALE, "CacheOverride grace, keep over RFC 9111 4.2.4" },
};

static bool
shares_authorized(const struct http_msg *req, const struct control_response *cc)
{
	return (cc->override->ignore & OVERRIDE_AUTHORIZATION) != 0 &&
	    http_msg_get(req, FIELD_AUTHORIZATION) != NULL &&
	    !control_shares_authorized(cc);
}

const char *
override_detail(const struct http_msg *req, const struct http_msg *resp,
    const struct control_response *cc, int64_t now_s)
{
	enum freshness_source source;
	int64_t life_s;
	bool stated;

	if (cc->override == NULL)
		return NULL;
	if (shares_authorized(req, cc))
		return IGNORED("authorization", "RFC 9111 3.5");
	for (size_t i = 0; i < sizeof(FORBIDDEN) / sizeof(FORBIDDEN[0]); i++) {
		if ((cc->overridden & FORBIDDEN[i].what) != 0)
			return FORBIDDEN[i].text;
	}
	stated = freshness_explicit(resp, cc, now_s, &life_s, &source) == LR_OK;
	if (override_ttl(cc->override, stated, &life_s))
		return stated ? "CacheOverride ttl over RFC 9111 4.2.1"
			      : "CacheOverride ttl over RFC 9111 4.2.2";
	for (size_t i = 0; i < sizeof(LESSER) / sizeof(LESSER[0]); i++) {
		if ((cc->overridden & LESSER[i].what) != 0)
			return LESSER[i].text;
	}
	return NULL;
}
