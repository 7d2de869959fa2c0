/* store/base/clock.h: what time it is.
 *
 * Time is the one thing tests may fake: when the environment names a file
 * of one little-endian int64 in LARDER_CLOCK_FILE, clock_init maps it and
 * its value, in milliseconds, is added to every reading, so that a test
 * moves a running daemon's time by writing to the file.  Unit tests pass
 * times as arguments instead.  Safe on any thread. */
#ifndef STORE_BASE_CLOCK_H
#define STORE_BASE_CLOCK_H

#include <stdint.h>

#include "store/base/status.h"

/* One reading; taken once per turn of an event loop and handed down. */
struct clock_time {
	int64_t wall_ms; /* since 1970-01-01 UTC; may jump */
	int64_t mono_ms; /* since an arbitrary point; never goes back */
};

/* Call once in main, before threads start.  LR_IO when the named file
 * cannot be mapped. */
enum lr clock_init(void);

struct clock_time clock_read(void);
/* CLOCK_MONOTONIC in microseconds, without the test offset: durations. */
int64_t clock_mono_us(void);

#endif
