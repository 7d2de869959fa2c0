/* store/spans.c: adding, reading and dropping spans */
#include "store/spans.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/check.h"

static struct span *
items(struct spans *s)
{
	return s->v != NULL ? s->v : s->first;
}

static uint32_t
capacity(const struct spans *s)
{
	return s->v != NULL ? s->cap : SPANS_INLINE;
}

/* Makes room for `more` spans behind the last. */
static enum lr
grow(struct spans *s, uint32_t more)
{
	uint32_t cap = capacity(s);
	struct span *v;

	if (s->n + more <= cap)
		return LR_OK;
	while (cap < s->n + more)
		cap *= 2;
	if ((v = realloc(s->v, cap * sizeof(*v))) == NULL)
		return LR_NOMEM;
	if (s->v == NULL)
		memcpy(v, s->first, sizeof(s->first));
	s->v = v;
	s->cap = cap;
	return LR_OK;
}

enum lr
spans_add(struct spans *s, struct span piece)
{
	struct span *last = s->n > s->at ? &items(s)[s->n - 1] : NULL;

	if (piece.len == 0)
		return LR_OK;
	if (last != NULL && last->block == piece.block &&
	    last->off + last->len == piece.off) {
		last->len += piece.len;
		s->bytes += piece.len;
		return LR_OK;
	}
	if (grow(s, 1) != LR_OK)
		return LR_NOMEM;
	block_ref(piece.block);
	items(s)[s->n++] = piece;
	s->bytes += piece.len;
	return LR_OK;
}

void
spans_read(struct spans *s, void *dst, size_t n)
{
	struct span *sp;
	char *to = dst;
	size_t part;

	CHECK(n <= s->bytes);
	s->bytes -= n;
	while (n > 0) {
		sp = &items(s)[s->at];
		part = sp->len - s->off;
		if (part > n)
			part = n;
		memcpy(to, sp->block->data + sp->off + s->off, part);
		to += part;
		n -= part;
		s->off += (uint32_t)part;
		if (s->off == sp->len) {
			s->at++;
			s->off = 0;
		}
	}
}

static void
unref_first(struct spans *s, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		block_unref(items(s)[i].block);
}

void
spans_drop_read(struct spans *s)
{
	struct span *v = items(s);

	unref_first(s, s->at);
	memmove(v, v + s->at, (s->n - s->at) * sizeof(*v));
	s->n -= s->at;
	s->at = 0;
}

void
spans_clear(struct spans *s)
{
	unref_first(s, s->n);
	free(s->v);
	*s = (struct spans){ 0 };
}

enum lr
spans_join(struct spans *to, struct spans *from)
{
	CHECK(from->at == 0);
	if (to->n == 0) {
		free(to->v);
		*to = *from;
	} else {
		if (grow(to, from->n) != LR_OK)
			return LR_NOMEM;
		memcpy(items(to) + to->n, items(from),
		    from->n * sizeof(struct span));
		to->n += from->n;
		to->bytes += from->bytes;
		free(from->v);
	}
	*from = (struct spans){ 0 };
	return LR_OK;
}
