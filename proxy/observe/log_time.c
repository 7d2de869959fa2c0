/* proxy/observe/log_time.c: local times for log lines */
#include "proxy/observe/log_time.h"

#include <time.h>

#define TEXT_BYTES 256 /* the longest strftime result; more becomes "-" */
#define US_PER_S 1000000

static struct tm
local_time(int64_t wall_us)
{
	time_t s = (time_t)(wall_us / US_PER_S);
	struct tm tm = { 0 };

	localtime_r(&s, &tm);
	return tm;
}

void
log_time_common(int64_t wall_us, struct strbuf *out)
{
	struct tm tm = local_time(wall_us);
	char text[TEXT_BYTES];

	strbuf_add(out, text,
	    strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S %z]", &tm));
}

static void
add_strftime(struct slice format, int64_t wall_us, struct strbuf *out)
{
	struct tm tm = local_time(wall_us);
	char pattern[TEXT_BYTES], text[TEXT_BYTES];
	size_t n = 0;

	if (format.n < sizeof(pattern)) {
		memcpy(pattern, format.p, format.n);
		pattern[format.n] = '\0';
		n = strftime(text, sizeof(text), pattern, &tm);
	}
	if (n > 0)
		strbuf_add(out, text, n);
	else
		strbuf_add_char(out, '-');
}

void
log_time_write(struct slice format, int64_t begin_wall_us, int64_t end_wall_us,
    struct strbuf *out)
{
	struct slice begin = SLICE("begin:"), end = SLICE("end:");
	int64_t us = begin_wall_us;

	if (slice_starts(format, end)) {
		us = end_wall_us;
		format = slice_cut(format, end.n, format.n);
	} else if (slice_starts(format, begin))
		format = slice_cut(format, begin.n, format.n);

	if (format.n == 0)
		log_time_common(us, out);
	else if (slice_eq(format, SLICE("sec")))
		strbuf_addf(out, "%lld", (long long)(us / US_PER_S));
	else if (slice_eq(format, SLICE("msec")))
		strbuf_addf(out, "%lld", (long long)(us / 1000));
	else if (slice_eq(format, SLICE("usec")))
		strbuf_addf(out, "%lld", (long long)us);
	else if (slice_eq(format, SLICE("msec_frac")))
		strbuf_addf(out, "%03d", (int)(us % US_PER_S / 1000));
	else if (slice_eq(format, SLICE("usec_frac")))
		strbuf_addf(out, "%06d", (int)(us % US_PER_S));
	else
		add_strftime(format, us, out);
}
