/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/reaper.h: who has ended, and when a job is over.
 *
 * The keeper is a subreaper: when a process dies, its children become ours before it can be reaped.
 * So once a job's first process is dead, all that lives of the job lives below children of ours, and
 * if none of our children is the job's, nothing is.  That is a proof, and costs one small file.
 */
#ifndef KEEPER_REAPER_H
#define KEEPER_REAPER_H

#include <stdint.h>

struct err;
struct keeper;

/* Become the one all descendants fall to.  0, or -1 with err. */
int reaper_init(struct err *err);

/*
 * One look at all our children: notes first processes that ended, reaps orphans, begins to end
 * the descendants of ended jobs, finishes those that have none.  Bounded: what is left sets
 * keeper->reap_again.
 */
void reaper_pass(struct keeper *keeper);

/*
 * The job is over: reap its first process, note how many processes are left, tell the runner.
 * If the first process would not die either, the job counts as ended by signal 9.
 */
void reaper_finish(struct keeper *keeper, int32_t at, int32_t left);

#endif
