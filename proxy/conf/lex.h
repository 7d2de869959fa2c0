/* proxy/conf/lex.h: lines and words of Apache's configuration syntax.
 *
 * A line ends at its line feed; a backslash just before it joins the next
 * one.  Blank lines and lines whose first character is '#' do not count.
 * Words are separated by blanks; "double" or 'single' quotes keep blanks
 * in a word.  Inside quotes a backslash protects the quote character,
 * everywhere it protects another backslash; else it stands for itself, so
 * that regular expressions need no doubling.  Pure. */
#ifndef PROXY_CONF_LEX_H
#define PROXY_CONF_LEX_H

#include "store/base/arena.h"
#include "store/base/slice.h"
#include "store/base/status.h"

struct lex { /* a plain value */
	struct slice text;
	size_t at;     /* offset of what is not read yet */
	unsigned line; /* the number of the line there, from 1 */
};

void lex_init(struct lex *lx, struct slice text);

/* The next line that counts, without blanks around it, and the number it
 * begins at.  A slice of the text, or of the arena when lines were joined.
 * LR_NOTFOUND: the text is at its end; LR_NOMEM. */
enum lr lex_line(
    struct lex *lx, struct arena *arena, struct slice *out, unsigned *number);

/* Takes the next word off the front of *rest.  A slice of it, or of the
 * arena when escapes were resolved.
 * LR_NOTFOUND: none is left; LR_INVALID: a quote is never closed;
 * LR_NOMEM. */
enum lr lex_word(struct slice *rest, struct arena *arena, struct slice *out);

#endif
