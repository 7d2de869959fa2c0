/* proxy/site/path.c: decoding, with a way back */
#include "proxy/site/path.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that %XX at s.p[i] stands for, or -1. */
static int
escaped_byte(struct slice s, size_t i)
{
	int high, low;

	if (s.n - i < 3)
		return -1;
	high = hex_value(s.p[i + 1]);
	low = hex_value(s.p[i + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool
is_plain(struct slice s)
{
	return s.n == 0 ||
	    (memchr(s.p, '%', s.n) == NULL &&
		memmem(s.p, s.n, "//", 2) == NULL);
}

struct decoding {
	char *text;
	uint32_t *raw_at;
	size_t n;
};

static void
put(struct decoding *d, char c, size_t raw_at)
{
	if (c == '/' && d->n > 0 && d->text[d->n - 1] == '/')
		return;
	d->text[d->n] = c;
	d->raw_at[d->n] = (uint32_t)raw_at;
	d->n++;
}

static enum lr
decode(struct slice raw, struct decoding *d)
{
	for (size_t i = 0; i < raw.n; i++) {
		int byte;

		if (raw.p[i] != '%') {
			put(d, raw.p[i], i);
			continue;
		}
		byte = escaped_byte(raw, i);
		if (byte <= 0)
			return LR_INVALID;
		if (byte == '/') {
			put(d, '%', i);
			put(d, '2', i + 1);
			put(d, 'F', i + 2);
		} else {
			put(d, (char)byte, i);
		}
		i += 2;
	}
	d->raw_at[d->n] = (uint32_t)raw.n;
	return LR_OK;
}

enum lr
path_read(struct slice raw, struct arena *arena, struct path *out)
{
	struct decoding d = { 0 };
	enum lr rc;

	if (is_plain(raw)) {
		*out = (struct path){ .raw = raw, .text = raw };
		return LR_OK;
	}
	if (raw.n >= UINT32_MAX)
		return LR_INVALID;
	d.text = arena_alloc(arena, raw.n + 1);
	d.raw_at = arena_alloc(arena, (raw.n + 1) * sizeof(*d.raw_at));
	if (d.text == NULL || d.raw_at == NULL)
		return LR_NOMEM;
	if ((rc = decode(raw, &d)) != LR_OK)
		return rc;
	*out = (struct path){
		.raw = raw, .text = slice_make(d.text, d.n), .raw_at = d.raw_at
	};
	return LR_OK;
}

struct slice
path_raw(const struct path *p, size_t from, size_t to)
{
	if (p->raw_at != NULL) {
		from = p->raw_at[from];
		to = p->raw_at[to];
	}
	return slice_cut(p->raw, from, to);
}

bool
path_is_under(struct slice text, struct slice prefix)
{
	if (!slice_starts(text, prefix))
		return false;
	return text.n == prefix.n || prefix.n == 0 ||
	    prefix.p[prefix.n - 1] == '/' || text.p[prefix.n] == '/';
}

enum lr
path_merge_slashes(struct slice s, struct arena *arena, struct slice *out)
{
	char *p;
	size_t n = 0;

	if (s.n == 0 || memmem(s.p, s.n, "//", 2) == NULL) {
		*out = s;
		return LR_OK;
	}
	if ((p = arena_alloc(arena, s.n + 1)) == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '/' || n == 0 || p[n - 1] != '/')
			p[n++] = s.p[i];
	}
	p[n] = '\0';
	*out = slice_make(p, n);
	return LR_OK;
}
