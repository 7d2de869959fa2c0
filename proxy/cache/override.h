/* proxy/cache/override.h: where the operator decides instead of the origin
 * (CacheOverride).
 *
 * A rule is chosen when a response arrives, by its status and media type,
 * and does its work then: what was stored by it stays so.  What each part
 * of it does to which rule of RFC 9111 is in docs/cache-override.md.
 * Pure. */
#ifndef PROXY_CACHE_OVERRIDE_H
#define PROXY_CACHE_OVERRIDE_H

#include "proxy/http/message.h"

struct control_response;

#define OVERRIDE_NONE (-1) /* a time that the rule does not give */

enum override_ignore { /* bits: what of a response is as if absent */
	OVERRIDE_AUTHORIZATION = 1 << 0, /* of the request, for 3.5 */
	OVERRIDE_PRIVATE = 1 << 1,
	OVERRIDE_NO_STORE = 1 << 2,
	OVERRIDE_NO_CACHE = 1 << 3,
	OVERRIDE_MUST_REVALIDATE = 1 << 4, /* and proxy-revalidate, and that
					    * s-maxage means it */
	OVERRIDE_EXPIRES = 1 << 5,
	OVERRIDE_PRAGMA = 1 << 6,
	OVERRIDE_SET_COOKIE = 1 << 7, /* the field is not stored */
	OVERRIDE_VARY = 1 << 8,	      /* by the names in .vary */
	OVERRIDE_STALE = 1 << 9	      /* not ignored: grace or keep holds */
};

struct override_statuses {
	uint16_t first, last;
};

struct override_rule { /* a plain value; the site owns what it points to */
	const struct override_statuses *statuses; /* n 0: every status */
	const struct slice *types; /* media types with "*"; n 0: any, or none */
	const struct slice *vary;  /* field names that Vary may name in vain */
	size_t n_statuses, n_types, n_vary;
	unsigned ignore;		/* of enum override_ignore */
	int64_t ttl_s, grace_s, keep_s; /* OVERRIDE_NONE: not given */
	bool force; /* times hold even if the origin states its own */
};

/* The rules of one section of the configuration, in the order of the file,
 * and then those of the section around it.  Zeroed is empty. */
struct override_list {
	const struct override_rule *rules;
	size_t n;
	const struct override_list *outer; /* NULL: none */
};

/* The first rule that fits; NULL when none does. */
const struct override_rule *override_find(
    const struct override_list *list, const struct http_msg *resp);

/* Takes away from cc what its rule (cc->override) ignores, and lays the
 * rule's windows for stale content over it; cc->overridden says what that
 * changed.  Nothing without a rule.  Pragma is not looked at. */
void override_apply(const struct http_msg *resp, struct control_response *cc);

/* The lifetime, counted from arrival; stated: the origin gives one.
 * False when the rule gives none, or leaves it to the origin; rule may be
 * NULL. */
bool override_ttl(
    const struct override_rule *rule, bool stated, int64_t *out_s);

/* A message with only the Vary fields that count for larder; what is made
 * for it is in arena.  rule may be NULL.  LR_NOMEM. */
enum lr override_vary(const struct override_rule *rule,
    const struct http_msg *resp, struct arena *arena, struct http_msg *out);

/* What the rule did against which clause, for Cache-Status; of several the
 * weightiest.  Static; NULL when it changed nothing.  now_s: wall clock. */
const char *override_detail(const struct http_msg *req,
    const struct http_msg *resp, const struct control_response *cc,
    int64_t now_s);

#endif
