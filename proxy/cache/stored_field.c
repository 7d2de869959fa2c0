/* proxy/cache/stored_field.c: the fields that stay behind */
#include "proxy/cache/stored_field.h"

#include "proxy/http/field.h"

void
stored_field_init(struct stored_field *sf, const struct http_msg *resp,
    const struct control_response *cc, const struct cache_policy *policy)
{
	bool store_private = policy != NULL && policy->store_private;

	*sf = (struct stored_field){
		.resp = resp,
		.policy = policy,
		.has_connection = http_msg_get(resp, FIELD_CONNECTION) != NULL,
	};
	if (cc == NULL)
		return;
	sf->no_cache_fields = cc->no_cache_fields;
	sf->drops_set_cookie = (cc->overridden & OVERRIDE_SET_COOKIE) != 0;
	if (!store_private)
		sf->private_fields = cc->private_fields;
}

static bool
is_never_stored(const struct http_field *field)
{
	switch (field->id) {
	case FIELD_CONNECTION:
	case FIELD_KEEP_ALIVE:
	case FIELD_PROXY_CONNECTION:
	case FIELD_TE:
	case FIELD_TRAILER:
	case FIELD_TRANSFER_ENCODING:
	case FIELD_UPGRADE:
	case FIELD_PROXY_AUTHENTICATE:
	case FIELD_PROXY_AUTHORIZATION:
	case FIELD_AGE:
	case FIELD_CONTENT_LENGTH:
		return true;
	case FIELD_OTHER:
		return slice_ieq(
		    field->name, SLICE("Proxy-Authentication-Info"));
	default:
		return false;
	}
}

static bool
is_named_by_connection(const struct http_msg *resp, struct slice name)
{
	for (size_t i = 0; i < resp->n_fields; i++) {
		if (resp->fields[i].id == FIELD_CONNECTION &&
		    field_list_has(resp->fields[i].value, name))
			return true;
	}
	return false;
}

bool
stored_field_is_ignored(const struct cache_policy *policy, struct slice name)
{
	for (size_t i = 0; i < policy->n_ignore_headers; i++) {
		if (slice_ieq(policy->ignore_headers[i], name))
			return true;
	}
	return false;
}

bool
stored_field_keeps(
    const struct stored_field *sf, const struct http_field *field)
{
	return !is_never_stored(field) &&
	    !(sf->drops_set_cookie && field->id == FIELD_SET_COOKIE) &&
	    !field_list_has(sf->no_cache_fields, field->name) &&
	    !field_list_has(sf->private_fields, field->name) &&
	    !(sf->policy != NULL &&
		stored_field_is_ignored(sf->policy, field->name)) &&
	    !(sf->has_connection &&
		is_named_by_connection(sf->resp, field->name));
}
