/* proxy/admin/figure.h: every number that larder can tell of itself.
 *
 * One const table for the store's, COUNTERS for the workers', and few
 * more; from them come GET /stats and GET /metrics.  Pure. */
#ifndef PROXY_ADMIN_FIGURE_H
#define PROXY_ADMIN_FIGURE_H

#include "proxy/admin/verb.h"

/* One figure of the store. */
struct store_figure {
	const char *name; /* key in JSON; "larder_store_" name in metrics */
	size_t offset;	  /* in struct store_stats */
	bool gauge;	  /* goes down too */
	const char *help;
};
extern const struct store_figure STORE_FIGURES[]; /* ends with a NULL name */

uint64_t store_figure_get(
    const struct store_figure *f, const struct store_stats *stats);

/* All workers' counts added up.  A gauge's negative share in one worker
 * wraps around to the right sum. */
void figure_sum(const struct control_calls *calls, unsigned n_workers,
    uint64_t sums[COUNTER_COUNT]);

/* The text format of Prometheus, version 0.0.4. */
void figure_metrics(const struct control_calls *calls, struct strbuf *out);

#endif
