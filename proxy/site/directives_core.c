/* proxy/site/directives_core.c: addresses, names, the process */
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/site/directives.h"
#include "proxy/site/scope.h"
#include "store/base/num.h"

#define WORKERS_MAX 256

/* ---- Listen ---- */

/* One socket for both families, where the system has both. */
static bool
has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static enum lr
parse_listen(struct slice text, struct address *out)
{
	struct slice host = SLICE("*"), port = text;
	uint64_t number;

	for (size_t i = text.n; i > 0 && text.p[i - 1] != ']'; i--) {
		if (text.p[i - 1] != ':')
			continue;
		host = slice_cut(text, 0, i - 1);
		port = slice_cut(text, i, text.n);
		break;
	}
	if (num_parse_u64(port, UINT16_MAX, &number) != LR_OK)
		return LR_INVALID;
	if (slice_eq(host, SLICE("*")))
		host = has_ipv6() ? SLICE("[::]") : SLICE("0.0.0.0");
	else if (slice_find(host, ':') < host.n && host.p[0] != '[')
		return LR_INVALID; /* where would the port begin? */
	return address_parse(host, (uint16_t)number, out);
}

static enum lr
check_protocol(struct directive_use *use)
{
	const struct node *n = use->node;

	if (n->n_args < 2 || slice_ieq(n->args[1], SLICE("http")))
		return LR_OK;
	directive_error(use,
	    "protocol %.*s is not available in this version; leave it out, "
	    "or write http",
	    SLICE_ARG(n->args[1]));
	return LR_INVALID;
}

static enum lr
set_listen(struct directive_use *use)
{
	struct builder *b = use->scope->builder;
	const struct listen *others = b->listens.items;
	struct slice text = use->node->args[0];
	struct listen *l;
	struct address at;
	enum lr rc = parse_listen(text, &at);

	if (rc != LR_OK) {
		directive_error(use,
		    "\"%.*s\" is not an address to listen on; write a port "
		    "(8080), 192.0.2.1:8080 or [2001:db8::1]:8080",
		    SLICE_ARG(text));
		return LR_INVALID;
	}
	if ((rc = check_protocol(use)) != LR_OK)
		return rc;
	for (size_t i = 0; i < b->listens.n; i++) {
		if (!address_eq(&others[i].at, &at) || address_port(&at) == 0)
			continue;
		directive_error(use,
		    "%.*s is listened on already (%.*s); remove one",
		    SLICE_ARG(text), SLICE_ARG(others[i].text));
		return LR_INVALID;
	}
	if ((l = scope_add(use, &b->listens, sizeof(*l))) == NULL)
		return LR_NOMEM;
	*l = (struct listen){ at, text };
	return LR_OK;
}

/* ---- names ---- */

static enum lr
lowered(struct directive_use *use, struct slice name, struct slice *out)
{
	struct slice copy = arena_dup(use->scope->builder->arena, name);
	char *p = (char *)copy.p;

	if (p == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < copy.n; i++) {
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	}
	if (copy.n > 1 && p[copy.n - 1] == '.')
		copy.n--;
	*out = copy;
	return LR_OK;
}

static bool
is_name(struct slice s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (unsigned char)c >= 0x80;

		if (!plain && (c == '\0' || strchr(also, c) == NULL))
			return false;
	}
	return s.n > 0;
}

static struct slice
without_scheme(struct slice s)
{
	if (slice_istarts(s, SLICE("http://")))
		return slice_cut(s, 7, s.n);
	if (slice_istarts(s, SLICE("https://")))
		return slice_cut(s, 8, s.n);
	return s;
}

/* [scheme://]name[:port] */
static enum lr
set_server_name(struct directive_use *use)
{
	struct host *h = use->scope->draft->host;
	struct slice text = without_scheme(use->node->args[0]);
	size_t from = text.n > 0 && text.p[0] == '[' ? slice_find(text, ']')
						     : 0;
	size_t colon = from + slice_find(slice_cut(text, from, text.n), ':');
	struct slice name;
	uint64_t port = 0;
	enum lr rc = lowered(use, slice_cut(text, 0, colon), &name);

	if (rc != LR_OK)
		return rc;
	if (!is_name(name, "-._[]:") ||
	    (colon < text.n &&
		num_parse_u64(slice_cut(text, colon + 1, text.n), UINT16_MAX,
		    &port) != LR_OK)) {
		directive_error(use,
		    "\"%.*s\" is not a host name; write www.example.com or "
		    "www.example.com:8080",
		    SLICE_ARG(use->node->args[0]));
		return LR_INVALID;
	}
	h->vh.server_name = name;
	h->vh.server_port = (uint16_t)port;
	h->has_name = true;
	return LR_OK;
}

