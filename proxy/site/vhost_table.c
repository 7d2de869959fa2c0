/* proxy/site/vhost_table.c: addresses, then names */
#include "proxy/site/vhost_table.h"

#include <stdio.h>

#include "proxy/conf/array.h"
#include "proxy/site/site_internal.h"
#include "store/base/hash.h"
#include "store/base/num.h"

#define NAME_MAX_BYTES 255 /* of a domain name; longer ones match nothing */

/* A name without wildcards; the first host that has it. */
struct exact_name {
	struct slice name; /* lower case; empty: a free slot */
	size_t host;
};

struct vhost_set {
	struct vhost_address at;
	struct array hosts;	  /* of struct host * */
	struct exact_name *names; /* open addressing */
	size_t mask;		  /* slots - 1 */
	struct array wildcards;	  /* of struct exact_name */
};

/* ---- addresses ---- */

static enum lr
parse_port(struct slice text, uint16_t *out)
{
	uint64_t port = 0;

	if (!slice_eq(text, SLICE("*")) &&
	    (num_parse_u64(text, UINT16_MAX, &port) != LR_OK || port == 0))
		return LR_INVALID;
	*out = (uint16_t)port;
	return LR_OK;
}

/* Where the ":port" begins, or text.n; an IPv6 address has colons of its
 * own, but then it is in brackets. */
static size_t
port_offset(struct slice text)
{
	size_t from = text.n > 0 && text.p[0] == '[' ? slice_find(text, ']')
						     : 0;

	return from + slice_find(slice_cut(text, from, text.n), ':');
}

enum lr
vhost_address_parse(struct slice text, struct vhost_address *out)
{
	size_t colon = port_offset(text);
	struct slice ip = slice_cut(text, 0, colon);
	struct vhost_address a = { 0 };

	if (colon < text.n &&
	    parse_port(slice_cut(text, colon + 1, text.n), &a.port) != LR_OK)
		return LR_INVALID;
	a.any_ip = slice_eq(ip, SLICE("*")) ||
	    slice_ieq(ip, SLICE("_default_"));
	if (!a.any_ip && address_parse(ip, 0, &a.ip) != LR_OK)
		return LR_INVALID;
	*out = a;
	return LR_OK;
}

void
vhost_address_format(const struct vhost_address *a, char dst[ADDRESS_CHARS + 8])
{
	char ip[ADDRESS_CHARS] = "*";
	bool colons;

	if (!a->any_ip)
		address_format_ip(&a->ip, ip);
	colons = strchr(ip, ':') != NULL;
	if (a->port != 0)
		snprintf(dst, ADDRESS_CHARS + 8, "%s%s%s:%u", colons ? "[" : "",
		    ip, colons ? "]" : "", a->port);
	else
		snprintf(dst, ADDRESS_CHARS + 8, "%s%s%s:*", colons ? "[" : "",
		    ip, colons ? "]" : "");
}

/* An IPv4 peer of a socket for both families shows as ::ffff:a.b.c.d. */
static bool
ipv4_of(const struct address *a, struct in_addr *out)
{
	if (a->u.any.sa_family == AF_INET) {
		*out = a->u.v4.sin_addr;
		return true;
	}
	if (a->u.any.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&a->u.v6.sin6_addr))
		return false;
	memcpy(out, a->u.v6.sin6_addr.s6_addr + 12, sizeof(*out));
	return true;
}

static bool
is_same_ip(const struct address *a, const struct address *b)
{
	struct in_addr a4, b4;
	bool a_is_4 = ipv4_of(a, &a4), b_is_4 = ipv4_of(b, &b4);

	if (a_is_4 || b_is_4)
		return a_is_4 && b_is_4 && a4.s_addr == b4.s_addr;
	return a->u.any.sa_family == AF_INET6 &&
	    b->u.any.sa_family == AF_INET6 &&
	    IN6_ARE_ADDR_EQUAL(&a->u.v6.sin6_addr, &b->u.v6.sin6_addr);
}

static bool
is_same_address(const struct vhost_address *a, const struct vhost_address *b)
{
	return a->port == b->port && a->any_ip == b->any_ip &&
	    (a->any_ip || is_same_ip(&a->ip, &b->ip));
}

