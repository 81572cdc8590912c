/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/child_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/local_account.h"
#include "keeper/privileges.h"
#include "wire/keeper_wire.h"

#define CPU_PATIENCE_S 2

const char *
child_step_text(enum child_step step)
{
	static const char *const texts[CHILD_STEPS] = {
		[CHILD_SESSION] = "could not make a session",
		[CHILD_DEATH] = "could not bind to the keeper's life",
		[CHILD_CGROUP] = "could not enter the cgroup",
		[CHILD_DESCRIPTORS] = "could not set input and outputs",
		[CHILD_NICENESS] = "could not set the niceness",
		[CHILD_PRIVILEGES] = "could not give up privileges",
		[CHILD_ACCOUNT] = "could not become its account",
		[CHILD_TEMP] = "its account could not enter its temporary directory",
		[CHILD_DIRECTORY] = KEEPER_STEP_DIRECTORY,
		[CHILD_LIMIT] = "could not set a limit",
		[CHILD_SIGNALS] = "could not reset signals",
		[CHILD_EXECUTE] = "could not execute",
	};

	return (unsigned)step < CHILD_STEPS ? texts[step] : "could not start";
}

/* Tell the keeper, whose memory this may be, and end. */
static void __attribute__((noreturn)) fail(struct child_plan *plan, enum child_step step)
{
	const struct child_report report = { errno, step };

	plan->error = report.error;
	plan->step = child_step_text(step);
	if (plan->report_fd != -1 && write(plan->report_fd, &report, sizeof(report)) == -1)
		_exit(126);
	_exit(127);
}

static void
limit_set(struct child_plan *plan, int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	if (setrlimit((__rlimit_resource_t)which, &limit) == -1)
		fail(plan, CHILD_LIMIT);
}

static void
limits_set(struct child_plan *plan)
{
	limit_set(plan, RLIMIT_CORE, 0, 0);
	if (plan->file_max_bytes > 0)
		limit_set(plan, RLIMIT_FSIZE, (rlim_t)plan->file_max_bytes,
			  (rlim_t)plan->file_max_bytes);
	if (plan->memory_max_bytes > 0)
		limit_set(plan, RLIMIT_AS, (rlim_t)plan->memory_max_bytes,
			  (rlim_t)plan->memory_max_bytes);
	if (plan->cpu_max_s > 0) /* SIGXCPU, and SIGKILL for who does not listen */
		limit_set(plan, RLIMIT_CPU, (rlim_t)plan->cpu_max_s,
			  (rlim_t)plan->cpu_max_s + CPU_PATIENCE_S);
	if (plan->mark != 0)
		limit_set(plan, RLIMIT_LOCKS, (rlim_t)plan->mark, (rlim_t)plan->mark);
	if (setrlimit(RLIMIT_NOFILE, &plan->nofile) == -1)
		fail(plan, CHILD_LIMIT);
}

/*
 * The signals libc keeps for itself, which sigaction() refuses to touch: GNU make starts its children
 * with them ignored, and a job would inherit that.
 */
static void
hidden_signals_reset(void)
{
	/* The kernel's struct sigaction: handler SIG_DFL, flags, restorer, mask. */
	const unsigned long action[4] = { 0 };

	for (int sig = SIGSYS + 1; sig < SIGRTMIN; sig++)
		(void)syscall(SYS_rt_sigaction, sig, action, NULL, sizeof(action[3]));
}

static void
signals_reset(struct child_plan *plan)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&plan->ignored, sig) == 1)
			(void)sigaction(sig, &action, NULL);
	hidden_signals_reset();
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == -1)
		fail(plan, CHILD_SIGNALS);
}

static void
descriptors_set(struct child_plan *plan)
{
	if (dup2(plan->null_fd, STDIN_FILENO) == -1 || dup2(plan->out_fd, STDOUT_FILENO) == -1 ||
	    dup2(plan->err_fd, STDERR_FILENO) == -1)
		fail(plan, CHILD_DESCRIPTORS);
	/* All of ours are close-on-exec already: this is for the one somebody forgets. */
	(void)syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
}

/*
 * System calls: libc's functions would ask all threads to do the same, which a borrowed memory has not.  Groups first,
 * as the right to change them goes with the last step.
 */
static void
become(struct child_plan *plan)
{
	const struct local_account *account = plan->account;

	if (account != NULL &&
	    (syscall(SYS_setgroups, account->n_groups, account->groups) == -1 ||
	     syscall(SYS_setresgid, account->gid, account->gid, account->gid) == -1 ||
	     syscall(SYS_setresuid, account->uid, account->uid, account->uid) == -1))
		fail(plan, CHILD_ACCOUNT);
	if (!plan->unprivileged && privileges_drop() == -1)
		fail(plan, CHILD_PRIVILEGES);
	if (account != NULL &&
	    syscall(SYS_faccessat, AT_FDCWD, plan->temp_dir, R_OK | W_OK | X_OK) == -1)
		fail(plan, CHILD_TEMP);
}

void
child_exec(struct child_plan *plan)
{
	if (setsid() == -1)
		fail(plan, CHILD_SESSION);
	if (plan->cgroup_fd != -1 && write(plan->cgroup_fd, "0", 1) == -1)
		fail(plan, CHILD_CGROUP);
	descriptors_set(plan);
	(void)umask(plan->umask);
	if (setpriority(PRIO_PROCESS, 0, plan->priority) == -1)
		fail(plan, CHILD_NICENESS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fail(plan, CHILD_PRIVILEGES);
	limits_set(plan);
	become(plan);
	/* Behind that: who changes accounts is bound to nobody any more. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		fail(plan, CHILD_DEATH);
	if (getppid() != plan->keeper_pid) /* it died before that */
		_exit(127);
	if (chdir(plan->cwd) == -1)
		fail(plan, CHILD_DIRECTORY);
	signals_reset(plan);
	(void)execve(plan->program, plan->argv, plan->envp);
	fail(plan, CHILD_EXECUTE);
}
