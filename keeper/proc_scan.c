/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/proc_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

#define ENVIRON_BYTES_MAX 262144 /* a START is smaller, and our tag is in what it asked for */

static bool sees_others;

void
proc_scan_see_others(bool see)
{
	sees_others = see;
}

int
proc_scan_open(struct proc_scan *scan, struct err *err)
{
	char path[64];

	if ((scan->dir = opendir("/proc")) == NULL)
		return err_errno(err, ERR_INTERNAL, "could not open \"/proc\"");
	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if ((scan->children_fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not open \"%s\"", path);
	return 0;
}

void
proc_scan_close(struct proc_scan *scan)
{
	if (scan->dir != NULL)
		(void)closedir(scan->dir);
	scan->dir = NULL;
	fd_close(&scan->children_fd);
	free(scan->text);
	scan->text = NULL;
	scan->text_size = 0;
}

/* The whole children file into scan->text, terminated.  Its length, or -1. */
static ssize_t
children_text(struct proc_scan *scan)
{
	size_t len = 0;
	ssize_t got;

	if (lseek(scan->children_fd, 0, SEEK_SET) == -1)
		return -1;
	for (;;) {
		if (scan->text_size - len < 4096) {
			size_t size = scan->text_size * 2 + 8192;
			char *bigger = realloc(scan->text, size);

			if (bigger == NULL)
				return -1;
			scan->text = bigger;
			scan->text_size = size;
		}
		got = read(scan->children_fd, scan->text + len, scan->text_size - len - 1);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	scan->text[len] = '\0';
	return got == -1 ? -1 : (ssize_t)len;
}

ssize_t
proc_children(struct proc_scan *scan, pid_t **pids_out)
{
	ssize_t len = children_text(scan);
	size_t count = 0;
	pid_t *pids;
	char *at;

	if (len <= 0)
		return len;
	/* A number and its blank take two bytes at least. */
	if ((pids = malloc(((size_t)len / 2 + 1) * sizeof(*pids))) == NULL)
		return -1;
	at = scan->text;
	for (;;) {
		char *end;
		long pid = strtol(at, &end, 10);

		if (end == at)
			break;
		pids[count++] = (pid_t)pid;
		at = end;
	}
	*pids_out = pids;
	return (ssize_t)count;
}

/* Up to size - 1 bytes of /proc/PID/name, terminated.  The length, or -1. */
static ssize_t
proc_read(pid_t pid, const char *name, char *out, size_t size)
{
	char path[64];
	ssize_t len = 0;
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	while ((size_t)len < size - 1 && (got = read(fd, out + len, size - 1 - (size_t)len)) > 0)
		len += got;
	out[len] = '\0';
	fd_close(&fd);
	return len;
}

int
proc_stat_read(pid_t pid, struct proc_stat *out)
{
	/* Numbers from field 4 on, see proc(5): parent, group, session ... start time. */
	enum {
		PPID = 0,
		SESSION = 2,
		UTIME = 10,
		STIME,
		CUTIME,
		CSTIME,
		THREADS = 16,
		START = 18,
		NUMBERS
	};
	unsigned long long numbers[NUMBERS];
	char text[1024];
	char *at;

	if (proc_read(pid, "stat", text, sizeof(text)) <= 0)
		return -1;
	/* The program's name may contain anything, also ") ": look from the end. */
	if ((at = strrchr(text, ')')) == NULL || at[1] == '\0' || at[2] == '\0')
		return -1;
	out->state = at[2];
	at += 3;
	for (int i = 0; i < NUMBERS; i++) {
		char *end;

		numbers[i] = strtoull(at, &end, 10);
		if (end == at)
			return -1;
		at = end;
	}
	out->ppid = (pid_t)numbers[PPID];
	out->session = (pid_t)numbers[SESSION];
	out->threads = (int64_t)numbers[THREADS];
	out->start = numbers[START];
	out->cpu_ticks = numbers[UTIME] + numbers[STIME] + numbers[CUTIME] + numbers[CSTIME];
	return 0;
}

/* The hard limit in the line "Max file locks SOFT HARD locks" of /proc/PID/limits. */
static bool
take_lock_limit(const char *limits, uint64_t *out)
{
	static const char name[] = "Max file locks";
	const char *line = strstr(limits, name);
	char soft[24], hard[24];

	if (line == NULL || sscanf(line + strlen(name), "%23s %23s", soft, hard) != 2)
		return false;
	*out = strtoull(hard, NULL, 10);
	if (strcmp(hard, "unlimited") == 0)
		*out = PROC_NO_MARK;
	return true;
}

/* Is one of its user ids root's?  As far as can be told: yes. */
static bool
is_roots(pid_t pid)
{
	static const char name[] = "\nUid:";
	const char *line;
	char text[2048];
	char *at;

	if (proc_read(pid, "status", text, sizeof(text)) <= 0 ||
	    (line = strstr(text, name)) == NULL)
		return true;
	line += strlen(name);
	for (int i = 0; i < 3; i++, line = at) /* real, effective, saved; no number is 0, too */
		if (strtoul(line, &at, 10) == 0)
			return true;
	return false;
}

/* What another account's process has; none that could be a job's is as if it were not there. */
static int
others_mark_read(pid_t pid, uint64_t *out)
{
	char text[4096];

	if (!sees_others || proc_read(pid, "limits", text, sizeof(text)) <= 0 ||
	    !take_lock_limit(text, out) || *out == PROC_NO_MARK || is_roots(pid))
		return -1;
	return 0;
}

int
proc_mark_read(pid_t pid, uint64_t *out)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) == -1)
		return errno == EPERM ? others_mark_read(pid, out) : -1;
	*out = limit.rlim_max == RLIM_INFINITY ? PROC_NO_MARK : (uint64_t)limit.rlim_max;
	return 0;
}

