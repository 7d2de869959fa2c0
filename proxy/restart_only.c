/* proxy/restart_only.c: comparing what shapes the process */
#include "proxy/restart_only.h"

enum type { TEXT, UNSIGNED, BYTES, MS, FLAG };

#define MEMBER(m) offsetof(struct server_conf, m)

static const struct {
	const char *directive;
	enum type type;
	size_t offset;
} SETTINGS[] = {
	{ "WorkerThreads", UNSIGNED, MEMBER(workers) },
	{ "User", TEXT, MEMBER(user) },
	{ "Group", TEXT, MEMBER(group) },
	{ "PidFile", TEXT, MEMBER(pid_file) },
	{ "ControlSocket", TEXT, MEMBER(control_socket) },
	{ "CacheRoot", TEXT, MEMBER(cache_root) },
	{ "CacheSize", BYTES, MEMBER(cache_size_bytes) },
	{ "CacheDurability", FLAG, MEMBER(cache_fast) },
	{ "CacheSyncInterval", MS, MEMBER(cache_sync_ms) },
	{ "CacheScrubRate", BYTES, MEMBER(cache_scrub_bytes_s) },
	{ "CacheEviction", UNSIGNED, MEMBER(cache_policy) },
};

static bool
same(enum type type, const void *a, const void *b)
{
	switch (type) {
	case TEXT:
		return slice_eq(
		    *(const struct slice *)a, *(const struct slice *)b);
	case UNSIGNED:
		return *(const unsigned *)a == *(const unsigned *)b;
	case BYTES:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	case MS:
		return *(const int64_t *)a == *(const int64_t *)b;
	case FLAG:
		return *(const bool *)a == *(const bool *)b;
	}
	return false;
}

void
restart_only_tell(const struct server_conf *running,
    const struct server_conf *wanted, struct strbuf *messages)
{
	for (size_t i = 0; i < sizeof(SETTINGS) / sizeof(SETTINGS[0]); i++) {
		size_t at = SETTINGS[i].offset;

		if (!same(SETTINGS[i].type, (const char *)running + at,
			(const char *)wanted + at))
			strbuf_addf(messages,
			    "notice: %s has changed; it takes effect at the "
			    "next start\n",
			    SETTINGS[i].directive);
	}
}
