/* proxy/site/directives_proxy.c: what goes to which backend, and how */
#include "proxy/site/directives.h"
#include "proxy/site/proxy_pass.h"
#include "proxy/site/scope.h"

static enum lr
set_proxy_timeout(struct directive_use *use)
{
	return directive_read_duration(
	    use, use->node->args[0], &use->scope->draft->proxy_timeout_ms);
}

static enum lr
set_proxy_via(struct directive_use *use)
{
	struct slice arg = use->node->args[0];
	bool on = slice_ieq(arg, SLICE("on")) || slice_ieq(arg, SLICE("full"));

	if (slice_ieq(arg, SLICE("block"))) {
		directive_error(use,
		    "Block is not available in this version; Off adds "
		    "nothing, and lets others' Via fields be");
		return LR_INVALID;
	}
	if (!on && !slice_ieq(arg, SLICE("off"))) {
		directive_error(
		    use, "is On, Off or Full, not \"%.*s\"", SLICE_ARG(arg));
		return LR_INVALID;
	}
	*(bool *)scope_place(use, sizeof(bool)) = on;
	return LR_OK;
}

static enum lr
set_proxy_requests(struct directive_use *use)
{
	bool on;
	enum lr rc = directive_read_flag(use, use->node->args[0], &on);

	if (rc == LR_OK && on) {
		directive_error(use,
		    "forward proxying is not available in this version; "
		    "write Off, or leave it out");
		rc = LR_INVALID;
	}
	return rc;
}

/* Access control is never passed over in silence: who may not be kept out
 * yet must not believe to be. */
static enum lr
set_require(struct directive_use *use)
{
	const struct slice *args = use->node->args;

	if (use->node->n_args == 2 && slice_ieq(args[0], SLICE("all")) &&
	    slice_ieq(args[1], SLICE("granted")))
		return LR_OK;
	directive_error(use,
	    "\"%.*s\" is not available in this version; only \"all granted\" "
	    "is",
	    SLICE_ARG(args[0]));
	return LR_INVALID;
}

static const struct directive ROWS[] = {
	{
	    .name = "ProxyPass",
	    .syntax = "[path] !|URL [parameter=value ...]",
	    .help = "Requests at and below the path go to this backend, the "
		    "rest of their path behind the URL's; ! excludes. The "
		    "first that fits counts, one in a <Location> (without "
		    "path) before all others. Parameters: timeout=, "
		    "connectiontimeout=, ttl=, max= (idle connections of a "
		    "thread), disablereuse=, noquery.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = proxy_pass_set,
	},
	{
	    .name = "ProxyPassMatch",
	    .syntax = "[expression] !|URL [parameter=value ...]",
	    .help = "Likewise for paths in which the regular expression "
		    "(PCRE2) is found; $1 to $9 in the URL's path stand for "
		    "what it captured.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = proxy_pass_set_match,
	},
	{
	    .name = "ProxyPassReverse",
	    .syntax = "[path] URL",
	    .help = "In the backend's Location and Content-Location, URL "
		    "becomes this server's path.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = 2,
	    .set = proxy_pass_set_reverse,
	},
	{
	    .name = "ProxyPreserveHost",
	    .syntax = "On|Off",
	    .help = "The backend is sent the Host that the client asked "
		    "for, not its own name.",
	    .preset = "Off",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_flag,
	    IN_SETTINGS(bool, preserve_host),
	},
	{
	    .name = "ProxyAddHeaders",
	    .syntax = "On|Off",
	    .help = "The backend is sent X-Forwarded-For, X-Forwarded-Host "
		    "and X-Forwarded-Proto.",
	    .preset = "On",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_flag,
	    IN_SETTINGS(bool, add_headers),
	},
	{
	    .name = "ProxyVia",
	    .syntax = "On|Full|Off",
	    .help = "larder adds itself to Via. On, unlike Apache's "
		    "default: RFC 9110 7.6.3 asks a gateway for it. Full is "
		    "the same as On.",
	    .preset = "On",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_proxy_via,
	    IN_SETTINGS(bool, via),
	},
	{
	    .name = "ProxyTimeout",
	    .syntax = "seconds",
	    .help = "How long a backend may neither send nor take anything.",
	    .preset = "(the value of Timeout)",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_proxy_timeout,
	    .unit_ms = 1000,
	    .least = 1,
	    .most = DIRECTIVES_YEAR_MS,
	},
	{
	    .name = "ProxyRequests",
	    .syntax = "Off",
	    .help = "Forward proxying; this version only has Off.",
	    .preset = "Off",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_proxy_requests,
	},
	{
	    .name = "Proxy",
	    .syntax = "*|URL",
	    .help = "Directives for a backend; this version knows Require "
		    "all granted.",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .is_section = true,
	},
	{
	    .name = "Require",
	    .syntax = "all granted",
	    .help = "Who may ask; this version knows everybody.",
	    .contexts = DIRECTIVE_LOCATION | DIRECTIVE_PROXY,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_require,
	},
};

struct directive_table
directives_proxy(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
