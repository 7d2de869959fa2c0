/* proxy/cache/policy.c: Apache's defaults */
#include "proxy/cache/policy.h"

static const struct slice TARGETS[] = {
	SLICE("Larder-Cache-Control"),
	SLICE("CDN-Cache-Control"),
};

void
cache_policy_init(struct cache_policy *p)
{
	*p = (struct cache_policy){
		.lock_max_age_s = 5,
		.lock = true,
		.max_file_bytes = 1000000,
		.default_expire_s = 3600,
		.max_expire_s = 86400,
		.last_modified_factor_milli = 100,
		.stale_on_error = true,
		.range_fill = RANGE_FILL_HOLES,
		.targets = { TARGETS, sizeof(TARGETS) / sizeof(TARGETS[0]) },
	};
}
