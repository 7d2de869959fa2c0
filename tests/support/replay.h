/* tests/support/replay.h: what a policy would have made of a trace.
 *
 * A trace is a list of requests, each for an object of some bytes.  An object
 * whose bytes have changed since it was stored is a miss, and replaces what
 * was stored.  Nothing else expires, and an object larger than the cache is
 * never stored.  One thread; aborts when there is no memory. */
#ifndef TESTS_SUPPORT_REPLAY_H
#define TESTS_SUPPORT_REPLAY_H

#include <stdint.h>
#include <stdio.h>

#include "store/base/status.h"
#include "store/policy.h"

struct replay_request {
	uint32_t id; /* from 1 on, without gaps */
	uint64_t bytes;
};

struct replay_trace { /* all zero: empty */
	struct replay_request *requests;
	size_t n, capacity;
	uint32_t last_id;
};

struct replay_result {
	uint64_t requests, misses, bytes, missed_bytes;
	uint64_t capacity_bytes, evicted, not_admitted;
};

void replay_add(struct replay_trace *t, uint32_t id, uint64_t bytes);
/* Lines of `time,id,bytes`; the time is not looked at, the id may be any
 * text.  LR_INVALID: *line is none. */
enum lr replay_read(FILE *in, struct replay_trace *t, size_t *line);
void replay_free(struct replay_trace *t);

/* With a cache as large as this fraction of the footprint: of the bytes of
 * all different objects, as they were first seen. */
void replay_run(const struct replay_trace *t, double fraction,
    enum policy_kind kind, struct replay_result *out);
/* In thousandths, rounded. */
unsigned replay_request_miss(const struct replay_result *r);
unsigned replay_byte_miss(const struct replay_result *r);

#endif
