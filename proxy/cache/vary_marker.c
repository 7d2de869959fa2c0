/* proxy/cache/vary_marker.c: lines, put in front of others */
#include "proxy/cache/vary_marker.h"

#include "proxy/cache/text.h"
#include "store/base/num.h"

/* ---- specifications ---- */

static bool
next_line(struct slice *rest, struct slice *line)
{
	size_t end = slice_find(*rest, '\n');

	if (rest->n == 0)
		return false;
	*line = slice_cut(*rest, 0, end);
	*rest = slice_cut(*rest, end + 1, rest->n);
	return true;
}

/* No field's name has a "=". */
static bool
is_alias(struct slice line)
{
	return line.n > 0 && line.p[0] == '=';
}

bool
vary_marker_next(struct slice *rest, struct slice *spec)
{
	return !is_alias(*rest) && next_line(rest, spec);
}

/* The lines behind the specifications. */
static struct slice
aliases_of(struct slice marker)
{
	struct slice spec;

	while (vary_marker_next(&marker, &spec))
		;
	return marker;
}

enum lr
vary_marker_add(struct slice marker, struct slice spec, struct arena *arena,
    struct slice *out)
{
	struct text t = { arena_alloc(arena, marker.n + spec.n + 2), 0 };
	struct slice other;
	struct slice aliases = aliases_of(marker);
	size_t n = 1;

	if (t.p == NULL)
		return LR_NOMEM;
	text_put(&t, spec);
	while (vary_marker_next(&marker, &other)) {
		if (n == VARY_MARKER_SPECS || slice_eq(other, spec))
			continue;
		text_put_char(&t, '\n');
		text_put(&t, other);
		n++;
	}
	if (aliases.n > 0) {
		text_put_char(&t, '\n');
		text_put(&t, aliases);
	}
	*out = text_slice(&t);
	return LR_OK;
}

/* ---- aliases ---- */

/* "=", the alias and the variant in hexadecimal */
#define HASH_CHARS 16
#define ALIAS_CHARS (1 + HASH_CHARS + 1 + HASH_CHARS)

static void
put_hash(struct text *t, uint64_t hash)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		text_put_char(t, "0123456789abcdef"[hash >> shift & 15]);
}

/* The front of an alias's line: "=" and the alias. */
static struct slice
alias_front(struct slice line)
{
	return slice_cut(line, 0, 1 + HASH_CHARS);
}

static struct slice
alias_line(char dst[ALIAS_CHARS], uint64_t alias, uint64_t variant)
{
	struct text t = { dst, 0 };

	text_put_char(&t, '=');
	put_hash(&t, alias);
	text_put_char(&t, ' ');
	put_hash(&t, variant);
	return text_slice(&t);
}

enum lr
vary_marker_add_alias(struct slice marker, uint64_t alias, uint64_t variant,
    struct arena *arena, struct slice *out)
{
	struct slice aliases = aliases_of(marker), line;
	struct slice specs = slice_cut(marker, 0, marker.n - aliases.n);
	char text[ALIAS_CHARS];
	struct slice mine = alias_line(text, alias, variant);
	struct text t = { NULL, 0 };
	size_t n = 1;

	if (slice_starts(aliases, mine)) {
		*out = marker;
		return LR_OK;
	}
	t.p = arena_alloc(arena, marker.n + ALIAS_CHARS + 2);
	if (t.p == NULL)
		return LR_NOMEM;
	text_put(&t, specs);
	if (!slice_ends(specs, SLICE("\n")))
		text_put_char(&t, '\n');
	text_put(&t, mine);
	while (n < VARY_MARKER_ALIASES && next_line(&aliases, &line)) {
		if (slice_eq(alias_front(line), alias_front(mine)))
			continue;
		text_put_char(&t, '\n');
		text_put(&t, line);
		n++;
	}
	*out = text_slice(&t);
	return LR_OK;
}

enum lr
vary_marker_find_alias(struct slice marker, uint64_t alias, uint64_t *variant)
{
	struct slice aliases = aliases_of(marker), line;
	char text[ALIAS_CHARS];
	struct slice front = alias_front(alias_line(text, alias, 0));

	while (next_line(&aliases, &line)) {
		if (slice_eq(alias_front(line), front))
			return num_parse_hex(
			    slice_cut(line, front.n + 1, line.n), UINT64_MAX,
			    variant);
	}
	return LR_NOTFOUND;
}
