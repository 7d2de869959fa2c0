/* proxy/site/rules.h: what route_find decides by, laid out for a virtual
 * host when the configuration is loaded.  Immutable from then on. */
#ifndef PROXY_SITE_RULES_H
#define PROXY_SITE_RULES_H

#include "proxy/conf/diagnostic.h"
#include "proxy/site/pattern.h"
#include "proxy/site/settings.h"
#include "proxy/upstream/backend.h"

/* Settings that a section gives, and which ones: a byte of `given` is 0xff
 * where the same byte of `value` counts. */
struct overrides {
	struct settings value, given;
};

/* ProxyPass or ProxyPassMatch */
struct proxy_pass {
	struct place at;
	struct slice path;	       /* prefix, or the pattern as text */
	const struct pattern *pattern; /* ProxyPassMatch; NULL: prefix */
	bool exclude;		       /* "!": nothing is mapped here */
	bool no_query;		       /* noquery */
	struct slice target; /* the URL's path; with $1 for a pattern */
	struct backend backend;
	bool has_connect_timeout, has_timeout; /* worker parameters given */
};

struct proxy_reverse {	   /* ProxyPassReverse */
	struct slice path; /* what the client is to see */
	struct slice url;  /* what the backend says */
};

/* The argument of CacheEnable or CacheDisable, a prefix of the path (not
 * of whole segments, as in Apache). */
struct cache_rule {
	struct slice scheme, host; /* empty: any */
	uint16_t port;		   /* 0: any */
	struct slice path;
};

enum location_kind { LOCATION_PREFIX, LOCATION_GLOB, LOCATION_PATTERN };

/* <Location> or <LocationMatch>, as configured. */
struct location {
	struct place at;
	enum location_kind kind;
	struct slice path; /* prefix, glob (NUL-terminated), or the
			    * pattern as text */
	const struct pattern *pattern;
	struct overrides overrides;
	const struct proxy_pass *pass; /* NULL: none */
	const struct proxy_reverse *reverses;
	size_t n_reverses;
	const struct cache_rule *enables, *disables;
	size_t n_enables, n_disables;
};

/* The rules in force for a request: those of the virtual host with the
 * matching sections' laid over, in order.  `settings` comes first, so that
 * a route's settings lead back to the rest. */
struct merged {
	struct settings settings;
	const struct proxy_pass *pass;	 /* of a section; NULL: none */
	const struct location *location; /* the last one laid over */
	const struct merged *before;	 /* without that one; NULL: none */
};

/* A section in one virtual host; an inherited one is in several. */
struct vhost_location {
	const struct location *section;
	const struct proxy_pass *pass; /* with this virtual host's timeouts */
	/* when it is the only one that matches; [1]: to be cached */
	struct merged alone[2];
};

struct vhost_rules {
	struct merged plain[2]; /* when no section matches; [1]: cached */
	const struct vhost_location *locations;
	size_t n_locations;
	const struct proxy_pass *const *passes;
	size_t n_passes;
	const struct proxy_reverse *reverses;
	size_t n_reverses;
	const struct cache_rule *enables, *disables;
	size_t n_enables, n_disables;
};

#endif
