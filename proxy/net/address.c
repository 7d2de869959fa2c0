/* proxy/net/address.c: socket addresses from and to text */
#include "proxy/net/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct slice
without_brackets(struct slice ip)
{
	if (ip.n >= 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
		return slice_cut(ip, 1, ip.n - 1);
	return ip;
}

enum lr
address_parse(struct slice ip, uint16_t port, struct address *out)
{
	struct slice bare = without_brackets(ip);
	char text[INET6_ADDRSTRLEN];
	struct address a;

	if (bare.n >= sizeof(text) || memchr(bare.p, '\0', bare.n) != NULL)
		return LR_INVALID;
	memcpy(text, bare.p, bare.n);
	text[bare.n] = '\0';
	memset(&a, 0, sizeof(a));
	if (bare.n == ip.n && inet_pton(AF_INET, text, &a.u.v4.sin_addr) == 1) {
		a.u.v4.sin_family = AF_INET;
		a.u.v4.sin_port = htons(port);
		a.bytes = sizeof(a.u.v4);
	} else if (inet_pton(AF_INET6, text, &a.u.v6.sin6_addr) == 1) {
		a.u.v6.sin6_family = AF_INET6;
		a.u.v6.sin6_port = htons(port);
		a.bytes = sizeof(a.u.v6);
	} else {
		return LR_INVALID;
	}
	*out = a;
	return LR_OK;
}

enum lr
address_local(struct slice path, struct address *out)
{
	if (path.n >= sizeof(out->u.local.sun_path))
		return LR_TOOBIG;
	memset(out, 0, sizeof(*out));
	out->u.local.sun_family = AF_UNIX;
	if (path.n > 0)
		memcpy(out->u.local.sun_path, path.p, path.n);
	out->bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    path.n + 1);
	return LR_OK;
}

/* The path of a.  The system may give one that fills sun_path without a
 * NUL, and none at all for a socket without a name. */
static struct slice
local_path(const struct address *a)
{
	size_t before = offsetof(struct sockaddr_un, sun_path);
	size_t room = a->bytes > before ? a->bytes - before : 0;

	return slice_make(
	    a->u.local.sun_path, strnlen(a->u.local.sun_path, room));
}

size_t
address_format_ip(const struct address *a, char dst[ADDRESS_CHARS])
{
	struct slice path;
	struct in_addr mapped;

	switch (a->u.any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->u.v4.sin_addr, dst, ADDRESS_CHARS);
		break;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&a->u.v6.sin6_addr)) {
			memcpy(&mapped, a->u.v6.sin6_addr.s6_addr + 12,
			    sizeof(mapped));
			inet_ntop(AF_INET, &mapped, dst, ADDRESS_CHARS);
			break;
		}
		inet_ntop(AF_INET6, &a->u.v6.sin6_addr, dst, ADDRESS_CHARS);
		break;
	case AF_UNIX:
		path = local_path(a);
		snprintf(dst, ADDRESS_CHARS, "unix:%.*s", SLICE_ARG(path));
		break;
	default:
		snprintf(dst, ADDRESS_CHARS, "-");
		break;
	}
	return strlen(dst);
}

size_t
address_format(const struct address *a, char dst[ADDRESS_CHARS])
{
	char ip[ADDRESS_CHARS];
	size_t n = address_format_ip(a, ip);
	int family = a->u.any.sa_family;

	if (family != AF_INET && family != AF_INET6) {
		memcpy(dst, ip, n + 1);
		return n;
	}
	if (memchr(ip, ':', n) != NULL)
		n = (size_t)snprintf(dst, ADDRESS_CHARS, "[%.60s]:%u", ip,
		    (unsigned)address_port(a));
	else
		n = (size_t)snprintf(dst, ADDRESS_CHARS, "%.60s:%u", ip,
		    (unsigned)address_port(a));
	return n;
}

uint16_t
address_port(const struct address *a)
{
	switch (a->u.any.sa_family) {
	case AF_INET:
		return ntohs(a->u.v4.sin_port);
	case AF_INET6:
		return ntohs(a->u.v6.sin6_port);
	default:
		return 0;
	}
}

void
address_set_port(struct address *a, uint16_t port)
{
	if (a->u.any.sa_family == AF_INET)
		a->u.v4.sin_port = htons(port);
	else if (a->u.any.sa_family == AF_INET6)
		a->u.v6.sin6_port = htons(port);
}

bool
address_eq(const struct address *a, const struct address *b)
{
	if (a->u.any.sa_family != b->u.any.sa_family)
		return false;
	switch (a->u.any.sa_family) {
	case AF_INET:
		return a->u.v4.sin_port == b->u.v4.sin_port &&
		    a->u.v4.sin_addr.s_addr == b->u.v4.sin_addr.s_addr;
	case AF_INET6:
		return a->u.v6.sin6_port == b->u.v6.sin6_port &&
		    a->u.v6.sin6_scope_id == b->u.v6.sin6_scope_id &&
		    IN6_ARE_ADDR_EQUAL(&a->u.v6.sin6_addr, &b->u.v6.sin6_addr);
	case AF_UNIX:
		return slice_eq(local_path(a), local_path(b));
	default:
		return false;
	}
}
