/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/keeper.h: the one value all parts of the keeper work on. */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/loop_watch.h"
#include "keeper/accounts.h"
#include "keeper/cgroup.h"
#include "keeper/handover.h"
#include "keeper/job_table.h"
#include "keeper/proc_scan.h"
#include "keeper/runner_link.h"
#include "keeper/spawn.h"

struct keeper {
	struct job_table jobs;
	struct proc_scan scan;
	struct cgroup cgroup;
	struct runner_link link;
	struct spawn_base base;
	struct accounts accounts;
	struct handovers handovers;
	bool marks_usable;
	int64_t pass_ends_ms; /* what takes longer goes on in the next pass of the loop */
	int32_t
	    tree_next; /* whose processes come first in the next look at all, see tree_timers() */
	uint64_t reap_pass; /* number of the last one */
	bool reap_again; /* it could not finish: come again without waiting for a signal */
	int64_t due_ms; /* when the timers must be looked at, NEVER_MS */
	struct keeper_lease lease; /* both NEVER_MS: nothing was said */
	bool draining; /* DRAIN was said */
	bool stopping; /* TERM was received: nothing starts, all ends */
	struct loop_watch watch;
};

/* See to it that the timers are looked at by then. */
static inline void
keeper_due(struct keeper *keeper, int64_t at_ms)
{
	if (at_ms < keeper->due_ms)
		keeper->due_ms = at_ms;
}

/* Has this pass of the loop kept the others waiting for long enough? */
bool keeper_pass_is_over(const struct keeper *keeper);

/* The strongest means to kill a whole tree that is in force here. */
const char *keeper_kill_means(const struct keeper *keeper);

#endif
