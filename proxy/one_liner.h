/* proxy/one_liner.h: `larder --origin URL` as configuration text. */
#ifndef PROXY_ONE_LINER_H
#define PROXY_ONE_LINER_H

#include <stdbool.h>

#include "proxy/options.h"

/* What the default for --store depends on; NULL: not set. */
struct one_liner_env {
	bool root;
	const char *xdg_cache_home;
	const char *home;
};

/* Appends the configuration that the options stand for (options_parse has
 * checked that --origin is among them).  Pure.
 * LR_INVALID: why says what is wrong with a value; LR_NOMEM. */
enum lr one_liner_write(const struct options *o,
    const struct one_liner_env *env, struct strbuf *out, struct strbuf *why);

#endif
