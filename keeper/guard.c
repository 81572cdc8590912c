/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/guard.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "keeper/proc_scan.h"

#define SWEEP_MAX_MS 10000
#define ROUND_MS 20

static const int passed_on[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };

static void
signals_fill(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		(void)sigaddset(set, passed_on[i]);
}

/* Wait until the keeper is over; its wait status. */
static int
wait_for_keeper(pid_t keeper, const sigset_t *set)
{
	int status = 0;

	for (;;) {
		siginfo_t info;
		int sig = sigwaitinfo(set, &info);
		pid_t pid;

		if (sig > 0 && sig != SIGCHLD)
			(void)kill(keeper, sig);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == keeper)
				return status;
	}
}

static int64_t
reap_all(bool *none_out)
{
	int64_t reaped = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		reaped++;
	*none_out = pid == -1 && errno == ECHILD;
	return reaped;
}

/*
 * Kill our children, and theirs when they fall to us, until there are none.  A process that forks faster than one
 * round is met again in the next, with fewer ancestors each time.
 */
static void
sweep(struct proc_scan *scan)
{
	const struct timespec round = { .tv_nsec = ROUND_MS * 1000000L };
	int64_t until_ms = clock_mono_ms() + SWEEP_MAX_MS;
	int64_t ended = 0;
	bool none = false;
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	while (ended += reap_all(&none), !none && clock_mono_ms() < until_ms) {
		pid_t *pids = NULL;
		ssize_t count = proc_children(scan, &pids);

		for (ssize_t i = 0; i < count; i++)
			(void)kill(pids[i], SIGKILL);
		free(pids);
		(void)sigtimedwait(&child, NULL, &round);
	}
	if (ended > 0 || !none)
		log_warn("leftovers_killed",
			 "processes=%" PRId64 " all=%s reason=\"the keeper died\"", ended,
			 none ? "yes" : "no");
}

static _Noreturn void
end_like(int status)
{
	if (WIFSIGNALED(status)) {
		sigset_t all;

		/* Its core, if it left one, is the one to look at: we have no limits to make another. */
		(void)signal(WTERMSIG(status), SIG_DFL);
		(void)sigemptyset(&all);
		(void)sigaddset(&all, WTERMSIG(status));
		(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
		(void)raise(WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int
guard_fork(pid_t *guard_out, struct err *err)
{
	struct proc_scan scan = PROC_SCAN_INIT;
	sigset_t set, before;
	pid_t guard = getpid();
	pid_t keeper;
	int status;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return err_errno(err, ERR_BUSY, "could not become a subreaper");
	if (proc_scan_open(&scan, err) == -1)
		return -1;
	signals_fill(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	keeper = fork();
	if (keeper == -1) {
		(void)err_errno(err, ERR_BUSY, "could not fork");
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		proc_scan_close(&scan);
		return -1;
	}
	if (keeper == 0) {
		proc_scan_close(&scan); /* its children are the guard's */
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		*guard_out = guard;
		return 0;
	}
	status = wait_for_keeper(keeper, &set);
	sweep(&scan);
	end_like(status);
}
