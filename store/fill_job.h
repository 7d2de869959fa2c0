/* store/fill_job.h: what the writer does alike for whole objects
 * (fill_job.c) and for parts (fill_part.c).  The writer's thread only. */
#ifndef STORE_FILL_JOB_H
#define STORE_FILL_JOB_H

#include "store/fill.h"
#include "store/group.h"

struct fill *fill_job_fill(struct job *job);
/* Moves over what has come in; the step is FILL_WAITS then. */
void fill_job_take(struct fill *f);
/* Takes the group's share of the fill off its space; false: there is too
 * little. */
bool fill_job_reserve(struct fill *f, struct group *g);
/* job_ops.settle of both. */
enum job_next fill_job_settle(
    struct job *job, struct group *g, enum lr outcome);

#endif
