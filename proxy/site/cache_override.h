/* proxy/site/cache_override.h: the arguments of CacheOverride. */
#ifndef PROXY_SITE_CACHE_OVERRIDE_H
#define PROXY_SITE_CACHE_OVERRIDE_H

#include "proxy/conf/directive.h"

/* Adds the rule to those of its section.  LR_INVALID: reported. */
directive_fn cache_override_add;

#endif