static enum lr
set_server_alias(struct directive_use *use)
{
	for (size_t i = 0; i < use->node->n_args; i++) {
		struct slice name, *slot;
		enum lr rc = lowered(use, use->node->args[i], &name);

		if (rc != LR_OK)
			return rc;
		if (!is_name(name, "-._[]:*?")) {
			directive_error(use,
			    "\"%.*s\" is not a host name; write "
			    "www.example.com or *.example.com",
			    SLICE_ARG(use->node->args[i]));
			return LR_INVALID;
		}
		slot = scope_add(
		    use, &use->scope->draft->aliases, sizeof(*slot));
		if (slot == NULL)
			return LR_NOMEM;
		*slot = name;
	}
	return LR_OK;
}

/* ---- the process ---- */

static unsigned
processors(void)
{
	cpu_set_t set;
	int n = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	if (n < 1)
		return 1;
	return n < WORKERS_MAX ? (unsigned)n : WORKERS_MAX;
}

/* Auto, or a number */
static enum lr
set_worker_threads(struct directive_use *use)
{
	if (!slice_ieq(use->node->args[0], SLICE("auto")))
		return scope_set_unsigned(use);
	use->scope->builder->site->server.workers = processors();
	return LR_OK;
}

static enum lr
set_backlog(struct directive_use *use)
{
	uint64_t v;
	enum lr rc = directive_read_number(use, use->node->args[0], &v);

	if (rc == LR_OK)
		use->scope->builder->site->server.backlog = (int)v;
	return rc;
}

/* 0 is without end, as in Apache. */
static enum lr
set_graceful_timeout(struct directive_use *use)
{
	struct server_conf *sv = &use->scope->builder->site->server;
	enum lr rc = scope_set_ms(use);

	if (rc == LR_OK && sv->drain_ms == 0)
		sv->drain_ms = DIRECTIVES_YEAR_MS;
	return rc;
}

/* ---- the table ---- */

static const struct directive ROWS[] = {
	{
	    .name = "Listen",
	    .syntax = "[address:]port [http]",
	    .help = "An address and port to accept connections on; without "
		    "an address, all of the machine's.",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 2,
	    .set = set_listen,
	},
	{
	    .name = "ListenBackLog",
	    .syntax = "number",
	    .help = "How many connections may wait to be accepted.",
	    .preset = "511",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_backlog,
	    .least = 1,
	    .most = 65535,
	},
	{
	    .name = "VirtualHost",
	    .syntax = "address[:port] ...",
	    .help = "A site of its own: requests that arrive on one of these "
		    "addresses and ask for its ServerName or a ServerAlias. "
		    "The first of an address also answers for names that "
		    "nobody has.",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .is_section = true,
	},
	{
	    .name = "Location",
	    .syntax = "path|pattern, or ~ expression",
	    .help = "Directives for the paths at and below this one; * ? and "
		    "[] match within a segment. Sections apply in order, the "
		    "later ones on top.",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 2,
	    .is_section = true,
	},
	{
	    .name = "LocationMatch",
	    .syntax = "expression",
	    .help = "Directives for the paths in which the regular "
		    "expression (PCRE2) is found.",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .is_section = true,
	},
	{
	    .name = "ServerName",
	    .syntax = "[http://]name[:port]",
	    .help = "The name of the server or virtual host.",
	    .preset = "(the machine's name)",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_server_name,
	},
	{
	    .name = "ServerAlias",
	    .syntax = "name ...",
	    .help = "Further names of a virtual host; * and ? are "
		    "wildcards.",
	    .contexts = DIRECTIVE_VHOST,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_server_alias,
	},
	{
	    .name = "User",
	    .syntax = "name|#number",
	    .help = "Who larder becomes after opening its ports, when it is "
		    "started by root.",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_text,
	    IN_SERVER(struct slice, user),
	},
	{
	    .name = "Group",
	    .syntax = "name|#number",
	    .help = "The group larder becomes a member of, likewise.",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_text,
	    IN_SERVER(struct slice, group),
	},
	{
	    .name = "PidFile",
	    .syntax = "file",
	    .help = "Where the number of larder's process is written.",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_path,
	    IN_SERVER(struct slice, pid_file),
	},
	{
	    .name = "ControlSocket",
	    .syntax = "file",
	    .help = "The Unix socket on which larder answers about itself; "
		    "see larder(8).",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_path,
	    IN_SERVER(struct slice, control_socket),
	},
	{
	    .name = "WorkerThreads",
	    .syntax = "auto|number",
	    .help = "How many threads serve; auto is one for each processor.",
	    .preset = "auto",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_worker_threads,
	    IN_SERVER(unsigned, workers),
	    .least = 1,
	    .most = WORKERS_MAX,
	},
	{
	    .name = "GracefulShutdownTimeout",
	    .syntax = "seconds",
	    .help = "How long requests may take to end when larder stops or "
		    "reloads; 0 is as long as they want.",
	    .preset = "30",
	    .contexts = DIRECTIVE_SERVER,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_graceful_timeout,
	    IN_SERVER(int64_t, drain_ms),
	    .unit_ms = 1000,
	    .most = DIRECTIVES_YEAR_MS,
	},
};

struct directive_table
directives_core(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
