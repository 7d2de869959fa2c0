/* proxy/conf/array.h: arrays in an arena that grow while a configuration
 * is read. */
#ifndef PROXY_CONF_ARRAY_H
#define PROXY_CONF_ARRAY_H

#include "store/base/arena.h"

struct array { /* a plain value; zeroed is empty */
	void *items;
	size_t n;
};

/* A zeroed item of item_bytes at the end; earlier items may move.  NULL
 * when out of memory. */
void *array_add(struct array *a, size_t item_bytes, struct arena *arena);

#endif
