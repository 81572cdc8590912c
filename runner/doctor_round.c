/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/doctor_round.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "runner/runner.h"
#include "store/doctor_store.h"

#define FIRST_MS 60000 /* after a start there is other work to do */
#define LOOK_MS 100 /* has it ended? */
#define PATIENCE_MS 3600000
#define EXIT_WRONG 1 /* it has told that something is wrong */
#define EXIT_NOT_STARTED 127

static bool
may_work(const struct doctor_round *round)
{
	const struct runner *runner = round->runner;

	return runner->session.state == SESSION_ACTIVE && runner->stop == STOP_NONE;
}

static int64_t
period_ms(const struct doctor_round *round)
{
	return round->runner->config.doctor_s * 1000;
}

/* In so many milliseconds; not by itself when it is only to look when asked. */
static void
due_in(struct doctor_round *round, int64_t ms)
{
	round->timer.due_ms = period_ms(round) == 0 ? EVENT_NEVER_MS : clock_mono_ms() + ms;
}

/* --- the process --- */

/* In the child: never returns.  What it prints is in the report; what it complains about goes into our log. */
static _Noreturn void
become_doctor(const struct doctor_round *round, pid_t runner)
{
	const char *const argv[] = { round->program,
				     "doctor",
				     "--report",
				     "--config",
				     round->runner->config.config_path,
				     NULL };
	char *args[sizeof(argv) / sizeof(argv[0])];
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* execv() takes its arguments without const and leaves them alone. */
	_Static_assert(sizeof(args) == sizeof(argv), "one for one");
	__builtin_memcpy(args, argv, sizeof(args));
	(void)sigemptyset(&none);
	(void)signal(SIGPIPE, SIG_DFL);
	/* It dies with us, also when we are killed, perhaps by now. */
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    getppid() == runner && dup2(null, STDIN_FILENO) != -1 &&
	    dup2(null, STDOUT_FILENO) != -1)
		(void)execv(round->program, args);
	_exit(EXIT_NOT_STARTED);
}

static void
start(struct doctor_round *round)
{
	pid_t runner = getpid();
	pid_t pid = access(round->program, X_OK) == 0 ? fork() : -1;

	if (pid == 0)
		become_doctor(round, runner);
	if (pid == -1) {
		log_warn("doctor_not_started", "program=\"%s\" reason=\"%s\"", round->program,
			 strerror(errno));
		due_in(round, period_ms(round));
		return;
	}
	round->pid = pid;
	round->kill_ms = clock_mono_ms() + PATIENCE_MS;
	round->timer.due_ms = clock_mono_ms() + LOOK_MS;
}

static void
has_ended(struct doctor_round *round, int status)
{
	round->pid = 0;
	if (WIFSIGNALED(status))
		log_warn("doctor_failed", "signal=%d", WTERMSIG(status));
	else if (WEXITSTATUS(status) > EXIT_WRONG)
		log_warn("doctor_failed", "exit_code=%d note=\"what it said is above\"",
			 WEXITSTATUS(status));
	else
		log_info("doctor_reported", "wrong=%s", WEXITSTATUS(status) == 0 ? "no" : "yes");
	due_in(round, period_ms(round));
	if (round->again)
		doctor_round_poke(round);
}

static void
look_after(struct doctor_round *round, int64_t now_ms)
{
	int status = 0;

	if (waitpid(round->pid, &status, WNOHANG) == round->pid) {
		has_ended(round, status);
		return;
	}
	if (now_ms >= round->kill_ms) {
		log_warn("doctor_killed", "after_s=%d", PATIENCE_MS / 1000);
		(void)kill(round->pid, SIGKILL);
		round->kill_ms = EVENT_NEVER_MS;
	}
	round->timer.due_ms = now_ms + LOOK_MS;
}

static void
due(void *arg, int64_t now_ms)
{
	struct doctor_round *round = arg;

	if (round->pid != 0)
		look_after(round, now_ms);
	else if (may_work(round))
		start(round);
}

/* --- asked for --- */

static void
answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct doctor_round *round = arg;

	round->asking = false;
	if (rows == NULL)
		log_warn("doctor_wish_unknown", "reason=\"%s\"", err->text);
	else if (db_bool(rows, 0, 0) && round->pid == 0 && may_work(round))
		start(round);
	if (round->again && round->pid == 0)
		doctor_round_poke(round);
}

void
doctor_round_poke(struct doctor_round *round)
{
	if (!may_work(round))
		return;
	round->again = round->asking || round->pid != 0;
	if (round->again)
		return;
	round->asking = true;
	doctor_asked_send(round->runner->db, round->runner->session.life, answered, round);
}

void
doctor_round_begin(struct doctor_round *round)
{
	if (round->timer.due_ms == EVENT_NEVER_MS)
		due_in(round, period_ms(round) < FIRST_MS ? period_ms(round) : FIRST_MS);
	doctor_round_poke(round);
}

void
doctor_round_init(struct doctor_round *round, struct runner *runner)
{
	memset(round, 0, sizeof(*round));
	round->runner = runner;
	round->program = str_printf("%s/jqm", runner->config.program_dir);
	round->timer = (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = due, .arg = round };
	event_loop_add_timer(&runner->loop, &round->timer);
}

void
doctor_round_free(struct doctor_round *round)
{
	free(round->program);
}
