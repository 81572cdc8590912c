/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/process.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"

#define PROC_FILE_MAX 65536
#define PID_MAX_NUMBER 4194304
#define SESSION_END_MS 2000

/* Read /proc/PID/name. 0, or -1. */
static int
read_proc(pid_t pid, const char *name, struct buf *buf)
{
	struct err ignored = ERR_INIT;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	return fd_read_file(path, buf, &ignored);
}

int
process_read(pid_t pid, struct process *out)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX);
	const char *open, *close, *at;
	char state = '?';
	int rc = -1;

	*out = (struct process){ .name = "" };
	if (pid <= 0 || read_proc(pid, "stat", &text) == -1)
		goto cleanup;
	/* pid (name) state ppid ... : the name may hold anything, so look for the last parenthesis. */
	open = strchr(buf_text(&text), '(');
	close = strrchr(buf_text(&text), ')');
	if (open == NULL || close == NULL || close < open)
		goto cleanup;
	(void)snprintf(out->name, sizeof(out->name), "%.*s", (int)(close - open - 1), open + 1);
	at = close + 1;
	if (sscanf(at, " %c", &state) != 1)
		goto cleanup;
	out->zombie = state == 'Z' || state == 'X';
	/* Behind the name follow fields 3, 4, ...; 22 is the time of birth. */
	for (int field = 3; field < 22 && at != NULL; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		goto cleanup;
	out->born_ticks = strtoll(at + 1, NULL, 10);
	rc = 0;

cleanup:
	buf_free(&text);
	return rc;
}

int64_t
process_born_wall_us(const struct process *process)
{
	struct buf text = BUF_INIT((size_t)16 * 1024 * 1024);
	struct err ignored = ERR_INIT;
	const char *line;
	int64_t wall_us = 0;

	if (fd_read_file("/proc/stat", &text, &ignored) == 0 &&
	    (line = strstr(buf_text(&text), "\nbtime ")) != NULL)
		wall_us = strtoll(line + strlen("\nbtime "), NULL, 10) * 1000000 +
			  process->born_ticks * 1000000 / sysconf(_SC_CLK_TCK);
	buf_free(&text);
	return wall_us;
}

/* Does one of its arguments name something in directory home? */
static bool
is_of_home(pid_t pid, const char *home)
{
	struct buf line = BUF_INIT(PROC_FILE_MAX);
	char *inside = str_printf("%s/", home);
	bool found;

	found = read_proc(pid, "cmdline", &line) == 0 && line.len > 0 &&
		memmem(line.data, line.len, inside, strlen(inside)) != NULL;
	free(inside);
	buf_free(&line);
	return found;
}

pid_t
pid_file_read(const char *path)
{
	struct buf text = BUF_INIT(4096);
	struct err ignored = ERR_INIT;
	int64_t pid = 0;
	char *end;

	if (fd_read_file(path, &text, &ignored) == 0 && text.len > 0) {
		end = text.data + strspn(text.data, "0123456789");
		*end = '\0';
		if (num_int64(text.data, 1, PID_MAX_NUMBER, &pid) == -1)
			pid = 0;
	}
	buf_free(&text);
	return (pid_t)pid;
}

/* An open descriptor of pid if it is called program; -1. */
static int
open_named(pid_t pid, const char *program)
{
	struct process process;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd != -1 && (process_read(pid, &process) == -1 || process.zombie ||
			 strncmp(process.name, program, sizeof(process.name) - 1) != 0))
		fd_close(&fd);
	return fd;
}

int
pid_file_open(const char *path, const char *program, const char *home, pid_t *pid_out)
{
	pid_t pid = pid_file_read(path);
	int fd;

	if (pid <= 1 || pid == getpid())
		return -1;
	fd = open_named(pid, program);
	if (fd != -1 && is_of_home(pid, home))
		*pid_out = pid;
	else
		fd_close(&fd);
	return fd;
}

int
pid_file_write(const char *path, pid_t pid, struct err *err)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)pid);

	return fd_write_file(path, 0600, text, (size_t)len, err);
}

int
process_end(int pidfd, int signal, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;

	if (signal != 0)
		(void)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
	for (;;) {
		int64_t left_ms = deadline_ms - clock_mono_ms();
		int rc = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);

		if (rc == 1)
			return 0;
		if (rc == 0 || errno != EINTR)
			return -1;
	}
}

/* Send signal (0: none) to every process named program in leader's session, then wait for its end. */
static void
end_members(pid_t leader, const char *program, int signal, int64_t deadline_ms)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	int64_t pid;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int64_t left_ms = deadline_ms - clock_mono_ms();
		int fd;

		if (num_int64(entry->d_name, 2, PID_MAX_NUMBER, &pid) == -1 ||
		    (pid_t)pid == getpid() || getsid((pid_t)pid) != leader)
			continue;
		fd = open_named((pid_t)pid, program);
		if (fd != -1 && getsid((pid_t)pid) == leader)
			(void)process_end(fd, signal, left_ms > 0 ? (int)left_ms : 0);
		fd_close(&fd);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

void
process_end_session(pid_t leader, const char *program, int signal)
{
	assert(leader > 0); /* sessions begun outside of our container are all 0 */
	end_members(leader, program, signal, 0);
	end_members(leader, program, 0, clock_mono_ms() + SESSION_END_MS);
}
