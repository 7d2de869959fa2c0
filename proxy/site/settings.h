/* proxy/site/settings.h: the directives that may differ per location,
 * merged for one request.  A plain value. */
#ifndef PROXY_SITE_SETTINGS_H
#define PROXY_SITE_SETTINGS_H

#include "proxy/cache/policy.h"

struct settings {
	struct cache_policy cache;   /* .enabled is decided by route_find */
	bool preserve_host;	     /* ProxyPreserveHost */
	bool add_headers;	     /* ProxyAddHeaders */
	uint64_t limit_request_body; /* LimitRequestBody; 0: no limit */
	bool via;		     /* larder adds itself to Via */
	bool x_cache;		     /* CacheHeader */
	bool x_cache_detail;	     /* CacheDetailHeader */
};

#endif
