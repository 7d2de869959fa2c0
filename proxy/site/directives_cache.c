/* proxy/site/directives_cache.c: what is kept, where and for how long */
#include "proxy/http/field.h"
#include "proxy/site/cache_enable.h"
#include "proxy/site/cache_override.h"
#include "proxy/site/directives.h"
#include "proxy/site/scope.h"
#include "store/base/num.h"
#include "store/policy.h"

#define FACTOR_MAX 1000 /* CacheLastModifiedFactor */

/* ---- the store ---- */

static enum lr
set_cache_root(struct directive_use *use)
{
	struct builder *b = use->scope->builder;
	struct slice *root = &b->site->server.cache_root;
	struct slice path;
	enum lr rc = scope_path(use, use->node->args[0], &path);

	if (rc != LR_OK)
		return rc;
	if (b->cache_root_at.line != 0 && !slice_eq(*root, path)) {
		directive_error(use,
		    "there is one store for all, and %.*s:%u puts it in %.*s; "
		    "remove one",
		    SLICE_ARG(b->cache_root_at.file), b->cache_root_at.line,
		    SLICE_ARG(*root));
		return LR_INVALID;
	}
	*root = path;
	b->cache_root_at = use->node->at;
	return LR_OK;
}

static enum lr
set_durability(struct directive_use *use)
{
	struct slice arg = use->node->args[0];
	bool fast = slice_ieq(arg, SLICE("fast"));

	if (!fast && !slice_ieq(arg, SLICE("safe"))) {
		directive_error(
		    use, "is Safe or Fast, not \"%.*s\"", SLICE_ARG(arg));
		return LR_INVALID;
	}
	use->scope->builder->site->server.cache_fast = fast;
	return LR_OK;
}

static enum lr
set_eviction(struct directive_use *use)
{
	static const char *const NAMES[] = { [POLICY_VALUE] = "value",
		[POLICY_LRU] = "lru",
		[POLICY_FIFO] = "fifo" };
	struct slice arg = use->node->args[0];

	for (unsigned i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (!slice_ieq(arg, slice_of(NAMES[i])))
			continue;
		use->scope->builder->site->server.cache_policy = i;
		return LR_OK;
	}
	directive_error(
	    use, "is Value, LRU or FIFO, not \"%.*s\"", SLICE_ARG(arg));
	return LR_INVALID;
}

/* ---- the rest ---- */

static enum lr
set_range_fill(struct directive_use *use)
{
	static const struct {
		struct slice name;
		enum range_fill value;
	} CHOICES[] = {
		{ SLICE("off"), RANGE_FILL_OFF },
		{ SLICE("holes"), RANGE_FILL_HOLES },
		{ SLICE("whole"), RANGE_FILL_WHOLE },
	};
	struct slice arg = use->node->args[0];

	for (size_t i = 0; i < sizeof(CHOICES) / sizeof(CHOICES[0]); i++) {
		if (!slice_ieq(arg, CHOICES[i].name))
			continue;
		*(enum range_fill *)scope_place(
		    use, sizeof(enum range_fill)) = CHOICES[i].value;
		return LR_OK;
	}
	directive_error(
	    use, "is Off, Holes or Whole, not \"%.*s\"", SLICE_ARG(arg));
	return LR_INVALID;
}

/* 0.1 -> 100 thousandths */
static enum lr
set_factor(struct directive_use *use)
{
	struct slice arg = use->node->args[0];
	size_t dot = slice_find(arg, '.');
	struct slice digits = slice_cut(arg, dot + 1, arg.n);
	char milli[3] = "000";
	uint64_t whole = 0, rest = 0;

	for (size_t i = 0; i < digits.n && i < sizeof(milli); i++)
		milli[i] = digits.p[i];
	if ((dot > 0 &&
		num_parse_u64(slice_cut(arg, 0, dot), FACTOR_MAX, &whole) !=
		    LR_OK) ||
	    num_parse_u64(slice_make(milli, sizeof(milli)), 999, &rest) !=
		LR_OK ||
	    (dot == 0 && digits.n == 0)) {
		directive_error(use,
		    "\"%.*s\" is not a fraction from 0 to %d; write 0.1",
		    SLICE_ARG(arg), FACTOR_MAX);
		return LR_INVALID;
	}
	*(unsigned *)scope_place(
	    use, sizeof(unsigned)) = (unsigned)(whole * 1000 + rest);
	return LR_OK;
}

