/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "keeper/child_exec.h"
#include "keeper/fork_wait.h"
#include "keeper/handover.h"
#include "keeper/keeper.h"
#include "keeper/limits.h"
#include "keeper/output_acl.h"
#include "keeper/privileges.h"
#include "keeper/resource_limits.h"

#define FDS_RESERVED 32

int
spawn_base_init(struct spawn_base *base, struct err *err)
{
	struct rlimit raised;

	if ((base->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not open \"/dev/null\"");
	base->umask = umask(027);
	base->unprivileged = privileges_are_none();
	base->ticks_a_second = sysconf(_SC_CLK_TCK);
	base->priority = getpriority(PRIO_PROCESS, 0);
	if (getrlimit(RLIMIT_NOFILE, &base->nofile) == -1)
		return err_errno(err, ERR_INTERNAL, "could not read a limit");
	raised = base->nofile;
	raised.rlim_cur = raised.rlim_max; /* a job with a log limit costs two */
	(void)setrlimit(RLIMIT_NOFILE, &raised);

	(void)sigemptyset(&base->ignored);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction action;

		if (sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			(void)sigaddset(&base->ignored, sig);
	}
	return 0;
}

void
spawn_base_free(struct spawn_base *base)
{
	fd_close(&base->null_fd);
	spare_outputs_free(&base->spares);
}

/*
 * Descriptors are given out lowest first: when no job's is among the highest numbers, those are left
 * for a runner that comes back and for looks at /proc, without which no job can be ended.
 */
static bool
is_in_reserve(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	       (rlim_t)fd + FDS_RESERVED >= limit.rlim_cur;
}

/* What has that path already, emptied: no pipe, no device, nothing a link points to.  -1 with errno. */
static int
output_reopen(const char *path, int make)
{
	struct stat st;
	int fd =
	    open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | make,
		 0640);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || fcntl(fd, F_SETFL, O_APPEND) == -1) {
		fd_close(&fd);
	} else if (!S_ISREG(st.st_mode)) {
		fd_close(&fd);
		errno = EINVAL;
	}
	return fd;
}

/* An empty output file.  -1 with errno. */
static int
output_open(struct spare_outputs *spares, const char *path)
{
	bool placed = spare_outputs_place(spares, path);
	int fd = -1;

	if (!placed) {
		/* O_EXCL: it is new, so nobody need ask what it is, and no link was followed. */
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT | O_EXCL, 0640);
		if (fd == -1 && errno != EEXIST)
			return -1;
	}
	if (fd == -1)
		fd = output_reopen(path, placed ? 0 : O_CREAT | O_TRUNC);
	if (fd != -1 && is_in_reserve(fd)) {
		fd_close(&fd);
		errno = EMFILE;
	}
	return fd;
}

/* The environment as ordered, with our tag as its last entry.  free() the array alone. */
static char **
environment_make(const char *const *envp, const char *tag)
{
	size_t count = 0;
	size_t used = 0;
	char **out;

	while (envp[count] != NULL)
		count++;
	if ((out = malloc((count + 2) * sizeof(*out))) == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!str_starts(envp[i], SLOT_TAG_NAME "="))
			memcpy(&out[used++], &envp[i], sizeof(out[0]));
	memcpy(&out[used++], &tag, sizeof(out[0]));
	out[used] = NULL;
	return out;
}

/* The vfork child borrows our memory and stack until exec, so no signal may come in between. */
static pid_t
vfork_plan(struct child_plan *plan)
{
	sigset_t all, before;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	/* posix_spawn() can do neither the death signal nor the mark; child_exec() knows the rules. */
	pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
	if (pid == 0)
		child_exec(plan); /* NOLINT(clang-analyzer-unix.Vfork) */
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Clock ticks since boot, as /proc counts them. */
static uint64_t
ticks_now(long ticks_a_second)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * (uint64_t)ticks_a_second +
	       (uint64_t)now.tv_nsec / (1000000000 / (uint64_t)ticks_a_second);
}

static int
refuse(struct keeper_not_started *why, int error, const char *step)
{
	why->error = error;
	(void)str_copy(why->step, sizeof(why->step), step);
	return -1;
}

/* A child, and the ticks between which it was born. */
struct birth {
	pid_t pid;
	uint64_t earliest, latest;
};

/* Fork and look what became of it: 0 and *out, or -1 and nothing is left. */
static int
plan_run(const struct spawn_base *base, struct child_plan *plan, struct birth *out,
	 struct keeper_not_started *why)
{
	uint64_t earliest = ticks_now(base->ticks_a_second);
	pid_t pid = plan->account != NULL ? fork_wait(plan) : vfork_plan(plan);

	if (pid == -1)
		return refuse(why, errno, "could not fork");
	if (plan->error != 0) {
		(void)waitpid(pid, NULL, 0); /* it is ending */
		return refuse(why, plan->error, plan->step);
	}
	*out = (struct birth){ pid, earliest, ticks_now(base->ticks_a_second) };
	return 0;
}

