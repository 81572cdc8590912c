/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/limits.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/keeper.h"
#include "keeper/kill_tree.h"
#include "keeper/log_limit.h"
#include "keeper/resource_limits.h"

static int64_t
later(int64_t now_ms, int64_t ms)
{
	return ms >= NEVER_MS - now_ms ? NEVER_MS : now_ms + ms;
}

void
limits_begin(struct keeper *keeper, int32_t at, int *out_fd, int *err_fd)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);

	if (slot->run_max_ms > 0)
		run->timeout_at_ms = later(clock_mono_ms(), slot->run_max_ms);
	keeper_due(keeper, run->timeout_at_ms);
	if (run->lease_bound)
		keeper_due(keeper, keeper->lease.end_from_ms);
	log_limit_begin(keeper, at, out_fd, err_fd);
	resource_limits_begin(keeper, at);
}

/* One that is being ended already may have more time than there is. */
static void
lease_look(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	const struct run *run = job_run(&keeper->jobs, at);
	int64_t left_ms = keeper->lease.kill_from_ms - now_ms;

	if (!run->lease_bound || run->phase == RUN_KILL)
		return;
	if (now_ms < keeper->lease.end_from_ms) {
		keeper_due(keeper, keeper->lease.end_from_ms);
		return;
	}
	if (run->phase == RUN_QUIET)
		log_warn("lease_over", "job=%" PRId64 " attempt=%" PRId32, slot->job_id,
			 slot->attempt);
	if (left_ms < 0)
		left_ms = 0;
	tree_kill(keeper, at, KEEPER_CAUSE_LEASE,
		  slot->grace_ms < left_ms ? slot->grace_ms : left_ms);
}

void
limits_look(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);

	log_limit_look(keeper, at, now_ms);
	lease_look(keeper, at, now_ms);
	if (run->phase != RUN_QUIET)
		return;
	if (!run->paused && now_ms >= run->timeout_at_ms) {
		tree_kill(keeper, at, KEEPER_CAUSE_TIMEOUT, job_slot(&keeper->jobs, at)->grace_ms);
		return;
	}
	if (!run->paused)
		keeper_due(keeper, run->timeout_at_ms);
}

void
limits_pause(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	job_run(&keeper->jobs, at)->paused_at_ms = now_ms;
}

void
limits_resume(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (run->timeout_at_ms != NEVER_MS)
		run->timeout_at_ms = later(run->timeout_at_ms, now_ms - run->paused_at_ms);
	keeper_due(keeper, run->timeout_at_ms);
}