/* None, or names; several directives add up. */
static enum lr
set_ignore_headers(struct directive_use *use)
{
	struct cache_policy *p = &use->scope->draft->host->vh.settings.cache;
	const struct node *n = use->node;
	struct slice *names;

	if (n->n_args == 1 && slice_ieq(n->args[0], SLICE("none"))) {
		p->ignore_headers = NULL;
		p->n_ignore_headers = 0;
		return LR_OK;
	}
	names = arena_alloc(use->scope->builder->arena,
	    (p->n_ignore_headers + n->n_args) * sizeof(*names));
	if (names == NULL)
		return LR_NOMEM;
	if (p->n_ignore_headers > 0)
		memcpy(names, p->ignore_headers,
		    p->n_ignore_headers * sizeof(*names));
	memcpy(
	    names + p->n_ignore_headers, n->args, n->n_args * sizeof(*names));
	p->ignore_headers = names;
	p->n_ignore_headers += n->n_args;
	return LR_OK;
}

/* None, or names; an inner section's list takes the place of the outer. */
static enum lr
set_targets(struct directive_use *use)
{
	const struct node *n = use->node;
	struct cache_targets *to = scope_place(use, sizeof(*to));
	bool none = n->n_args == 1 && slice_ieq(n->args[0], SLICE("none"));

	for (size_t i = 0; i < n->n_args; i++) {
		if (field_is_token(n->args[i]) &&
		    !slice_ieq(n->args[i], SLICE("Cache-Control")) &&
		    (none || !slice_ieq(n->args[i], SLICE("none"))))
			continue;
		directive_error(use,
		    "\"%.*s\" is no field that could stand for Cache-Control; "
		    "write names like CDN-Cache-Control, or None alone",
		    SLICE_ARG(n->args[i]));
		return LR_INVALID;
	}
	*to = (struct cache_targets){ n->args, none ? 0 : n->n_args };
	return LR_OK;
}

#define ONE_ARGUMENT .least_args = 1, .most_args = 1
#define FLAG(name_, member, contexts_, preset_, help_) \
	{ \
		.name = (name_), .syntax = "On|Off", .help = (help_), \
		.preset = (preset_), .contexts = (contexts_), ONE_ARGUMENT, \
		.set = scope_set_flag, IN_SETTINGS(bool, cache.member) \
	}
#define SECONDS(name_, member, contexts_, preset_, help_) \
	{ \
		.name = (name_), .syntax = "seconds", .help = (help_), \
		.preset = (preset_), .contexts = (contexts_), ONE_ARGUMENT, \
		.set = scope_set_s, IN_SETTINGS(int64_t, cache.member), \
		.unit_ms = 1000, .most = 10 * DIRECTIVES_YEAR_MS \
	}
#define BYTES(name_, member, contexts_, preset_, help_) \
	{ \
		.name = (name_), .syntax = "bytes", .help = (help_), \
		.preset = (preset_), .contexts = (contexts_), ONE_ARGUMENT, \
		.set = scope_set_bytes, IN_SETTINGS(uint64_t, cache.member) \
	}

