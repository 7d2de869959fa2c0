/* proxy/upstream/backend.c: the URL of a ProxyPass, taken apart */
#include "proxy/upstream/backend.h"

#include <string.h>
#include <sys/un.h>

#include "store/base/num.h"

#define DEFAULT_TIMEOUT_MS 60000
#define DEFAULT_MAX_IDLE 64

/* The longest path of a Unix socket, without NUL. */
#define UNIX_PATH_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

static enum lr
refuse(enum lr rc, const char *text, const char **why)
{
	*why = text;
	return rc;
}

/* Takes "unix:/path|" off the front of *url. */
static enum lr
split_unix(struct slice *url, struct slice *path, const char **why)
{
	struct slice prefix = SLICE("unix:");
	size_t bar;

	if (!slice_istarts(*url, prefix))
		return LR_OK;
	bar = slice_find(*url, '|');
	if (bar == url->n)
		return refuse(LR_INVALID,
		    "a unix: backend is written unix:/path|http://host/", why);
	*path = slice_cut(*url, prefix.n, bar);
	*url = slice_cut(*url, bar + 1, url->n);
	if (path->n == 0 || path->p[0] != '/')
		return refuse(
		    LR_INVALID, "the socket's path must be absolute", why);
	if (path->n > UNIX_PATH_MAX)
		return refuse(LR_INVALID, "the socket's path is too long", why);
	return LR_OK;
}

static enum lr
read_url(struct slice text, struct uri *uri, const char **why)
{
	if (uri_parse(text, uri) != LR_OK || uri->host.n == 0)
		return refuse(LR_INVALID,
		    "not a URL of the form http://host[:port]/", why);
	if (!slice_ieq(uri->scheme, SLICE("http")))
		return refuse(
		    LR_UNSUPPORTED, "only http:// backends are known", why);
	if (uri->has_query)
		return refuse(LR_INVALID, "a backend's URL has no query", why);
	return LR_OK;
}

/* host[:port] as Host wants it: the default port is not named. */
static struct slice
make_authority(const struct uri *uri, struct arena *arena)
{
	char digits[NUM_U64_CHARS];
	size_t n;
	char *p;

	if (uri->port == 0 || uri->port == uri_default_port(uri->scheme))
		return arena_dup(arena, uri->host);
	n = num_put_u64(digits, uri->port);
	if ((p = arena_alloc(arena, uri->host.n + 1 + n)) == NULL)
		return slice_make(NULL, 0);
	memcpy(p, uri->host.p, uri->host.n);
	p[uri->host.n] = ':';
	memcpy(p + uri->host.n + 1, digits, n);
	return slice_make(p, uri->host.n + 1 + n);
}

enum lr
backend_parse(struct slice url, struct arena *arena, struct backend *out,
    const char **why)
{
	struct backend be = {
		.scheme = SLICE("http"),
		.connect_timeout_ms = DEFAULT_TIMEOUT_MS,
		.timeout_ms = DEFAULT_TIMEOUT_MS,
		.max_idle = DEFAULT_MAX_IDLE,
	};
	struct slice rest = url, socket_path = { NULL, 0 };
	struct uri uri;
	enum lr rc;

	if ((rc = split_unix(&rest, &socket_path, why)) != LR_OK)
		return rc;
	if ((rc = read_url(rest, &uri, why)) != LR_OK)
		return rc;
	be.url = arena_dup(arena, url);
	be.host = arena_dup(arena, uri.host);
	be.authority = make_authority(&uri, arena);
	be.path = arena_dup(arena, uri.path);
	be.unix_path = arena_dup(arena, socket_path);
	be.port = uri.port != 0 ? uri.port : uri_default_port(uri.scheme);
	if (be.url.p == NULL || be.host.p == NULL || be.authority.p == NULL ||
	    be.path.p == NULL || be.unix_path.p == NULL)
		return refuse(LR_NOMEM, status_text(LR_NOMEM), why);
	*out = be;
	return LR_OK;
}
