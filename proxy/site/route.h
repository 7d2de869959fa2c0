/* proxy/site/route.h: where a request goes and under which rules. */
#ifndef PROXY_SITE_ROUTE_H
#define PROXY_SITE_ROUTE_H

#include "proxy/site/site.h"

struct route { /* a plain value; text in the request's arena or the site's */
	const struct settings *settings; /* merged for this path */
	const struct backend *backend;	 /* NULL: nothing is mapped here: 404 */
	struct slice target;		 /* request-target for the backend */
	const struct proxy_pass *pass;	 /* for route_reverse_location */
};

/* Applies ProxyPass (in order of configuration, `!` exclusions; those in
 * Location), Location sections and CacheEnable/CacheDisable to a normalised
 * path. Allocates nothing for the common case (no Location that matches, target
 * equal to the request's).  raw_path_and_query: as received, normalised, with
 * "?query" when there is one. LR_NOMEM, LR_INVALID (path cannot be decoded). */
enum lr route_find(const struct vhost *vh, struct slice path,
    struct slice raw_path_and_query, struct arena *arena, struct route *out);

/* ProxyPassReverse: the value of a Location or Content-Location field as the
 * client may follow it; value itself when nothing applies; p is NULL without
 * memory.  self: "http://host" as the client addressed us. */
struct slice route_reverse_location(const struct vhost *vh,
    const struct route *r, struct slice value, struct slice self,
    struct arena *arena);

#endif
