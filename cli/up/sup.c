/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/sup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/up/child.h"
#include "cli/up/home.h"
#include "cli/up/log_rotation.h"
#include "cli/up/process.h"
#include "cli/up/sup_private.h"

#define WAIT_MIN_MS 5
#define WAIT_MAX_MS 100
#define TAIL_LINES 10
/* Who lives this long was healthy: its next death is a first one. */
#define HEALTHY_MS 10000
#define BACK_OFF_MIN_MS 200
#define BACK_OFF_MAX_MS 30000
#define UNLISTED_RETRY_MS 1000
#define PROBE_MS 100
#define TOOL_STOP_MS 10000

const struct program_facts program_facts[PROGRAM_COUNT] = {
	[PROGRAM_POSTGRES] = { "postgres", "postgres", SIGINT, SIGQUIT, 60000 },
	[PROGRAM_FCGI] = { "jqm-fcgi", "jqm-fcgi", SIGTERM, SIGKILL, 10000 },
	[PROGRAM_RUNNER] = { "jqm-runner", "jqm-runner", SIGTERM, SIGTERM, 45000 },
	[PROGRAM_NOTIFIER] = { "jqm-notifier", "jqm-notifier", SIGTERM, SIGKILL, 10000 },
	[PROGRAM_EVENTS] = { "jqm-events", "jqm-events", SIGTERM, SIGKILL, 10000 },
	[PROGRAM_HOOKS] = { "jqm-hooks", "jqm-hooks", SIGTERM, SIGKILL, 10000 },
	[PROGRAM_NGINX] = { "nginx", "nginx-error", SIGTERM, SIGKILL, 10000 },
};

const char *
program_name(int which)
{
	return program_facts[which].name;
}

char *
program_file(const struct home *home, const char *kind, int which)
{
	const struct program_facts *facts = &program_facts[which];
	char *relative = strcmp(kind, "log") == 0 ? str_printf("log/%s.log", facts->log)
						  : str_printf("run/%s.%s", facts->name, kind);
	char *path = home_file(home, relative);

	free(relative);
	return path;
}

int
sup_init(struct sup *sup, const struct home *home, struct err *err)
{
	sigset_t set;

	*sup = (struct sup){ .home = home, .signal_fd = -1 };
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (sup->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not watch signals");
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* inherited "ignore" would lose the children's ends */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	return 0;
}

static void
free_argv(char **argv)
{
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

void
sup_free(struct sup *sup)
{
	for (int which = 0; which < PROGRAM_COUNT; which++) {
		free_argv(sup->programs[which].argv);
		sup->programs[which].argv = NULL;
	}
	fd_close(&sup->signal_fd);
}

static char **
copy_argv(const char *const *argv)
{
	size_t n = 0;
	char **copy;

	while (argv[n] != NULL)
		n++;
	copy = calloc(n + 1, sizeof(copy[0]));
	if (copy == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		copy[i] = str_dup(argv[i]);
	return copy;
}

void
sup_set_argv(struct sup *sup, int which, const char *const *argv)
{
	free_argv(sup->programs[which].argv);
	sup->programs[which].argv = copy_argv(argv);
}

static off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 ? 0 : st.st_size;
}

/* For jqm status, which is another process: the file is there while the program is down on order. */
static void
note_order(struct sup *sup, int which, bool ordered)
{
	char *path = program_file(sup->home, "stopped", which);
	struct err err = ERR_INIT;

	sup->programs[which].ordered = ordered;
	if (!ordered)
		(void)unlink(path);
	else if (fd_write_file(path, 0600, "", 0, &err) == -1)
		log_warn("stop_not_noted", "reason=\"%s\"", err.text);
	free(path);
}

/* The database's; the others write their own. */
static int
list_database(struct sup *sup, struct err *err)
{
	struct program *program = &sup->programs[PROGRAM_POSTGRES];
	char *path = program_file(sup->home, "pid", PROGRAM_POSTGRES);
	int rc = pid_file_write(path, program->pid, err);

	program->unlisted = rc == -1;
	free(path);
	return rc;
}

int
sup_start(struct sup *sup, int which, struct err *err)
{
	struct program *program = &sup->programs[which];
	char *log_path = program_file(sup->home, "log", which);
	struct child child = { .argv = program->argv,
			       .log_path = log_path,
			       .directory = sup->home->path,
			       .death_signal = program_facts[which].stop_signal };
	int rc;

	program->log_start = size_of(log_path);
	program->started_ms = clock_mono_ms();
	note_order(sup, which, false);
	rc = child_start(&child, &program->pid, err);
	if (rc == 0 && which == PROGRAM_POSTGRES)
		rc = list_database(sup, err);
	free(log_path);
	return rc;
}

/* One of ours has ended, or could not even be started (its pid is 0). */
static void
note_end(struct sup *sup, int which, int status)
{
	struct program *program = &sup->programs[which];
	char *pid_path = program_file(sup->home, "pid", which);

	/* Workers without a master would keep its port or socket.  The runner leaves nobody in its
	 * session; its keeper and the jobs shall live on. */
	if (program->pid != 0 && which != PROGRAM_RUNNER)
		process_end_session(program->pid, program_facts[which].name,
				    program_facts[which].hard_signal);
	program->pid = 0;
	program->unlisted = false;
	program->status = status;
	note_order(sup, which,
		   which == PROGRAM_RUNNER && WIFEXITED(status) &&
		       WEXITSTATUS(status) == RUNNER_EXIT_ORDERED);
	if (clock_mono_ms() - program->started_ms >= HEALTHY_MS)
		program->failures = 0;
	program->restart_at_ms = clock_mono_ms();
	if (program->failures > 0) {
		int shift = program->failures < 9 ? program->failures - 1 : 8;
		int delay_ms = BACK_OFF_MIN_MS << shift;

		program->restart_at_ms += delay_ms < BACK_OFF_MAX_MS ? delay_ms : BACK_OFF_MAX_MS;
	}
	program->failures++;
	if (which == PROGRAM_POSTGRES)
		sup->database_ready = false;
	(void)unlink(pid_path);
	free(pid_path);
}

void
sup_reap(struct sup *sup)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == sup->tool) {
			sup->tool = 0;
			sup->tool_status = status;
		}
		for (int which = 0; which < PROGRAM_COUNT; which++)
			if (pid == sup->programs[which].pid)
				note_end(sup, which, status);
	}
}

