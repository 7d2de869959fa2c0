/* proxy/site/overrides.c: merging byte by byte, under a mask */
#include "proxy/site/overrides.h"

#include "store/base/check.h"

void *
overrides_take(struct overrides *o, size_t offset, size_t bytes)
{
	CHECK(offset + bytes <= sizeof(struct settings));
	memset((char *)&o->given + offset, 0xff, bytes);
	return (char *)&o->value + offset;
}

void
overrides_apply(const struct overrides *o, struct settings *settings)
{
	const unsigned char *given = (const unsigned char *)&o->given;
	const unsigned char *value = (const unsigned char *)&o->value;
	unsigned char *to = (unsigned char *)settings;

	for (size_t i = 0; i < sizeof(*settings); i++)
		to[i] = (unsigned char)((to[i] & ~given[i]) |
		    (value[i] & given[i]));
}

void
overrides_chain(const struct overrides *o, const struct settings *before,
    struct settings *settings)
{
	if (o->value.cache.overrides.n > 0)
		settings->cache.overrides.outer = &before->cache.overrides;
}
