/* proxy/site/vhost_table.h: which virtual host a request is for.
 *
 * First the address: of the <VirtualHost> addresses that fit the local
 * address of the connection the most exact counts, ip:port, then ip:*,
 * *:port, *:*.  Then the name, among those of that very address in order
 * of configuration: ServerName, ServerAlias, ServerAlias with wildcards;
 * none fits: the first.  No address fits: the main server.
 * Immutable once built; lives in an arena. */
#ifndef PROXY_SITE_VHOST_TABLE_H
#define PROXY_SITE_VHOST_TABLE_H

#include "proxy/net/address.h"
#include "store/base/arena.h"

struct host;

struct vhost_address { /* one argument of <VirtualHost> */
	bool any_ip;
	struct address ip; /* its port does not count */
	uint16_t port;	   /* 0: any */
};

struct vhost_set; /* the hosts of one address */

struct vhost_table { /* a plain value; zeroed is empty */
	struct vhost_set *sets;
	size_t n_sets;
};

/* "*", "*:80", "_default_:443", "192.0.2.1", "[::1]:80", "192.0.2.1:*".
 * LR_INVALID. */
enum lr vhost_address_parse(struct slice text, struct vhost_address *out);
/* "*:80", "192.0.2.1:*" */
void vhost_address_format(
    const struct vhost_address *a, char dst[ADDRESS_CHARS + 8]);

/* LR_NOMEM. */
enum lr vhost_table_build(struct arena *arena, struct host *const *hosts,
    size_t n_hosts, struct vhost_table *out);

/* NULL: the main server.  host may end with a dot; letter case does not
 * count.  Allocates nothing. */
const struct host *vhost_table_find(const struct vhost_table *t,
    const struct address *local, struct slice host);

/* The hosts of the n-th address, for site_describe. */
const struct vhost_address *vhost_table_address(
    const struct vhost_table *t, size_t n);
struct host *const *vhost_table_hosts(
    const struct vhost_table *t, size_t n, size_t *n_hosts);

/* Does name fit a ServerAlias with * and ?; letter case does not count. */
bool vhost_name_matches(struct slice pattern, struct slice name);

#endif
