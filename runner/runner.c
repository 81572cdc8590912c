/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/log_file.h"
#include "base/str.h"
#include "db/db.h"
#include "runner/batch.h"
#include "runner/disk_watch.h"
#include "runner/job_run.h"
#include "runner/job_run_finish.h"
#include "runner/job_run_watch.h"
#include "runner/keeper_link.h"
#include "runner/runner_stop.h"

#define IDLE_WAIT_MS 1000
#define WORK_MS 5 /* of file work in one pass of the loop */
#define DATABASE_PATIENCE_MIN_MS 2000 /* a statement may wait a second for a lock */

/* --- signals --- */

static int
signals_fd(void *arg)
{
	const struct runner *runner = arg;

	return runner->signal_fd;
}

static void
signals_ready(void *arg)
{
	struct runner *runner = arg;
	struct signalfd_siginfo info;

	while (read(runner->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTERM:
		case SIGINT:
			runner_stop_signalled(runner, info.ssi_signo == SIGTERM ? "signal TERM"
										: "signal INT");
			break;
		case SIGUSR1:
			runner_stop(runner, STOP_LEAVE, "signal USR1");
			break;
		default:
			log_file_look();
			log_info("signal_hup", "note=\"the configuration is read at start\"");
			break;
		}
	}
}

static int
signals_init(struct runner *runner, struct err *err)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		(void)sigaddset(&set, wanted[i]);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (runner->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not take signals");
	runner->signals =
	    (struct event_source){ .fd = signals_fd, .ready = signals_ready, .arg = runner };
	event_loop_add_source(&runner->loop, &runner->signals);
	return 0;
}

/* --- the database --- */

static int
database_fd(void *arg)
{
	const struct runner *runner = arg;

	return db_async_fd(runner->db);
}

static bool
database_wants_write(void *arg)
{
	const struct runner *runner = arg;

	return db_async_wants_write(runner->db);
}

static int
database_timeout_ms(void *arg)
{
	const struct runner *runner = arg;

	return db_async_timeout_ms(runner->db);
}

static void
database_ready(void *arg)
{
	struct runner *runner = arg;

	db_async_process(runner->db);
}

static void
notified(void *arg, const char *channel, const char *payload)
{
	struct runner *runner = arg;

	if (strcmp(channel, "jqm_queue") == 0) {
		claim_poller_notified(&runner->poller, payload);
	} else if (strtoll(payload, NULL, 10) != runner->session.life.node_id) {
		return;
	} else if (strcmp(channel, "jqm_doctor") == 0) {
		doctor_round_poke(&runner->doctor);
	} else {
		orders_ask(runner);
		node_session_poke(&runner->session);
		purger_poke(&runner->purger);
	}
}

static void
reconnected(void *arg)
{
	struct runner *runner = arg;

	log_info("database_connected", "node=\"%s\"", runner->config.node_name);
	claim_poller_reconnected(&runner->poller);
	doctor_round_poke(&runner->doctor);
}

static void
database_init(struct runner *runner)
{
	int64_t patience_ms = runner->config.lease_ms / 4;

	runner->db = db_async_new(runner->config.conninfo, "jqm-runner");
	if (patience_ms < DATABASE_PATIENCE_MIN_MS)
		patience_ms = DATABASE_PATIENCE_MIN_MS;
	db_async_set_patience(runner->db, (int)patience_ms);
	db_async_listen(runner->db, "jqm_queue", notified, runner);
	db_async_listen(runner->db, "jqm_order", notified, runner);
	db_async_listen(runner->db, "jqm_doctor", notified, runner);
	db_async_on_connect(runner->db, reconnected, runner);
	runner->database = (struct event_source){ .fd = database_fd,
						  .wants_write = database_wants_write,
						  .timeout_ms = database_timeout_ms,
						  .ready = database_ready,
						  .arg = runner };
	event_loop_add_source(&runner->loop, &runner->database);
}

/* --- the keeper --- */

static void
listed(void *arg, const struct keeper_report *reports, size_t n)
{
	recovery_listed(arg, reports, n);
}

static void
started(void *arg, const struct keeper_report *report)
{
	job_run_watch_started(arg, report);
}

static void
not_started(void *arg, const struct keeper_not_started *why)
{
	job_run_watch_not_started(arg, why);
}

static void
ended(void *arg, const struct keeper_report *report)
{
	job_run_watch_ended(arg, report);
}

static void
measured(void *arg, const struct keeper_figures *figures)
{
	struct runner *runner = arg;

	figures_of_keeper(&runner->figures, figures);
}

static void
keeper_init(struct runner *runner, const struct keeper_process *keeper, const char *state_dir,
	    const char *log_dir)
{
	const struct keeper_events events = {
		listed, started, not_started, ended, measured, runner
	};

	runner->keeper_process = *keeper;
	runner->keeper_process.work_dir = runner->config.temp_dir;
	runner->keeper_process.socket_path = runner->config.keeper_socket;
	runner->keeper_process.table_path = str_printf("%s/keeper.table", state_dir);
	runner->keeper_process.log_path = str_printf("%s/jqm-keeper.log", log_dir);
	runner->keeper = keeper_link_new(runner->config.keeper_socket, &runner->keeper_process,
					 &events, &runner->loop);
}

