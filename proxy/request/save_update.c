/* What becomes of a stored response: a 304, or the 200 to a HEAD, updates it,
 * or it stands in for an answer that failed. */
#include "proxy/cache/override.h"
#include "proxy/cache/storable.h"
#include "proxy/cache/surrogate.h"
#include "proxy/cache/validate.h"
#include "proxy/cache/vary.h"
#include "proxy/http/h1_write.h"
#include "proxy/request/save_internal.h"

/* The head keeps what the stored response was selected by: "name:value" or
 * "name" in each line. */
static enum lr
keep_stored_names(struct flight_head *h, struct slice values)
{
	struct strbuf *sb = &h->names;
	struct slice rest = values, line;
	size_t n;

	strbuf_reset(sb);
	while (rest.n > 0) {
		line = slice_cut(rest, 0, slice_find(rest, '\n'));
		rest = slice_cut(rest, line.n + 1, rest.n);
		if (sb->n > 0)
			strbuf_add_char(sb, ',');
		strbuf_add_slice(sb, slice_cut(line, 0, slice_find(line, ':')));
	}
	n = sb->n;
	strbuf_add_slice(sb, values);
	if (sb->failed)
		return LR_NOMEM;
	h->vary_spec = slice_make(sb->p, n);
	h->vary_values = slice_make(sb->p + n, values.n);
	return LR_OK;
}

static void
lend_object(const struct save *s, const struct store_ref *object)
{
	struct flight_head *h = flight_head_edit(s->flight);

	h->in_store = true;
	h->object = *object;
	h->has_body = true;
	h->body_bytes = object->body_bytes;
}

/* May the merged head be stored?  LR_DENIED: never; LR_FULL: not by this
 * request.  *why tells the rule, or is untouched. */
static enum lr
may_store(const struct save *s, const struct http_msg *merged,
    const struct control_response *cc, const char **why)
{
	const struct cache_policy *policy = &s->settings->cache;
	const char *rule = storable_forbidden(merged, cc, policy);
	enum lr rc = LR_DENIED;

	if (rule == NULL) {
		rule = storable_forbidden_by_request(
		    s->request, s->control, cc, policy);
		rc = LR_FULL;
	}
	if (rule == NULL)
		return LR_OK;
	*why = rule;
	return rc;
}

static enum lr
merge(const struct save *s, const struct http_msg *newer,
    const struct entry *stored, struct http_msg *merged,
    struct control_response *cc)
{
	enum lr rc;

	http_msg_init(merged, s->arena);
	if ((rc = validate_merge(newer, stored, merged)) != LR_OK ||
	    (rc = surrogate_restore(stored, &s->settings->cache, merged)) !=
		LR_OK)
		return rc;
	control_parse_response(merged, &s->settings->cache, cc);
	surrogate_hide(merged, &s->settings->cache);
	return LR_OK;
}

bool
save_head_may_update(const struct save *s, const struct http_msg *head,
    const struct entry *stored)
{
	struct control_response cc;
	struct http_msg merged;
	const char *why;

	return merge(s, head, stored, &merged, &cc) == LR_OK &&
	    may_store(s, &merged, &cc, &why) == LR_OK;
}

/* A head that says now of which request fields it depends, or of others, must
 * not be found by who asked under the old rule (4.1). */
static bool
varies_alike(const struct save *s, const struct http_msg *merged,
    const struct control_response *cc)
{
	struct http_msg varying;
	struct slice spec;

	return override_vary(cc->override, merged, s->arena, &varying) ==
	    LR_OK &&
	    vary_spec(&varying, s->arena, &spec) == LR_OK &&
	    slice_eq(spec, flight_head_edit(s->flight)->vary_spec);
}

static enum lr
write_merged(const struct save *s, const struct http_msg *not_modified,
    const struct entry *stored, enum lr *keep)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct control_response cc;
	struct http_msg merged;
	const char *why;
	struct entry e;
	enum lr rc;

	if ((rc = merge(s, not_modified, stored, &merged, &cc)) != LR_OK)
		return rc;
	entry_from_response(s->request, &merged, &cc, &s->settings->cache,
	    stored->body_bytes, s->request_at_s, s->response_at_s, &e);
	e.flags |= stored->flags & (ENTRY_PARTIAL | ENTRY_ALONE);
	if ((rc = save_write_shared(s, &merged, &cc, &e, stored->vary)) !=
		LR_OK ||
	    (rc = keep_stored_names(h, stored->vary)) != LR_OK)
		return rc;
	if (s->request->method == HTTP_HEAD && save_stores_less(s, &cc)) {
		h1_write_response_open(&h->full, not_modified);
		h->has_body = false;
	}
	*keep = may_store(s, &merged, &cc, &why);
	if (!varies_alike(s, &merged, &cc)) {
		*keep = LR_DENIED;
		why = "vary";
	}
	if (*keep != LR_OK)
		h->reusable = false;
	else
		why = override_detail(
		    s->request, &merged, &cc, s->response_at_s);
	h->status.fwd_status = not_modified->status;
	h->status.stored = *keep == LR_OK;
	h->status.has_ttl = true;
	h->status.ttl_s = e.lifetime_s - entry_age_s(&e, s->response_at_s);
	h->status.detail = why;
	h->result = "revalidated";
	counter_add(s->env->counters, COUNTER_REVALIDATED, 1);
	return LR_OK;
}

enum lr
save_not_modified(const struct save *s, const struct http_msg *not_modified,
    const struct entry *stored, const struct store_ref *object)
{
	struct flight_head *h = flight_head_edit(s->flight);
	struct store_object obj;
	enum lr rc, keep = LR_OK;

	lend_object(s, object);
	rc = write_merged(s, not_modified, stored, &keep);
	if (rc != LR_OK || keep != LR_OK) {
		if (keep == LR_DENIED)
			store_remove_ref(s->env->store, object);
		s->notify(s->notify_ctx);
		return rc != LR_OK ? rc : keep;
	}
	obj = save_object(s, &h->entry, object->hash);
	return store_update(s->env->store, object, &obj, strbuf_slice(&h->blob),
	    s->notify, s->notify_ctx);
}

enum lr
save_stale(const struct save *s, struct slice blob,
    const struct store_ref *object, int error_status, const char *why)
{
	struct flight_head *h = flight_head_edit(s->flight);
	enum lr rc;

	lend_object(s, object);
	strbuf_reset(&h->blob);
	strbuf_add_slice(&h->blob, blob);
	if (h->blob.failed)
		return LR_NOMEM;
	h->shareable = h->reusable = h->stale = true;
	h->result = "stale";
	h->status.fwd_status = error_status;
	h->status.detail = why;
	rc = entry_decode(strbuf_slice(&h->blob), &h->entry);
	return rc == LR_OK ? keep_stored_names(h, h->entry.vary) : rc;
}
