/* SPDX-License-Identifier: Apache-2.0 */
#include "base/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"

bool
daemon_refuses_root(const char *program)
{
	if (geteuid() != 0 && getuid() != 0)
		return false;
	(void)fprintf(stderr, "%s: refuses to run as root: start it as an account of its own\n",
		      program);
	return true;
}

rlim_t
daemon_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return RLIM_INFINITY;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

int
daemon_term_fd(void)
{
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	return signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
daemon_pid_write(const char *path, struct err *err)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	return path == NULL ? 0 : fd_write_file(path, 0644, text, (size_t)len, err);
}

void
daemon_pid_remove(const char *path)
{
	if (path != NULL)
		(void)unlink(path);
}
