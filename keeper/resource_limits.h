/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/resource_limits.h: memory, processor time and processes of a job.
 *
 *			in a cgroup that has the controller	otherwise
 *	memory		memory.max, no swap, all of it killed	RLIMIT_AS of each process: it is told ENOMEM
 *	processor time	cpu.stat of the group			RLIMIT_CPU of each process, and the sum over the tree
 *	processes	pids.max: fork says EAGAIN		counted; too many end the job
 *
 * What is counted here is looked at every 250 ms.  RLIMIT_NPROC is of no use: it counts all processes of
 * the account, so one job would make the forks of another fail.
 */
#ifndef KEEPER_RESOURCE_LIMITS_H
#define KEEPER_RESOURCE_LIMITS_H

#include <stdint.h>

struct child_plan;
struct keeper;

/* Before the start of the job in slot at: limits of its group, or of its process, in plan. */
void resource_limits_plan(struct keeper *keeper, int32_t at, const char *group,
			  struct child_plan *plan);

/* It lives: note when to look. */
void resource_limits_begin(struct keeper *keeper, int32_t at);

/* Look at all that are due, with one scan for all of them, and end those over a limit. */
void resource_limits_look(struct keeper *keeper, int64_t now_ms);

/* Its first process has just ended by itself: was it a limit?  Then the slot's cause says which. */
void resource_limits_explain(struct keeper *keeper, int32_t at);

#endif