void
sup_round(struct sup *sup, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = sup->signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;

	(void)poll(&poll_fd, 1, timeout_ms);
	while (read(sup->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			sup->stop_signal = (int)info.ssi_signo;
	/* Signals merge: one SIGCHLD may stand for several ends. */
	sup_reap(sup);
}

static void
end_tool(struct sup *sup)
{
	int64_t deadline_ms = clock_mono_ms() + TOOL_STOP_MS;

	(void)kill(sup->tool, SIGTERM);
	while (sup->tool != 0 && clock_mono_ms() < deadline_ms)
		sup_round(sup, (int)(deadline_ms - clock_mono_ms()));
	if (sup->tool != 0)
		(void)kill(sup->tool, SIGKILL);
	while (sup->tool != 0)
		sup_round(sup, -1);
}

int
sup_tool(struct sup *sup, const char *const *argv, const char *log_path, struct err *err)
{
	char **copy = copy_argv(argv);
	struct child child = { .argv = copy,
			       .log_path = log_path,
			       .directory = sup->home->path,
			       .death_signal = SIGTERM };
	struct buf tail = BUF_INIT(ERR_TEXT_SIZE * 10);
	off_t log_start = log_path == NULL ? 0 : size_of(log_path);
	char why[64];
	int rc = child_start(&child, &sup->tool, err);

	if (rc == -1)
		goto cleanup;
	while (sup->tool != 0 && sup->stop_signal == 0)
		sup_round(sup, -1);
	if (sup->tool != 0) {
		end_tool(sup);
		rc = err_set(err, ERR_BUSY, "interrupted");
	} else if (sup->tool_status != 0) {
		child_status_text(sup->tool_status, why, sizeof(why));
		if (log_path != NULL)
			child_log_tail(log_path, log_start, TAIL_LINES / 2, &tail);
		rc = err_set(err, ERR_INTERNAL, "\"%s\" ended with %s: %s", argv[0], why,
			     buf_text(&tail));
	}

cleanup:
	buf_free(&tail);
	free_argv(copy);
	return rc;
}

int
sup_explain(const struct sup *sup, int which, struct err *err)
{
	const struct program *program = &sup->programs[which];
	char *log_path = program_file(sup->home, "log", which);
	struct buf tail = BUF_INIT(ERR_TEXT_SIZE * 10);
	char why[64];

	child_status_text(program->status, why, sizeof(why));
	child_log_tail(log_path, program->log_start, TAIL_LINES, &tail);
	/* Its last words go out whole: the error value has room for the reason only. */
	if (tail.len > 0)
		(void)fprintf(stderr, "Last lines of %s:\n%s\n", log_path, buf_text(&tail));
	(void)err_set(err, ERR_INTERNAL, "%s could not start: it ended with %s; see %s",
		      program_name(which), why, log_path);
	buf_free(&tail);
	free(log_path);
	return -1;
}

int
sup_wait(struct sup *sup, int which, int (*probe)(void *arg, struct err *err), void *arg,
	 int timeout_ms, struct err *err)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	int delay_ms = WAIT_MIN_MS;

	for (;;) {
		int rc;

		for (int i = 0; i < PROGRAM_COUNT; i++)
			if (sup->programs[i].argv != NULL && sup->programs[i].pid == 0 &&
			    sup->programs[i].started_ms != 0)
				return sup_explain(sup, i, err);
		rc = probe(arg, err);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
		if (sup->stop_signal != 0)
			return err_set(err, ERR_BUSY, "interrupted");
		if (clock_mono_ms() >= deadline_ms) {
			if (err->kind == ERR_NONE)
				(void)err_set(err, ERR_BUSY, "no answer");
			return err_prefix(err, "%s did not become ready within %d s",
					  program_name(which), timeout_ms / 1000);
		}
		sup_round(sup, delay_ms);
		delay_ms = 2 * delay_ms < WAIT_MAX_MS ? 2 * delay_ms : WAIT_MAX_MS;
	}
}

/* Start whatever is due.  ms until the next thing is due; -1: nothing is. */
static int
restart_due(struct sup *sup)
{
	int64_t now_ms = clock_mono_ms(), next_ms = -1;
	struct err err = ERR_INIT;

	for (int which = 0; which < PROGRAM_COUNT; which++) {
		struct program *program = &sup->programs[which];

		if (program->unlisted && list_database(sup, &err) == -1)
			next_ms = UNLISTED_RETRY_MS;
		if (program->pid != 0 || program->argv == NULL || program->ordered)
			continue;
		if (which != PROGRAM_POSTGRES && !sup->database_ready)
			continue;
		if (program->restart_at_ms <= now_ms) {
			if (sup_start(sup, which, &err) == 0) {
				log_info("program_restarted", "program=%s pid=%ld",
					 program_name(which), (long)program->pid);
				continue;
			}
			log_error("program_not_started", "program=%s reason=\"%s\"",
				  program_name(which), err.text);
			if (program->pid == 0) {
				note_end(sup, which, program->status);
			} else { /* it runs, and is listed as soon as it can be */
				next_ms = UNLISTED_RETRY_MS;
				continue;
			}
		}
		if (next_ms == -1 || program->restart_at_ms - now_ms < next_ms)
			next_ms = program->restart_at_ms - now_ms;
	}
	return next_ms < 0 ? -1 : (int)next_ms;
}

/* Say which programs have ended since the last time. */
static void
log_ends(const struct sup *sup, pid_t pids[PROGRAM_COUNT])
{
	char why[64];

	for (int which = 0; which < PROGRAM_COUNT; which++) {
		const struct program *program = &sup->programs[which];

		int64_t wait_ms = program->restart_at_ms - clock_mono_ms();

		if (pids[which] != 0 && program->pid == 0) {
			wait_ms = wait_ms > 0 ? wait_ms : 0;
			child_status_text(program->status, why, sizeof(why));
			if (program->ordered)
				log_info("program_stopped",
					 "program=%s pid=%ld by=\"an administrator\"",
					 program_name(which), (long)pids[which]);
			else
				log_warn("program_ended",
					 "program=%s pid=%ld how=\"%s\" restart_in_ms=%lld",
					 program_name(which), (long)pids[which], why,
					 (long long)wait_ms);
		}
		pids[which] = program->pid;
	}
}

/* Look if it is time to; ms until it will be. */
static int
look(const struct sup *sup, const struct sup_watch *watch, int64_t *next_ms)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms >= *next_ms) {
		if (sup->database_ready)
			watch->look(watch->arg);
		now_ms = clock_mono_ms();
		*next_ms = now_ms + watch->period_ms;
	}
	return (int)(*next_ms - now_ms);
}

void
sup_run(struct sup *sup, int (*probe)(void *arg, struct err *err), void *arg,
	const struct sup_watch *watch)
{
	pid_t pids[PROGRAM_COUNT] = { 0 };
	int64_t look_ms = clock_mono_ms() + watch->period_ms;
	struct err err = ERR_INIT;

	log_ends(sup, pids);
	while (sup->stop_signal == 0) {
		int wait_ms = look(sup, watch, &look_ms);
		int timeout_ms = restart_due(sup), logs_ms = log_rotation_due(sup);

		if (logs_ms >= 0 && wait_ms > logs_ms)
			wait_ms = logs_ms;
		if (timeout_ms == -1 || timeout_ms > wait_ms)
			timeout_ms = wait_ms;
		log_ends(sup, pids);
		if (!sup->database_ready && sup->programs[PROGRAM_POSTGRES].pid != 0) {
			sup->database_ready = probe(arg, &err) == 1;
			if (sup->database_ready)
				continue;
			if (timeout_ms > PROBE_MS)
				timeout_ms = PROBE_MS;
		}
		sup_round(sup, timeout_ms);
		log_ends(sup, pids);
	}
}