static void
plan_fill(struct child_plan *plan, const struct keeper *keeper, const struct slot *slot,
	  const struct keeper_start *start)
{
	const struct spawn_base *base = &keeper->base;

	plan->program = start->program;
	memcpy(&plan->argv, &start->argv, sizeof(plan->argv)); /* execve() does not write */
	plan->cwd = start->cwd;
	plan->null_fd = base->null_fd;
	plan->priority = base->priority + start->nice > 19 ? 19 : base->priority + start->nice;
	plan->umask = start->umask == -1 ? base->umask : (mode_t)start->umask;
	plan->mark = slot->mark;
	plan->file_max_bytes = start->file_max_bytes;
	plan->nofile = base->nofile;
	plan->ignored = base->ignored;
	plan->keeper_pid = getpid();
	plan->unprivileged = base->unprivileged;
}

/*
 * Field 22 of /proc/PID/stat.  Most are born within one tick and need no look there, which costs as much as a
 * fifth of a vfork; the first one has it all the same, to see that our clock is the one that is meant.
 */
static uint64_t
start_tick(struct spawn_base *base, const struct birth *birth)
{
	struct proc_stat stat = { 0 };

	if (base->ticks_are_right && birth->earliest == birth->latest)
		return birth->earliest;
	if (proc_stat_read(birth->pid, &stat) == 0)
		base->ticks_are_right =
		    stat.start >= birth->earliest && stat.start <= birth->latest;
	return stat.start;
}

static void
job_started(struct keeper *keeper, int32_t at, const struct birth *birth, struct child_plan *plan)
{
	struct slot *slot = job_slot(&keeper->jobs, at);

	slot->started_us = clock_wall_us();
	job_set_live(&keeper->jobs, at, birth->pid, start_tick(&keeper->base, birth));
	limits_begin(keeper, at, &plan->out_fd, &plan->err_fd);
}

/* Both outputs, which its account, if it has one of its own, may open anew. */
static int
outputs_open(struct spare_outputs *spares, struct child_plan *plan,
	     const struct keeper_start *start, struct keeper_not_started *why)
{
	if ((plan->out_fd = output_open(spares, start->stdout_path)) == -1)
		return refuse(why, errno, KEEPER_STEP_OUTPUT);
	if ((plan->err_fd = output_open(spares, start->stderr_path)) == -1)
		return refuse(why, errno, KEEPER_STEP_ERRORS);
	if (plan->account != NULL) {
		output_acl_add(plan->out_fd, plan->account->uid);
		output_acl_add(plan->err_fd, plan->account->uid);
	}
	return 0;
}

/* The job's own directory, in fresh memory; NULL: no room. */
static char *
temp_dir_of(const struct keeper *keeper, const struct keeper_start *start)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%" PRId64, keeper->handovers.work_dir, start->job.job_id) == -1)
		return NULL;
	return path;
}

/* As plan_run(), for a job that may have an account of its own, whose the directories are for the run. */
static int
plan_run_as(struct keeper *keeper, const struct keeper_start *start, struct child_plan *plan,
	    struct birth *out, struct keeper_not_started *why)
{
	char *temp_dir = NULL;
	int rc = -1;

	if (plan->account == NULL)
		return plan_run(&keeper->base, plan, out, why);
	if (handover_give(&keeper->handovers, start->job.job_id, plan->account, why) == -1)
		return -1;
	if ((plan->temp_dir = temp_dir = temp_dir_of(keeper, start)) == NULL)
		(void)refuse(why, ENOMEM, "could not start");
	else
		rc = plan_run(&keeper->base, plan, out, why);
	if (rc == -1)
		handover_undo(&keeper->handovers, start->job.job_id);
	free(temp_dir);
	return rc;
}

int
spawn_job(struct keeper *keeper, int32_t at, const struct keeper_start *start,
	  struct keeper_not_started *why)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct child_plan plan = { .out_fd = -1, .err_fd = -1, .cgroup_fd = -1, .report_fd = -1 };
	char tag[SLOT_TAG_SIZE], group[SLOT_GROUP_SIZE];
	struct local_account account;
	char **envp = NULL;
	struct birth birth;
	int rc = -1;

	if (start->run_as[0] != '\0') {
		if (accounts_allow(&keeper->accounts, start->run_as, &account, why) == -1)
			return -1;
		plan.account = &account;
	}
	slot_tag(&keeper->jobs.file, slot, tag);
	slot_group(&keeper->jobs.file, slot, group);
	plan_fill(&plan, keeper, slot, start);
	if ((envp = environment_make(start->envp, tag)) == NULL) {
		(void)refuse(why, ENOMEM, "could not make the environment");
		goto cleanup;
	}
	plan.envp = envp;
	if (outputs_open(&keeper->base.spares, &plan, start, why) == -1)
		goto cleanup;
	plan.cgroup_fd = cgroup_make(&keeper->cgroup, group);
	resource_limits_plan(keeper, at, group, &plan);
	if (plan_run_as(keeper, start, &plan, &birth, why) == -1) {
		cgroup_remove(&keeper->cgroup, group);
		goto cleanup;
	}
	job_started(keeper, at, &birth, &plan);
	spare_outputs_note(&keeper->base.spares, start->stdout_path, clock_mono_ms());
	rc = 0;

cleanup:
	fd_close(&plan.out_fd);
	fd_close(&plan.err_fd);
	fd_close(&plan.cgroup_fd);
	free(envp);
	return rc;
}
