/* proxy/conf/lex.c: lines and words */
#include "proxy/conf/lex.h"

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = slice_cut(s, 1, s.n);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

void
lex_init(struct lex *lx, struct slice text)
{
	struct slice mark = SLICE("\xef\xbb\xbf"); /* some editors begin so */

	lx->text = text;
	lx->at = slice_starts(text, mark) ? mark.n : 0;
	lx->line = 1;
}

/* One line as it lies in the text, without its end. */
static struct slice
physical_line(struct lex *lx)
{
	struct slice rest = slice_cut(lx->text, lx->at, lx->text.n);
	struct slice line = slice_cut(rest, 0, slice_find(rest, '\n'));

	lx->at += line.n < rest.n ? line.n + 1 : line.n;
	lx->line++;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static bool
is_continued(struct slice line)
{
	return line.n > 0 && line.p[line.n - 1] == '\\';
}

static enum lr
join(struct arena *arena, struct slice *head, struct slice tail)
{
	char *p = arena_alloc(arena, head->n + tail.n);

	if (p == NULL)
		return LR_NOMEM;
	if (head->n > 0)
		memcpy(p, head->p, head->n);
	if (tail.n > 0)
		memcpy(p + head->n, tail.p, tail.n);
	*head = slice_make(p, head->n + tail.n);
	return LR_OK;
}

/* A line with those that continue it. */
static enum lr
logical_line(struct lex *lx, struct arena *arena, struct slice *out)
{
	struct slice line = physical_line(lx);
	enum lr rc;

	while (is_continued(line)) {
		line.n--;
		if (lx->at == lx->text.n)
			break;
		if ((rc = join(arena, &line, physical_line(lx))) != LR_OK)
			return rc;
	}
	*out = trim(line);
	return LR_OK;
}

enum lr
lex_line(
    struct lex *lx, struct arena *arena, struct slice *out, unsigned *number)
{
	while (lx->at < lx->text.n) {
		unsigned first = lx->line;
		struct slice line;
		enum lr rc = logical_line(lx, arena, &line);

		if (rc != LR_OK)
			return rc;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		*out = line;
		*number = first;
		return LR_OK;
	}
	return LR_NOTFOUND;
}

/* quote 0: not inside quotes. */
static bool
is_escape(struct slice s, size_t i, char quote)
{
	return s.p[i] == '\\' && i + 1 < s.n &&
	    (s.p[i + 1] == '\\' || (quote != 0 && s.p[i + 1] == quote));
}

/* Where the word that begins s ends. */
static size_t
word_end(struct slice s, char quote)
{
	size_t i = 0;

	while (i < s.n) {
		if (quote != 0 ? s.p[i] == quote : is_blank(s.p[i]))
			break;
		i += is_escape(s, i, quote) ? 2 : 1;
	}
	return i;
}

static enum lr
unescape(struct slice s, char quote, struct arena *arena, struct slice *out)
{
	char *p;
	size_t n = 0;

	if (s.n == 0 || memchr(s.p, '\\', s.n) == NULL) {
		*out = s;
		return LR_OK;
	}
	if ((p = arena_alloc(arena, s.n)) == NULL)
		return LR_NOMEM;
	for (size_t i = 0; i < s.n; i++) {
		if (is_escape(s, i, quote))
			i++;
		p[n++] = s.p[i];
	}
	*out = slice_make(p, n);
	return LR_OK;
}

enum lr
lex_word(struct slice *rest, struct arena *arena, struct slice *out)
{
	struct slice s = trim(*rest);
	char quote = 0;
	size_t n;
	enum lr rc;

	if (s.n == 0)
		return LR_NOTFOUND;
	if (s.p[0] == '"' || s.p[0] == '\'') {
		quote = s.p[0];
		s = slice_cut(s, 1, s.n);
	}
	n = word_end(s, quote);
	if (quote != 0 && n == s.n)
		return LR_INVALID;
	rc = unescape(slice_cut(s, 0, n), quote, arena, out);
	if (rc == LR_OK)
		*rest = slice_cut(s, quote != 0 ? n + 1 : n, s.n);
	return rc;
}
