/* proxy/site/site_internal.h: a site and the virtual hosts in it; for the
 * files of this folder. */
#ifndef PROXY_SITE_SITE_INTERNAL_H
#define PROXY_SITE_SITE_INTERNAL_H

#include <stdatomic.h>

#include "proxy/site/rules.h"
#include "proxy/site/site.h"
#include "proxy/site/vhost_table.h"
#include "store/base/arena.h"
#include "store/base/check.h"

#define SITE_MAGIC MAGIC('S', 'I', 'T', 'E')

/* A virtual host with what requests are matched by. */
struct host {
	struct vhost vh;
	bool has_name; /* a ServerName of its own */
	const struct vhost_address *addresses;
	size_t n_addresses;
	const struct slice *aliases; /* lower case, perhaps with wildcards */
	size_t n_aliases;
};

struct site_log {
	struct log *log;
	struct slice path; /* empty: standard error */
	struct log_levels levels;
	struct site_log *next;
};

struct site_access_log {
	struct access_log *log;
	struct slice path, format;
	struct site_access_log *next;
};

struct site_pattern {
	struct pattern *pattern;
	struct site_pattern *next;
};

struct site {
	uint32_t magic;
	_Atomic uint64_t refs;
	struct arena arena; /* holds everything below, and all text */
	struct server_conf server;
	const struct listen *listens;
	size_t n_listens;
	struct host *main;
	struct host *const *hosts; /* in order of configuration, main not */
	size_t n_hosts;
	struct vhost_table table;
	struct site_log *logs;
	struct site_access_log *access_logs;
	struct site_pattern *patterns;
};

/* One reference, otherwise empty; NULL when out of memory. */
struct site *site_create(void);

#endif
