/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/resource_limits.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "keeper/child_exec.h"
#include "keeper/keeper.h"
#include "keeper/kill_tree.h"

#define LOOK_MS 250

/* What the tree of a job has now. */
struct usage {
	int64_t processes, cpu_us;
};

void
resource_limits_plan(struct keeper *keeper, int32_t at, const char *group, struct child_plan *plan)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	bool grouped = plan->cgroup_fd != -1;

	run->memory_by_group =
	    slot->memory_max_bytes > 0 && grouped &&
	    cgroup_limit(&keeper->cgroup, group, "memory.max", slot->memory_max_bytes);
	if (run->memory_by_group) {
		(void)cgroup_limit(&keeper->cgroup, group, "memory.swap.max", 0);
		(void)cgroup_limit(&keeper->cgroup, group, "memory.oom.group", 1);
	} else {
		plan->memory_max_bytes = slot->memory_max_bytes;
	}
	run->processes_by_group =
	    slot->processes_max > 0 && grouped &&
	    cgroup_limit(&keeper->cgroup, group, "pids.max", slot->processes_max);
	plan->cpu_max_s = slot->cpu_max_s;
}

void
resource_limits_begin(struct keeper *keeper, int32_t at)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);

	if (slot->cpu_max_s == 0 && (slot->processes_max == 0 || run->processes_by_group))
		return;
	run->resources_look_ms = clock_mono_ms() + LOOK_MS;
	keeper_due(keeper, run->resources_look_ms);
}

static bool
is_due(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	const struct run *run = job_run(&keeper->jobs, at);

	return job_is_live(&keeper->jobs, at) && run->phase == RUN_QUIET &&
	       run->resources_look_ms <= now_ms;
}

/* Processes and their time, by mark; the group knows the time of those that are gone too. */
static void
measure(struct keeper *keeper, int32_t at, const struct proc_list *all, struct usage *out)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	int64_t ticks_a_second = sysconf(_SC_CLK_TCK);
	char group[SLOT_GROUP_SIZE];
	int64_t by_group;

	*out = (struct usage){ 0, 0 };
	for (size_t i = 0; slot->mark != 0 && i < all->count; i++) {
		if (all->procs[i].mark != slot->mark || !proc_look(&all->procs[i]))
			continue;
		out->processes += all->procs[i].stat.state != 'Z';
		out->cpu_us += (int64_t)all->procs[i].stat.cpu_ticks * 1000000 / ticks_a_second;
	}
	slot_group(&keeper->jobs.file, slot, group);
	by_group = cgroup_number(&keeper->cgroup, group, "cpu.stat", "usage_usec");
	if (by_group > out->cpu_us)
		out->cpu_us = by_group;
}

static void
judge(struct keeper *keeper, int32_t at, const struct usage *usage, int64_t now_ms)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);

	run->resources_look_ms = now_ms + LOOK_MS;
	if (slot->processes_max > 0 && usage->processes > slot->processes_max)
		tree_kill(keeper, at, KEEPER_CAUSE_PROCESSES, slot->grace_ms);
	else if (slot->cpu_max_s > 0 && usage->cpu_us > slot->cpu_max_s * 1000000)
		tree_kill(keeper, at, KEEPER_CAUSE_CPU, slot->grace_ms);
}

void
resource_limits_look(struct keeper *keeper, int64_t now_ms)
{
	struct proc_list all = { NULL, 0, 0 };
	bool scanned = false;

	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++) {
		struct usage usage;

		if (is_due(keeper, at, now_ms)) {
			if (!scanned && proc_scan_all(&keeper->scan, &all) == -1)
				all.count = 0; /* no memory: another look comes */
			scanned = true;
			measure(keeper, at, &all, &usage);
			judge(keeper, at, &usage, now_ms);
		}
		if (job_is_live(&keeper->jobs, at) &&
		    job_run(&keeper->jobs, at)->phase == RUN_QUIET)
			keeper_due(keeper, job_run(&keeper->jobs, at)->resources_look_ms);
	}
	free(all.procs);
}

void
resource_limits_explain(struct keeper *keeper, int32_t at)
{
	struct slot *slot = job_slot(&keeper->jobs, at);
	const struct run *run = job_run(&keeper->jobs, at);
	char group[SLOT_GROUP_SIZE];

	if (slot->cause != KEEPER_CAUSE_NONE)
		return;
	slot_group(&keeper->jobs.file, slot, group);
	if (run->memory_by_group &&
	    cgroup_number(&keeper->cgroup, group, "memory.events", "oom_kill") > 0)
		slot->cause = KEEPER_CAUSE_MEMORY;
	else if (slot->cpu_max_s > 0 && slot->signal == SIGXCPU)
		slot->cause = KEEPER_CAUSE_CPU;
}
