/* proxy/observe/log_time.h: the times of %t. */
#ifndef PROXY_OBSERVE_LOG_TIME_H
#define PROXY_OBSERVE_LOG_TIME_H

#include <stdint.h>

#include "store/base/strbuf.h"

/* Common Log Format, local time: "[21/Nov/2026:01:02:03 +0100]". */
void log_time_common(int64_t wall_us, struct strbuf *out);

/* %{format}t: strftime's language, or one of sec, msec, usec, msec_frac,
 * usec_frac; "begin:" (the default) or "end:" in front chooses the time.
 * Times in microseconds since 1970 UTC. */
void log_time_write(struct slice format, int64_t begin_wall_us,
    int64_t end_wall_us, struct strbuf *out);

#endif