/* --- the loop --- */

static void
second(void *arg, int64_t now_ms)
{
	struct runner *runner = arg;

	runner->second.due_ms = now_ms + 1000;
	node_session_second(&runner->session, now_ms);
	dir_pool_settle(&runner->dir_pool);
	if (runner->runs.count > 0)
		orders_ask(runner);
}

/* File work of the runs, for a bounded time. */
static void
work(struct runner *runner)
{
	size_t rounds = runner->runs.count; /* parked runs come round once */
	int64_t now_ms = clock_mono_ms();
	int64_t until_ms = now_ms + WORK_MS;
	struct job_run *run;

	for (; rounds-- > 0 && now_ms < until_ms; now_ms = clock_mono_ms()) {
		if ((run = run_table_pop(&runner->runs)) == NULL)
			return;
		if (run->parked_until_ms > now_ms) {
			run_table_push(&runner->runs, run);
			continue;
		}
		run->parked_until_ms = 0;
		job_run_advance(runner, run);
	}
}

/* How long to sleep when no event comes: until the next run wants to be looked at. */
static int
patience_ms(const struct runner *runner)
{
	int64_t now_ms = clock_mono_ms();
	int64_t until_ms = now_ms + IDLE_WAIT_MS;

	for (const struct job_run *run = runner->runs.work_first; run != NULL; run = run->work_next)
		if (run->parked_until_ms < until_ms)
			until_ms = run->parked_until_ms;
	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next) {
		/* What opens the next turn wakes us: the answer of the last one, a connection.  What waits
		 * for company is in the timer of the turn. */
		bool waits = (run->phase == JOB_RUN_COLLECTED && turn_is_open(&runner->turn) &&
			      (run->care != FINISH_BATCHED || run->parked_until_ms > now_ms)) ||
			     run->phase == JOB_RUN_RETURNED;

		if (waits && run->parked_until_ms < until_ms)
			until_ms = run->parked_until_ms;
	}
	return until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
}

int
runner_loop(struct runner *runner)
{
	struct err err = ERR_INIT;

	while (!runner->ending) {
		if (event_loop_pass(&runner->loop, patience_ms(runner), &err) == -1) {
			runner_give_up(runner, "loop_failed", err.text);
			break;
		}
		work(runner);
		turn_pass(&runner->turn);
		job_run_return_batch(runner);
		keeper_link_flush(runner->keeper);
		runner_stop_go_on(runner);
	}
	if (runner_stop_ends_jobs(runner->stop) || runner->stop == STOP_FENCED)
		keeper_link_drain(runner->keeper);
	if (runner->stop != STOP_LEAVE)
		keeper_link_end_unused(runner->keeper);
	keeper_link_flush(runner->keeper);
	return runner->exit_code;
}

int
runner_init(struct runner *runner, const struct runner_config *config,
	    const struct keeper_process *keeper, const char *state_dir, const char *log_dir,
	    struct err *err)
{
	memset(runner, 0, sizeof(*runner));
	runner->signal_fd = -1;
	runner->config = *config;
	if (signals_init(runner, err) == -1)
		return -1;
	database_init(runner);
	keeper_init(runner, keeper, state_dir, log_dir);
	node_session_init(&runner->session, runner);
	recovery_init(&runner->recovery, runner);
	dir_pool_init(&runner->dir_pool, runner->config.temp_dir);
	temp_sweep_init(&runner->sweep, runner);
	purger_init(&runner->purger, runner);
	audit_sealer_init(&runner->sealer, runner, state_dir);
	doctor_round_init(&runner->doctor, runner);
	claim_poller_init(&runner->poller, runner);
	schedule_ticker_init(&runner->schedules, runner);
	turn_init(&runner->turn, runner);
	runner->disk = disk_watch_new(runner);
	runner->second =
	    (struct event_timer){ .due_ms = clock_mono_ms() + 1000, .fn = second, .arg = runner };
	event_loop_add_timer(&runner->loop, &runner->second);
	runner_stop_init(runner);
	return 0;
}

static void
free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

void
runner_free(struct runner *runner)
{
	while (runner->runs.all != NULL)
		job_run_free(runner, runner->runs.all);
	while (runner->batches != NULL)
		batch_free(runner->batches);
	disk_watch_free(runner->disk);
	recovery_free(&runner->recovery);
	temp_sweep_free(&runner->sweep);
	purger_free(&runner->purger);
	audit_sealer_free(&runner->sealer);
	doctor_round_free(&runner->doctor);
	figures_free(&runner->figures);
	keeper_link_free(runner->keeper);
	db_async_free(runner->db);
	slots_clear(&runner->slots);
	dir_pool_clear(&runner->dir_pool);
	free_text(runner->keeper_process.table_path);
	free_text(runner->keeper_process.log_path);
	fd_close(&runner->signal_fd);
}
