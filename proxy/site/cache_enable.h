/* proxy/site/cache_enable.h: CacheEnable and CacheDisable, which say for which
 * paths or URLs there is a cache.  While a configuration is read; one
 * thread. */
#ifndef PROXY_SITE_CACHE_ENABLE_H
#define PROXY_SITE_CACHE_ENABLE_H

#include "proxy/conf/directive.h"

/* Setters of directive rows.  LR_INVALID: refused, and reported; LR_NOMEM. */
directive_fn cache_enable_set, cache_enable_set_disable;

#endif
