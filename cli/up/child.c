/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define TAIL_BYTES_MAX 3000
#define ENVIRONMENT_MAX 200

/* What a server inherits: no PG* that would send it to another database, nothing of a login. */
static bool
may_pass(const char *variable)
{
	static const char *const passed[] = {
		"PATH=", "HOME=", "USER=",         "LOGNAME=",      "TZ=",           "TMPDIR=",
		"TERM=", "JQM_",  "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS="
	};

	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if (str_starts(variable, passed[i]))
			return true;
	return false;
}

/* Borrowed from environ; the array is the caller's. */
static char **
clean_environment(void)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	char **clean = calloc(ENVIRONMENT_MAX + 2, sizeof(clean[0]));
	size_t n = 0;

	if (clean == NULL)
		abort();
	for (char **at = environ; *at != NULL && n < ENVIRONMENT_MAX; at++)
		if (may_pass(*at))
			clean[n++] = *at;
	clean[n] = locale;
	return clean;
}

/* Between fork and exec; never returns. */
static void __attribute__((noreturn)) child_become(const struct child *child, char **environment,
						   pid_t parent, const int fds[3], int report)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int saved;

	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, child->death_signal);
	if (getppid() != parent)
		_exit(127);
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &action, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(077);
	for (int i = 0; i < 3; i++)
		if (fds[i] != -1 && dup2(fds[i], i) == -1)
			goto failed;
	if (child->directory != NULL && chdir(child->directory) == -1)
		goto failed;
	(void)execve(child->argv[0], child->argv, environment);

failed:
	saved = errno;
	(void)!write(report, &saved, sizeof(saved));
	_exit(127);
}

/* Fork and exec with these three descriptors (-1: as ours). */
static int
start_with(const struct child *child, const int fds[3], pid_t *pid_out, struct err *err)
{
	char **environment = clean_environment();
	int report[2] = { -1, -1 };
	int failure = 0, rc = -1;
	pid_t parent = getpid(), pid = -1;

	if (pipe2(report, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		(void)err_errno(err, ERR_BUSY, "could not create a process for \"%s\"",
				child->argv[0]);
		goto cleanup;
	}
	if (pid == 0)
		child_become(child, environment, parent, fds, report[1]);
	fd_close(&report[1]);
	if (read(report[0], &failure, sizeof(failure)) == (ssize_t)sizeof(failure)) {
		(void)waitpid(pid, NULL, 0);
		errno = failure;
		(void)err_errno(err, ERR_INTERNAL, "could not start \"%s\"", child->argv[0]);
		goto cleanup;
	}
	*pid_out = pid;
	rc = 0;

cleanup:
	fd_close(&report[0]);
	fd_close(&report[1]);
	free(environment);
	return rc;
}

int
child_start(const struct child *child, pid_t *pid_out, struct err *err)
{
	int fds[3] = { -1, -1, -1 };
	int rc = -1;

	fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (child->log_path != NULL) {
		fds[1] = open(child->log_path,
			      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fds[1] == -1)
			return err_errno(err, ERR_INTERNAL, "could not open \"%s\"",
					 child->log_path);
		fds[2] = fds[1];
	}
	rc = start_with(child, fds, pid_out, err);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	return rc;
}

int
child_capture(char *const *argv, struct buf *buf, struct err *err)
{
	struct child child = { .argv = argv, .death_signal = SIGTERM };
	int ends[2] = { -1, -1 };
	int fds[3] = { -1, -1, -1 };
	int status = 0, rc = -1;
	pid_t pid = -1;
	char text[64];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_errno(err, ERR_BUSY, "could not create a pipe");
	fds[1] = ends[1];
	if (start_with(&child, fds, &pid, err) == -1)
		goto cleanup;
	fd_close(&ends[1]);
	rc = fd_read_all(ends[0], buf, err);
	fd_close(&ends[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (rc == 0 && status != 0) {
		child_status_text(status, text, sizeof(text));
		rc = err_set(err, ERR_INTERNAL, "\"%s\" ended with %s", argv[0], text);
	}

cleanup:
	fd_close(&ends[0]);
	fd_close(&ends[1]);
	return rc;
}

void
child_status_text(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		(void)snprintf(out, size, "signal %d", WTERMSIG(status));
	else
		(void)snprintf(out, size, "exit code %d", WEXITSTATUS(status));
}

void
child_log_tail(const char *path, off_t start, int lines, struct buf *out)
{
	char text[TAIL_BYTES_MAX + 1];
	struct stat st;
	ssize_t len;
	const char *from;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1)
		goto cleanup;
	if (start > st.st_size) /* it was set aside meanwhile */
		start = 0;
	if (st.st_size - start > TAIL_BYTES_MAX)
		start = st.st_size - TAIL_BYTES_MAX;
	len = pread(fd, text, TAIL_BYTES_MAX, start);
	if (len <= 0)
		goto cleanup;
	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	from = text + len;
	while (from > text && (from[-1] != '\n' || --lines > 0))
		from--;
	buf_puts(out, from);

cleanup:
	fd_close(&fd);
}
