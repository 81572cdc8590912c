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
/* A shell whose command ended by a signal ends with this and the signal's number. */
#define SIGNALLED 128

/*
 * RLIMIT_CPU stands behind our own looks.  Its clock counts ticks and, on a busy machine, was seen a fourth
 * ahead of the one history shows; and it ends a process without grace, a child without our knowing.
 */
static int64_t
backstop_s(int64_t cpu_max_s)
{
	return cpu_max_s + cpu_max_s / 4 + 2;
}

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
	run->time_by_group = slot->cpu_max_s > 0 && grouped &&
			     cgroup_number(&keeper->cgroup, group, "cpu.stat", "usage_usec") != -1;
	if (slot->cpu_max_s > 0 && !run->time_by_group)
		plan->cpu_max_s = backstop_s(slot->cpu_max_s);
}

void
resource_limits_begin(struct keeper *keeper, int32_t at)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);

	if (slot->cpu_max_s == 0 && slot->processes_max == 0)
		return;
	run->resources_look_ms = clock_mono_ms() + LOOK_MS;
	keeper_due(keeper, run->resources_look_ms);
}

static int64_t
group_number(const struct keeper *keeper, int32_t at, const char *file, const char *key)
{
	char group[SLOT_GROUP_SIZE];

	slot_group(&keeper->jobs.file, job_slot(&keeper->jobs, at), group);
	return cgroup_number(&keeper->cgroup, group, file, key);
}

/* Counted here, not by the kernel. */
static bool
counts_time(const struct keeper *keeper, int32_t at)
{
	return job_slot(&keeper->jobs, at)->cpu_max_s > 0 &&
	       !job_run(&keeper->jobs, at)->time_by_group;
}

static bool
counts_processes(const struct keeper *keeper, int32_t at)
{
	return job_slot(&keeper->jobs, at)->processes_max > 0 &&
	       !job_run(&keeper->jobs, at)->processes_by_group;
}

/* A job that is being ended is looked at only lest it multiply meanwhile. */
static bool
is_watched(const struct keeper *keeper, int32_t at)
{
	enum run_phase phase = job_run(&keeper->jobs, at)->phase;

	return job_is_live(&keeper->jobs, at) &&
	       (phase == RUN_QUIET || (phase < RUN_KILL && counts_processes(keeper, at)));
}

/* What the tree of a job has now, and has used. */
struct usage {
	int64_t processes, cpu_us;
};

static struct usage
measure(const struct keeper *keeper, int32_t at, struct proc_list *all)
{
	struct usage usage = { 0, job_run(&keeper->jobs, at)->orphans_cpu_us };
	int64_t ticks_a_second = sysconf(_SC_CLK_TCK);

	tree_find(keeper, at, all);
	for (size_t i = 0; i < all->count; i++) {
		struct proc *proc = &all->procs[i];

		if (!proc->member || !proc_look(proc))
			continue;
		if (proc->stat.state != 'Z')
			usage.processes += proc->stat.threads;
		usage.cpu_us += (int64_t)proc->stat.cpu_ticks * 1000000 / ticks_a_second;
	}
	return usage;
}

static bool
is_time_used_up(const struct slot *slot, int64_t cpu_us)
{
	return slot->cpu_max_s > 0 && cpu_us >= slot->cpu_max_s * 1000000;
}

static bool
was_refused_processes(const struct keeper *keeper, int32_t at)
{
	/* Before Linux 6.11 it also counts what the groups around ours refused. */
	return job_run(&keeper->jobs, at)->processes_by_group &&
	       group_number(keeper, at, "pids.events", "max") > 0;
}

static void
judge(struct keeper *keeper, int32_t at, struct usage usage)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);

	if (job_run(&keeper->jobs, at)->time_by_group)
		usage.cpu_us = group_number(keeper, at, "cpu.stat", "usage_usec");
	if (was_refused_processes(keeper, at))
		tree_kill(keeper, at, KEEPER_CAUSE_PROCESSES, slot->grace_ms);
	else if (counts_processes(keeper, at) && usage.processes > slot->processes_max)
		tree_kill(keeper, at, KEEPER_CAUSE_PROCESSES,
			  usage.processes > 2 * slot->processes_max ? 0 : slot->grace_ms);
	else if (is_time_used_up(slot, usage.cpu_us))
		tree_kill(keeper, at, KEEPER_CAUSE_CPU, slot->grace_ms);
}

void
resource_limits_look(struct keeper *keeper, int64_t now_ms)
{
	struct proc_list all = { NULL, 0, 0 };
	bool scanned = false;
	bool looked = false;

	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++) {
		struct run *run = job_run(&keeper->jobs, at);
		struct usage usage = { 0, 0 };

		if (run->resources_look_ms == NEVER_MS || !is_watched(keeper, at))
			continue;
		if (looked && keeper_pass_is_over(keeper)) {
			keeper_due(keeper,
				   now_ms); /* those that had their look wait for the next */
			break;
		}
		if (run->resources_look_ms <= now_ms) {
			looked = true;
			if (counts_time(keeper, at) || counts_processes(keeper, at)) {
				if (!scanned) /* what a failing scan did find counts */
					(void)proc_scan_all(&keeper->scan, &all);
				scanned = true;
				usage = measure(keeper, at, &all);
			}
			judge(keeper, at, usage);
			run->resources_look_ms = now_ms + LOOK_MS;
		}
		keeper_due(keeper, run->resources_look_ms);
	}
	free(all.procs);
}

/* The kernel killed for want of memory, and it was the job's own limit, not one around it, or the machine's. */
static bool
ended_for_its_memory(const struct keeper *keeper, int32_t at)
{
	return job_run(&keeper->jobs, at)->memory_by_group &&
	       group_number(keeper, at, "memory.events", "oom") > 0 &&
	       group_number(keeper, at, "memory.events", "oom_kill") > 0;
}

/* By RLIMIT_CPU: of its first process, or of a child, whose signal a shell passes on by its exit code. */
static bool
ended_for_its_time(const struct keeper *keeper, int32_t at)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);

	return slot->signal == SIGXCPU ||
	       (slot->exit_code == SIGNALLED + SIGXCPU &&
		is_time_used_up(slot, slot->user_us + slot->system_us +
					  job_run(&keeper->jobs, at)->orphans_cpu_us));
}

void
resource_limits_explain(struct keeper *keeper, int32_t at)
{
	struct slot *slot = job_slot(&keeper->jobs, at);

	if (slot->cause != KEEPER_CAUSE_NONE || (slot->signal == 0 && slot->exit_code == 0))
		return;
	if (ended_for_its_memory(keeper, at))
		slot->cause = KEEPER_CAUSE_MEMORY;
	else if (was_refused_processes(keeper, at))
		slot->cause = KEEPER_CAUSE_PROCESSES;
	else if (counts_time(keeper, at) && ended_for_its_time(keeper, at))
		slot->cause = KEEPER_CAUSE_CPU;
}