/* ---- names ---- */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
vhost_name_matches(struct slice pattern, struct slice name)
{
	size_t p = 0, n = 0;
	size_t star = SIZE_MAX, resume = 0; /* the last '*' seen */

	while (n < name.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			resume = n;
		} else if (p < pattern.n &&
		    (pattern.p[p] == '?' ||
			lower(pattern.p[p]) == lower(name.p[n]))) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool
has_wildcard(struct slice name)
{
	return slice_find(name, '*') < name.n || slice_find(name, '?') < name.n;
}

static struct exact_name *
slot_of(const struct vhost_set *set, struct slice name)
{
	size_t i = (size_t)hash_bytes(name.p, name.n) & set->mask;

	while (set->names[i].name.n > 0 && !slice_eq(set->names[i].name, name))
		i = (i + 1) & set->mask;
	return &set->names[i];
}

static enum lr
add_name(
    struct vhost_set *set, struct slice name, size_t host, struct arena *arena)
{
	struct exact_name *slot;

	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return LR_OK;
	if (has_wildcard(name)) {
		slot = array_add(&set->wildcards, sizeof(*slot), arena);
		if (slot == NULL)
			return LR_NOMEM;
	} else if ((slot = slot_of(set, name))->name.n > 0) {
		return LR_OK; /* an earlier host has it */
	}
	*slot = (struct exact_name){ name, host };
	return LR_OK;
}

static enum lr
build_names(struct vhost_set *set, struct arena *arena)
{
	struct host *const *hosts = set->hosts.items;
	size_t count = 0, slots = 4;

	for (size_t i = 0; i < set->hosts.n; i++)
		count += 1 + hosts[i]->n_aliases;
	while (slots < 2 * count)
		slots *= 2;
	set->names = arena_zalloc(arena, slots * sizeof(*set->names));
	if (set->names == NULL)
		return LR_NOMEM;
	set->mask = slots - 1;
	for (size_t i = 0; i < set->hosts.n; i++) {
		const struct host *h = hosts[i];
		enum lr rc = add_name(set, h->vh.server_name, i, arena);

		for (size_t j = 0; j < h->n_aliases && rc == LR_OK; j++)
			rc = add_name(set, h->aliases[j], i, arena);
		if (rc != LR_OK)
			return rc;
	}
	return LR_OK;
}

/* ---- the table ---- */

static struct vhost_set *
set_for(struct array *sets, const struct vhost_address *at, struct arena *arena)
{
	struct vhost_set *set = sets->items;

	for (size_t i = 0; i < sets->n; i++) {
		if (is_same_address(&set[i].at, at))
			return &set[i];
	}
	set = array_add(sets, sizeof(*set), arena);
	if (set != NULL)
		set->at = *at;
	return set;
}

static enum lr
add_host(struct array *sets, struct host *h, struct arena *arena)
{
	for (size_t i = 0; i < h->n_addresses; i++) {
		struct vhost_set *set = set_for(sets, &h->addresses[i], arena);
		struct host **last, **slot;

		if (set == NULL)
			return LR_NOMEM;
		last = set->hosts.items;
		if (set->hosts.n > 0 && last[set->hosts.n - 1] == h)
			continue; /* the same address twice */
		slot = array_add(&set->hosts, sizeof(*slot), arena);
		if (slot == NULL)
			return LR_NOMEM;
		*slot = h;
	}
	return LR_OK;
}

enum lr
vhost_table_build(struct arena *arena, struct host *const *hosts,
    size_t n_hosts, struct vhost_table *out)
{
	struct array sets = { 0 };
	enum lr rc = LR_OK;

	for (size_t i = 0; i < n_hosts && rc == LR_OK; i++)
		rc = add_host(&sets, hosts[i], arena);
	for (size_t i = 0; i < sets.n && rc == LR_OK; i++)
		rc = build_names((struct vhost_set *)sets.items + i, arena);
	if (rc == LR_OK)
		*out = (struct vhost_table){ sets.items, sets.n };
	return rc;
}

/* 0: does not fit; else the more exact the higher. */
static int
fitness(const struct vhost_address *at, const struct address *local)
{
	if (at->port != 0 && at->port != address_port(local))
		return 0;
	if (at->any_ip)
		return at->port != 0 ? 2 : 1;
	if (!is_same_ip(&at->ip, local))
		return 0;
	return at->port != 0 ? 4 : 3;
}

static const struct vhost_set *
find_set(const struct vhost_table *t, const struct address *local)
{
	const struct vhost_set *best = NULL;
	int best_fitness = 0;

	for (size_t i = 0; i < t->n_sets; i++) {
		int f = fitness(&t->sets[i].at, local);

		if (f > best_fitness) {
			best = &t->sets[i];
			best_fitness = f;
		}
	}
	return best;
}

/* The number of the first host of that name, 0 when there is none. */
static size_t
find_name(const struct vhost_set *set, struct slice host)
{
	const struct exact_name *wild = set->wildcards.items;
	char text[NAME_MAX_BYTES];
	struct slice name = slice_make(text, host.n);
	const struct exact_name *slot;
	size_t found;

	for (size_t i = 0; i < host.n; i++)
		text[i] = lower(host.p[i]);
	slot = slot_of(set, name);
	found = slot->name.n > 0 ? slot->host : SIZE_MAX;
	for (size_t i = 0; i < set->wildcards.n; i++) {
		if (wild[i].host >= found)
			break;
		if (vhost_name_matches(wild[i].name, name))
			found = wild[i].host;
	}
	return found != SIZE_MAX ? found : 0;
}

const struct host *
vhost_table_find(
    const struct vhost_table *t, const struct address *local, struct slice host)
{
	const struct vhost_set *set = find_set(t, local);
	struct host *const *hosts;
	size_t n = 0;

	if (set == NULL)
		return NULL;
	hosts = set->hosts.items;
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (set->hosts.n > 1 && host.n > 0 && host.n <= NAME_MAX_BYTES)
		n = find_name(set, host);
	return hosts[n];
}

const struct vhost_address *
vhost_table_address(const struct vhost_table *t, size_t n)
{
	return &t->sets[n].at;
}

struct host *const *
vhost_table_hosts(const struct vhost_table *t, size_t n, size_t *n_hosts)
{
	*n_hosts = t->sets[n].hosts.n;
	return t->sets[n].hosts.items;
}
