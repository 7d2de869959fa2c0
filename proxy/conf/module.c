/* proxy/conf/module.c: which of Apache's modules larder covers */
#include "proxy/conf/module.h"

struct module {
	const char *name;
	enum module_kind kind;
};

static const struct module MODULES[] = {
	{ "core", MODULE_COVERED },
	{ "http", MODULE_COVERED },
	{ "so", MODULE_COVERED },
	{ "unixd", MODULE_COVERED },
	{ "systemd", MODULE_COVERED },
	{ "watchdog", MODULE_COVERED },
	{ "mpm_event", MODULE_COVERED },
	{ "log_config", MODULE_COVERED },
	{ "logio", MODULE_COVERED },
	{ "authz_core", MODULE_COVERED },
	{ "reqtimeout", MODULE_COVERED },
	{ "proxy", MODULE_COVERED },
	{ "proxy_http", MODULE_COVERED },
	{ "cache", MODULE_COVERED },
	{ "cache_disk", MODULE_COVERED },
	{ "cache_socache", MODULE_COVERED },
	{ "mpm_worker", MODULE_MISSING },
	{ "mpm_prefork", MODULE_MISSING },
	{ "ssl", MODULE_MISSING },
	{ "http2", MODULE_MISSING },
	{ "md", MODULE_MISSING },
	{ "headers", MODULE_MISSING },
	{ "rewrite", MODULE_MISSING },
	{ "remoteip", MODULE_MISSING },
	{ "deflate", MODULE_MISSING },
	{ "brotli", MODULE_MISSING },
	{ "filter", MODULE_MISSING },
	{ "expires", MODULE_MISSING },
	{ "env", MODULE_MISSING },
	{ "setenvif", MODULE_MISSING },
	{ "status", MODULE_MISSING },
	{ "info", MODULE_MISSING },
	{ "alias", MODULE_MISSING },
	{ "dir", MODULE_MISSING },
	{ "mime", MODULE_MISSING },
	{ "negotiation", MODULE_MISSING },
	{ "autoindex", MODULE_MISSING },
	{ "access_compat", MODULE_MISSING },
	{ "auth_basic", MODULE_MISSING },
	{ "auth_digest", MODULE_MISSING },
	{ "authn_core", MODULE_MISSING },
	{ "authn_file", MODULE_MISSING },
	{ "authz_host", MODULE_MISSING },
	{ "authz_user", MODULE_MISSING },
	{ "authz_groupfile", MODULE_MISSING },
	{ "socache_shmcb", MODULE_MISSING },
	{ "slotmem_shm", MODULE_MISSING },
	{ "ratelimit", MODULE_MISSING },
	{ "proxy_ajp", MODULE_MISSING },
	{ "proxy_balancer", MODULE_MISSING },
	{ "proxy_connect", MODULE_MISSING },
	{ "proxy_fcgi", MODULE_MISSING },
	{ "proxy_ftp", MODULE_MISSING },
	{ "proxy_hcheck", MODULE_MISSING },
	{ "proxy_html", MODULE_MISSING },
	{ "proxy_http2", MODULE_MISSING },
	{ "proxy_scgi", MODULE_MISSING },
	{ "proxy_uwsgi", MODULE_MISSING },
	{ "proxy_wstunnel", MODULE_MISSING },
	{ "lbmethod_byrequests", MODULE_MISSING },
	{ "lbmethod_bytraffic", MODULE_MISSING },
	{ "lbmethod_bybusyness", MODULE_MISSING },
	{ "lbmethod_heartbeat", MODULE_MISSING },
};

static struct slice
bare_name(struct slice s)
{
	struct slice before = SLICE("mod_"), after = SLICE("_module");

	if (slice_istarts(s, before))
		s = slice_cut(s, before.n, s.n);
	if (slice_ends(s, SLICE(".c")))
		s.n -= 2;
	if (s.n > after.n && slice_ieq(slice_cut(s, s.n - after.n, s.n), after))
		s.n -= after.n;
	return slice_ieq(s, SLICE("http_core")) ? SLICE("http") : s;
}

enum module_kind
module_find(struct slice name)
{
	struct slice bare = bare_name(name);

	for (size_t i = 0; i < sizeof(MODULES) / sizeof(MODULES[0]); i++) {
		if (slice_ieq(bare, slice_of(MODULES[i].name)))
			return MODULES[i].kind;
	}
	return MODULE_UNKNOWN;
}
