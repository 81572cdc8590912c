/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/fork_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "keeper/child_exec.h"

#define PATIENCE_MS 1000

/* What the child says before it ends; nothing when it executes its program, which closes the pipe. */
static void
listen_to(struct child_plan *plan, int fd, pid_t pid)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	struct child_report report;
	int64_t left_ms;

	while ((left_ms = until_ms - clock_mono_ms()) > 0)
		if (poll(&readable, 1, (int)left_ms) == 1)
			break;
	if (left_ms <= 0) {
		(void)kill(pid, SIGKILL);
		plan->error = ETIMEDOUT;
		plan->step = "could not execute in time";
	} else if (read(fd, &report, sizeof(report)) == (ssize_t)sizeof(report)) {
		plan->error = report.error;
		plan->step = child_step_text(report.step);
	}
}

pid_t
fork_wait(struct child_plan *plan)
{
	int fds[2] = { -1, -1 };
	sigset_t all, before;
	pid_t pid = -1;
	int saved;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	plan->report_fd = fds[1];
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		child_exec(plan);
	saved = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	fd_close(&fds[1]);
	plan->report_fd = -1;
	if (pid != -1)
		listen_to(plan, fds[0], pid);
	fd_close(&fds[0]);
	errno = saved;
	return pid;
}
