/* proxy/site/directives_client.c: how long and how much clients may ask */
#include "proxy/site/directives.h"
#include "proxy/site/scope.h"
#include "store/base/num.h"

/* ---- RequestReadTimeout ---- */

struct stage {
	struct slice timeout, most, rate; /* empty: not given */
};

/* "20-40,MinRate=500" */
static bool
split_stage(struct slice value, struct stage *out)
{
	size_t comma = slice_find(value, ',');
	struct slice times = slice_cut(value, 0, comma);
	struct slice rest = slice_cut(value, comma, value.n);
	struct slice word = SLICE(",MinRate=");
	size_t dash = slice_find(times, '-');

	out->timeout = slice_cut(times, 0, dash);
	out->most = slice_cut(times, dash + 1, times.n);
	out->rate = slice_cut(rest, word.n, rest.n);
	if (dash < times.n && out->most.n == 0)
		return false;
	return rest.n == 0 || (slice_istarts(rest, word) && out->rate.n > 0);
}

static bool
is_seconds(struct slice s, int64_t *out_ms)
{
	return num_parse_duration(s, 1000, DIRECTIVES_YEAR_MS, out_ms) == LR_OK;
}

/* What is wrong with it, or NULL. */
static const char *
read_stage(struct slice value, struct read_timeout *out)
{
	struct read_timeout t = { .most_ms = DIRECTIVES_YEAR_MS };
	struct stage st;

	if (!split_stage(value, &st) || !is_seconds(st.timeout, &t.first_ms))
		return "is written header=20-40,MinRate=500";
	if (st.most.n > 0 && !is_seconds(st.most, &t.most_ms))
		return "is written header=20-40,MinRate=500";
	if (st.rate.n > 0 &&
	    (num_parse_u64(st.rate, UINT32_MAX, &t.min_rate) != LR_OK ||
		t.min_rate == 0))
		return "needs a MinRate of at least 1 byte per second";
	if (st.most.n > 0 && st.rate.n == 0)
		return "needs a MinRate to go from one time to the other";
	if (t.most_ms <= t.first_ms)
		return "needs a second time that is longer than the first";
	if (t.min_rate == 0)
		t.most_ms = t.first_ms;
	*out = t;
	return NULL;
}

static enum lr
set_request_read_timeout(struct directive_use *use)
{
	struct vhost *vh = &use->scope->draft->host->vh;

	for (size_t i = 0; i < use->node->n_args; i++) {
		struct slice arg = use->node->args[i];
		size_t eq = slice_find(arg, '=');
		struct slice name = slice_cut(arg, 0, eq);
		struct slice value = slice_cut(arg, eq + 1, arg.n);
		struct read_timeout ignored, *to = &ignored;
		const char *wrong;

		if (slice_ieq(name, SLICE("header")))
			to = &vh->head_timeout;
		else if (slice_ieq(name, SLICE("body")))
			to = &vh->body_timeout;
		else if (!slice_ieq(name, SLICE("handshake"))) {
			directive_error(use,
			    "\"%.*s\" is not a stage of a request; write "
			    "header=... and body=...",
			    SLICE_ARG(name));
			return LR_INVALID;
		}
		if ((wrong = read_stage(value, to)) != NULL) {
			directive_error(use, "%.*s %s", SLICE_ARG(arg), wrong);
			return LR_INVALID;
		}
	}
	return LR_OK;
}

/* ---- the table ---- */

static const struct directive ROWS[] = {
	{
	    .name = "Timeout",
	    .syntax = "seconds",
	    .help = "How long a client may neither send nor take anything; "
		    "also the default of ProxyTimeout.",
	    .preset = "60",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_ms,
	    IN_VHOST(int64_t, timeout_ms),
	    .unit_ms = 1000,
	    .least = 1,
	    .most = DIRECTIVES_YEAR_MS,
	},
	{
	    .name = "KeepAlive",
	    .syntax = "On|Off",
	    .help = "Whether a connection may be used for several requests.",
	    .preset = "On",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_flag,
	    IN_VHOST(bool, keep_alive),
	},
	{
	    .name = "KeepAliveTimeout",
	    .syntax = "seconds|number with ms",
	    .help = "How long an idle connection waits for the next request.",
	    .preset = "5",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_ms,
	    IN_VHOST(int64_t, keep_alive_timeout_ms),
	    .unit_ms = 1000,
	    .least = 1,
	    .most = DIRECTIVES_YEAR_MS,
	},
	{
	    .name = "MaxKeepAliveRequests",
	    .syntax = "number",
	    .help = "How many requests a connection may be used for; 0 is "
		    "any number. (Apache's default is 100.)",
	    .preset = "1000",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_unsigned,
	    IN_VHOST(unsigned, max_keep_alive_requests),
	    .most = UINT32_MAX,
	},
	{
	    .name = "LimitRequestLine",
	    .syntax = "bytes",
	    .help = "The longest request line; longer ones are answered by "
		    "414.",
	    .preset = "8190",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_size,
	    IN_VHOST(size_t, limits.line_bytes),
	    .least = 16,
	    .most = 1 << 20,
	},
	{
	    .name = "LimitRequestFields",
	    .syntax = "number",
	    .help = "How many header fields a request may have; 0 is any "
		    "number. More are answered by 431.",
	    .preset = "100",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_size,
	    IN_VHOST(size_t, limits.fields),
	    .most = 32767,
	},
	{
	    .name = "LimitRequestFieldSize",
	    .syntax = "bytes",
	    .help = "The longest header field of a request; longer ones are "
		    "answered by 431.",
	    .preset = "8190",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_size,
	    IN_VHOST(size_t, limits.field_bytes),
	    .least = 16,
	    .most = 1 << 20,
	},
	{
	    .name = "LimitRequestBody",
	    .syntax = "bytes",
	    .help = "The largest body of a request; 0 is any size. Larger "
		    "ones are answered by 413.",
	    .preset = "1073741824",
	    .contexts = DIRECTIVES_ANYWHERE,
	    .least_args = 1,
	    .most_args = 1,
	    .set = scope_set_bytes,
	    IN_SETTINGS(uint64_t, limit_request_body),
	},
	{
	    .name = "RequestReadTimeout",
	    .syntax = "header=seconds[-most][,MinRate=bytes] "
		      "body=seconds[-most][,MinRate=bytes]",
	    .help = "How long a request's head and body may take to arrive; "
		    "each MinRate bytes give another second, up to the "
		    "second time. 0 is no limit.",
	    .preset = "header=20-40,MinRate=500 body=20,MinRate=500",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 3,
	    .set = set_request_read_timeout,
	},
};

struct directive_table
directives_client(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
