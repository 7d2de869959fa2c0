/* proxy/site/overrides.h: settings that a section gives, laid over those
 * around it.  Pure. */
#ifndef PROXY_SITE_OVERRIDES_H
#define PROXY_SITE_OVERRIDES_H

#include "proxy/site/rules.h"

/* Where a directive of this section puts its value: `bytes` from `offset`
 * on of struct settings; they count from now on. */
void *overrides_take(struct overrides *o, size_t offset, size_t bytes);

/* Puts what o gives into settings. */
void overrides_apply(const struct overrides *o, struct settings *settings);

/* Then: rules of CacheOverride that o gives go before those of `before`,
 * which settings were a copy of, and which must live as long. */
void overrides_chain(const struct overrides *o, const struct settings *before,
    struct settings *settings);

#endif
