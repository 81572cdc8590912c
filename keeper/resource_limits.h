/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/resource_limits.h: memory, processor time and processes of a job.
 *
 *			in a cgroup of its own			otherwise
 *	memory		memory.max, no swap: the kernel		RLIMIT_AS of each process: it is told
 *			kills the whole group			ENOMEM, and how it ends is its own end
 *	processor time	cpu.stat				summed up by mark; RLIMIT_CPU of each
 *								process, somewhat later
 *	processes	pids.max; who wants more is ended	counted by mark
 *
 * Memory and processes need the controllers (cgroup_take_controllers()); without them that limit is
 * enforced as without a group.  Threads count as processes, as they do in pids.max: what a definition may
 * do must not depend on the node.  RLIMIT_NPROC is of no use: it counts all processes of the account, so
 * one job would make the forks of another fail.
 *
 * What is counted here is looked at every 250 ms.  Who is over is ended with its grace; a job with twice
 * its processes has none, because a fork bomb is faster than any patience.
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

/*
 * Its first process has just ended and nobody had asked it to: was it for a limit?  Then the slot's cause
 * says which.  A job that ended well never did, whatever became of its children.
 */
void resource_limits_explain(struct keeper *keeper, int32_t at);

#endif
