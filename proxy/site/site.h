/* proxy/site/site.h: a loaded configuration, ready to serve from.
 *
 * Immutable and counted: a reload builds a new one; connections keep
 * theirs until they are between requests.  References are taken and given
 * on any thread; reading needs one. */
#ifndef PROXY_SITE_SITE_H
#define PROXY_SITE_SITE_H

#include "proxy/http/h1_parse.h"
#include "proxy/net/address.h"
#include "proxy/observe/access_log.h"
#include "proxy/site/settings.h"
#include "proxy/upstream/backend.h"
#include "store/base/log.h"

struct site;
struct location; /* a <Location>/<LocationMatch> section, site.c's own */

struct listen { /* one Listen directive */
	struct address at;
	struct slice text; /* as configured, for messages */
};

/* RequestReadTimeout header=20-40,MinRate=500 body=20,MinRate=500 */
struct read_timeout {
	int64_t first_ms;  /* 0: no limit */
	int64_t most_ms;   /* extended up to this; never endless: a year */
	uint64_t min_rate; /* bytes per second that extend; 0: none */
};

struct vhost {			  /* a virtual host or the main server */
	struct slice server_name; /* without port; never empty */
	uint16_t server_port;	  /* 0: none given */
	struct slice where;	  /* "file:line" of its section */
	struct settings settings; /* before any Location */
	struct h1_limits limits;
	bool keep_alive;
	unsigned max_keep_alive_requests; /* 0: no limit */
	int64_t keep_alive_timeout_ms;
	int64_t timeout_ms; /* Timeout: any stall of a client */
	struct read_timeout head_timeout, body_timeout;
	struct log *log; /* ErrorLog; borrowed from the site */
	struct access_log *const *access_logs;
	size_t n_access_logs;
	bool cache_quick; /* CacheQuickHandler */
	struct vhost_rules
	    *rules; /* ProxyPass, Location, CacheEnable: route.c's */
};

/* Whole-server settings. */
struct server_conf {
	unsigned workers; /* WorkerThreads; never 0 */
	struct slice server_root;
	struct slice user, group, pid_file, control_socket; /* empty: none */
	struct slice cache_root; /* empty: no store */
	uint64_t cache_size_bytes;
	bool cache_fast;	      /* CacheDurability */
	int64_t cache_sync_ms;	      /* CacheSyncInterval */
	uint64_t cache_scrub_bytes_s; /* CacheScrubRate */
	unsigned cache_policy;	      /* CacheEviction: an enum policy_kind */
	int backlog;		      /* ListenBackLog */
	int64_t drain_ms;	      /* GracefulShutdownTimeout */
};

struct site *site_ref(struct site *s);
void site_unref(struct site *s);

const struct server_conf *site_server(const struct site *s);
const struct listen *site_listens(const struct site *s, size_t *n);

/* The main server: what stands outside of every <VirtualHost>. */
const struct vhost *site_main(const struct site *s);

/* The virtual host for a request (Apache's matching: by address and port
 * of the listening side, then ServerName and ServerAlias; the first of an
 * address is its default).  host: without port, may be empty.  Never
 * NULL.  local: the address the connection came in on. */
const struct vhost *site_vhost(
    const struct site *s, const struct address *local, struct slice host);

/* Opens every log again (SIGUSR1). */
void site_reopen_logs(struct site *s);
/* Writes out what access logs have buffered. */
void site_flush_logs(struct site *s);

#endif
