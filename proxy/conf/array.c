/* proxy/conf/array.c: arrays that grow */
#include "proxy/conf/array.h"

/* Room is made at powers of two, so it need not be remembered. */
void *
array_add(struct array *a, size_t item_bytes, struct arena *arena)
{
	if ((a->n & (a->n - 1)) == 0) {
		size_t room = a->n == 0 ? 1 : a->n * 2;
		char *items = arena_zalloc(arena, room * item_bytes);

		if (items == NULL)
			return NULL;
		if (a->n > 0)
			memcpy(items, a->items, a->n * item_bytes);
		a->items = items;
	}
	return (char *)a->items + a->n++ * item_bytes;
}
