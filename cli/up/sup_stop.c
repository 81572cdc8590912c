/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/sup_stop.c: the end of everything, bounded at each step. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "cli/up/home.h"
#include "cli/up/process.h"
#include "cli/up/sup_private.h"

#define HARD_MS 10000
#define ORPHAN_MS 5000
#define ORPHANS_TEXT_MAX 65536

static const int stop_order[] = { PROGRAM_NGINX, PROGRAM_EVENTS, PROGRAM_RUNNER,  PROGRAM_NOTIFIER,
				  PROGRAM_HOOKS, PROGRAM_FCGI,   PROGRAM_POSTGRES };

/* Send signal and wait at most ms; a second request to stop cuts the wait short. */
static void
end_program(struct sup *sup, int which, int signal_number, int ms)
{
	struct program *program = &sup->programs[which];
	int64_t deadline_ms = clock_mono_ms() + ms;

	if (program->pid == 0)
		return;
	(void)kill(program->pid, signal_number);
	while (program->pid != 0 && clock_mono_ms() < deadline_ms) {
		int before = sup->stop_signal;

		sup->stop_signal = 0;
		sup_round(sup, (int)(deadline_ms - clock_mono_ms()));
		if (sup->stop_signal != 0)
			deadline_ms = 0;
		else
			sup->stop_signal = before;
	}
}

static bool
is_program(const struct sup *sup, pid_t pid)
{
	for (int which = 0; which < PROGRAM_COUNT; which++)
		if (sup->programs[which].pid == pid)
			return true;
	return false;
}

/*
 * A child of ours that we did not start as a program: an orphan of one of them (the keeper, a job).
 * What the shell that exec'd us left behind shares our session and is none of ours.  0: there is none.
 */
static pid_t
find_orphan(const struct sup *sup)
{
	struct buf text = BUF_INIT(ORPHANS_TEXT_MAX);
	struct err ignored = ERR_INIT;
	char path[64];
	pid_t found = 0;
	char *at;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	if (fd_read_file(path, &text, &ignored) == 0 && text.len > 0) {
		at = text.data;
		while (found == 0 && *at != '\0') {
			char *end;
			long pid = strtol(at, &end, 10);

			if (end == at)
				break;
			at = *end == ' ' ? end + 1 : end;
			if (pid > 0 && getsid((pid_t)pid) != getsid(0) &&
			    !is_program(sup, (pid_t)pid))
				found = (pid_t)pid;
		}
	}
	buf_free(&text);
	return found;
}

/* The ends of orphans bring their own orphans to us, so look again after each. */
static void
end_orphans(struct sup *sup)
{
	int64_t deadline_ms = clock_mono_ms() + ORPHAN_MS;
	pid_t pid, asked = 0;

	while ((pid = find_orphan(sup)) != 0) {
		int64_t left_ms = deadline_ms - clock_mono_ms();

		if (pid != asked)
			(void)kill(pid, left_ms > 0 ? SIGTERM : SIGKILL);
		else if (left_ms <= 0)
			(void)kill(pid, SIGKILL);
		asked = pid;
		sup_round(sup, left_ms > 0 ? (int)left_ms : 100);
		if (left_ms <= -HARD_MS)
			break; /* in the kernel's hands: nothing can end it */
	}
}

void
sup_stop(struct sup *sup)
{
	for (size_t i = 0; i < sizeof(stop_order) / sizeof(stop_order[0]); i++) {
		int which = stop_order[i];
		const struct program_facts *facts = &program_facts[which];

		end_program(sup, which, facts->stop_signal, facts->stop_ms);
		if (sup->programs[which].pid != 0)
			log_warn("program_does_not_stop", "program=%s", facts->name);
		end_program(sup, which, facts->hard_signal, HARD_MS);
		end_program(sup, which, SIGKILL, HARD_MS);
		/* The runner's keeper and the last jobs go before the database does. */
		if (which == PROGRAM_RUNNER)
			end_orphans(sup);
	}
	end_orphans(sup);
}

static void
end_leftover(const struct home *home, int which)
{
	const struct program_facts *facts = &program_facts[which];
	char *path = program_file(home, "pid", which);
	struct process process;
	pid_t pid = pid_file_read(path);
	int fd = pid_file_open(path, facts->name, home->path, &pid);
	/* Somebody else who got the number meanwhile may lead a session of that number. */
	bool is_strangers = fd == -1 && process_read(pid, &process) == 0 && !process.zombie;

	if (fd != -1) {
		log_warn("leftover_ended", "program=%s pid=%ld", facts->name, (long)pid);
		if (process_end(fd, facts->stop_signal, facts->stop_ms) == -1 &&
		    process_end(fd, facts->hard_signal, HARD_MS) == -1)
			(void)process_end(fd, SIGKILL, HARD_MS);
	}
	fd_close(&fd);
	if (pid > 1 && !is_strangers && which != PROGRAM_RUNNER)
		process_end_session(pid, facts->name, facts->hard_signal);
	(void)unlink(path);
	free(path);
}

void
sup_end_leftovers(const struct home *home)
{
	for (size_t i = 0; i < sizeof(stop_order) / sizeof(stop_order[0]); i++)
		end_leftover(home, stop_order[i]);
}
