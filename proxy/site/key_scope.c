/* proxy/site/key_scope.c: telling virtual hosts apart in keys */
#include "proxy/site/key_scope.h"

#include "proxy/site/site_internal.h"

static bool
same_place(const struct vhost_address *a, const struct vhost_address *b)
{
	if (a->any_ip != b->any_ip || a->port != b->port)
		return false;
	return a->any_ip || address_eq(&a->ip, &b->ip);
}

/* Are all virtual hosts on one and the same address? */
static bool
one_address(const struct array *drafts)
{
	struct host_draft *const *d = drafts->items;
	const struct vhost_address *first = NULL;

	for (size_t i = 0; i < drafts->n; i++) {
		const struct host *h = d[i]->host;

		for (size_t k = 0; k < h->n_addresses; k++) {
			if (first == NULL)
				first = h->addresses;
			if (!same_place(first, &h->addresses[k]))
				return false;
		}
	}
	return true;
}

/* "name@*:80 192.0.2.1:80" */
static enum lr
scope_of(struct host *h, struct arena *arena)
{
	char at[ADDRESS_CHARS + 8];
	struct strbuf sb = { 0 };

	strbuf_add_slice(&sb, h->vh.server_name);
	for (size_t i = 0; i < h->n_addresses; i++) {
		vhost_address_format(&h->addresses[i], at);
		strbuf_add_char(&sb, i == 0 ? '@' : ' ');
		strbuf_add_cstr(&sb, at);
	}
	h->vh.settings.cache.key_scope = arena_dup(arena, strbuf_slice(&sb));
	strbuf_free(&sb);
	return h->vh.settings.cache.key_scope.p != NULL ? LR_OK : LR_NOMEM;
}

/* CacheKeyBaseURL says what it has in common with others. */
static bool
shares_keys(const struct host *h)
{
	return h->vh.settings.cache.key_base.n > 0;
}

enum lr
key_scope_assign(struct builder *b, struct host_draft *main)
{
	struct host_draft *const *d = b->hosts.items;
	enum lr rc = LR_OK;

	if (b->hosts.n == 0)
		return LR_OK;
	if (!shares_keys(main->host))
		main->host->vh.settings.cache.key_scope = SLICE("main server");
	if (one_address(&b->hosts))
		return LR_OK;
	for (size_t i = 0; i < b->hosts.n && rc == LR_OK; i++) {
		if (!shares_keys(d[i]->host))
			rc = scope_of(d[i]->host, b->arena);
	}
	return rc;
}
