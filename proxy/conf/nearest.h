/* proxy/conf/nearest.h: the name that was probably meant.  Pure. */
#ifndef PROXY_CONF_NEAREST_H
#define PROXY_CONF_NEAREST_H

#include "store/base/slice.h"

/* A search over names, one by one; zeroed but for typed is ready. */
struct nearest {
	struct slice typed;
	const char *best; /* NULL: nothing is near enough */
	size_t best_distance;
};

void nearest_try(struct nearest *search, const char *name);

/* Edits (a letter added, dropped, changed, or two swapped) that make one
 * the other, letter case ignored.  Names over 63 bytes are far from
 * everything. */
size_t nearest_distance(struct slice a, struct slice b);

#endif
