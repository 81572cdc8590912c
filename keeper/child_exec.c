/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/child_exec.h"

#include <errno.h>
#include <linux/close_range.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPU_PATIENCE_S 2

/* Tell the keeper, whose memory this is, and end. */
static void __attribute__((noreturn)) fail(struct child_plan *plan, const char *step)
{
	plan->error = errno;
	plan->step = step;
	_exit(127);
}

static void
limit_set(struct child_plan *plan, int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	if (setrlimit((__rlimit_resource_t)which, &limit) == -1)
		fail(plan, "could not set a limit");
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
		fail(plan, "could not set a limit");
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
		fail(plan, "could not reset signals");
}

static void
descriptors_set(struct child_plan *plan)
{
	if (dup2(plan->null_fd, STDIN_FILENO) == -1 || dup2(plan->out_fd, STDOUT_FILENO) == -1 ||
	    dup2(plan->err_fd, STDERR_FILENO) == -1)
		fail(plan, "could not set input and outputs");
	/* All of ours are close-on-exec already: this is for the one somebody forgets. */
	(void)syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
}

void
child_exec(struct child_plan *plan)
{
	if (setsid() == -1)
		fail(plan, "could not make a session");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		fail(plan, "could not bind to the keeper's life");
	if (getppid() != plan->keeper_pid) /* it died before that */
		_exit(127);
	if (plan->cgroup_fd != -1 && write(plan->cgroup_fd, "0", 1) == -1)
		fail(plan, "could not enter the cgroup");
	descriptors_set(plan);
	(void)umask(plan->umask);
	if (setpriority(PRIO_PROCESS, 0, plan->priority) == -1)
		fail(plan, "could not set the niceness");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fail(plan, "could not give up new privileges");
	if (chdir(plan->cwd) == -1)
		fail(plan, "could not enter the working directory");
	limits_set(plan);
	signals_reset(plan);
	(void)execve(plan->program, plan->argv, plan->envp);
	fail(plan, "could not execute");
}
