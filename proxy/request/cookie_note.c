#include "proxy/request/cookie_note.h"

#include "proxy/cache/stored_field.h"

#define LOG_EVERY_MS 60000

static bool
is_kept(const struct save *s, const struct http_msg *resp,
    const struct control_response *cc)
{
	const struct http_field *f = http_msg_get(resp, FIELD_SET_COOKIE);
	struct stored_field sf;

	if (f == NULL)
		return false;
	stored_field_init(&sf, resp, cc, &s->settings->cache);
	return stored_field_keeps(&sf, f);
}

void
cookie_note(const struct save *s, const struct http_msg *resp,
    const struct control_response *cc)
{
	struct slice url = key_url(s->key.text);
	uint64_t held;

	if (!is_kept(s, resp, cc))
		return;
	counter_add(s->env->counters, COUNTER_STORED_SET_COOKIE, 1);
	if (!log_limit(&s->env->cookie_warning, env_mono_ms(s->env),
		LOG_EVERY_MS, &held))
		return;
	log_write(s->log, LOG_CACHE, LOG_L_WARN,
	    "%.*s is stored with its Set-Cookie, which all who ask for it "
	    "will get; \"CacheIgnoreHeaders Set-Cookie\" drops it (%llu such "
	    "messages held back)",
	    SLICE_ARG(url), (unsigned long long)held);
}
