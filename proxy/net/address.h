/* proxy/net/address.h: a socket address as a plain value. */
#ifndef PROXY_NET_ADDRESS_H
#define PROXY_NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "store/base/slice.h"
#include "store/base/status.h"

struct address {
	socklen_t bytes;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	} u;
};

#define ADDRESS_CHARS 120 /* the longest text, with NUL */

/* A numeric IPv4 or IPv6 literal (with or without brackets).  LR_INVALID. */
enum lr address_parse(struct slice ip, uint16_t port, struct address *out);
/* A Unix socket.  LR_TOOBIG. */
enum lr address_local(struct slice path, struct address *out);
/* Address without port ("192.0.2.1", "::1", "unix:/run/x"); its length.
 * An IPv4 address that came in over IPv6 is shown as IPv4. */
size_t address_format_ip(const struct address *a, char dst[ADDRESS_CHARS]);
/* With port ("192.0.2.1:80", "[::1]:80"). */
size_t address_format(const struct address *a, char dst[ADDRESS_CHARS]);
/* 0 for a Unix socket. */
uint16_t address_port(const struct address *a);
void address_set_port(struct address *a, uint16_t port);
bool address_eq(const struct address *a, const struct address *b);

#endif