bool
proc_has_env(pid_t pid, const char *entry)
{
	char *text = malloc(ENVIRON_BYTES_MAX);
	size_t want = strlen(entry);
	bool found = false;
	ssize_t len;

	if (text == NULL)
		return false;
	len = proc_read(pid, "environ", text, ENVIRON_BYTES_MAX);
	for (ssize_t at = 0; at < len && !found;) {
		size_t n = strnlen(text + at, (size_t)(len - at));

		found = n == want && memcmp(text + at, entry, n) == 0;
		at += (ssize_t)n + 1;
	}
	free(text);
	return found;
}

static int
list_add(struct proc_list *list, const struct proc *proc)
{
	if (list->count == list->size) {
		size_t size = list->size * 2 + 256;
		struct proc *bigger = realloc(list->procs, size * sizeof(*bigger));

		if (bigger == NULL)
			return -1;
		list->procs = bigger;
		list->size = size;
	}
	list->procs[list->count++] = *proc;
	return 0;
}

int
proc_scan_all(struct proc_scan *scan, struct proc_list *list)
{
	struct dirent *entry;
	pid_t self = getpid();

	rewinddir(scan->dir);
	while (errno = 0, (entry = readdir(scan->dir)) != NULL) {
		struct proc proc = { 0 };

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		proc.pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (proc.pid == self || proc_mark_read(proc.pid, &proc.mark) == -1)
			continue;
		if (list_add(list, &proc) == -1)
			return -1;
	}
	return errno == 0 ? 0 : -1;
}

void
proc_sweep(struct proc_scan *scan, bool (*wanted)(void *cookie, uint64_t mark), void *cookie)
{
	struct dirent *entry;

	rewinddir(scan->dir);
	while ((entry = readdir(scan->dir)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		uint64_t mark;

		if (pid > 0 && proc_mark_read(pid, &mark) == 0 && mark != PROC_NO_MARK &&
		    wanted(cookie, mark))
			(void)kill(pid, SIGKILL);
	}
}

bool
proc_look(struct proc *proc)
{
	if (!proc->has_stat)
		proc->has_stat = proc_stat_read(proc->pid, &proc->stat) == 0;
	return proc->has_stat;
}

/* Is the process of that number still the one that was scanned? */
static bool
proc_is_same(const struct proc *proc)
{
	struct proc_stat now;
	uint64_t mark;

	if (proc->by_mark)
		return proc_mark_read(proc->pid, &mark) == 0 && mark == proc->mark;
	return proc_stat_read(proc->pid, &now) == 0 &&
	       (!proc->has_stat || now.start == proc->stat.start);
}

static void
send_signal(int pid_fd, pid_t pid, int sig)
{
	if (pid_fd == -1 || syscall(SYS_pidfd_send_signal, pid_fd, sig, NULL, 0) == -1)
		(void)kill(pid, sig);
}

void
proc_signal(const struct proc *proc, int sig, bool then_cont)
{
	int fd = (int)syscall(SYS_pidfd_open, proc->pid, 0);

	if (fd == -1 && errno == ESRCH)
		return;
	/* With the descriptor open the number cannot change hands unnoticed. */
	if (proc_is_same(proc)) {
		send_signal(fd, proc->pid, sig);
		if (then_cont)
			send_signal(fd, proc->pid, SIGCONT);
	}
	fd_close(&fd);
}
