/* proxy/conf/nearest.c: edit distance (optimal string alignment) */
#include "proxy/conf/nearest.h"

#include <stdint.h>

#define NAME_MAX_BYTES 63
#define FAR SIZE_MAX

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
are_swapped(struct slice a, struct slice b, size_t i, size_t j)
{
	return i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
	    lower(a.p[i - 2]) == lower(b.p[j - 1]);
}

/* Row i holds the distances of a's first i letters to each prefix of b;
 * three rows are kept. */
size_t
nearest_distance(struct slice a, struct slice b)
{
	size_t rows[3][NAME_MAX_BYTES + 1];

	if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
		return FAR;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			bool same = lower(a.p[i - 1]) == lower(b.p[j - 1]);

			row[j] = least(least(above[j], row[j - 1]) + 1,
			    above[j - 1] + (same ? 0 : 1));
			if (are_swapped(a, b, i, j))
				row[j] = least(
				    row[j], rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

void
nearest_try(struct nearest *search, const char *name)
{
	size_t d = nearest_distance(search->typed, slice_of(name));
	size_t allowed = least(3, 1 + search->typed.n / 5);

	if (d > allowed || (search->best != NULL && d >= search->best_distance))
		return;
	search->best = name;
	search->best_distance = d;
}
