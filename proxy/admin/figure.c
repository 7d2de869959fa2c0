/* proxy/admin/figure.c: the store's figures, and metrics of them all */
#include "proxy/admin/figure.h"

#include <inttypes.h>

#define MEMBER(m) #m, offsetof(struct store_stats, m)

const struct store_figure STORE_FIGURES[] = {
	{ MEMBER(objects), true, "Objects in the store" },
	{ MEMBER(body_bytes), true, "Bytes of their bodies" },
	{ MEMBER(pages), true, "Pages of 4,096 bytes that the store may use" },
	{ MEMBER(pages_used), true, "Pages in use" },
	{ MEMBER(fills), false, "Objects begun" },
	{ MEMBER(fills_refused), false, "Objects refused for want of room" },
	{ MEMBER(fills_failed), false, "Objects begun and given up" },
	{ MEMBER(published), false, "Objects completed" },
	{ MEMBER(updates), false, "Heads replaced after a revalidation" },
	{ MEMBER(removed), false, "Objects removed" },
	{ MEMBER(evicted), false, "Objects evicted to make room" },
	{ MEMBER(not_admitted), false,
	    "Objects not stored, as others were worth more" },
	{ MEMBER(ghost_hits), false,
	    "Objects stored again that the policy remembered" },
	{ MEMBER(commits), false, "Transactions committed" },
	{ MEMBER(commit_us), false, "Microseconds spent in commits" },
	{ MEMBER(corrupt), false, "Objects found damaged and dropped" },
	{ MEMBER(verified), false, "Pages checked when first read" },
	{ MEMBER(scrubbed), false, "Objects checked by the scrub" },
	{ MEMBER(scrub_rounds), false, "Times that it checked all of them" },
	{ MEMBER(loaded), true, "Objects that were there at the start" },
	{ MEMBER(open_ms), true, "Milliseconds that opening the store took" },
	{ MEMBER(queue_bytes), true, "Bytes waiting for the writer" },
	{ MEMBER(queue_jobs), true, "Jobs waiting for the writer" },
	{ NULL, 0, false, NULL },
};

uint64_t
store_figure_get(const struct store_figure *f, const struct store_stats *stats)
{
	const void *member = (const char *)stats + f->offset;

	return *(const uint64_t *)member;
}

void
figure_sum(const struct control_calls *calls, unsigned n_workers,
    uint64_t sums[COUNTER_COUNT])
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		sums[i] = 0;
	for (unsigned w = 0; w < n_workers; w++) {
		const struct counters *c = calls->counters(calls->ctx, w);

		for (int i = 0; i < COUNTER_COUNT; i++)
			sums[i] += counter_get(c, (enum counter)i);
	}
}

/* One metric with its two lines of description. */
static void
put(struct strbuf *out, const char *group, const char *name, const char *help,
    bool gauge, uint64_t value)
{
	const char *end = gauge ? "" : "_total";

	strbuf_addf(out, "# HELP larder_%s%s%s %s.\n", group, name, end, help);
	strbuf_addf(out, "# TYPE larder_%s%s%s %s\n", group, name, end,
	    gauge ? "gauge" : "counter");
	strbuf_addf(
	    out, "larder_%s%s%s %" PRIu64 "\n", group, name, end, value);
}

static void
put_process(struct strbuf *out, const struct control_view *v)
{
	strbuf_add_cstr(out,
	    "# HELP larder_info What runs.\n"
	    "# TYPE larder_info gauge\n"
	    "larder_info{version=\"" LARDER_VERSION "\"} 1\n");
	put(out, "", "start_time_seconds", "Start, in seconds since 1970", true,
	    (uint64_t)(v->started_ms / 1000));
	put(out, "", "workers", "Worker threads", true, v->n_workers);
	put(out, "", "reloads", "Configurations loaded since the start", false,
	    v->reloads);
	put(out, "", "flights", "Fetches under way that others may join", true,
	    v->flights);
	put(out, "store_", "open", "1 when there is a store", true,
	    v->has_store ? 1 : 0);
}

void
figure_metrics(const struct control_calls *calls, struct strbuf *out)
{
	uint64_t sums[COUNTER_COUNT];
	struct control_view v;

	calls->view(calls->ctx, &v);
	put_process(out, &v);
	figure_sum(calls, v.n_workers, sums);
	for (int i = 0; i < COUNTER_COUNT; i++)
		put(out, "", COUNTERS[i].name, COUNTERS[i].help,
		    COUNTERS[i].gauge != 0, sums[i]);
	for (const struct store_figure *f = STORE_FIGURES;
	     v.has_store && f->name != NULL; f++)
		put(out, "store_", f->name, f->help, f->gauge,
		    store_figure_get(f, &v.store));
}
