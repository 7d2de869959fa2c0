/* tests/support/turning.h: runs a loop in a test, but not for ever. */
#ifndef TESTS_SUPPORT_TURNING_H
#define TESTS_SUPPORT_TURNING_H

#include "proxy/event/loop.h"

/* A loop; the test fails when there is none. */
struct loop *turning_loop(void);

/* Runs until a callback calls loop_stop.  false: nobody did within ten
 * seconds; assert on it. */
bool turning_run(struct loop *loop);
/* Runs until everything deferred and ready by now has had its turn. */
void turning_settle(struct loop *loop);
/* Runs for so long, about. */
void turning_for(struct loop *loop, int64_t ms);

#endif
