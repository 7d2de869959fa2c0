/* proxy/site/pattern.h: regular expressions (PCRE2) of the configuration.
 *
 * Compiled once, then immutable; any thread matches.  Matching is bounded:
 * an expression that explodes fails instead of stopping a worker. */
#ifndef PROXY_SITE_PATTERN_H
#define PROXY_SITE_PATTERN_H

#include "store/base/slice.h"
#include "store/base/status.h"

struct pattern;

#define PATTERN_GROUPS 10 /* $0 to $9 */
#define PATTERN_WHY 128	  /* bytes of an error's text */

struct pattern_match {
	size_t n; /* groups that are set, $0 included */
	size_t start[PATTERN_GROUPS], end[PATTERN_GROUPS];
};

/* LR_INVALID: why says what is wrong with it; LR_NOMEM. */
enum lr pattern_compile(
    struct slice text, struct pattern **out, char why[PATTERN_WHY]);
/* Takes NULL. */
void pattern_free(struct pattern *p);

/* Searches text.  out may be NULL.  LR_NOTFOUND: no match; LR_TOOBIG: it
 * took too long to tell; LR_NOMEM. */
enum lr pattern_search(
    const struct pattern *p, struct slice text, struct pattern_match *out);

/* How many groups it captures, $0 not counted. */
unsigned pattern_groups(const struct pattern *p);

#endif
