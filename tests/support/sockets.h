/* tests/support/sockets.h: plain blocking sockets for the other side. */
#ifndef TESTS_SUPPORT_SOCKETS_H
#define TESTS_SUPPORT_SOCKETS_H

#include <stdbool.h>

#include "proxy/net/address.h"

/* All of these abort when the system refuses. */

/* Is there an IPv6 loopback address? */
bool sockets_have_ipv6(void);
/* Listens on a free port of the loopback interface (AF_INET, AF_INET6), or
 * on a new Unix socket (AF_UNIX; unlink its path); *at tells where. */
int sockets_listen(int family, struct address *at);
/* A connected pair over TCP, or a Unix one: [0] is non-blocking (for larder),
 * [1] blocking with a timeout of ten seconds (for the test). */
void sockets_pair(int family, int fds[2]);
/* Reads and writes time out after ten seconds. */
void sockets_set_timeout(int fd);
/* Closes with a reset instead of an end in order. */
void sockets_reset(int fd);

#endif
