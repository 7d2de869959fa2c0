/* A backend's head as clients may see it, and what it says of other responses.
 */
#include "proxy/cache/invalidate.h"
#include "proxy/http/forward.h"
#include "proxy/request/fetch_internal.h"
#include "proxy/request/flight_table.h"

/* "http://host" as the client asked for it; p is NULL without memory. */
static struct slice
own_origin(struct fetch *fe)
{
	struct strbuf *sb = &fe->env->scratch;

	strbuf_reset(sb);
	strbuf_add_slice(sb, fe->scheme);
	strbuf_add_cstr(sb, "://");
	strbuf_add_slice(sb, fe->host);
	if (sb->failed)
		return (struct slice){ 0 };
	return arena_dup(&fe->arena, strbuf_slice(sb));
}

enum lr
fetch_rewrite_locations(struct fetch *fe, struct http_msg *msg)
{
	static const enum http_field_id IDS[] = { FIELD_LOCATION,
		FIELD_CONTENT_LOCATION };
	struct slice self = { 0 };
	enum lr rc = LR_OK;

	for (size_t i = 0; i < sizeof(IDS) / sizeof(IDS[0]); i++) {
		struct slice value = http_msg_value(msg, IDS[i]), now;

		if (value.n == 0)
			continue;
		if (self.p == NULL && (self = own_origin(fe)).p == NULL)
			return LR_NOMEM;
		now = route_reverse_location(
		    fe->vhost, &fe->route, value, self, &fe->arena);
		if (now.p == NULL)
			return LR_NOMEM;
		if (now.p != value.p)
			rc = http_msg_set(msg, IDS[i], now);
		if (rc != LR_OK)
			return rc;
	}
	return LR_OK;
}

/* X-Cache of another cache gives way to ours, as in Apache. */
static void
remove_x_cache(const struct fetch *fe, struct http_msg *msg)
{
	if (fe->route.settings->x_cache && !fe->pass)
		http_msg_remove_name(msg, SLICE("X-Cache"));
	if (fe->route.settings->x_cache_detail && !fe->pass)
		http_msg_remove_name(msg, SLICE("X-Cache-Detail"));
}

enum lr
fetch_rewrite_head(struct fetch *fe, struct http_msg *msg, int64_t now_s)
{
	enum lr rc;

	remove_x_cache(fe, msg);
	rc = forward_response(msg, now_s);
	if (rc == LR_OK && fe->route.settings->via)
		rc = forward_append_via(msg, slice_of(fe->env->via_name));
	return rc;
}

void
fetch_invalidate(struct fetch *fe, const struct http_msg *resp)
{
	const struct key_origin origin = { fe->scheme, fe->host };
	struct cache_key keys[INVALIDATE_MAX];
	size_t n = 0;

	if (http_method_safe(fe->msg.method) || fe->key.text.n == 0 ||
	    fe->env->store == NULL)
		return;
	if (invalidate_keys(&fe->msg, resp, &fe->key, &origin,
		&fe->route.settings->cache, &fe->arena, keys, &n) != LR_OK) {
		/* Without memory: what must go, not what may. */
		keys[0] = fe->key;
		n = 1;
	}
	for (size_t i = 0; i < n; i++) {
		flight_table_doom(fe->env->flights, keys[i].text, fe->flight);
		if (store_remove(fe->env->store, keys[i].hash) == LR_OK)
			counter_add(fe->env->counters, COUNTER_INVALIDATED, 1);
	}
}
