/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/kill_tree.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "keeper/keeper.h"
#include "keeper/reaper.h"

#define EAGER_MS 100 /* so long without a pause between two rounds of killing */
#define PATIENT_MS 10 /* then so long a pause */
#define PAUSE_ROUNDS 8

bool
tree_marks_usable(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_LOCKS, &limit) == 0 && limit.rlim_max == RLIM_INFINITY;
}

/* Without looking at its parents. */
static bool
owns(const struct keeper *keeper, int32_t at, struct proc *proc)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	char tag[SLOT_TAG_SIZE];

	if (slot->mark != 0 && proc->mark == slot->mark)
		return true;
	/* A limit can only be lowered: unlimited is no marked job's, and another's mark is another's. */
	if (slot->mark != 0 && (proc->mark == PROC_NO_MARK || job_is_mark(proc->mark)))
		return false;
	/* The first process is not reaped yet, so its number is nobody else's session. */
	if (proc->pid == slot->pid || (proc_look(proc) && proc->stat.session == slot->pid))
		return true;
	slot_tag(&keeper->jobs.file, slot, tag);
	return proc_has_env(proc->pid, tag);
}

static bool
has_member_as_parent(const struct proc_list *list, const struct proc *proc)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->procs[i].member && list->procs[i].pid == proc->stat.ppid)
			return true;
	return false;
}

/* Children of members are members; how many became so. */
static size_t
adopt_children(struct proc_list *list)
{
	size_t added = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct proc *proc = &list->procs[i];

		if (proc->member || !proc_look(proc) || !has_member_as_parent(list, proc))
			continue;
		proc->member = true;
		added++;
	}
	return added;
}

void
tree_find(const struct keeper *keeper, int32_t at, struct proc_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->procs[i].member = owns(keeper, at, &list->procs[i]);
	if (job_slot(&keeper->jobs, at)->mark == 0)
		while (adopt_children(list) > 0)
			continue;
}

/* The same without zombies.  How many. */
static size_t
find_members(const struct keeper *keeper, int32_t at, struct proc_list *list)
{
	size_t count = 0;

	tree_find(keeper, at, list);
	for (size_t i = 0; i < list->count; i++) {
		struct proc *proc = &list->procs[i];

		proc->member = proc->member && proc_look(proc) && proc->stat.state != 'Z';
		count += proc->member;
	}
	return count;
}

static void
signal_members(const struct proc_list *list, int sig)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->procs[i].member)
			proc_signal(&list->procs[i], sig);
}

void
tree_kill(struct keeper *keeper, int32_t at, int cause, int64_t grace_ms)
{
	struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	int64_t now = clock_mono_ms();
	int64_t kill_at = grace_ms < NEVER_MS - now ? now + grace_ms : NEVER_MS;

	if (slot->cause == KEEPER_CAUSE_NONE && !run->first_gone)
		slot->cause = cause;
	if (run->phase == RUN_QUIET) {
		run->phase = RUN_ASKED;
		run->kill_at_ms = kill_at;
		keeper_due(keeper, now);
	} else if (run->phase != RUN_KILL && kill_at < run->kill_at_ms) {
		run->kill_at_ms = kill_at;
		keeper_due(keeper, kill_at);
	}
	run->paused = false;
}

void
tree_pause(struct keeper *keeper, int32_t at)
{
	size_t before = 0;

	for (int round = 0; round < PAUSE_ROUNDS; round++) {
		struct proc_list list = { NULL, 0, 0 };
		size_t running = 0;
		size_t count;

		(void)proc_scan_all(&keeper->scan, &list);
		count = find_members(keeper, at, &list);
		for (size_t i = 0; i < list.count; i++)
			running += list.procs[i].member && list.procs[i].stat.state != 'T';
		signal_members(&list, SIGSTOP);
		free(list.procs);
		/* What is stopped cannot fork: the same number twice is all there is. */
		if (running == 0 || count == before)
			break;
		before = count;
	}
}

