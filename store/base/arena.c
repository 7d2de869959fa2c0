/* store/base/arena.c: a bump allocator over a chain of blocks
 *
 *   head ──> block (default size, bumped) ──> block ──> large block ──> NULL
 *
 * head is always a block of the default size.  What would not fit into a
 * fresh one gets a block of its own behind head, so that head's free tail
 * is not lost to it. */
#include "store/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

/* Under the address sanitizer, bytes that nobody was given trap: without
 * it, a use after arena_reset would go unseen. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define DEFAULT_BLOCK_BYTES 4096

struct arena_block {
	struct arena_block *older;
	alignas(max_align_t) char data[];
};

/* What a default block holds behind its own head. */
static size_t
room_of_block(const struct arena *a)
{
	size_t n = a->block_bytes > 0 ? a->block_bytes : DEFAULT_BLOCK_BYTES;

	return n > 2 * sizeof(struct arena_block)
	    ? n - sizeof(struct arena_block)
	    : n;
}

static size_t
room_left(const struct arena *a)
{
	return a->head != NULL ? (size_t)(a->end - a->next) : 0;
}

/* Rounds up so that the next allocation is aligned again; SIZE_MAX when
 * that would overflow. */
static size_t
rounded(size_t n)
{
	const size_t mask = alignof(max_align_t) - 1;

	return n <= SIZE_MAX - mask ? (n + mask) & ~mask : SIZE_MAX;
}

static struct arena_block *
block_of(size_t room)
{
	if (room > PTRDIFF_MAX - sizeof(struct arena_block))
		return NULL;
	return malloc(sizeof(struct arena_block) + room);
}

static bool
add_default_block(struct arena *a)
{
	size_t room = room_of_block(a);
	struct arena_block *b = block_of(room);

	if (b == NULL)
		return false;
	ASAN_POISON_MEMORY_REGION(b->data, room);
	b->older = a->head;
	a->head = b;
	a->next = b->data;
	a->end = b->data + room;
	return true;
}

static void *
alloc_large(struct arena *a, size_t n)
{
	struct arena_block *b;

	if (a->head == NULL && !add_default_block(a))
		return NULL;
	if ((b = block_of(n)) == NULL)
		return NULL;
	b->older = a->head->older;
	a->head->older = b;
	return b->data;
}

static void
free_chain(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t step = rounded(n);
	void *p;

	if (a->head == NULL || step > room_left(a)) {
		if (step > room_of_block(a) / 2)
			return alloc_large(a, n);
		if (!add_default_block(a))
			return NULL;
	}
	p = a->next;
	a->next += step;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p != NULL && n > 0)
		memset(p, 0, n);
	return p;
}

struct slice
arena_dup(struct arena *a, struct slice s)
{
	char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;

	if (p == NULL)
		return (struct slice){ NULL, 0 };
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return slice_make(p, s.n);
}

void
arena_reset(struct arena *a)
{
	if (a->head == NULL)
		return;
	free_chain(a->head->older);
	a->head->older = NULL;
	a->next = a->head->data;
	ASAN_POISON_MEMORY_REGION(a->next, (size_t)(a->end - a->next));
}

void
arena_free(struct arena *a)
{
	free_chain(a->head);
	a->head = NULL;
	a->next = NULL;
	a->end = NULL;
}
