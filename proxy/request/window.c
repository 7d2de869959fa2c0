#include "proxy/request/window.h"

#include <stdlib.h>

static struct span *
at(const struct window *w, size_t i)
{
	return &w->spans[(w->first + i) & (w->cap - 1)];
}

static enum lr
grow(struct window *w)
{
	size_t cap = w->cap != 0 ? w->cap * 2 : 8;
	struct span *spans = malloc(cap * sizeof(*spans));

	if (spans == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < w->count; i++)
		spans[i] = *at(w, i);
	free(w->spans);
	w->spans = spans;
	w->cap = cap;
	w->first = 0;
	return LR_OK;
}

enum lr
window_append(struct window *w, struct span piece)
{
	enum lr rc;

	if (piece.len == 0)
		return LR_OK;
	if (w->count == w->cap && (rc = grow(w)) != LR_OK)
		return rc;
	block_ref(piece.block);
	*at(w, w->count) = piece;
	w->count++;
	w->end += piece.len;
	return LR_OK;
}

enum lr
window_read(const struct window *w, uint64_t offset,
    struct span out[WINDOW_READ], int *n)
{
	uint64_t start = w->base;
	int got = 0;

	if (offset < w->base)
		return LR_NOTFOUND;
	for (size_t i = 0; i < w->count && got < WINDOW_READ; i++) {
		struct span s = *at(w, i);
		uint64_t next = start + s.len;

		if (next > offset) {
			uint32_t skip = offset > start
			    ? (uint32_t)(offset - start)
			    : 0;

			s.off += skip;
			s.len -= skip;
			block_ref(s.block);
			out[got++] = s;
		}
		start = next;
	}
	*n = got;
	return LR_OK;
}

void
window_drop(struct window *w, uint64_t offset)
{
	while (w->count > 0 && w->base + at(w, 0)->len <= offset) {
		w->base += at(w, 0)->len;
		block_unref(at(w, 0)->block);
		w->first = (w->first + 1) & (w->cap - 1);
		w->count--;
	}
}

void
window_free(struct window *w)
{
	window_drop(w, w->end);
	free(w->spans);
	*w = (struct window){ 0 };
}