void
tree_resume(struct keeper *keeper, int32_t at)
{
	struct proc_list list = { NULL, 0, 0 };

	(void)proc_scan_all(&keeper->scan, &list);
	(void)find_members(keeper, at, &list);
	signal_members(&list, SIGCONT);
	free(list.procs);
}

bool
tree_owns_orphan(struct keeper *keeper, int32_t at, pid_t pid)
{
	struct proc proc = { .pid = pid };

	if (proc_mark_read(pid, &proc.mark) == -1 || proc_stat_read(pid, &proc.stat) == -1)
		return false;
	return owns(keeper, at, &proc);
}

static void
send_term(struct keeper *keeper, int32_t at, struct proc_list *list)
{
	(void)find_members(keeper, at, list);
	signal_members(list, SIGTERM);
	signal_members(list, SIGCONT);
	job_run(&keeper->jobs, at)->phase = RUN_TERM;
}

static void
begin_killing(struct run *run, int64_t now_ms)
{
	run->phase = RUN_KILL;
	run->kill_from_ms = now_ms;
	run->empty_scans = 0;
}

/* For proc_sweep(): is this limit the mark of a job that must die now? */
static bool
is_doomed(void *cookie, uint64_t mark)
{
	struct keeper *keeper = cookie;
	int32_t at = job_is_mark(mark) ? job_find_mark(&keeper->jobs, mark) : -1;

	return at != -1 && job_run(&keeper->jobs, at)->phase == RUN_KILL;
}

bool
tree_is_doomed(struct keeper *keeper, uint64_t mark)
{
	return is_doomed(keeper, mark);
}

/* One round for one job: kill what the scan found, and decide whether that was all. */
static void
kill_round(struct keeper *keeper, int32_t at, struct proc_list *list, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);
	char group[SLOT_GROUP_SIZE];
	size_t count;

	slot_group(&keeper->jobs.file, job_slot(&keeper->jobs, at), group);
	cgroup_kill(&keeper->cgroup, group);
	count = find_members(keeper, at, list);
	signal_members(list, SIGKILL);
	run->empty_scans = count == 0 ? run->empty_scans + 1 : 0;
	if (run->empty_scans >= KILL_EMPTY_SCANS && run->first_gone) {
		reaper_finish(keeper, at, 0);
	} else if (now_ms >= run->kill_from_ms + KILL_DEADLINE_MS) {
		reaper_finish(keeper, at, (int32_t)count);
	} else {
		bool eager = now_ms < run->kill_from_ms + EAGER_MS;

		keeper_due(keeper, eager ? now_ms : now_ms + PATIENT_MS);
	}
}

/* What is to be done for a job with these timers: nothing yet, or something that needs a scan? */
static bool
needs_scan(const struct run *run, int64_t now_ms)
{
	return run->phase == RUN_ASKED || run->phase == RUN_KILL ||
	       (run->phase == RUN_TERM && now_ms >= run->kill_at_ms);
}

void
tree_timers(struct keeper *keeper, int64_t now_ms)
{
	struct job_table *jobs = &keeper->jobs;
	struct proc_list list = { NULL, 0, 0 };
	bool scanned = false;

	for (int32_t at = 0; at < (int32_t)jobs->top; at++) {
		struct run *run = job_run(jobs, at);

		/* What a failing scan did find is still worth a signal. */
		if (!scanned && needs_scan(run, now_ms)) {
			if (run->phase == RUN_KILL)
				proc_sweep(&keeper->scan, is_doomed, keeper);
			(void)proc_scan_all(&keeper->scan, &list);
			scanned = true;
		}
		if (run->phase == RUN_ASKED)
			send_term(keeper, at, &list);
		if (run->phase == RUN_TERM && now_ms >= run->kill_at_ms)
			begin_killing(run, now_ms);
		if (run->phase == RUN_TERM)
			keeper_due(keeper, run->kill_at_ms);
		else if (run->phase == RUN_KILL)
			kill_round(keeper, at, &list, now_ms);
	}
	free(list.procs);
}
