/* proxy/site/key_scope.h: virtual hosts that must not share stored
 * responses although a request can name the same host to both.
 *
 * On one address a host name leads to one virtual host.  Where there are
 * several addresses, a client of one may name a host that is another's:
 * what it gets must not be found there.  Who gives a virtual host a
 * CacheKeyBaseURL wants it to share with others: it has no scope. */
#ifndef PROXY_SITE_KEY_SCOPE_H
#define PROXY_SITE_KEY_SCOPE_H

#include "proxy/site/scope.h"

/* Sets settings.cache.key_scope of each virtual host, and of the main
 * server when there are virtual hosts; before they are laid out.
 * LR_NOMEM. */
enum lr key_scope_assign(struct builder *b, struct host_draft *main);

#endif
