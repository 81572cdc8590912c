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
#define JOBS_A_SCAN 32 /* at least: a scan costs as much as some jobs do */

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
	uint64_t mark = job_slot(&keeper->jobs, at)->mark;

	for (size_t i = 0; i < list->count; i++) {
		struct proc *proc = &list->procs[i];

		proc->member = owns(keeper, at, proc);
		proc->by_mark = proc->member && mark != 0 && proc->mark == mark;
	}
	if (mark == 0)
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
signal_members(const struct proc_list *list, int sig, bool then_cont)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->procs[i].member)
			proc_signal(&list->procs[i], sig, then_cont);
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
	run->paused = run->resuming = false;
	run->pause_rounds = 0;
}

void
tree_pause(struct keeper *keeper, int32_t at)
{
	struct run *run = job_run(&keeper->jobs, at);

	run->resuming = false;
	run->pause_rounds = PAUSE_ROUNDS;
	run->pause_seen = 0;
	keeper_due(keeper, clock_mono_ms());
}

void
tree_resume(struct keeper *keeper, int32_t at)
{
	struct run *run = job_run(&keeper->jobs, at);

	run->pause_rounds = 0;
	run->resuming = true;
	keeper_due(keeper, clock_mono_ms());
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
	tree_find(keeper, at, list);
	signal_members(list, SIGTERM, true);
	job_run(&keeper->jobs, at)->phase = RUN_TERM;
}

static void
send_cont(struct keeper *keeper, int32_t at, struct proc_list *list)
{
	tree_find(keeper, at, list);
	signal_members(list, SIGCONT, false);
	job_run(&keeper->jobs, at)->resuming = false;
}

static void
pause_round(struct keeper *keeper, int32_t at, struct proc_list *list, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);
	uint32_t count = (uint32_t)find_members(keeper, at, list);
	size_t running = 0;

	for (size_t i = 0; i < list->count; i++)
		running += list->procs[i].member && list->procs[i].stat.state != 'T';
	signal_members(list, SIGSTOP, false);
	/* What is stopped cannot fork: the same number twice is all there is. */
	if (running == 0 || count == run->pause_seen)
		run->pause_rounds = 0;
	else if (--run->pause_rounds > 0)
		keeper_due(keeper, now_ms);
	run->pause_seen = count;
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
	signal_members(list, SIGKILL, false);
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

/* What is to be done for a job now: nothing yet, or something that needs a scan? */
static bool
needs_scan(const struct run *run)
{
	return run->phase == RUN_ASKED || run->phase == RUN_KILL || run->resuming ||
	       run->pause_rounds > 0;
}

static void
act(struct keeper *keeper, int32_t at, struct proc_list *list, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (run->resuming)
		send_cont(keeper, at, list);
	if (run->pause_rounds > 0)
		pause_round(keeper, at, list, now_ms);
	if (run->phase == RUN_ASKED) {
		send_term(keeper, at, list);
		keeper_due(keeper, run->kill_at_ms);
	} else if (run->phase == RUN_KILL) {
		kill_round(keeper, at, list, now_ms);
	}
}

/* Jobs whose patience is over are killed from now on; are there any that are? */
static bool
begin_due_killings(struct keeper *keeper, int64_t now_ms)
{
	bool any = false;

	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++) {
		struct run *run = job_run(&keeper->jobs, at);

		if (run->phase == RUN_TERM && now_ms >= run->kill_at_ms)
			begin_killing(run, now_ms);
		else if (run->phase == RUN_TERM)
			keeper_due(keeper, run->kill_at_ms);
		any = any || run->phase == RUN_KILL;
	}
	return any;
}

void
tree_timers(struct keeper *keeper, int64_t now_ms)
{
	int32_t top = (int32_t)keeper->jobs.top; /* ended jobs keep their slots: it stays */
	int32_t first = keeper->tree_next < top ? keeper->tree_next : 0;
	struct proc_list list = { NULL, 0, 0 };
	bool killing = begin_due_killings(keeper, now_ms);
	int done = 0;

	for (int32_t i = 0; i < top; i++) {
		int32_t at = first + i < top ? first + i : first + i - top;

		if (!needs_scan(job_run(&keeper->jobs, at)))
			continue;
		if (done >= JOBS_A_SCAN && keeper_pass_is_over(keeper)) {
			keeper->tree_next = at;
			keeper_due(keeper, now_ms);
			break;
		}
		if (done == 0 && killing)
			proc_sweep(&keeper->scan, is_doomed, keeper);
		/* What a failing scan did find is still worth a signal. */
		if (done++ == 0)
			(void)proc_scan_all(&keeper->scan, &list);
		act(keeper, at, &list, now_ms);
	}
	free(list.procs);
}