static const struct directive ROWS[] = {
	{
	    .name = "CacheRoot",
	    .syntax = "directory",
	    .help = "Where the store lies; one for all virtual hosts.",
	    .preset = "(/var/cache/larder, when there is a CacheEnable)",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    ONE_ARGUMENT,
	    .set = set_cache_root,
	},
	{
	    .name = "CacheSize",
	    .syntax = "bytes",
	    .help = "The size of the store, reserved when larder starts; K, "
		    "M, G and T may follow the number.",
	    .preset = "1G",
	    .contexts = DIRECTIVE_SERVER,
	    ONE_ARGUMENT,
	    .set = scope_set_bytes,
	    IN_SERVER(uint64_t, cache_size_bytes),
	    .least = 1 << 20,
	    .most = 1ULL << 46,
	},
	{
	    .name = "CacheDurability",
	    .syntax = "Safe|Fast",
	    .help = "Safe: the store survives a power loss. Fast: it is "
		    "begun anew after one.",
	    .preset = "Safe",
	    .contexts = DIRECTIVE_SERVER,
	    ONE_ARGUMENT,
	    .set = set_durability,
	},
	{
	    .name = "CacheEviction",
	    .syntax = "Value|LRU|FIFO",
	    .help = "What goes when the store is full. Value: what is asked "
		    "for seldom, large ones sooner, and what is worth less "
		    "than all that is there does not come in. LRU: what was "
		    "not asked for lately. FIFO: the oldest.",
	    .preset = "Value",
	    .contexts = DIRECTIVE_SERVER,
	    ONE_ARGUMENT,
	    .set = set_eviction,
	},
	{
	    .name = "CacheSyncInterval",
	    .syntax = "milliseconds",
	    .help = "How long new objects may wait to be committed "
		    "together.",
	    .preset = "20ms",
	    .contexts = DIRECTIVE_SERVER,
	    ONE_ARGUMENT,
	    .set = scope_set_ms,
	    IN_SERVER(int64_t, cache_sync_ms),
	    .unit_ms = 1,
	    .most = 60000,
	},
	{
	    .name = "CacheScrubRate",
	    .syntax = "bytes",
	    .help = "Most bytes of the store that are read in a second to "
		    "find damaged objects before a client asks for them, "
		    "all of them once an hour at most; 0: none.",
	    .preset = "16M",
	    .contexts = DIRECTIVE_SERVER,
	    ONE_ARGUMENT,
	    .set = scope_set_bytes,
	    IN_SERVER(uint64_t, cache_scrub_bytes_s),
	    .most = 1ULL << 40,
	},
	{
	    .name = "CacheEnable",
	    .syntax = "[disk] [path|URL]",
	    .help = "Answers to paths that begin so are cached; in a "
		    "<Location> without a path, all of its. A URL confines "
		    "it to virtual hosts of that name.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = 2,
	    .set = cache_enable_set,
	},
	{
	    .name = "CacheDisable",
	    .syntax = "path|URL, or On",
	    .help = "Answers to paths that begin so are not cached, "
		    "whatever CacheEnable says; On is for a <Location>.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    ONE_ARGUMENT,
	    .set = cache_enable_set_disable,
	},
	{
	    .name = "CacheQuickHandler",
	    .syntax = "On|Off",
	    .help = "Makes no difference yet: there are no access rules that "
		    "a hit could come before.",
	    .preset = "On",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    ONE_ARGUMENT,
	    .set = scope_set_flag,
	    IN_VHOST(bool, cache_quick),
	},
	FLAG("CacheLock", lock, DIRECTIVES_SERVER_VHOST, "On",
	    "Of several requests for the same new object one asks the "
	    "backend, and the others are served along with it. (Apache's "
	    "default is Off.)"),
	SECONDS("CacheLockMaxAge", lock_max_age_s, DIRECTIVES_SERVER_VHOST, "5",
	    "How long the others wait while nothing arrives before they ask "
	    "for themselves."),
	BYTES("CacheMinFileSize", min_file_bytes, DIRECTIVES_ANYWHERE, "0",
	    "Smaller bodies are not cached. (Apache's default of 1 leaves "
	    "out redirects and other answers without a body.)"),
	BYTES("CacheMaxFileSize", max_file_bytes, DIRECTIVES_ANYWHERE,
	    "1000000",
	    "Larger bodies are not cached; K, M and G may follow the "
	    "number."),
	SECONDS("CacheDefaultExpire", default_expire_s, DIRECTIVES_ANYWHERE,
	    "3600",
	    "How long an answer is fresh that states neither its expiry nor "
	    "its last change, where CacheIgnoreNoLastMod lets it be kept."),
	SECONDS("CacheMinExpire", min_expire_s, DIRECTIVES_ANYWHERE, "0",
	    "An answer that does not state its expiry is fresh at least so "
	    "long."),
	SECONDS("CacheMaxExpire", max_expire_s, DIRECTIVES_ANYWHERE, "86400",
	    "No answer is served for longer without asking the backend "
	    "again, whatever it states; but CacheOverride can force it."),
	{
	    .name = "CacheLastModifiedFactor",
	    .syntax = "fraction",
	    .help = "An answer that states no expiry but its last change is "
		    "fresh for this fraction of the time since then.",
	    .preset = "0.1",
	    .contexts = DIRECTIVES_ANYWHERE,
	    ONE_ARGUMENT,
	    .set = set_factor,
	    IN_SETTINGS(unsigned, cache.last_modified_factor_milli),
	},
	FLAG("CacheIgnoreCacheControl", ignore_cache_control,
	    DIRECTIVES_SERVER_VHOST, "Off",
	    "A client's Pragma and its Cache-Control: no-cache, max-age and "
	    "min-fresh are overlooked; max-stale, only-if-cached and "
	    "no-store count."),
	FLAG("CacheIgnoreNoLastMod", ignore_no_last_mod, DIRECTIVES_ANYWHERE,
	    "Off",
	    "Answers are cached even if they have no Last-Modified, ETag "
	    "or Expires."),
	FLAG("CacheIgnoreQueryString", ignore_query, DIRECTIVES_SERVER_VHOST,
	    "Off", "Requests that differ in their query are the same object."),
	{
	    .name = "CacheIgnoreHeaders",
	    .syntax = "None|field ...",
	    .help = "Fields of an answer that are not stored with it.",
	    .preset = "None",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_ignore_headers,
	},
	{
	    .name = "CacheControlTargets",
	    .syntax = "field ...|None",
	    .help = "The first of these fields that an answer has, and that "
		    "is valid and not empty, says how it is cached, in place "
		    "of Cache-Control and Expires (RFC 9213). "
		    "Surrogate-Control, when listed, is read by its own rules "
		    "and not passed on.",
	    .preset = "Larder-Cache-Control CDN-Cache-Control",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_targets,
	    IN_SETTINGS(struct cache_targets, cache.targets),
	},
	{
	    .name = "CacheOverride",
	    .syntax = "[status=list] [type=list] [ttl=time] [grace=time] "
		      "[keep=time] [ignore=list] [force]",
	    .help = "How answers of that status and media type are cached, "
		    "in place of what they say themselves; the first rule "
		    "that fits counts, and those of an inner section come "
		    "first. See cache-override.md.",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = cache_override_add,
	},
	FLAG("CacheStoreExpired", store_expired, DIRECTIVES_ANYWHERE, "Off",
	    "Answers that are stale at once are kept, to be validated. When "
	    "Off, one is kept only if max-age makes it stale and it has a "
	    "validator, or if it may be served stale."),
	FLAG("CacheStoreNoStore", store_no_store, DIRECTIVES_ANYWHERE, "Off",
	    "Answers are kept in spite of Cache-Control: no-store, theirs or "
	    "the request's."),
	FLAG("CacheStorePrivate", store_private, DIRECTIVES_ANYWHERE, "Off",
	    "Answers are kept in spite of Cache-Control: private."),
	{
	    .name = "CacheRangeFill",
	    .syntax = "Off|Holes|Whole",
	    .help = "What a range of something that is not stored leads to. "
		    "Holes: the bytes that are missing are asked for, and "
		    "stored. Whole: all of it is fetched, and stored. Off: "
		    "the request is passed on, and its answer not stored.",
	    .preset = "Holes",
	    .contexts = DIRECTIVES_ANYWHERE,
	    ONE_ARGUMENT,
	    .set = set_range_fill,
	    IN_SETTINGS(enum range_fill, cache.range_fill),
	},
	FLAG("CacheStaleOnError", stale_on_error, DIRECTIVES_ANYWHERE, "On",
	    "When the backend fails, what is stale is served."),
	{
	    .name = "CacheHeader",
	    .syntax = "On|Off",
	    .help = "Whether answers have an X-Cache field: HIT, REVALIDATE "
		    "or MISS. (Cache-Status is always sent.)",
	    .preset = "Off",
	    .contexts = DIRECTIVES_ANYWHERE,
	    ONE_ARGUMENT,
	    .set = scope_set_flag,
	    IN_SETTINGS(bool, x_cache),
	},
	{
	    .name = "CacheDetailHeader",
	    .syntax = "On|Off",
	    .help = "Whether answers have an X-Cache-Detail field, which "
		    "says why.",
	    .preset = "Off",
	    .contexts = DIRECTIVES_ANYWHERE,
	    ONE_ARGUMENT,
	    .set = scope_set_flag,
	    IN_SETTINGS(bool, x_cache_detail),
	},
};

struct directive_table
directives_cache(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
