/* proxy/upstream/backend.h: one server behind larder, as configured.
 *
 * Immutable after the configuration was read; owned by the site snapshot.
 * A backend's identity over reloads is its url text. */
#ifndef PROXY_UPSTREAM_BACKEND_H
#define PROXY_UPSTREAM_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/http/uri.h"
#include "store/base/arena.h"

struct backend {	  /* a plain value; text in the snapshot's arena */
	struct slice url; /* "http://backend.local:8080", "unix:/x|http://h" */
	struct slice scheme;	/* "http" */
	struct slice host;	/* as the URL has it, for Host and resolving */
	struct slice authority; /* host[:port] for the Host field */
	struct slice path;	/* the URL's path, "" or from "/" on */
	struct slice unix_path; /* empty unless "unix:" */
	uint16_t port;		/* never 0 (except unix:) */
	/* worker parameters, Apache's names and defaults */
	int64_t connect_timeout_ms; /* connectiontimeout, else timeout */
	int64_t timeout_ms; /* timeout, else ProxyTimeout, else Timeout */
	int64_t
	    ttl_ms; /* idle connections kept so long; 0: as long as they last */
	unsigned max_idle;  /* idle connections kept per worker */
	bool disable_reuse; /* disablereuse=on */
};

/* Reads "http://host[:port][/path]" or "unix:/path|http://host/path" and
 * sets the defaults (60 s, max_idle 64).  LR_INVALID, LR_UNSUPPORTED
 * (another scheme), LR_NOMEM; *why says what is wrong, static. */
enum lr backend_parse(struct slice url, struct arena *arena,
    struct backend *out, const char **why);

#endif
