/* proxy/cache/key_query.c: parameters are taken off one by one, judged, and
 * put together again */
#include "proxy/cache/key_query.h"

#include <stdlib.h>

#include "proxy/cache/text.h"

/* ---- one parameter ---- */

/* Takes the next parameter off the query; empty ones are passed over.
 * False at the end. */
static bool
next_parameter(struct slice *rest, struct slice *parameter)
{
	while (rest->n > 0) {
		size_t end = slice_find(*rest, '&');

		*parameter = slice_cut(*rest, 0, end);
		*rest = slice_cut(*rest, end + 1, rest->n);
		if (parameter->n > 0)
			return true;
	}
	return false;
}

static struct slice
name_of(struct slice parameter)
{
	return slice_cut(parameter, 0, slice_find(parameter, '='));
}

/* "utm_*" fits all names that begin so. */
static bool
fits(struct slice pattern, struct slice name)
{
	if (slice_ends(pattern, SLICE("*")))
		return slice_starts(name, slice_cut(pattern, 0, pattern.n - 1));
	return slice_eq(pattern, name);
}

static bool
fits_any(const struct slice *patterns, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++) {
		if (fits(patterns[i], name))
			return true;
	}
	return false;
}

/* Apache takes "name=value" only, not a bare "name". */
static bool
is_session(const struct cache_policy *policy, struct slice parameter)
{
	struct slice name = name_of(parameter);

	for (size_t i = 0; i < policy->n_session_ids; i++) {
		if (name.n < parameter.n &&
		    slice_eq(policy->session_ids[i], name))
			return true;
	}
	return false;
}

static bool
counts(const struct cache_policy *policy, struct slice parameter)
{
	const struct key_query *kq = policy->key_query;
	struct slice name = name_of(parameter);

	if (is_session(policy, parameter))
		return false;
	if (kq == NULL)
		return true;
	return !kq->ignore &&
	    (kq->n_keep == 0 || fits_any(kq->keep, kq->n_keep, name)) &&
	    !fits_any(kq->drop, kq->n_drop, name);
}

/* ---- the order ---- */

/* Parameters of one name stay in the order of the query, where all of
 * them point into. */
static int
by_name(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	int order = slice_compare(name_of(*x), name_of(*y));

	return order != 0 ? order : (x->p > y->p) - (x->p < y->p);
}

static size_t
most_parameters(struct slice query)
{
	size_t n = 1;

	for (size_t i = 0; i < query.n; i++)
		n += query.p[i] == '&';
	return n;
}

/* ---- the whole ---- */

struct slice
key_query_path(const struct cache_policy *policy, struct slice path)
{
	for (size_t i = path.n; i > 0 && path.p[i - 1] != '/'; i--) {
		if (path.p[i - 1] != ';')
			continue;
		if (!is_session(policy, slice_cut(path, i, path.n)))
			break;
		path.n = i - 1;
	}
	return path;
}

enum lr
key_query_shape(const struct cache_policy *policy, struct slice query,
    struct arena *arena, struct slice *out)
{
	struct slice *kept, parameter;
	struct text t = { NULL, 0 };
	size_t n = 0;

	if (policy->key_query == NULL && policy->n_session_ids == 0) {
		*out = query;
		return LR_OK;
	}
	t.p = arena_alloc(arena, query.n);
	kept = arena_alloc(arena, most_parameters(query) * sizeof(*kept));
	if (t.p == NULL || kept == NULL)
		return LR_NOMEM;
	while (next_parameter(&query, &parameter)) {
		if (counts(policy, parameter))
			kept[n++] = parameter;
	}
	if (policy->key_query != NULL && policy->key_query->sort)
		qsort(kept, n, sizeof(*kept), by_name);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_put_char(&t, '&');
		text_put(&t, kept[i]);
	}
	*out = text_slice(&t);
	return LR_OK;
}

bool
key_query_counts(const struct cache_policy *policy, struct slice target)
{
	size_t mark = slice_find(target, '?');
	struct slice query = slice_cut(target, mark + 1, target.n), parameter;

	if (mark == target.n || policy->ignore_query)
		return false;
	if (policy->key_query == NULL && policy->n_session_ids == 0)
		return true;
	while (next_parameter(&query, &parameter)) {
		if (counts(policy, parameter))
			return true;
	}
	return false;
}
