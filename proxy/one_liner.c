/* proxy/one_liner.c: a whole configuration from four options */
#include "proxy/one_liner.h"

#include <inttypes.h>

#include "proxy/http/uri.h"
#include "proxy/net/address.h"
#include "store/base/num.h"

#define DEFAULT_LISTEN "8080"
#define DEFAULT_SIZE "1G"
#define SYSTEM_STORE "/var/cache/larder"

/* No single object may take more than this part of the store. */
#define LARGEST_PART 4

/* A value becomes one quoted argument of a directive: what would end or
 * change it cannot be allowed in. */
static enum lr
check_text(const char *option, const char *value, struct strbuf *why)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\' || *p == '$' ||
		    (unsigned char)*p < 0x20 || *p == 0x7f) {
			strbuf_addf(why,
			    "%s: quotes, backslashes, $ and control "
			    "characters need a configuration file",
			    option);
			return LR_INVALID;
		}
	}
	if (*value != '\0')
		return LR_OK;
	strbuf_addf(why, "%s: the value is empty", option);
	return LR_INVALID;
}

/* "3000", "host:3000" and "http://host:3000/" all name a server. */
static void
write_url(const char *origin, struct strbuf *url)
{
	struct slice s = slice_of(origin);

	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	if (strspn(origin, "0123456789") == s.n)
		strbuf_add_cstr(url, "http://127.0.0.1:");
	else if (strstr(origin, "://") == NULL)
		strbuf_add_cstr(url, "http://");
	strbuf_add_slice(url, s);
}

/* A server next door, named by its address, is meant to see the name that
 * the browser asked for; one that has a name answers to its own. */
static bool
is_next_door(struct slice url)
{
	struct address a;
	struct uri uri;

	if (slice_starts(url, SLICE("unix:")))
		return true;
	return uri_parse(url, &uri) == LR_OK &&
	    (slice_ieq(uri.host, SLICE("localhost")) ||
		address_parse(uri.host, 0, &a) == LR_OK);
}

/* Where the store is when nobody says; empty when that cannot be known. */
static void
default_store(const struct one_liner_env *env, struct strbuf *dir)
{
	strbuf_add_cstr(dir, "");
	if (env->root)
		strbuf_add_cstr(dir, SYSTEM_STORE);
	else if (env->xdg_cache_home != NULL)
		strbuf_addf(dir, "%s/larder", env->xdg_cache_home);
	else if (env->home != NULL)
		strbuf_addf(dir, "%s/.cache/larder", env->home);
}

static enum lr
write_store(const struct options *o, const struct one_liner_env *env,
    struct strbuf *out, struct strbuf *why)
{
	struct strbuf dir = { 0 };
	enum lr rc;

	if (o->store != NULL)
		strbuf_add_cstr(&dir, o->store);
	else
		default_store(env, &dir);
	rc = dir.failed ? LR_NOMEM : check_text("--store", dir.p, why);
	if (rc == LR_OK)
		strbuf_addf(out, "CacheRoot \"%s\"\n", dir.p);
	strbuf_free(&dir);
	return rc;
}

static enum lr
write_size(const struct options *o, struct strbuf *out, struct strbuf *why)
{
	struct slice text = slice_of(o->size != NULL ? o->size : DEFAULT_SIZE);
	uint64_t bytes;

	if (num_parse_size(text, INT64_MAX, &bytes) != LR_OK) {
		strbuf_addf(why, "--size: \"%.*s\" is no size; 512M or 8G is",
		    SLICE_ARG(text));
		return LR_INVALID;
	}
	strbuf_addf(out, "CacheSize %" PRIu64 "\n", bytes);
	strbuf_addf(
	    out, "CacheMaxFileSize %" PRIu64 "\n", bytes / LARGEST_PART);
	return LR_OK;
}

static enum lr
write_listens(const struct options *o, struct strbuf *out, struct strbuf *why)
{
	for (size_t i = 0; i < o->n_listens; i++) {
		enum lr rc = check_text("--listen", o->listens[i], why);

		if (rc != LR_OK)
			return rc;
		strbuf_addf(out, "Listen \"%s\"\n", o->listens[i]);
	}
	if (o->n_listens == 0)
		strbuf_add_cstr(out, "Listen " DEFAULT_LISTEN "\n");
	return LR_OK;
}

static void
write_mapping(struct slice url, struct strbuf *out)
{
	strbuf_addf(out, "ProxyPass / \"%.*s/\"\n", SLICE_ARG(url));
	strbuf_addf(out, "ProxyPassReverse / \"%.*s/\"\n", SLICE_ARG(url));
	strbuf_addf(
	    out, "ProxyPreserveHost %s\n", is_next_door(url) ? "On" : "Off");
}

enum lr
one_liner_write(const struct options *o, const struct one_liner_env *env,
    struct strbuf *out, struct strbuf *why)
{
	struct strbuf url = { 0 };
	enum lr rc = check_text("--origin", o->origin, why);

	if (rc == LR_OK)
		rc = write_listens(o, out, why);
	if (rc == LR_OK)
		rc = write_store(o, env, out, why);
	if (rc == LR_OK)
		rc = write_size(o, out, why);
	if (rc != LR_OK)
		return rc;
	write_url(o->origin, &url);
	write_mapping(strbuf_slice(&url), out);
	strbuf_add_cstr(out, "CacheEnable disk /\nCacheLock on\n");
	strbuf_add_cstr(out, "LogLevel notice\n");
	rc = url.failed || out->failed ? LR_NOMEM : LR_OK;
	strbuf_free(&url);
	return rc;
}
