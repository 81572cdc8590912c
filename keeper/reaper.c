/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/reaper.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "keeper/handover.h"
#include "keeper/keeper.h"
#include "keeper/kill_tree.h"
#include "keeper/log_limit.h"
#include "keeper/resource_limits.h"

#define REAPS_A_PASS 4096 /* some 10 ms; reading the list anew costs more than a few reaps */
#define UNSURE_PASSES 16

/* What one pass has found out. */
struct pass {
	int reaped; /* orphans */
	bool unsure; /* one of them could have been anyone's */
	bool cut; /* not all children were looked at */
	bool late; /* not all that are over were finished */
};

int
reaper_init(struct err *err)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return err_errno(err, ERR_INTERNAL, "could not become subreaper");
	return 0;
}

static int64_t
micros(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

/* If the job's first process has ended, note its result; it stays a zombie. */
static void
look_at_first(struct keeper *keeper, int32_t at)
{
	struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	siginfo_t info = { .si_pid = 0 };
	struct rusage usage;

	/* The system call, not the function: it tells the usage too. */
	if (syscall(SYS_waitid, P_PID, slot->pid, &info, WEXITED | WNOHANG | WNOWAIT, &usage) ==
		-1 ||
	    info.si_pid == 0)
		return;
	slot->ended_us = clock_wall_us();
	slot->exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
	slot->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
	slot->user_us = micros(usage.ru_utime);
	slot->system_us = micros(usage.ru_stime);
	slot->max_rss_kb = usage.ru_maxrss;
	resource_limits_explain(keeper, at);
	slot_set_state(slot, SLOT_EMPTYING);
	run->first_gone = true;
	run->timeout_at_ms = NEVER_MS;
}

/* Of a child without a valid mark: the ended job it belongs to, or -1. */
static int32_t
owner_without_mark(struct keeper *keeper, pid_t pid)
{
	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++)
		if (job_run(&keeper->jobs, at)->first_gone && tree_owns_orphan(keeper, at, pid))
			return at;
	return -1;
}

/* A child that is no job's first process: reap it if dead, and note whose it is. */
static void
look_at_orphan(struct keeper *keeper, pid_t pid, struct pass *pass)
{
	uint64_t mark = 0;
	int32_t owner = -1;
	bool stranger = false; /* of a job that was over with processes left */
	siginfo_t info = { .si_pid = 0 };
	struct rusage usage;

	/* An unlimited one came with us, from before we were the keeper. */
	if (proc_mark_read(pid, &mark) == 0 && mark != PROC_NO_MARK) {
		stranger = keeper->marks_usable && job_is_mark(mark);
		if ((owner = job_find_mark(&keeper->jobs, mark)) == -1 && !stranger)
			owner = owner_without_mark(keeper, pid);
		if (tree_is_doomed(keeper, mark))
			(void)kill(pid, SIGKILL); /* our child, so its number is safe */
		if (owner != -1)
			job_run(&keeper->jobs, owner)->seen_pass = keeper->reap_pass;
	}
	if (syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG, &usage) == -1 ||
	    info.si_pid == 0)
		return;
	if (handover_reaped(&keeper->handovers, pid))
		return;
	pass->reaped++;
	if (owner != -1)
		job_run(&keeper->jobs, owner)->orphans_cpu_us +=
		    micros(usage.ru_utime) + micros(usage.ru_stime);
	if (owner == -1 && mark != PROC_NO_MARK && !stranger)
		pass->unsure = true; /* its children, ours now, may be of any job */
}

/* Jobs whose first process is gone: over, or their descendants must go first.  As many as this pass of the
 * loop has time for, and one at least. */
static void
settle(struct keeper *keeper, struct pass *pass)
{
	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++) {
		struct run *run = job_run(&keeper->jobs, at);

		if (!run->first_gone || pass->cut)
			continue;
		if (run->seen_pass == keeper->reap_pass) {
			if (run->phase == RUN_QUIET)
				tree_kill(keeper, at, KEEPER_CAUSE_NONE,
					  job_slot(&keeper->jobs, at)->grace_ms);
		} else if (!pass->unsure) {
			reaper_finish(keeper, at, 0);
			if (keeper_pass_is_over(keeper)) {
				pass->late = true;
				return;
			}
		} else if (++run->unsure_passes > UNSURE_PASSES && run->phase == RUN_QUIET) {
			tree_kill(keeper, at, KEEPER_CAUSE_NONE, 0);
		}
	}
}

/* First the first processes, then the list of children: only so its silence proves anything. */
void
reaper_pass(struct keeper *keeper)
{
	struct pass pass = { 0, false, false, false };
	pid_t *pids = NULL;
	ssize_t count;

	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++)
		if (slot_state(job_slot(&keeper->jobs, at)) == SLOT_LIVE)
			look_at_first(keeper, at);
	keeper->reap_pass++;
	keeper->reap_again = true;
	if ((count = proc_children(&keeper->scan, &pids)) == -1)
		return; /* no memory: they will still be there */
	for (ssize_t i = 0; i < count && !pass.cut; i++) {
		if (job_find_pid(&keeper->jobs, pids[i]) == -1)
			look_at_orphan(keeper, pids[i], &pass);
		pass.cut = pass.reaped >= REAPS_A_PASS;
	}
	free(pids);
	settle(keeper, &pass);
	/* An orphan's children became ours behind the place we had read to. */
	keeper->reap_again = pass.reaped > 0 || pass.late;
}

void
reaper_finish(struct keeper *keeper, int32_t at, int32_t left)
{
	struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	char group[SLOT_GROUP_SIZE];

	if (run->first_gone) {
		(void)waitpid(slot->pid, NULL, 0); /* it is a zombie: no wait */
	} else {
		slot->ended_us = clock_wall_us();
		slot->exit_code = -1;
		slot->signal = SIGKILL;
	}
	slot->left = left;
	log_limit_end(keeper, at);
	slot_group(&keeper->jobs.file, slot, group);
	cgroup_remove(&keeper->cgroup, group);
	job_set_ended(&keeper->jobs, at);
	runner_link_tell(keeper, at, TELL_ENDED);
}
