/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/keeper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000
#define CHECK_MS 3000

extern char **environ;

/* 0 or an errno. */
static int
spawn(struct keeper_process *keeper, const posix_spawn_file_actions_t *actions,
      posix_spawnattr_t *attr)
{
	char log_max_bytes[24], log_keep[24];
	const char *accounts = keeper->accounts_path == NULL ? NULL : "--accounts";
	const char *argv[] = { keeper->program,
			       "--socket",
			       keeper->socket_path,
			       "--table",
			       keeper->table_path,
			       "--pid-file",
			       keeper->pid_path,
			       "--guard",
			       "--log-file",
			       keeper->log_path,
			       "--log-max-bytes",
			       log_max_bytes,
			       "--log-keep",
			       log_keep,
			       "--work-dir",
			       keeper->work_dir,
			       accounts,
			       keeper->accounts_path,
			       NULL };
	char *args[sizeof(argv) / sizeof(argv[0])];
	sigset_t none, all;
	int rc;

	/* posix_spawn() takes its arguments without const and leaves them alone. */
	_Static_assert(sizeof(args) == sizeof(argv), "one for one");
	(void)snprintf(log_max_bytes, sizeof(log_max_bytes), "%" PRId64, keeper->log_max_bytes);
	(void)snprintf(log_keep, sizeof(log_keep), "%d", keeper->log_keep);
	__builtin_memcpy(args, argv, sizeof(args));
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGKILL);
	(void)sigdelset(&all, SIGSTOP);
	if ((rc = posix_spawnattr_setsigmask(attr, &none)) != 0 ||
	    (rc = posix_spawnattr_setsigdefault(attr, &all)) != 0 ||
	    (rc = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF)) != 0)
		return rc;
	return posix_spawn(&keeper->pid, keeper->program, actions, attr, args, environ);
}

static int
add_files(posix_spawn_file_actions_t *actions, const char *log_path)
{
	int rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, log_path,
						      O_WRONLY | O_CREAT | O_APPEND, 0640);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
	return rc;
}

int
keeper_process_start(struct keeper_process *keeper, struct err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int64_t now_ms = clock_mono_ms();
	int rc;

	if (keeper->pid != 0 || now_ms < keeper->start_at_ms)
		return 0;
	keeper->backoff_ms = keeper->backoff_ms == 0 ? BACKOFF_FIRST_MS : keeper->backoff_ms * 2;
	if (keeper->backoff_ms > BACKOFF_MAX_MS)
		keeper->backoff_ms = BACKOFF_MAX_MS;
	keeper->start_at_ms = now_ms + keeper->backoff_ms;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_set(err, ERR_BUSY, "could not start the keeper: out of memory");
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return err_set(err, ERR_BUSY, "could not start the keeper: out of memory");
	}
	rc = add_files(&actions, keeper->log_path);
	if (rc == 0)
		rc = spawn(keeper, &actions, &attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	if (rc != 0) {
		keeper->pid = 0;
		errno = rc;
		return err_errno(err, ERR_BUSY, "could not start the keeper \"%s\"",
				 keeper->program);
	}
	return 1;
}

int
keeper_process_verify(const char *program, const char *socket_path, struct err *err)
{
	if (strlen(socket_path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return err_set(err, ERR_INVALID,
			       "path \"%s\" is too long for a socket: give a shorter one as "
			       "runner:keeper_socket",
			       socket_path);
	if (program != NULL && access(program, X_OK) == -1)
		return err_errno(err, ERR_NOT_FOUND, "cannot execute the keeper \"%s\"", program);
	return 0;
}

/* With its output into fd: the pid, or -1 with errno. */
static pid_t
spawn_check(const char *program, const char *table_path, int fd)
{
	static const char check_option[] = "--check", table_option[] = "--table";
	const char *argv[] = { program, check_option, table_option, table_path, NULL };
	char *args[sizeof(argv) / sizeof(argv[0])];
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int rc;

	_Static_assert(sizeof(args) == sizeof(argv), "one for one");
	__builtin_memcpy(args, argv, sizeof(args));
	if ((rc = posix_spawn_file_actions_init(&actions)) == 0) {
		if ((rc = posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO)) == 0 &&
		    (rc = posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO)) == 0)
			rc = posix_spawn(&pid, program, &actions, NULL, args, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	errno = rc;
	return rc == 0 ? pid : -1;
}

/* The first line of what comes out of fd; true: it came to its end in time. */
static bool
read_line(int fd, char *out, size_t size)
{
	int64_t until_ms = clock_mono_ms() + CHECK_MS;
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len + 1 < size) {
		int64_t left_ms = until_ms - clock_mono_ms();

		if (left_ms <= 0 || poll(&readable, 1, (int)left_ms) != 1)
			break;
		n = read(fd, out + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	out[len] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return n == 0;
}

int
keeper_process_check(const char *program, const char *table_path, char *out, size_t size,
		     struct err *err)
{
	int fds[2] = { -1, -1 }, status = 0, rc = -1;
	pid_t pid = -1;

	if (pipe2(fds, O_CLOEXEC) == 0)
		pid = spawn_check(program, table_path, fds[1]);
	fd_close(&fds[1]);
	if (pid == -1) {
		(void)err_errno(err, ERR_BUSY, "could not run the keeper \"%s\"", program);
		goto cleanup;
	}
	if (!read_line(fds[0], out, size))
		(void)kill(pid, SIGKILL); /* not a keeper */
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		rc = 0;
	else
		(void)err_set(err, ERR_INVALID, "the keeper \"%s\" would not start: %s", program,
			      WIFEXITED(status) ? out : "it was asked to look and did not end");
cleanup:
	fd_close(&fds[0]);
	return rc;
}

bool
keeper_process_reap(struct keeper_process *keeper, int *status_out)
{
	if (keeper->pid == 0 || waitpid(keeper->pid, status_out, WNOHANG) != keeper->pid)
		return false;
	keeper->pid = 0;
	return true;
}

void
keeper_process_end(struct keeper_process *keeper)
{
	if (keeper->pid != 0)
		(void)kill(keeper->pid, SIGTERM);
}

void
keeper_process_good(struct keeper_process *keeper)
{
	keeper->backoff_ms = 0;
}
